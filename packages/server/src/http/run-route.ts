import { z } from "zod";
import type { Caller } from "../auth/caller.ts";
import type { Clock } from "../domain/clock.ts";
import type { Origin } from "../intake/intake.ts";
import type { Store } from "../store/store.ts";
import type { AdmissionParts } from "./admission.ts";
import { audited, entryOf, type RequestedChange } from "./audit.ts";
import type { AuditCounts } from "./audit-counts.ts";
import { idempotencyKeyIn, requestHash, runOnce, type StoredResponse } from "./idempotency.ts";
import { withoutBrackets } from "./query-values.ts";
import { EventStream, Redirect, type Route, type RouteRequest, StatusResponse, TextResponse } from "./route.ts";
import { validate } from "./validate.ts";

export interface RunParts extends AdmissionParts {
  readonly store: Pick<Store, "beginIdempotent" | "finishIdempotent" | "addAuditEntry" | "endAuditEntry">;
  readonly clock: Clock;
  readonly origin: Origin;
}

/** The parts of a request as they arrived. */
export interface GivenRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, unknown>>;
  readonly body: unknown;
  readonly bodyText: string;
  readonly idempotencyKey: string | string[] | undefined;
}

type ReadRequest = Pick<RouteRequest<unknown, unknown>, "params" | "query" | "body" | "bodyText" | "idempotencyKey">;

const noBody = z.strictObject({}).nullish();

/** The request of a route, validated by its schemas. Throws a 422 that lists every mistake. */
export function readRequest(route: Route, caller: Caller, given: GivenRequest): ReadRequest {
  const { params, query, body, bodyText, idempotencyKey } = given;
  return {
    params,
    query: route.query === null ? undefined : validate(route.query, withoutBrackets(query), "query"),
    body: validate(route.body ?? noBody, body, "body"),
    bodyText,
    idempotencyKey: route.method === "POST" ? idempotencyKeyIn(idempotencyKey, caller) : null,
  };
}

export const jsonMediaType = "application/json";

// The URL of a redirect's request contains a single-use secret.
const secretUrl = { "cache-control": "no-store", "referrer-policy": "no-referrer" } as const;

export interface RenderedResponse extends StoredResponse {
  readonly mediaType: string;
  readonly headers?: Readonly<Record<string, string | string[]>>;
  readonly events?: EventStream;
}

/** Runs a route once for its idempotency key, and records the call in the audit log. */
export function respondOnce(
  { store, clock, origin, auditCounts }: RunParts,
  change: RequestedChange,
  request: RouteRequest<unknown, unknown>,
): Promise<RenderedResponse> {
  const { route, path } = change;
  const handle = async (): Promise<RenderedResponse> => {
    const response = await route.handle(request);
    if (response instanceof Redirect) {
      const headers = { ...response.headers, location: response.location, ...secretUrl };
      return { status: 303, body: "", mediaType: jsonMediaType, headers };
    }
    if (response instanceof EventStream) return { status: 200, body: "", mediaType: route.mediaType, events: response };
    if (!(response instanceof StatusResponse)) return rendered(200, response);
    return { ...rendered(response.status, response.value), headers: response.headers };
  };
  const run = change.isRecorded ? () => audited({ store, ...origin }, change, handle) : handle;
  const { idempotencyKey, caller } = request;
  if (idempotencyKey === null || route.idempotency === "own" || route.idempotency === "none") return run();
  const once = {
    organizationId: caller.organizationId,
    key: idempotencyKey,
    requestHash: requestHash(route.method, path, request.bodyText),
    clock,
    holdsSecret: route.idempotency === "secret",
    onReplay: (status: number) => auditCounts.note({ ...entryOf(change), kind: "replay", status }),
  };
  return runOnce(store, once, run).then((response) => ({ ...response, mediaType: jsonMediaType }));
}

function rendered(status: number, value: unknown): RenderedResponse {
  if (value instanceof TextResponse) return { status, body: value.text, mediaType: value.mediaType };
  return { status, body: value === undefined ? "" : JSON.stringify(value), mediaType: jsonMediaType };
}

/** Counts a call in the audit log. */
export function noting(counts: AuditCounts, call: RequestedChange): RouteRequest<unknown, unknown>["note"] {
  return (kind, caller = call.caller) => {
    const entry = { ...entryOf(call), actor: caller.actor, organizationId: caller.organizationId };
    return counts.note({ ...entry, kind, status: kind === "sign_in_failed" ? 403 : 200 });
  };
}

/** The path of a route with its parameters. */
export function filledPath(route: Route, request: Pick<RouteRequest<unknown, unknown>, "params">): string {
  if (!route.path.includes(":")) return route.path;
  return route.path.replaceAll(/:(\w+)/g, (_, name: string) => request.params[name] ?? "");
}
