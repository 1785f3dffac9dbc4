import type { FastifyReply, FastifyRequest } from "fastify";
import { type Caller, unknownCaller } from "../auth/caller.ts";
import { WrongKeyError, type WrongKeys } from "../auth/wrong-keys.ts";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Api } from "./api.ts";
import { entryOf, type RequestedChange } from "./audit.ts";
import type { AuditCounts } from "./audit-counts.ts";
import type { CallLimits } from "./call-limits.ts";
import type { Route } from "./route.ts";

export interface AdmissionParts {
  readonly callLimits: CallLimits;
  readonly wrongKeys: WrongKeys;
  readonly auditCounts: AuditCounts;
  readonly reporter: Pick<Reporter, "internalOperationFailed">;
  /** The first organization, in whose audit log wrong keys are counted. */
  readonly organizationId: OrganizationId;
}

/** The caller of a route that needs no credential. They see nothing of any organization. */
export const anonymous = unknownCaller("" as OrganizationId);

/**
 * Finds out who calls a route. Every route of both APIs is served through here and through `requireAccess`. Without a
 * reply, the call is not counted again.
 */
export function callerOf(
  { callLimits }: Pick<AdmissionParts, "callLimits">,
  api: Api,
  route: Route,
  { request, reply }: { readonly request: FastifyRequest; readonly reply: FastifyReply | null },
): Caller | Promise<Caller> {
  if (route.access === null) return anonymous;
  const counted = (caller: Caller) => {
    if (reply !== null) countCall(callLimits, caller, reply);
    return caller;
  };
  const caller = api.authenticate(request.headers, route);
  return caller instanceof Promise ? caller.then(counted) : counted(caller);
}

/** Throws a 429 for a call beyond the limit of the organization. */
function countCall(callLimits: CallLimits, { organizationId }: Caller, reply: FastifyReply): void {
  const { limit, remaining, resetAtSeconds, retrySeconds, isExceeded } = callLimits.take(organizationId);
  void reply.headers({ "ratelimit-limit": limit, "ratelimit-remaining": remaining, "ratelimit-reset": resetAtSeconds });
  if (!isExceeded) return;
  void reply.header("retry-after", retrySeconds);
  const calls = limit === 1 ? "1 call" : `${limit} calls`;
  throw new ApiError(
    "rate_limited",
    `This organization may make ${calls} per second at this node. Try again in ${retrySeconds} s.`,
  );
}

/** Counts a failed call for its caller. Returns the error for the response. */
export async function countRefusal(
  parts: AdmissionParts,
  error: unknown,
  call: RequestedChange & { readonly reply: FastifyReply },
): Promise<unknown> {
  const { auditCounts, reporter, organizationId, wrongKeys } = parts;
  if (!(error instanceof ApiError)) return error;
  const isWrongKey = error instanceof WrongKeyError;
  const isRefused = error.code === "scope_missing" && !call.isRecorded;
  if (!isWrongKey && !isRefused) return error;
  const entry = isWrongKey
    ? ({ ...entryOf({ ...call, caller: unknownCaller(organizationId) }), kind: "sign_in_failed" } as const)
    : ({ ...entryOf(call), kind: "refused" } as const);
  await auditCounts
    .note({ ...entry, status: error.status })
    .catch((cause: unknown) =>
      reporter.internalOperationFailed({ operation: "record a refused call in the audit log", error: cause }),
    );
  const waitSeconds = isWrongKey ? wrongKeys.take(call.request.socket.remoteAddress, error.prefix) : null;
  if (waitSeconds === null) return error;
  void call.reply.header("retry-after", waitSeconds);
  return new ApiError(
    "rate_limited",
    `Too many wrong keys were sent from this address or with this prefix. Try again in ${waitSeconds} s, with another key.`,
  );
}
