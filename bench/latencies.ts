import { percentile } from "./percentile.ts";
import type { Received } from "./reconciliation.ts";
import { type Result, reported } from "./results.ts";
import { InvalidRunError, type ScenarioName, type Window } from "./scenario.ts";
import type { Passed, Posting } from "./traffic.ts";
import type { WeftUnderLoad } from "./weft-under-load.ts";

/** Milliseconds of each event's stages; the README defines where each begins and ends. */
export interface Latencies {
  readonly responseMs: readonly number[];
  readonly commitToReceiptMs: readonly number[];
  readonly dueToReceiptMs: readonly number[];
}

/** Posts on a fixed schedule, then drains and stops Weft. */
export async function passAll(
  weft: WeftUnderLoad,
  postings: readonly Posting[],
  { warmUpMs, windowMs }: Window,
): Promise<Passed> {
  await Promise.all(postings.map((posting) => weft.start(posting)));
  await weft.rest(warmUpMs + windowMs);
  return weft.finish();
}

/** Every webhook whose event was due after the warm-up counts, however late it arrived. */
export function latenciesOf(received: readonly Received[], { warmUpMs }: Pick<Window, "warmUpMs">): Latencies {
  const countedFrom = received.reduce((earliest, { dueAt }) => Math.min(earliest, dueAt), Infinity) + warmUpMs;
  const counted = received.filter(({ dueAt }) => dueAt >= countedFrom);
  // The percentiles of an empty list would look perfect.
  if (counted.length === 0) throw new InvalidRunError("Not one event was due after the warm-up.");
  return {
    responseMs: counted.map(({ dueAt, answeredAt }) => answeredAt - dueAt),
    // Below zero when the webhook is faster than the response: both start after the commit.
    commitToReceiptMs: counted.map(({ answeredAt, receivedAt }) => Math.max(0, receivedAt - answeredAt)),
    dueToReceiptMs: counted.map(({ dueAt, receivedAt }) => receivedAt - dueAt),
  };
}

/** One result for each share of the values, such as `response p99`. */
export function percentiles(
  scenario: ScenarioName,
  what: string,
  values: readonly number[],
  shares: readonly number[],
): Result[] {
  return shares.map((share) => {
    const metric = `${what} p${Number((share * 100).toFixed(1))}`;
    return reported({ scenario, metric, value: percentile(values, share), unit: "ms" });
  });
}
