import type { FastifyReply, FastifyRequest } from "fastify";
import { requireAccess, requireConditions } from "../auth/access.ts";
import type { Caller } from "../auth/caller.ts";
import { countRefusal } from "./admission.ts";
import { isAudited, type RequestedChange } from "./audit.ts";
import type { InnerCall, InnerResponse, RouteRequest } from "./route.ts";
import { filledPath, noting, type RunParts, readRequest, respondOnce } from "./run-route.ts";

interface OuterRequest {
  readonly caller: Caller;
  readonly request: FastifyRequest;
  readonly reply: FastifyReply;
  readonly recheck: RouteRequest<unknown, unknown>["recheck"];
}

/**
 * Calls a route on behalf of the caller of another request: with the same rights, validation, idempotency and entries in the
 * audit log as a request of its own. Throws as the route does.
 */
export async function callWithin(
  parts: RunParts,
  { caller, request, reply, recheck }: OuterRequest,
  inner: InnerCall,
): Promise<InnerResponse> {
  const { route } = inner;
  let change: RequestedChange = {
    ...{ route, caller, request, body: inner.body },
    path: filledPath(route, inner),
    isRecorded: false,
  };
  let next: string | null = null;
  try {
    requireAccess(caller, route.access);
    const read = readRequest(route, caller, inner);
    requireConditions(caller, route.access, read);
    change = { ...change, isRecorded: isAudited(route) };
    const { status, body, mediaType } = await respondOnce(parts, change, {
      ...{ caller, headers: request.headers, requestId: request.id, recheck, ...read },
      note: noting(parts.auditCounts, change),
      call: (further) => callWithin(parts, { caller, request, reply, recheck }, further),
      nextPage: (cursor) => {
        next = cursor;
      },
    });
    return { status, body, mediaType, next };
  } catch (error) {
    throw await countRefusal(parts, error, { ...change, reply });
  }
}
