import { setTimeout as sleep } from "node:timers/promises";
import { percentile } from "../percentile.ts";
import { atMost, type Result, reported } from "../results.ts";
import { measured, type Run, type Scenario } from "../scenario.ts";
import type { Passed } from "../traffic.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const warmUpMs = 3_000;
const windowMs = 15_000;
const shareOfSustained = 0.5;

/** How long things take when Weft is half busy. */
export const latency: Scenario = { name: "latency", needs: ["sustained"], run: measureLatency };

async function measureLatency(run: Run): Promise<Result[]> {
  const perSecond = Math.round(measured(run, "sustained", "rate") * shareOfSustained);
  await using weft = await WeftUnderLoad.open(run);
  await weft.start(perSecond);
  await sleep(warmUpMs + windowMs, undefined, { signal: run.signal });
  const passed = await weft.finish();

  const { answerMs, commitToReceiptMs, dueToReceiptMs } = latencies(passed);
  const scenario = "latency" as const;
  function times(what: string, values: readonly number[], shares: readonly number[]): Result[] {
    return shares.map((share) => {
      const metric = `${what} p${Number((share * 100).toFixed(1))}`;
      return reported({ scenario, metric, value: percentile(values, share), unit: "ms" });
    });
  }
  return [
    reported({ scenario, metric: "load", value: perSecond, unit: "events/s" }),
    ...times("answer", answerMs, [0.5, 0.99, 0.999]),
    ...times("commit to receipt", commitToReceiptMs, [0.5, 0.99, 0.999]),
    ...times("due to receipt", dueToReceiptMs, [0.5, 0.99, 0.999]),
    atMost(0, { scenario, metric: "lost", value: passed.lost, unit: "events" }),
    reported({ scenario, metric: "duplicates", value: passed.duplicates, unit: "webhooks" }),
    reported({ scenario, metric: "accepted and reconciled", value: passed.sent.ids.length, unit: "events" }),
  ];
}

// Every event that was due after the warm-up counts, however late it was.
function latencies({ sent, receivedAt }: Passed) {
  const answerMs: number[] = [];
  const commitToReceiptMs: number[] = [];
  const dueToReceiptMs: number[] = [];
  const countedFrom = Math.min(...sent.dueAt.slice(0, 1_000)) + warmUpMs;
  for (const [index, dueAt] of sent.dueAt.entries()) {
    const answeredAt = sent.answeredAt[index];
    const arrivedAt = receivedAt[index];
    if (dueAt < countedFrom || answeredAt === undefined || arrivedAt === undefined || arrivedAt === null) continue;
    answerMs.push(answeredAt - dueAt);
    // Below zero when the webhook is quicker than the answer: both set out after the commit.
    commitToReceiptMs.push(Math.max(0, arrivedAt - answeredAt));
    dueToReceiptMs.push(arrivedAt - dueAt);
  }
  return { answerMs, commitToReceiptMs, dueToReceiptMs };
}
