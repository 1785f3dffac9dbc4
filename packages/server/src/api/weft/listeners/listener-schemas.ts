import { z } from "zod";
import { unreachableReasons } from "../../../domain/attempt.ts";
import { limits } from "../../../domain/limits.ts";
import { mapOf } from "../../../http/caller-objects.ts";
import { timeResponse } from "../../../http/times.ts";
import { secretRequest } from "../secret-request.ts";
import { filtersRequest } from "../subscription-filters.ts";
import { eventTypesRequest, subscriptionFields } from "../subscription-schemas.ts";

export const startRequest = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+$/, { error: "A name consists of letters, digits, `-`, `_` and `.`." })
    .max(limits.listenerNameLengthMax)
    .describe("The name with which a listener is reused. Two programs with the same name share its deliveries."),
  event_types: eventTypesRequest.optional().describe("Exact names and wildcards. The default is every event."),
  filters: filtersRequest.optional(),
  ...secretRequest,
});

export const listenerResponse = z
  .object({
    ...subscriptionFields,
    name: z.string(),
    secret: z
      .string()
      .describe("The key with which a receiver verifies: `whsec_…`, or the public key `whpk_…` for `v1a`."),
  })
  .meta({ id: "Listener", description: "A subscription without a URL, with its signing secret." });

export const deliveryQuery = z.object({
  held_max: z.coerce
    .number()
    .int()
    .min(1)
    .max(limits.listenerHeldMax)
    .default(10)
    .describe("The maximum number of deliveries without a reported outcome."),
});

const handedOut = z
  .object({
    message_id: z.uuid(),
    receipt: z.string().describe("An opaque text to return with the outcome."),
    event_type: z.string(),
    attempt: z.int().describe("1 for the first attempt; resends continue the count."),
    headers: z
      .record(z.string(), z.string())
      .describe("The signed headers of the request, as a receiver of webhooks gets them."),
    body: z.string().describe("The payload, byte for byte as it was accepted. The signature covers this text."),
  })
  .meta({ id: "ListenerDelivery", description: "A delivery that is sent to a listener." });

const end = z.object({ code: z.string(), detail: z.string() }).meta({
  id: "ListenerEnd",
  description: "Why the connection ends. Deliveries without a reported outcome are sent again.",
});

export const deliveryEvent = z
  .discriminatedUnion("event", [
    z.object({ event: z.literal("delivery"), data: handedOut }),
    z.object({ event: z.literal("end"), data: end }),
  ])
  .meta({ id: "ListenerEvent", description: "One event of a listener's connection." });

const reportBase = { message_id: z.uuid(), receipt: z.string().max(64) };
const durationMs = z.int().min(0).max(limits.outcomeDurationMsMax).describe("From the request to its end.");

const headersReport = mapOf(z.string().max(limits.responseHeadersBytesKept), {
  keysMax: limits.responseHeadersKept,
  key: z
    .string()
    .regex(/^[^\s:]+$/)
    .max(limits.headerNameLengthMax + 1),
});

const outcomeRequest = z
  .union([
    z.strictObject({
      ...reportBase,
      duration_ms: durationMs,
      status: z.int().min(200).max(999).describe("Only 2xx is success."),
      headers: headersReport
        .prefault({})
        .describe("The response headers. An attempt keeps 40 of them, and 4 KiB in total."),
      body: z.string().default("").describe("The response body; the first 16 Ki characters are kept."),
      retry_after: z.string().max(256).nullish().describe("The response header of this name."),
      truncated: z
        .enum(["too_large", "closed"])
        .nullish()
        .describe("Why `body` is incomplete: it was longer than the limit, or the connection ended early."),
    }),
    z.strictObject({
      ...reportBase,
      duration_ms: durationMs,
      error: z.enum(unreachableReasons).describe("Why there was no response."),
      detail: z.string().max(limits.descriptionLengthMax).default(""),
    }),
  ])
  .meta({ id: "ListenerOutcome", description: "The outcome of a delivery that was sent to a listener." });

export const outcomesRequest = z.strictObject({
  outcomes: z.array(outcomeRequest).min(1).max(limits.outcomesPerCallMax),
});

export type OutcomeReport = z.output<typeof outcomeRequest>;

export const outcomesResponse = z
  .array(
    z.object({
      message_id: z.uuid(),
      became: z
        .enum(["delivered", "retrying", "failed", "lost"])
        .describe("`lost`: the receipt no longer holds the delivery, which is sent again."),
      next_attempt_at: timeResponse.nullable(),
    }),
  )
  .meta({ id: "RecordedOutcomes", description: "The state of each delivery, in the order of the report." });
