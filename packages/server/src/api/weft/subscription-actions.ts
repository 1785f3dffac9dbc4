import { z } from "zod";
import type { Clock } from "../../domain/clock.ts";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { notFound, subscriptionKind } from "../../http/ids.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { Intake } from "../../intake/intake.ts";
import { type AttemptListItem, anyAttemptListItem } from "../../store/attempts/interface.ts";
import type { SubscriptionKey } from "../../store/subscriptions/interface.ts";
import { shownSecret } from "../../subscriptions/signing-secret.ts";
import { attemptOf, attemptResponse } from "./attempt-schemas.ts";
import { secretRequest } from "./secret-request.ts";
import { type SubscriptionParts, subscriptionKey } from "./subscriptions.ts";

export interface SubscriptionActionParts extends SubscriptionParts {
  readonly intake: Intake;
  readonly attemptTimeoutMs: number;
  readonly clock: Clock;
}

export function subscriptionActionRoutes(parts: SubscriptionActionParts): Route[] {
  return [rotateSecret(parts), sendTest(parts)];
}

function rotateSecret({ subscriptions }: SubscriptionParts): Route {
  return route({
    method: "POST",
    path: "/webhooks/subscriptions/:subscription_id/rotate-secret",
    operation: "rotateSecret",
    tag: "webhooks",
    summary: "Rotate a subscription's signing secret; both secrets sign during the overlap",
    scope: ["write", "secrets"],
    idempotency: "secret",
    body: z
      .strictObject({
        ...secretRequest,
        overlap: z
          .int()
          .min(0)
          .max(limits.secretOverlapMsMax / 1000)
          .default(limits.secretOverlapMs / 1000)
          .describe("Seconds during which the old secret also signs. The default is 24 hours."),
      })
      .nullish(),
    response: z
      .object({
        secret: z
          .string()
          .describe("The key with which a receiver verifies: `whsec_…`, or the public key `whpk_…` for `v1a`."),
        overlap_until: timeResponse,
      })
      .meta({ id: "RotatedSecret", description: "The new secret, and the time until which the old ones also sign." }),
    handle: async (request) => {
      const { overlap = limits.secretOverlapMs / 1000, ...options } = request.body ?? {};
      const rotated = await subscriptions.rotateSecret(subscriptionKey(request), {
        ...options,
        overlapMs: overlap * 1000,
      });
      if (rotated === null) throw notFound(subscriptionKind.noun);
      return { secret: shownSecret(rotated.secret), overlap_until: isoTime(rotated.overlapUntil) };
    },
  });
}

function sendTest({ store, intake, attemptTimeoutMs, clock }: SubscriptionActionParts): Route {
  return route({
    method: "POST",
    path: "/webhooks/subscriptions/:subscription_id/test",
    operation: "sendTestEvent",
    tag: "webhooks",
    summary: "Send the catalogue's example of an event to this subscription only, and return the attempt",
    scope: "write",
    body: z.strictObject({
      event_type: z.string(),
    }),
    response: attemptResponse,
    handle: async (request) => {
      const key = subscriptionKey(request);
      const subscription = await store.readSubscription(key);
      if (subscription === null) throw notFound(subscriptionKind.noun);
      if (subscription.disabledReason !== null) {
        throw new ApiError("subscription_disabled", "The subscription is disabled. Enable it, then send a test.");
      }
      const message = await intake.publishTest({ ...key, eventType: request.body.event_type });
      return attemptOf(await firstAttempt({ store, clock, attemptTimeoutMs }, { ...key, messageId: message.id }));
    },
  });
}

const pollMs = 25;
const slackMs = 5_000;
const never = new AbortController().signal;

// Any node may make the attempt, so that this waits for its record in the store.
async function firstAttempt(
  { store, clock, attemptTimeoutMs }: Pick<SubscriptionActionParts, "store" | "clock" | "attemptTimeoutMs">,
  key: SubscriptionKey & { messageId: AttemptListItem["messageId"] },
): Promise<AttemptListItem> {
  const polls = Math.ceil((attemptTimeoutMs + slackMs) / pollMs);
  for (let poll = 0; poll < polls; poll++) {
    const { items } = await store.listAttemptItems({ ...key, ...anyAttemptListItem, cursor: null, limit: 1 });
    const [attempt] = items;
    if (attempt?.kind === "made") return attempt;
    await clock.sleep(pollMs, never);
  }
  const { items } = await store.listAttemptItems({ ...key, ...anyAttemptListItem, cursor: null, limit: 1 });
  const [pending] = items;
  if (pending !== undefined) return pending;
  throw new ApiError("not_found", "The subscription was deleted before the test was sent.");
}
