import { setTimeout as sleep } from "node:timers/promises";
import type { CeilingQuestions } from "../ceiling-process.ts";
import { Child } from "../child.ts";
import { eventRequests } from "../event-requests.ts";
import { type Result, reported } from "../results.ts";
import { type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { Traffic } from "../traffic.ts";

const window = { warmUpMs: 3_000, windowMs: 10_000 };

/** It uses the same HTTP libraries in and out, with nothing between them. */
export const ceiling: Scenario = {
  name: "ceiling",
  needs: [],
  isDefault: true,
  minutesMax: 3,
  run: measureCeiling,
};

async function measureCeiling(run: Run): Promise<Result[]> {
  const { signal } = run;
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  await using traffic = await Traffic.open(run, { secret: null, hooks: 1 });
  await using child = new Child<CeilingQuestions>({ program: "ceiling-process.ts", signal });
  const url = await child.call("start", { receiverUrl: traffic.hookUrl(0) });

  async function sample() {
    return { usage: await child.call("usage"), atMs: performance.now(), received: await traffic.received() };
  }
  const requests = eventRequests({ key: "a key that is not checked", hooks: [0] });
  await traffic.start([url], { requests, perSecond: null });
  await sleep(warmUpMs, undefined, { signal });
  const before = await sample();
  await sleep(windowMs, undefined, { signal });
  const after = await sample();
  await traffic.finish();
  await child.call("stop");

  const events = after.received - before.received;
  const cpuMs = after.usage.cpuMs - before.usage.cpuMs;
  const scenario = "ceiling" as const;
  return [
    reported({ scenario, metric: "rate", value: (events / (after.atMs - before.atMs)) * 1_000, unit: "events/s" }),
    reported({ scenario, metric: "CPU per event", value: (cpuMs / events) * 1_000, unit: "µs" }),
    reported({ scenario, metric: "CPU", value: cpuMs / (after.atMs - before.atMs), unit: "cores" }),
    reported({ scenario, metric: "memory", value: after.usage.residentBytes / 2 ** 20, unit: "MiB" }),
  ];
}
