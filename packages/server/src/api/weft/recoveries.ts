import { z } from "zod";
import { ApiError } from "../../domain/errors.ts";
import { type NewId, prefixed } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import {
  everythingAgain,
  type Recovery,
  type RecoveryOutcomes,
  type RecoveryScope,
  recoveredTypes,
  recoveryStatuses,
  recoveryWarning,
  undelivered,
} from "../../domain/recovery.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { EventTypes } from "../../event-types/event-types.ts";
import { idIn, notFound, recoveryKind, subscriptionKind } from "../../http/ids.ts";
import { cursorIn, pageQuery, respondWithListById } from "../../http/pages.ts";
import { severalTexts } from "../../http/query-values.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeRequest, timeResponse } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";
import { checkWindow, recoverSubscription, requireEnabled } from "../../upkeep/recover-subscription.ts";
import { selectedTypes, wildcardsText } from "./event-type-filter.ts";
import { subscriptionKey } from "./subscriptions.ts";

export const recoveryResponse = z
  .object({
    id: z.string().describe("`rcvr_…`"),
    status: z.enum(recoveryStatuses),
    since: timeResponse,
    until: timeResponse,
    event_types: z
      .array(z.string())
      .nullable()
      .describe("The event types whose deliveries it re-queues: exact names and wildcards; null for all."),
    total: z.int().nullable().describe("The number of deliveries to recover; null until they are counted."),
    recovered: z.int().describe("Deliveries re-queued so far."),
    outcomes: z
      .object({
        delivered: z.int(),
        failed: z.int().describe("Deliveries that failed permanently again."),
        waiting: z.int(),
        waiting_reason: z
          .string()
          .nullable()
          .describe("Why deliveries are waiting, such as an open circuit; null when none is."),
        set_aside: z.int().describe("Deliveries that were skipped or cancelled afterwards."),
        is_exact: z
          .boolean()
          .describe("False when there are more than were counted: each number is then a lower bound."),
      })
      .describe("The outcomes of the re-queued deliveries."),
    warning: z.string().nullable().describe("Why it recovers nothing, or does not continue now."),
  })
  .meta({ id: "RecoveryTask", description: "A task that re-queues deliveries that failed or were never sent." });

export interface RecoveryParts {
  readonly store: Store;
  readonly catalogue: Pick<EventTypes, "typesFor">;
  readonly recoveryWindowMsMax: number;
  readonly now: () => number;
  readonly newId: NewId;
}

export function recoveryRoutes(parts: RecoveryParts): Route[] {
  return [
    recover(parts),
    previewRecovery(parts),
    listRecoveries(parts),
    getRecovery(parts),
    ...switches.map((wanted) => switchRecovery(parts, wanted)),
  ];
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
    "`undelivered`: deliveries that failed, were skipped or were never created. `never_sent`: only messages for which no request was ever made. `everything`: delivered messages too.",
  );

function recover({ store, recoveryWindowMsMax, now, newId }: RecoveryParts): Route {
  return route({
    method: "POST",
    path: "/webhooks/subscriptions/:subscription_id/recover",
    operation: "recoverMessages",
    tag: "webhooks",
    summary:
      "Resend messages in [since, until) whose delivery failed, was skipped or was never created, or all of them",
    scope: "write",
    body: z.strictObject({ since: timeRequest, until: timeRequest.nullish(), scope: scopeRequest }),
    response: recoveryResponse,
    handle: async (request) => {
      const key = subscriptionKey(request);
      const at = now();
      const window = { since: request.body.since, until: request.body.until ?? at };
      const subscription = await store.readSubscription(key);
      if (subscription === null) throw notFound(subscriptionKind.noun);
      checkWindow(window, { now: at, windowMsMax: recoveryWindowMsMax }, "since");
      requireEnabled(subscription, "subscription");
      const scope = scopes[request.body.scope];
      const recovery = await recoverSubscription(store, newId, key, { ...window, scope, now: at });
      return recoveryOf(recovery, noOutcomes, subscription);
    },
  });
}

function previewRecovery({ store, recoveryWindowMsMax, now }: RecoveryParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions/:subscription_id/recoveries/preview",
    operation: "previewRecovery",
    tag: "webhooks",
    summary: "Count the deliveries that a recovery would resend, without starting it",
    scope: "read",
    query: z.object({
      since: timeRequest,
      until: timeRequest.optional().describe("The default is now."),
      scope: scopeRequest,
    }),
    response: z
      .object({
        deliveries: z.int(),
        is_exact: z
          .boolean()
          .describe("False when the window has more messages than were examined: the number is then a lower bound."),
      })
      .meta({ id: "RecoveryPreview", description: "The deliveries that a recovery would re-queue now." }),
    handle: async (request) => {
      const key = subscriptionKey(request);
      const at = now();
      const { since, until = at, scope } = request.query;
      if ((await store.readSubscription(key)) === null) throw notFound(subscriptionKind.noun);
      checkWindow({ since, until }, { now: at, windowMsMax: recoveryWindowMsMax }, "since", "query");
      if (until <= since) return { deliveries: 0, is_exact: true };
      const messagesMax = limits.previewedMessagesMax;
      const found = await store.previewRecovery({ ...key, scope: scopes[scope], since, until, now: at, messagesMax });
      return { deliveries: found.deliveries, is_exact: found.isExact };
    },
  });
}

function listRecoveries({ store, catalogue }: RecoveryParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions/:subscription_id/recoveries",
    operation: "listRecoveries",
    tag: "webhooks",
    summary: "List a subscription's recoveries, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({
      ...pageQuery,
      event_types: severalTexts.describe(
        `Only recoveries that re-queue deliveries of these event types, or of all; may be repeated. ${wildcardsText}`,
      ),
    }),
    response: z.array(recoveryResponse),
    handle: async (request) => {
      const key = subscriptionKey(request);
      const subscription = await store.readSubscription(key);
      if (subscription === null) throw notFound(subscriptionKind.noun);
      const { limit, cursor, event_types } = request.query;
      const eventTypes = await selectedTypes(catalogue, key.organizationId, event_types);
      return await respondWithListById({
        limit,
        cursor: cursorIn<"recovery">(cursor, "rcvr"),
        read: async (part) => await withOutcomes(store, await store.listRecoveries({ ...key, ...part, eventTypes })),
        responseOf: ({ outcomes, ...recovery }) => recoveryOf(recovery, outcomes, subscription),
        nextPage: request.nextPage,
        step: limits.pageMax,
      });
    },
  });
}

function getRecovery({ store }: RecoveryParts): Route {
  return route({
    method: "GET",
    path: "/webhooks/subscriptions/:subscription_id/recoveries/:recovery_id",
    operation: "getRecovery",
    tag: "webhooks",
    summary: "Get a recovery with its progress",
    scope: "read",
    response: recoveryResponse,
    handle: async (request) => {
      const key = subscriptionKey(request);
      const subscription = await store.readSubscription(key);
      if (subscription === null) throw notFound(subscriptionKind.noun);
      const recoveryId = idIn<"recovery">(request.params, "recovery_id", recoveryKind);
      const recovery = await store.readRecovery({ ...key, recoveryId });
      if (recovery === null) throw notFound(recoveryKind.noun);
      const [outcomes = noOutcomes] = await store.countOutcomes({ recoveryIds: [recoveryId] });
      return recoveryOf(recovery, outcomes, subscription);
    },
  });
}

const switches = [
  { to: "paused", name: "pause", operation: "pauseRecovery", summary: "Pause a running recovery" },
  { to: "running", name: "resume", operation: "resumeRecovery", summary: "Continue a paused recovery" },
  {
    to: "cancelled",
    name: "cancel",
    operation: "cancelRecovery",
    summary: "Cancel a recovery permanently; deliveries that it re-queued are still sent",
  },
] as const;

function switchRecovery(
  { store, now }: RecoveryParts,
  { to, name, operation, summary }: (typeof switches)[number],
): Route {
  return route({
    method: "POST",
    path: `/webhooks/subscriptions/:subscription_id/recoveries/:recovery_id/${name}`,
    operation,
    tag: "webhooks",
    summary,
    scope: "write",
    response: recoveryResponse,
    handle: async (request) => {
      const key = subscriptionKey(request);
      const subscription = await store.readSubscription(key);
      if (subscription === null) throw notFound(subscriptionKind.noun);
      const recoveryId = idIn<"recovery">(request.params, "recovery_id", recoveryKind);
      await store.switchRecovery({ ...key, recoveryId, to, now: now() });
      const recovery = await store.readRecovery({ ...key, recoveryId });
      if (recovery === null) throw notFound(recoveryKind.noun);
      if (recovery.status !== to) {
        throw new ApiError("recovery_ended", `The recovery is ${recovery.status} and cannot become ${to}.`);
      }
      const [outcomes = noOutcomes] = await store.countOutcomes({ recoveryIds: [recoveryId] });
      return recoveryOf(recovery, outcomes, subscription);
    },
  });
}

export const noOutcomes: RecoveryOutcomes = { delivered: 0, failed: 0, waiting: 0, setAside: 0, isExact: true };

async function withOutcomes(store: Store, recoveries: readonly Recovery[]) {
  const counted = await store.countOutcomes({ recoveryIds: recoveries.map(({ id }) => id) });
  return recoveries.map((recovery, index) => ({ ...recovery, outcomes: counted[index] ?? noOutcomes }));
}

/** A recovery in the form of the API, with the outcomes of the deliveries that it re-queued. */
export function recoveryOf(
  recovery: Recovery,
  { delivered, failed, waiting, setAside, isExact }: RecoveryOutcomes,
  { disabledReason, throttleState }: Subscription,
): z.input<typeof recoveryResponse> {
  return {
    id: prefixed("rcvr", recovery.id),
    status: recovery.status,
    since: isoTime(recovery.since),
    until: isoTime(recovery.until),
    event_types: recoveredTypes(recovery)?.slice() ?? null,
    total: recovery.total,
    recovered: recovery.recovered,
    outcomes: {
      delivered,
      failed,
      waiting,
      waiting_reason:
        waiting === 0 ? null : (throttleState?.reason ?? "They are due, being sent, or wait for their next attempt."),
      set_aside: setAside,
      is_exact: isExact,
    },
    warning: recoveryWarning(recovery, disabledReason !== null),
  };
}
