import { z } from "zod";
import { unreachableReasons } from "../../../domain/attempt.ts";
import { limits } from "../../../domain/limits.ts";
import { timeAnswer } from "../../../http/times.ts";
import { secretRequest } from "../secret-request.ts";
import { filtersRequest } from "../subscription-filters.ts";
import { eventTypesRequest, subscriptionFields } from "../subscription-schemas.ts";

export const startRequest = z.strictObject({
  name: z
    .string()
    .regex(/^[A-Za-z0-9_.-]+$/, { error: "A name consists of letters, digits, `-`, `_` and `.`." })
    .max(limits.listenerNameLengthMax)
    .describe("What it is taken up again by. Two programs under one name share its deliveries."),
  event_types: eventTypesRequest.optional().describe("Exact names and wildcards; every event unless given."),
  filters: filtersRequest.optional(),
  ...secretRequest,
});

export const listenerAnswer = z
  .object({
    ...subscriptionFields,
    name: z.string(),
    secret: z.string().describe("What a receiver verifies with: `whsec_…`, or the public key `whpk_…` for `v1a`."),
  })
  .meta({ id: "Listener", description: "A subscription without a URL, and the secret that signs for it." });

export const deliveryQuery = z.object({
  held_max: z.coerce
    .number()
    .int()
    .min(1)
    .max(limits.listenerHeldMax)
    .default(10)
    .describe("Deliveries that are handed out and not yet told of, at most."),
});

const handedOut = z
  .object({
    message_id: z.uuid(),
    receipt: z.string().describe("Sent back with the outcome. Opaque."),
    event_type: z.string(),
    attempt: z.int().describe("1 for the first; goes on counting over resends."),
    headers: z.record(z.string(), z.string()).describe("As any receiver gets them, signed."),
    body: z.string().describe("The payload, byte for byte as it was accepted: what the signature is of."),
  })
  .meta({ id: "ListenerDelivery", description: "A delivery that is handed to a listener." });

const end = z
  .object({ code: z.string(), detail: z.string() })
  .meta({ id: "ListenerEnd", description: "Why the connection ends. What was not told of is handed out again." });

export const deliveryEvent = z
  .discriminatedUnion("event", [
    z.object({ event: z.literal("delivery"), data: handedOut }),
    z.object({ event: z.literal("end"), data: end }),
  ])
  .meta({ id: "ListenerEvent", description: "What one event of a listener's connection says." });

const told = { message_id: z.uuid(), receipt: z.string().max(64) };
const durationMs = z.int().min(0).max(limits.outcomeDurationMsMax).describe("From the request to its end.");

const outcomeRequest = z
  .union([
    z.strictObject({
      ...told,
      duration_ms: durationMs,
      status: z.int().min(200).max(999).describe("2xx is success, and nothing else is."),
      body: z.string().default("").describe("The response body; the first 16 Ki characters are kept."),
      retry_after: z.string().max(256).nullish().describe("The response header of this name."),
      truncated: z
        .enum(["too_large", "closed"])
        .nullish()
        .describe("Why `body` is incomplete: too long to be kept, or the connection ended before it did."),
    }),
    z.strictObject({
      ...told,
      duration_ms: durationMs,
      error: z.enum(unreachableReasons).describe("Why there was no response."),
      detail: z.string().max(limits.descriptionLengthMax).default(""),
    }),
  ])
  .meta({ id: "ListenerOutcome", description: "What came of a delivery that a listener was handed." });

export const outcomesRequest = z.strictObject({
  outcomes: z.array(outcomeRequest).min(1).max(limits.outcomesPerCallMax),
});

export type ToldOutcome = z.output<typeof outcomeRequest>;

export const outcomesAnswer = z
  .array(
    z.object({
      message_id: z.uuid(),
      became: z
        .enum(["delivered", "retrying", "failed", "lost"])
        .describe("`lost`: this receipt holds it no more; it is handed out again."),
      next_attempt_at: timeAnswer.nullable(),
    }),
  )
  .meta({ id: "RecordedOutcomes", description: "What became of each delivery, in the order they were told of." });
