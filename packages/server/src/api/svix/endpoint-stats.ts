import { z } from "zod";
import { statsOf } from "../../domain/attempt-stats.ts";
import { ApiError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { type Route, route } from "../../http/route.ts";
import { queryTime } from "../../http/times.ts";
import type { Store } from "../../store/store.ts";
import type { SubscriptionKey } from "../../store/subscriptions/interface.ts";
import type { AttemptListParts } from "./attempt-lists.ts";
import { endpointIn, endpointPath, endpointTag, keyOf } from "./endpoint-in-path.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const count = z.int();

const windowQuery = z.object({
  since: queryTime.optional().describe("The default is 28 days before `until`."),
  until: queryTime.optional().describe("The default is now."),
});

export function endpointStatsRoutes(parts: AttemptListParts): Route[] {
  return [countAttemptsAndMessages(parts), countAttempts(parts)];
}

function countAttemptsAndMessages({ store, origin }: AttemptListParts): Route {
  return route({
    method: "GET",
    path: `${endpointPath}/stats`,
    operation: "v1.endpoint.get-stats",
    tag: endpointTag,
    summary: "Count an endpoint's attempts over at most 28 days, and its waiting messages",
    scope: "read",
    query: windowQuery,
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
      const { success, fail } = await readCounts(store, { ...keyOf(endpoint), ...byStep(window, origin.now()) });
      const limit = limits.deliveriesCountedMax;
      const { pending, retrying, setAside } = await store.countDeliveries({ ...keyOf(endpoint), ...window, limit });
      return { success, fail, pending, sending: retrying, canceled: setAside };
    },
  });
}

function countAttempts({ store, origin }: AttemptListParts): Route {
  return route({
    method: "GET",
    path: `${endpointPath}/attempt-stats`,
    operation: "v1.endpoint.get-attempt-stats",
    tag: endpointTag,
    summary: "Count an endpoint's attempts over at most 28 days, by whole hours",
    scope: "read",
    query: windowQuery,
    response: z
      .object({
        success: count.describe("Attempts made in these hours that succeeded."),
        fail: count.describe("Attempts made in these hours that failed, retried or not."),
        canceled: count.describe("Always 0: an attempt that began is never cancelled."),
      })
      .meta({ id: "EndpointAttemptStats" }),
    handle: async (request) => {
      const endpoint = await endpointIn(store, request);
      const window = windowIn(request.query, origin.now());
      return { ...(await readCounts(store, { ...keyOf(endpoint), ...widened(window, hourMs) })), canceled: 0 };
    },
  });
}

interface TimeWindow {
  readonly since: number;
  readonly until: number;
}

/** Attempts are counted by whole minutes, and by whole hours where those have been rolled up. */
function byStep(window: TimeWindow, now: number) {
  return widened(window, window.since < now - limits.statsMinutesKeptMs ? hourMs : minuteMs);
}

function widened({ since, until }: TimeWindow, stepMs: number) {
  return { since: Math.floor(since / stepMs) * stepMs, until: Math.ceil(until / stepMs) * stepMs, stepMs };
}

async function readCounts(
  store: Pick<Store, "readAttemptCounts">,
  params: SubscriptionKey & TimeWindow & { readonly stepMs: number },
): Promise<{ success: number; fail: number }> {
  const { succeeded, failed } = statsOf(await store.readAttemptCounts(params));
  return { success: succeeded, fail: failed };
}

function windowIn(query: z.output<typeof windowQuery>, now: number): TimeWindow {
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
