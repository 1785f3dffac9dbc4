import type { FastifyRequest } from "fastify";
import type { Caller } from "../auth/caller.ts";
import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { Origin } from "../intake/intake.ts";
import type { Store } from "../store/store.ts";
import type { Route } from "./route.ts";

export interface AuditParts extends Origin {
  readonly store: Pick<Store, "addAuditEntry" | "endAuditEntry">;
}

/** A call as the log stores it. */
export interface RequestedChange {
  readonly route: Route;
  /** The path with the prefix of its API and with its ids. */
  readonly path: string;
  readonly caller: Caller;
  readonly request: FastifyRequest;
  /** The parsed body of the call; undefined before it is read, and for calls without a body. */
  readonly body: unknown;
  /** Whether the call has its own entry, regardless of its result. */
  readonly isRecorded: boolean;
}

/** Runs a change between two entries of the audit log: the request, and its result. */
export async function audited<Answer extends { readonly status: number }>(
  { store, now, newId }: AuditParts,
  params: RequestedChange,
  change: () => Promise<Answer>,
): Promise<Answer> {
  const id = newId<"auditEntry">();
  const entry = { ...entryOf(params), id, kind: "change", count: 1, createdAt: now(), lastAt: null } as const;
  await store.addAuditEntry({ entry });
  try {
    const response = await change();
    await store.endAuditEntry({ entryId: id, status: response.status });
    return response;
  } catch (error) {
    await store.endAuditEntry({ entryId: id, status: error instanceof ApiError ? error.status : 500 });
    throw error;
  }
}

/** Whether the audit log records changes through this route. Messages and their payloads are their own record. */
export function isAudited({ method, access, isLogged }: Route): boolean {
  return method !== "GET" && access !== null && isLogged;
}

/** The fields that the log stores for every kind of call. */
export function entryOf({ route, path, caller, request, body }: RequestedChange) {
  const isObject = typeof body === "object" && body !== null && !Array.isArray(body);
  return {
    organizationId: caller.organizationId,
    actor: caller.actor,
    address: request.socket.remoteAddress ?? null,
    forwardedFor: cutTo(request.headers["x-forwarded-for"]),
    operation: route.operation,
    method: route.method,
    path: kept(path),
    fields: isObject ? Object.keys(body).slice(0, limits.auditFieldsMax).map(kept) : [],
    requestId: request.id,
    status: null,
  };
}

function cutTo(header: string | string[] | undefined): string | null {
  return header === undefined ? null : kept(String(header));
}

/** Returns the text in a form that every database can store, and of limited length. */
function kept(text: string): string {
  return text.slice(0, limits.auditTextLengthMax).toWellFormed().replaceAll("\0", "\uFFFD");
}
