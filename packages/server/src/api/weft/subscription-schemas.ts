import { z } from "zod";
import { isCredentialHeader, maskedValue } from "../../domain/credential-headers.ts";
import { shownFilters } from "../../domain/filters.ts";
import { healthStatus, healthStatuses, successRate } from "../../domain/health.ts";
import { limits } from "../../domain/limits.ts";
import { disabledSentence, type Subscription } from "../../domain/subscription.ts";
import { type ThrottleState, throttleStateNames } from "../../domain/throttle-state.ts";
import { mapOf } from "../../http/caller-objects.ts";
import { keptText } from "../../http/kept-text.ts";
import { isoTime, timeRequest, timeResponse } from "../../http/times.ts";
import type { FoundSubscription } from "../../store/subscriptions/interface.ts";
import { headerMistake } from "../../subscriptions/own-headers.ts";
import { metadata, shownMetadata, uidOf } from "../own-fields.ts";
import { attemptResponse } from "./attempt-schemas.ts";
import { accessFields, accessFieldsOf, accessRequest } from "./receiver-access-schemas.ts";
import { secretRequest } from "./secret-request.ts";
import { filtersRequest } from "./subscription-filters.ts";
import { targetChange, targetFields, targetFieldsOf, targetRequest } from "./target-schemas.ts";

const headersRequest = mapOf(keptText, { keysMax: limits.headersMax, key: keptText })
  .superRefine((headers, context) => {
    for (const mistake of headerMistake(headers)) context.addIssue({ code: "custom", ...mistake });
  })
  .describe("Extra headers on every request to the endpoint. In a change, `***` keeps the current value.");

const retryScheduleRequest = z
  .array(
    z
      .number()
      .min(0)
      .max(limits.retryDelayMsMax / 1000),
  )
  .max(limits.retryScheduleStepsMax)
  .nullable()
  .describe(
    "The retry schedule: delays between attempts in seconds. Null uses the installation's schedule, [] disables retries.",
  );

const orderedText =
  "Strictly one delivery at a time in message order, the next after success or final failure. Slower.";
const orderedRequest = z.boolean().describe(orderedText);

const rateLimitText =
  "The maximum deliveries per second, for first attempts, retries and resends together; null for no limit.";
const rateLimitRequest = z.int().min(1).max(limits.rateLimitMax).nullable().describe(rateLimitText);

const sendTraceContextRequest = z
  .boolean()
  .describe(
    "Whether requests contain the headers `traceparent` and `tracestate` of the publish (W3C Trace Context). Only webhooks have it; the default is false.",
  );

export const eventTypesRequest = z
  .array(keptText)
  .min(1, { error: "At least one event type is needed." })
  .max(limits.eventTypesPerSubscriptionMax)
  .transform((types) => [...new Set(types)])
  .describe("Exact names and wildcards such as `sync.*`.");
const url = keptText.max(limits.urlLengthMax);
const description = keptText.max(limits.descriptionLengthMax).nullable();

const ownFields = {
  uid: uidOf("ep").nullable().optional().describe("Your own id of the subscription, unique in the organization."),
  metadata: metadata.optional().describe("Data that you store with the subscription."),
};

export const createRequest = z.strictObject({
  url,
  ...targetRequest,
  ...accessRequest,
  event_types: eventTypesRequest,
  ...secretRequest,
  ...ownFields,
  description: description.optional(),
  filters: filtersRequest.optional(),
  headers: headersRequest.optional(),
  retry_schedule: retryScheduleRequest.optional(),
  ordered: orderedRequest
    .optional()
    .describe(`${orderedText} The default is false, and true for the destination pagerduty.`),
  rate_limit: rateLimitRequest
    .optional()
    .describe(`${rateLimitText} The default is no limit, except for destinations whose services publish one.`),
  send_trace_context: sendTraceContextRequest.optional(),
});

export const changeRequest = z.strictObject({
  url: url.nullish(),
  ...targetChange,
  ...accessRequest,
  event_types: eventTypesRequest.nullish(),
  ...ownFields,
  description: description.optional(),
  filters: filtersRequest.optional(),
  headers: headersRequest.optional(),
  retry_schedule: retryScheduleRequest.optional(),
  ordered: orderedRequest.optional(),
  rate_limit: rateLimitRequest.optional(),
  send_trace_context: sendTraceContextRequest.optional(),
  disabled: z.boolean().nullish(),
  recover_since: timeRequest
    .nullish()
    .describe("With `disabled: false`: also recover the messages since this time, at most 14 days back."),
});

export const heldBackResponse = z
  .object({
    state: z.enum(throttleStateNames),
    reason: z.string(),
    since: timeResponse,
    next_try_at: timeResponse.nullable().describe("Null when a request is running or may start within a second."),
  })
  .nullable()
  .describe("Why its deliveries are waiting, a few seconds old at most. Null when they are not.");

export const subscriptionFields = {
  id: z.uuid(),
  uid: z.string().nullable().describe("Your own id of the subscription."),
  ...targetFields,
  metadata: shownMetadata,
  filter_types: z.array(z.string()).describe("The event types it receives."),
  disabled: z.boolean(),
  disabled_reason: z.string().nullable(),
  description: z.string().nullable(),
  filters: z.record(z.string(), z.array(z.union([z.string(), z.number(), z.boolean(), z.null()]))).nullable(),
  headers: z.record(z.string(), z.string()).describe("Values that look like credentials are shown as `***`."),
  ...accessFields,
  retry_schedule: z.array(z.number()).nullable(),
  ordered: z.boolean().describe("Strictly one delivery at a time in message order."),
  rate_limit: z.int().nullable().describe("The maximum deliveries per second; null for no limit."),
  send_trace_context: z.boolean().describe("Whether requests contain the trace context of the publish."),
  created_at: timeResponse,
  updated_at: timeResponse,
  health_status: z.enum(healthStatuses).describe("From the last ten attempts; failing after three failures in a row."),
  held_back: heldBackResponse,
};

export const subscriptionResponse = z
  .object(subscriptionFields)
  .meta({ id: "Subscription", description: "A URL with event types, filters and a state." });

export const subscriptionListItem = z
  .object({
    ...subscriptionFields,
    last_attempt_at: timeResponse.nullable(),
    success_rate: z
      .number()
      .nullable()
      .describe("The success rate of the last ten attempts, 0 to 1; null before the first."),
  })
  .meta({ id: "SubscriptionListItem", description: "A subscription in a list." });

export const subscriptionDetail = z
  .object({
    ...subscriptionFields,
    delivery_attempts: z.array(attemptResponse).describe("The newest 100."),
    secret: z
      .string()
      .nullable()
      .describe(
        "The key with which a receiver verifies: `whsec_…`, or the public key `whpk_…` for `v1a`. Null unless requested.",
      ),
    secret_overlap_until: timeResponse.nullable().describe("Until this time, earlier secrets also sign."),
  })
  .meta({ id: "SubscriptionDetail", description: "A subscription with its newest attempts." });

export function subscriptionOf(subscription: Subscription): z.input<typeof subscriptionResponse> {
  return {
    id: subscription.id,
    uid: subscription.uid,
    ...targetFieldsOf(subscription.target),
    metadata: { ...subscription.metadata },
    filter_types: [...subscription.eventTypes],
    disabled: subscription.disabledReason !== null,
    disabled_reason: disabledSentence(subscription.disabledReason),
    description: subscription.description,
    filters: subscription.filters === null ? null : shownFilters(subscription.filters),
    headers: Object.fromEntries(
      Object.entries(subscription.headers).map(([name, value]) => [
        name,
        isCredentialHeader(name) ? maskedValue : value,
      ]),
    ),
    ...accessFieldsOf(subscription.access),
    retry_schedule: subscription.retryDelaysMs?.map((ms) => ms / 1000) ?? null,
    ordered: subscription.ordered,
    rate_limit: subscription.rateLimit,
    send_trace_context: subscription.sendsTraceContext,
    created_at: isoTime(subscription.createdAt),
    updated_at: isoTime(subscription.updatedAt),
    health_status: healthStatus(subscription.health),
    held_back: heldBackOf(subscription.throttleState),
  };
}

export function listItemOf(subscription: FoundSubscription): z.input<typeof subscriptionListItem> {
  const { lastAttemptAt } = subscription;
  return {
    ...subscriptionOf(subscription),
    last_attempt_at: lastAttemptAt === null ? null : isoTime(lastAttemptAt),
    success_rate: successRate(subscription.health),
  };
}

export function heldBackOf(throttleState: ThrottleState | null): z.input<typeof heldBackResponse> {
  if (throttleState === null) return null;
  const { state, reason, since, nextTryAt } = throttleState;
  return { state, reason, since: isoTime(since), next_try_at: nextTryAt === null ? null : isoTime(nextTryAt) };
}
