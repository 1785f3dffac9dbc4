import { z } from "zod";
import { prefixed } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import {
  everythingAgain,
  type Recovery,
  type RecoveryScope,
  recoveryWarning,
  undelivered,
} from "../domain/recovery.ts";
import type { Subscription } from "../domain/subscription.ts";
import { checkWindow, recoverSubscription, requireEnabled } from "../upkeep/recover-subscription.ts";
import { idIn, notFound, recoveryKind, subscriptionKind } from "./ids.ts";
import { answerListById, cursorIn, pageQuery } from "./pages.ts";
import { type Route, route } from "./route.ts";
import { type SubscriptionParts, subscriptionKey } from "./subscriptions.ts";
import { isoTime, timeAnswer, timeRequest } from "./times.ts";

const recoveryAnswer = z
  .object({
    id: z.string().describe("`rcvr_…`"),
    status: z.enum(["running", "completed"]),
    since: timeAnswer,
    until: timeAnswer,
    total: z.int().describe("Deliveries that there were to recover when it was asked for."),
    recovered: z.int().describe("Deliveries made due again so far."),
    warning: z.string().nullable().describe("Why it recovers nothing, or does not continue now."),
  })
  .meta({ id: "RecoveryTask", description: "A task that makes failed or never-sent deliveries due again." });

export function recoveryRoutes(parts: SubscriptionParts): Route[] {
  return [recover(parts), previewRecovery(parts), listRecoveries(parts), getRecovery(parts)];
}

const scopes = {
  undelivered,
  never_sent: { kind: "never_sent" },
  everything: everythingAgain,
} as const satisfies Record<string, RecoveryScope>;

const scopeRequest = z
  .enum(["undelivered", "never_sent", "everything"])
  .default("undelivered")
  .describe(
    "`undelivered`: what failed, was skipped or was never made; `never_sent`: only that of which no request was ever made; `everything`: also what arrived.",
  );

function recover({ store, policy, now, newId }: SubscriptionParts): Route {
  return route({
    method: "POST",
    path: "/webhooks/subscriptions/:subscription_id/recover",
    operation: "recoverMessages",
    tag: "webhooks",
    summary: "Send again what failed, was skipped or was never made, or everything, for messages in [since, until)",
    scope: "write",
    body: z.strictObject({ since: timeRequest, until: timeRequest.nullish(), scope: scopeRequest }),
    answer: recoveryAnswer,
    handle: async (request) => {
      const key = subscriptionKey(request);
      const at = now();
      const window = { since: request.body.since, until: request.body.until ?? at };
      const subscription = await store.readSubscription(key);
      if (subscription === null) throw notFound(subscriptionKind.noun);
      checkWindow(window, { now: at, windowMsMax: policy.recoveryWindowMsMax }, "since");
      requireEnabled(subscription, "subscription");
      const scope = scopes[request.body.scope];
      return recoveryOf(await recoverSubscription(store, newId, key, { ...window, scope, now: at }), subscription);
    },
  });
}

function previewRecovery({ store, policy, now }: SubscriptionParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions/:subscription_id/recoveries/preview",
    operation: "previewRecovery",
    tag: "webhooks",
    summary: "Count what a recovery would send again, without beginning it",
    scope: "read",
    query: z.object({
      since: timeRequest,
      until: timeRequest.optional().describe("Now when absent."),
      scope: scopeRequest,
    }),
    answer: z
      .object({
        deliveries: z.int(),
        is_exact: z
          .boolean()
          .describe("False when the window has more messages than were looked at: then it means `or more`."),
      })
      .meta({ id: "RecoveryPreview", description: "What a recovery would make due now." }),
    handle: async (request) => {
      const key = subscriptionKey(request);
      const at = now();
      const { since, until = at, scope } = request.query;
      if ((await store.readSubscription(key)) === null) throw notFound(subscriptionKind.noun);
      checkWindow({ since, until }, { now: at, windowMsMax: policy.recoveryWindowMsMax }, "since", "query");
      if (until <= since) return { deliveries: 0, is_exact: true };
      const messagesMax = limits.previewedMessagesMax;
      const found = await store.previewRecovery({ ...key, scope: scopes[scope], since, until, messagesMax });
      return { deliveries: found.deliveries, is_exact: found.isExact };
    },
  });
}

function listRecoveries({ store }: SubscriptionParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions/:subscription_id/recoveries",
    operation: "listRecoveries",
    tag: "webhooks",
    summary: "List a subscription's recoveries, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object(pageQuery),
    answer: z.array(recoveryAnswer),
    handle: async (request) => {
      const key = subscriptionKey(request);
      const subscription = await store.readSubscription(key);
      if (subscription === null) throw notFound(subscriptionKind.noun);
      const { limit, cursor } = request.query;
      return await answerListById({
        limit,
        cursor: cursorIn<"recovery">(cursor, "rcvr"),
        read: (part) => store.listRecoveries({ ...key, ...part }),
        answerOf: (recovery) => recoveryOf(recovery, subscription),
        nextPage: request.nextPage,
        step: limits.pageMax,
      });
    },
  });
}

function getRecovery({ store }: SubscriptionParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions/:subscription_id/recoveries/:recovery_id",
    operation: "getRecovery",
    tag: "webhooks",
    summary: "Get a recovery with its progress",
    scope: "read",
    answer: recoveryAnswer,
    handle: async (request) => {
      const key = subscriptionKey(request);
      const subscription = await store.readSubscription(key);
      if (subscription === null) throw notFound(subscriptionKind.noun);
      const recoveryId = idIn<"recovery">(request.params, "recovery_id", recoveryKind);
      const recovery = await store.readRecovery({ ...key, recoveryId });
      if (recovery === null) throw notFound(recoveryKind.noun);
      return recoveryOf(recovery, subscription);
    },
  });
}

function recoveryOf(recovery: Recovery, { disabledReason }: Subscription): z.input<typeof recoveryAnswer> {
  return {
    id: prefixed("rcvr", recovery.id),
    status: recovery.status === "running" ? "running" : "completed",
    since: isoTime(recovery.since),
    until: isoTime(recovery.until),
    total: recovery.total,
    recovered: recovery.recovered,
    warning: recoveryWarning(recovery, disabledReason !== null),
  };
}
