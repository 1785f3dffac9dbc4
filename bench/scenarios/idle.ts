import { setTimeout as sleep } from "node:timers/promises";
import type { MessageId } from "../../packages/server/src/domain/id.ts";
import type { CeilingQuestions } from "../ceiling-process.ts";
import { Child } from "../child.ts";
import { eventType, payloadText } from "../event-requests.ts";
import { machineMs } from "../machine-clock.ts";
import { percentile } from "../percentile.ts";
import { type Result, reported } from "../results.ts";
import { InvalidRunError, type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { Traffic } from "../traffic.ts";
import type { Usage } from "../usage.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

/** V8 returns the memory of the start in the first seconds. */
const window = { warmUpMs: 20_000, windowMs: 20_000 };
const starts = 5;

/** The cost of an idle Weft, and its start time, compared with the same libraries without it. */
export const idle: Scenario = { name: "idle", needs: [], isDefault: true, minutesMax: 3, run: measureIdle };

async function measureIdle(run: Run): Promise<Result[]> {
  const weft = await measureWeft(run);
  const ceiling = await measureCeiling(run);
  const scenario = "idle" as const;
  const startMs = percentile(weft.startsMs, 0.5);
  const ceilingStartMs = percentile(ceiling.startsMs, 0.5);
  const memoryMiB = weft.usage.residentBytes / 2 ** 20;
  const ceilingMiB = ceiling.usage.residentBytes / 2 ** 20;
  return [
    reported({ scenario, metric: "start to first accepted event", value: startMs, unit: "ms" }),
    reported({ scenario, metric: "start, to the ceiling's", value: startMs / ceilingStartMs, unit: "times" }),
    reported({ scenario, metric: "memory", value: memoryMiB, unit: "MiB" }),
    reported({ scenario, metric: "memory, to the ceiling's", value: memoryMiB / ceilingMiB, unit: "times" }),
    reported({ scenario, metric: "CPU", value: weft.idleCpuMs / 1_000, unit: "s in all" }),
    reported({ scenario, metric: "CPU, of a core", value: weft.idleCpuMs / weft.idleMs, unit: "of 1" }),
  ];
}

async function measureWeft(run: Run) {
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  await using weft = await WeftUnderLoad.open(run);
  const { installation, traffic } = weft;
  await weft.subscribe(0);
  const startsMs: number[] = [];
  for (let start = 0; start < starts; start++) {
    await installation.stop();
    const startedAt = machineMs();
    await installation.start();
    await publishOne(traffic, installation.urls[0] ?? "", installation.adminKey);
    startsMs.push(machineMs() - startedAt);
  }
  await weft.rest(warmUpMs);
  const before = await installation.usage();
  const beganAt = machineMs();
  await weft.rest(windowMs);
  const idleMs = machineMs() - beganAt;
  const usage = await installation.usage();
  await weft.finish();
  return { startsMs, idleMs, idleCpuMs: usage.cpuMs - before.cpuMs, usage };
}

async function measureCeiling(run: Run): Promise<{ startsMs: number[]; usage: Usage }> {
  const { signal } = run;
  await using traffic = await Traffic.open(run, { secret: null, hooks: 1 });
  const startsMs: number[] = [];
  let usage: Usage = { cpuMs: 0, residentBytes: 0, residentPeakBytes: 0, writtenBytes: 0 };
  for (let start = 0; start < starts; start++) {
    const startedAt = machineMs();
    await using child = new Child<CeilingQuestions>({ program: "ceiling-process.ts", signal });
    const url = await child.call("start", { receiverUrl: traffic.hookUrl(0) });
    await publishOne(traffic, url, "a key that is not checked");
    startsMs.push(machineMs() - startedAt);
    await sleep(500, undefined, { signal });
    usage = await child.call("usage");
    await child.call("stop");
  }
  await traffic.finish();
  return { startsMs, usage };
}

async function publishOne(traffic: Traffic, url: string, key: string): Promise<void> {
  const response = await fetch(`${url}/v1/events`, {
    method: "POST",
    headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
    body: `{"event_type":"${eventType}","payload":${payloadText()}}`,
  });
  if (!response.ok) throw new InvalidRunError(`The event was refused: ${response.status} ${await response.text()}`);
  const { id } = (await response.json()) as { id: MessageId };
  traffic.expect(id, 0);
}
