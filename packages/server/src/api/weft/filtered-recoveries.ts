import { z } from "zod";
import { validationFailed } from "../../domain/errors.ts";
import type { FiltersText } from "../../domain/filters.ts";
import { type MessageId, type OrganizationId, parseId, timeOfId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { everythingAgain, type RecoveryScope, type RecoveryWindow, standings } from "../../domain/recovery.ts";
import { statusClasses } from "../../domain/status-class.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { idIn, notFound, subscriptionKind } from "../../http/ids.ts";
import { type Route, route } from "../../http/route.ts";
import { timeRequest } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";
import { checkWindow, requireEnabled, startRecovery } from "../../upkeep/recover-subscription.ts";
import { attemptedIn } from "./attempt-schemas.ts";
import type { RecoveryParts } from "./recoveries.ts";
import { noOutcomes, recoveryOf, recoveryResponse } from "./recoveries.ts";
import { filtersIn, filtersRequest } from "./subscription-filters.ts";

const recoverRequest = z.strictObject({
  since: timeRequest.nullish().describe("Required unless `message_ids` are given."),
  until: timeRequest.nullish().describe("The default is now, or just after the last of the `message_ids`."),
  subscription_ids: z
    .array(z.string())
    .min(1)
    .max(limits.recoverySubscriptionIdsMax)
    .nullish()
    .describe("The default is all enabled subscriptions of the organization."),
  event_types: z
    .array(z.string().max(limits.nameLengthMax))
    .min(1)
    .max(limits.eventTypesPerSubscriptionMax)
    .nullish()
    .describe("Exact names and wildcards such as `sync.*`."),
  status: z
    .array(z.enum(standings))
    .min(1)
    .default(["failed", "skipped", "missing"])
    .describe("`missing`: no delivery was created, although the subscription matches the message."),
  message_ids: z.array(z.string()).min(1).max(limits.recoveryMessageIdsMax).nullish(),
  tag: z.string().max(limits.tagLengthMax).nullish(),
  status_class: z
    .enum(statusClasses)
    .nullish()
    .describe("Only messages with an attempt to the subscription whose response is of this class."),
  attempted_since: timeRequest
    .nullish()
    .describe("Only messages with an attempt that began at this time or later, and that is of the `status_class`."),
  attempted_until: timeRequest
    .nullish()
    .describe("Only messages with an attempt that began before this time; see `attempted_since`."),
  payload: filtersRequest
    .nullish()
    .describe("Payload field → the accepted value or values, as in a subscription's filters."),
  dry_run: z.boolean().default(false).describe("Counts the deliveries without recovering them."),
});

const filteredResponse = z
  .object({
    dry_run: z.boolean(),
    subscriptions: z.array(
      z.object({
        subscription_id: z.uuid(),
        url: z.string(),
        deliveries: z
          .int()
          .nullable()
          .describe("The number of deliveries that would be resent; null unless it is a dry run."),
        is_exact: z.boolean().nullable().describe("False when there are more messages than were examined."),
        recovery: recoveryResponse.nullable().describe("Null in a dry run, and for a subscription with `skipped`."),
        skipped: z
          .enum(["disabled", "too_many_recoveries"])
          .nullable()
          .describe("Why nothing is recovered for this subscription."),
      }),
    ),
  })
  .meta({ id: "FilteredRecovery", description: "Recoveries by filter, one for each subscription." });

type RecoverRequest = z.output<typeof recoverRequest>;

/** Recovers the deliveries that a filter selects, for one, some or all subscriptions. */
export function filteredRecoveryRoutes({ store, recoveryWindowMsMax, now, newId }: RecoveryParts): Route[] {
  return [
    route({
      method: "POST",
      path: "/webhooks/recoveries",
      operation: "recoverByFilter",
      tag: "webhooks",
      summary: "Resend the messages that match a filter, for some or all subscriptions, or count them",
      scope: "write",
      bytesReserved: limits.pageBytesMax,
      body: recoverRequest,
      response: filteredResponse,
      handle: async ({ caller: { organizationId }, body, bodyText }) => {
        const at = now();
        const messageIds = messageIdsIn(body);
        const window = windowOf(body, messageIds, at);
        checkWindow(window, { now: at, windowMsMax: recoveryWindowMsMax }, "since");
        const scope = scopeOf(body, messageIds, filtersIn(bodyText, "payload") ?? null);
        const subscriptions = await subscriptionsFor(store, organizationId, body);
        const enabled = subscriptions.filter(({ disabledReason }) => disabledReason === null);
        const messagesMax = Math.ceil(limits.filteredPreviewMessagesMax / Math.max(1, enabled.length));
        const preview = async ({ id: subscriptionId }: Subscription) => {
          if (window.until <= window.since) return { deliveries: 0, is_exact: true };
          const params = { organizationId, subscriptionId, ...window, scope, now: at, messagesMax };
          const { deliveries, isExact } = await store.previewRecovery(params);
          return { deliveries, is_exact: isExact };
        };
        const recover = async (subscription: Subscription) => {
          const key = { organizationId, subscriptionId: subscription.id };
          const recovery = await startRecovery(store, newId, key, { ...window, scope, now: at });
          return recovery === null
            ? { skipped: "too_many_recoveries" as const }
            : { recovery: recoveryOf(recovery, noOutcomes, subscription) };
        };
        // Previews read much data one after the other; the recoveries are stored in one commit.
        const found = body.dry_run ? await inOrder(enabled, preview) : await Promise.all(enabled.map(recover));
        const foundOf = new Map(enabled.map(({ id }, index) => [id, found[index]]));
        return {
          dry_run: body.dry_run,
          subscriptions: subscriptions.map(({ id, target, disabledReason }) => ({
            subscription_id: id,
            url: target.url,
            deliveries: null,
            is_exact: null,
            recovery: null,
            skipped: disabledReason === null ? null : ("disabled" as const),
            ...foundOf.get(id),
          })),
        };
      },
    }),
  ];
}

async function inOrder<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (const item of items) results.push(await work(item));
  return results;
}

function messageIdsIn({ message_ids }: RecoverRequest): readonly MessageId[] | null {
  if (message_ids === undefined || message_ids === null) return null;
  return message_ids.map((text, index) => {
    const id = parseId<"message">("msg", text);
    if (id !== null) return id;
    throw validationFailed([
      { loc: ["body", "message_ids", index], msg: "This is not the id of a message.", type: "id_invalid" },
    ]);
  });
}

function windowOf(
  { since, until }: RecoverRequest,
  messageIds: readonly MessageId[] | null,
  now: number,
): RecoveryWindow {
  const times = (messageIds ?? []).map(timeOfId);
  const first = since ?? (times.length === 0 ? null : Math.min(...times));
  if (first === null) {
    const msg = "Set the time from which messages are recovered, or `message_ids`.";
    throw validationFailed([{ loc: ["body", "since"], msg, type: "missing" }]);
  }
  return { since: first, until: until ?? (times.length === 0 ? now : Math.max(...times) + 1) };
}

function scopeOf(
  { event_types, status, tag, ...attempted }: RecoverRequest,
  messageIds: readonly MessageId[] | null,
  payload: FiltersText | null,
): RecoveryScope {
  return {
    kind: "replay",
    filter: {
      ...everythingAgain.filter,
      eventTypes: event_types ?? null,
      standings: status,
      tag: tag ?? null,
      messageIds,
      payload,
      attempted: attemptedIn(attempted),
    },
  };
}

const tooMany = {
  loc: ["body", "subscription_ids"],
  msg: `The organization has more than ${limits.recoverySubscriptionsMax} subscriptions. Name those to recover.`,
  type: "too_many",
};

/** The listed subscriptions, which must exist and be enabled, or all enabled ones. */
async function subscriptionsFor(
  store: Store,
  organizationId: OrganizationId,
  { subscription_ids }: RecoverRequest,
): Promise<readonly Subscription[]> {
  const found: Subscription[] = [];
  if (subscription_ids === undefined || subscription_ids === null) {
    for (let cursor: Subscription["id"] | null = null; ; ) {
      const page = { organizationId, oldestFirst: true, cursor, limit: limits.pageMax };
      const part: readonly Subscription[] = await store.listSubscriptions(page);
      found.push(...part);
      if (found.length > limits.recoverySubscriptionsMax) throw validationFailed([tooMany]);
      cursor = part.at(-1)?.id ?? null;
      if (part.length < limits.pageMax) return found;
    }
  }
  const ids = new Set(subscription_ids.map((id) => idIn<"subscription">({ id }, "id", subscriptionKind)));
  for (const subscriptionId of ids) {
    const subscription = await store.readSubscription({ organizationId, subscriptionId });
    if (subscription === null) throw notFound(subscriptionKind.noun);
    requireEnabled(subscription, "subscription");
    found.push(subscription);
  }
  return found;
}
