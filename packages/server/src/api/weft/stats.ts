import { z } from "zod";
import { type AttemptStats, statsOf, stepFor } from "../../domain/attempt-stats.ts";
import { validationFailed } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { type StatusClass, statusClasses } from "../../domain/status-class.ts";
import { notFound, subscriptionKind } from "../../http/ids.ts";
import { type Route, route } from "../../http/route.ts";
import { isoTime, timeRequest, timeResponse } from "../../http/times.ts";
import type { ReadAttemptCounts } from "../../store/attempt-counts/interface.ts";
import type { Store } from "../../store/store.ts";
import { subscriptionKey } from "./subscriptions.ts";

const minute = 60_000;
const hour = 60 * minute;
const unitMs = { s: 1_000, m: minute, h: hour, d: 24 * hour } as const;

const stepRequest = z
  .string()
  .regex(/^\d{1,9}[smhd]?$/, { error: "Expected a length such as 5m, 1h, 1d, or seconds." })
  .transform((text) => Number.parseInt(text, 10) * (unitMs[text.at(-1) as keyof typeof unitMs] ?? unitMs.s))
  .refine((stepMs) => stepMs > 0 && stepMs % minute === 0, { error: "A step is whole minutes." })
  .refine((stepMs) => stepMs <= limits.statsStepMsMax, { error: "A step is at most 366 days." })
  .describe(
    "The bucket length in whole minutes, such as `5m`, `1h`, `1d`, or seconds. The default makes about 60 buckets. For times more than two days ago it is rounded up to whole hours.",
  );

const statsQuery = z.object({
  since: timeRequest
    .optional()
    .describe("The default is a day before `until`. It must be within the retention of attempts."),
  until: timeRequest.optional().describe("The default is now."),
  step: stepRequest.optional(),
});

const counts = {
  attempts: z.int(),
  succeeded: z.int(),
  failed: z.int(),
  by_status: z
    .object(Object.fromEntries(statusClasses.map((name) => [name, z.int()])) as Record<StatusClass, z.ZodInt>)
    .describe(
      "By the class of the response's status. `2xx` are those that succeeded; `other` are failures with another status, such as a 2xx response that was cut off.",
    ),
  duration_ms: z
    .object({ p50: z.number(), p90: z.number(), p99: z.number() })
    .nullable()
    .describe("Exact below 4 ms, and within a factor of 1.42 above; null without attempts."),
};

const statsResponse = z
  .object({
    since: timeResponse.describe(
      "Buckets begin at multiples of their length, so that this may be before the requested time.",
    ),
    until: timeResponse.describe("The end of the last bucket, which may be in the future."),
    step_seconds: z.int(),
    ...counts,
    buckets: z
      .array(z.object({ start: timeResponse, ...counts }))
      .describe("All buckets, oldest first, including empty ones."),
  })
  .meta({ id: "AttemptStats", description: "Attempts, counted by the time when they began." });

export interface StatsParts {
  readonly store: Pick<Store, "readSubscription" | "readAttemptCounts">;
  /** How long attempts are kept (ms). */
  readonly retentionMs: number;
  readonly now: () => number;
}

/** Attempt statistics, of one subscription and of an organization. */
export function statsRoutes({ store, retentionMs, now }: StatsParts): Route[] {
  const common = { method: "GET", tag: "webhooks", scope: "read", query: statsQuery, response: statsResponse } as const;
  return [
    route({
      ...common,
      path: "/webhooks/subscriptions/:subscription_id/stats",
      operation: "getSubscriptionStats",
      summary: "Get statistics of a subscription's attempts and their latency over time",
      handle: async (request) => {
        const key = subscriptionKey(request);
        if ((await store.readSubscription(key)) === null) throw notFound(subscriptionKind.noun);
        return await attemptStatsOf(store, { ...key, ...windowIn(request.query, retentionMs, now()) });
      },
    }),
    route({
      ...common,
      path: "/webhooks/stats",
      operation: "getStats",
      summary: "Get statistics of all attempts and their latency over time",
      handle: ({ caller: { organizationId }, query }) =>
        attemptStatsOf(store, { organizationId, subscriptionId: null, ...windowIn(query, retentionMs, now()) }),
    }),
  ];
}

type Window = Pick<ReadAttemptCounts, "since" | "until" | "stepMs">;

function windowIn(query: z.output<typeof statsQuery>, retentionMs: number, now: number): Window {
  const until = query.until ?? now;
  const since = query.since ?? until - limits.statsWindowMsDefault;
  if (until > now + limits.statsWindowSlackMs) throw mistake("until", "It must not be in the future.");
  if (since >= until) throw mistake("since", "It must be before `until`.");
  if (since < now - retentionMs - limits.statsWindowSlackMs) {
    throw mistake("since", `Attempts are kept for ${Math.round((retentionMs / unitMs.d) * 10) / 10} days.`);
  }
  const requested = query.step ?? stepFor(until - since);
  const isOld = since < now - limits.statsMinutesKeptMs;
  const stepMs = isOld ? Math.ceil(requested / hour) * hour : requested;
  const window = { since: since - (since % stepMs), until: Math.ceil(until / stepMs) * stepMs, stepMs };
  if ((window.until - window.since) / stepMs > limits.statsBucketsMax) {
    throw mistake("step", `That is more than ${limits.statsBucketsMax} buckets. Use a longer step or a shorter time.`);
  }
  return window;
}

function mistake(field: string, msg: string) {
  return validationFailed([{ loc: ["query", field], msg, type: "range_invalid" }]);
}

async function attemptStatsOf(
  store: StatsParts["store"],
  params: ReadAttemptCounts,
): Promise<z.input<typeof statsResponse>> {
  const { since, until, stepMs } = params;
  const counts = await store.readAttemptCounts(params);
  const byStep = Map.groupBy(counts, ({ startsAt }) => startsAt);
  const starts = Array.from({ length: (until - since) / stepMs }, (_, index) => since + index * stepMs);
  return {
    since: isoTime(since),
    until: isoTime(until),
    step_seconds: stepMs / 1_000,
    ...shown(statsOf(counts)),
    buckets: starts.map((start) => ({ start: isoTime(start), ...shown(statsOf(byStep.get(start) ?? [])) })),
  };
}

function shown({ durationMs, byStatus, ...counted }: AttemptStats) {
  return { ...counted, by_status: byStatus, duration_ms: durationMs };
}
