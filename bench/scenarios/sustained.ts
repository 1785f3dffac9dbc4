import { setTimeout as sleep } from "node:timers/promises";
import { atLeast, atMost, type Result, reported } from "../results.ts";
import { measured, type Run, type Scenario } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const warmUpMs = 3_000;
const windowMs = 15_000;

const rateFloor = 8_000;
const shareOfCeilingFloor = 0.4;

/** As many events as Weft can take: accepted, committed, signed, delivered and recorded. */
export const sustained: Scenario = { name: "sustained", needs: ["ceiling"], run: measureSustained };

async function measureSustained(run: Run): Promise<Result[]> {
  const { signal } = run;
  await using weft = await WeftUnderLoad.open(run);
  await weft.start(null);
  await sleep(warmUpMs, undefined, { signal });
  const before = await weft.sample();
  await sleep(windowMs, undefined, { signal });
  const after = await weft.sample();
  const { sent, receipts, lost, duplicates } = await weft.finish();

  const events = after.recorded - before.recorded;
  const tookMs = after.atMs - before.atMs;
  const accepted = sent.answeredAt.filter((at) => at >= before.atMs && at < after.atMs).length;
  const rate = (events / tookMs) * 1_000;
  const cpuMs = after.usage.cpuMs - before.usage.cpuMs;
  const scenario = "sustained" as const;
  return [
    atLeast(rateFloor, { scenario, metric: "rate", value: rate, unit: "events/s" }),
    atLeast(shareOfCeilingFloor, {
      scenario,
      metric: "share of ceiling",
      value: rate / measured(run, "ceiling", "rate"),
      unit: "of 1",
    }),
    atMost(0, { scenario, metric: "lost", value: lost, unit: "events" }),
    // More than nothing: events are taken in faster than they get out, and wait in the database.
    reported({ scenario, metric: "backlog growth", value: ((accepted - events) / tookMs) * 1_000, unit: "events/s" }),
    reported({ scenario, metric: "duplicates", value: duplicates, unit: "webhooks" }),
    reported({ scenario, metric: "accepted and reconciled", value: sent.ids.length, unit: "events" }),
    reported({ scenario, metric: "signatures checked", value: receipts.signatures.good, unit: "webhooks" }),
    reported({ scenario, metric: "CPU per event", value: (cpuMs / events) * 1_000, unit: "µs" }),
    reported({ scenario, metric: "CPU", value: cpuMs / tookMs, unit: "cores" }),
    reported({ scenario, metric: "memory", value: after.usage.residentBytes / 2 ** 20, unit: "MiB" }),
  ];
}
