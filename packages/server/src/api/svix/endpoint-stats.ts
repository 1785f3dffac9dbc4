import { z } from "zod";
import { statsOf } from "../../domain/attempt-stats.ts";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { type Route, route } from "../../http/route.ts";
import { timeRequest } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";
import type { SubscriptionKey } from "../../store/subscriptions/interface.ts";
import type { AttemptListParts } from "./attempt-lists.ts";
import { endpointIn, endpointPath, endpointTag, keyOf } from "./endpoint-in-path.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const count = z.int();

export function endpointStatsRoute({ store, origin }: AttemptListParts): Route {
  return route({
    method: "GET",
    path: `${endpointPath}/stats`,
    operation: "v1.endpoint.get-stats",
    tag: endpointTag,
    summary: "Count an endpoint's attempts over at most 28 days, and its waiting messages",
    scope: "read",
    query: z.object({
      since: timeRequest.optional().describe("The default is 28 days before `until`."),
      until: timeRequest.optional().describe("The default is now."),
    }),
    response: z
      .object({
        success: count.describe("Attempts made in this time that succeeded."),
        fail: count.describe("Attempts made in this time that failed, retried or not."),
        pending: count.describe("Messages that are waiting for their first attempt."),
        sending: count.describe("Messages that are waiting for a retry."),
        canceled: count.describe("Messages accepted in this time that will not be sent automatically."),
      })
      .meta({ id: "EndpointStats" }),
    handle: async (request) => {
      const endpoint = await endpointIn(store, request);
      const window = windowIn(request.query, origin.now());
      const { success, fail } = await countAttempts(store, { ...keyOf(endpoint), ...window }, origin.now());
      const limit = limits.deliveriesCountedMax;
      const { pending, retrying, setAside } = await store.countDeliveries({ ...keyOf(endpoint), ...window, limit });
      return { success, fail, pending, sending: retrying, canceled: setAside };
    },
  });
}

/** Counts by whole minutes, and where they have been rolled up by whole hours, so the window is widened to those. */
async function countAttempts(
  store: Pick<Store, "readAttemptCounts">,
  { since, until, ...key }: SubscriptionKey & { since: number; until: number },
  now: number,
): Promise<{ success: number; fail: number }> {
  const stepMs = since < now - limits.statsMinutesKeptMs ? hourMs : minuteMs;
  const window = { since: since - (since % stepMs), until: Math.ceil(until / stepMs) * stepMs, stepMs };
  const { succeeded, failed } = statsOf(await store.readAttemptCounts({ ...key, ...window }));
  return { success: succeeded, fail: failed };
}

function windowIn(query: { since?: number | undefined; until?: number | undefined }, now: number) {
  const until = query.until ?? now;
  const since = query.since ?? until - limits.statsWindowMsMax;
  if (until > now + limits.statsWindowSlackMs) {
    throw new ApiError("range_invalid", "`until` must not be in the future.");
  }
  if (since > until) throw new ApiError("range_invalid", "`since` must not be after `until`.");
  if (until - since > limits.statsWindowMsMax + limits.statsWindowSlackMs) {
    throw new ApiError("range_invalid", "The time between `since` and `until` is at most 28 days.");
  }
  return { since, until };
}
