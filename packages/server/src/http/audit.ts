import type { FastifyRequest } from "fastify";
import type { Caller } from "../auth/caller.ts";
import { ApiError } from "../domain/errors.ts";
import { limits } from "../domain/limits.ts";
import type { Origin } from "../intake/intake.ts";
import type { Store } from "../store/store.ts";
import type { RequestBody } from "./request-body.ts";
import type { Route } from "./route.ts";

export interface AuditParts extends Origin {
  readonly store: Pick<Store, "addAuditEntry" | "endAuditEntry">;
}

/** A call, as the log keeps it. */
export interface AskedChange {
  readonly route: Route;
  /** With the prefix of its API, and the ids that it names. */
  readonly path: string;
  readonly caller: Caller;
  readonly request: FastifyRequest;
  /** Whether an entry of its own records the call, however it ends. */
  readonly isRecorded: boolean;
}

/** Makes a change between the two notes of the audit log: that somebody asks for it, and how it ended. */
export async function audited<Answer extends { readonly status: number }>(
  { store, now, newId }: AuditParts,
  asked: AskedChange,
  change: () => Promise<Answer>,
): Promise<Answer> {
  const id = newId<"auditEntry">();
  const entry = { ...entryOf(asked), id, kind: "change", count: 1, createdAt: now(), lastAt: null } as const;
  await store.addAuditEntry({ entry });
  try {
    const answer = await change();
    await store.endAuditEntry({ entryId: id, status: answer.status });
    return answer;
  } catch (error) {
    await store.endAuditEntry({ entryId: id, status: error instanceof ApiError ? error.status : 500 });
    throw error;
  }
}

/** Whether a route changes what somebody may ask about later. Messages and their payloads are their own record. */
export function isAudited({ method, access, isLogged }: Route): boolean {
  return method !== "GET" && access !== null && isLogged;
}

/** What the log keeps of a call, whatever its kind. */
export function entryOf({ route, path, caller, request }: AskedChange) {
  const { value } = (request.body as RequestBody | undefined) ?? {};
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return {
    organizationId: caller.organizationId,
    actor: caller.actor,
    address: request.socket.remoteAddress ?? null,
    forwardedFor: cutTo(request.headers["x-forwarded-for"]),
    operation: route.operation,
    method: route.method,
    path: kept(path),
    fields: isObject ? Object.keys(value).slice(0, limits.auditFieldsMax).map(kept) : [],
    requestId: request.id,
    status: null,
  };
}

function cutTo(header: string | string[] | undefined): string | null {
  return header === undefined ? null : kept(String(header));
}

/** As every database keeps it, and not at any length. */
function kept(text: string): string {
  return text.slice(0, limits.auditTextLengthMax).toWellFormed().replaceAll("\0", "\uFFFD");
}
