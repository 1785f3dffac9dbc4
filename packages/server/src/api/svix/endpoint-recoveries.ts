import { z } from "zod";
import type { DeliveryState } from "../../domain/delivery.ts";
import { validationFailed } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { everythingAgain, type RecoveryScope, type ReplayFilter, undelivered } from "../../domain/recovery.ts";
import { type Route, route } from "../../http/route.ts";
import { timeRequest } from "../../http/times.ts";
import { checkWindow, recoverSubscription, requireEnabled } from "../../upkeep/recover-subscription.ts";
import { uid } from "../own-fields.ts";
import { startedResponse, taskStarted } from "./background-tasks.ts";
import { endpointIn, endpointPath, endpointTag, keyOf } from "./endpoint-in-path.ts";
import type { EndpointParts } from "./endpoints.ts";

export interface EndpointRecoveryParts extends EndpointParts {
  readonly recoveryWindowMsMax: number;
}

const window = { since: timeRequest, until: timeRequest.nullish().describe("The default is now.") };
const windowRequest = z.object(window);

const replayRequest = z.object({
  ...window,
  eventTypes: z.array(uid).max(limits.eventTypesPerSubscriptionMax).nullish(),
  channel: uid.nullish(),
  tag: z.string().max(limits.tagLengthMax).nullish(),
  status: z.literal([0, 1, 2, 3, 4]).nullish().describe("0 success, 1 pending, 2 fail, 3 sending, 4 canceled."),
  statusCodeClass: z
    .literal([0, 100, 200, 300, 400, 500])
    .nullish()
    .describe("The class of the last response's status; 0 for no response."),
});

const stateOfStatus = {
  0: "delivered",
  1: "due",
  2: "failed",
  3: "claimed",
  4: "cancelled",
} as const satisfies Record<number, DeliveryState>;

/** Routes that resend messages to an endpoint: those that it is missing, or those that it already received. */
export function endpointRecoveryRoutes(parts: EndpointRecoveryParts): Route[] {
  return [
    recoveryRoute(parts, windowRequest, () => undelivered, {
      path: "recover",
      operation: "v1.endpoint.recover",
      summary:
        "Resend messages in [since, until) whose delivery to an endpoint failed, was skipped or was never created",
    }),
    recoveryRoute(parts, windowRequest, () => ({ kind: "never_sent" }), {
      path: "replay-missing",
      operation: "v1.endpoint.replay-missing",
      summary: "Send the messages in [since, until) for which no request to an endpoint was ever made",
    }),
    recoveryRoute(parts, replayRequest, (body) => ({ kind: "replay", filter: filterIn(body) }), {
      path: "bulk-replay",
      operation: "v1.endpoint.bulk-replay",
      summary: "Resend the matching messages in [since, until) to an endpoint, including delivered ones",
    }),
  ];
}

function recoveryRoute<Body extends typeof windowRequest>(
  { store, origin, recoveryWindowMsMax }: EndpointRecoveryParts,
  body: Body,
  scopeOf: (body: z.output<Body>) => RecoveryScope,
  { path, operation, summary }: { path: string; operation: string; summary: string },
): Route {
  return route({
    method: "POST",
    path: `${endpointPath}/${path}`,
    operation,
    tag: endpointTag,
    summary,
    scope: "write",
    appTokens: ["CreateAttempts"],
    body,
    response: startedResponse,
    handle: async (request) => {
      const endpoint = await endpointIn(store, request);
      const now = origin.now();
      const given = request.body as z.output<Body>;
      const params = windowIn(given, now);
      checkWindow(params, { now, windowMsMax: recoveryWindowMsMax }, "since");
      requireEnabled(endpoint, "endpoint");
      const scope = scopeOf(given);
      const recovery = await recoverSubscription(store, origin.newId, keyOf(endpoint), { ...params, scope, now });
      return taskStarted({ kind: "recovery", recovery });
    },
  });
}

function windowIn({ since, until }: z.output<typeof windowRequest>, now: number) {
  const params = { since, until: until ?? now };
  if (params.since < params.until) return params;
  const [field, msg] =
    until === undefined || until === null
      ? ["since", "This is in the future."]
      : ["until", "The window ends before it begins."];
  throw validationFailed([{ loc: ["body", field], msg, type: "value_error" }]);
}

function filterIn(body: z.output<typeof replayRequest>): ReplayFilter {
  const { eventTypes, channel, tag, status, statusCodeClass } = body;
  return {
    ...everythingAgain.filter,
    eventTypes: eventTypes === undefined || eventTypes === null || eventTypes.length === 0 ? null : eventTypes,
    channel: channel ?? null,
    tag: tag ?? null,
    state: status === undefined || status === null ? null : stateOfStatus[status],
    statusClass: statusCodeClass ?? null,
  };
}
