import { Child } from "../child.ts";
import type { CollectorQuestions } from "../collector-process.ts";
import { eventRequests } from "../event-requests.ts";
import { type Result, reported } from "../results.ts";
import { InvalidRunError, type Run, type Scenario, scaled, scaledWindow } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const window = { warmUpMs: 3_000, windowMs: 12_000 };
const perSecond = 1_000;
// A node that has just started is slow: before the measured rate it gets this number of events.
const warmUpEvents = 10_000;

const queue = { OTEL_BSP_MAX_QUEUE_SIZE: "16384" };
/** Each is measured twice, in both orders, because the machine may slow down during the run. */
const modes = [
  { name: "off", variables: null },
  { name: "every trace", variables: queue },
  {
    name: "one trace in ten",
    variables: { ...queue, OTEL_TRACES_SAMPLER: "parentbased_traceidratio", OTEL_TRACES_SAMPLER_ARG: "0.1" },
  },
] as const;

type Mode = (typeof modes)[number];

/** The CPU of a node for one delivery with and without exports of traces and metrics. */
export const telemetry: Scenario = {
  name: "telemetry",
  needs: [],
  isDefault: false,
  minutesMax: 6,
  run: measureTelemetry,
};

async function measureTelemetry(run: Run): Promise<Result[]> {
  const measured = new Map<Mode, number[]>(modes.map((mode) => [mode, []]));
  for (const mode of [...modes, ...modes.toReversed()]) measured.get(mode)?.push(await measureMode(run, mode));
  const costs = modes.map((mode) => ({ ...mode, cpuUs: mean(measured.get(mode) ?? []) }));
  const off = costs[0]?.cpuUs ?? Number.NaN;
  const scenario = "telemetry" as const;
  return costs.flatMap(({ name, cpuUs }) => [
    reported({ scenario, metric: `node CPU, ${name}`, value: cpuUs, unit: "µs a delivery" }),
    reported({ scenario, metric: `node CPU, ${name}, of off`, value: cpuUs / off, unit: "of 1" }),
  ]);
}

/** Microseconds of CPU for a delivery. */
async function measureMode(run: Run, { name, variables }: Mode): Promise<number> {
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  await using collector = new Child<CollectorQuestions>({ program: "collector-process.ts", signal: run.signal });
  const endpoint = await collector.call("listen");
  const settings = variables === null ? {} : { ...variables, OTEL_EXPORTER_OTLP_ENDPOINT: endpoint };
  await using weft = await WeftUnderLoad.open(run, { settings });
  await weft.subscribe(0);
  const requests = eventRequests({ key: weft.installation.adminKey, hooks: [0] });
  const burst = scaled(run, warmUpEvents);
  await weft.start({ requests, perSecond: null, eventsMax: burst });
  await weft.traffic.untilReceived(burst);
  await weft.untilRecorded();
  await weft.start({ requests, perSecond });
  await weft.rest(warmUpMs);
  const before = await weft.sample();
  await weft.rest(windowMs);
  const after = await weft.sample();
  await weft.finish();
  const isExported = (await collector.call("exportedBytes")) > 0;
  if (isExported !== (variables !== null))
    throw new InvalidRunError(`With telemetry "${name}", the exports are wrong.`);
  const deliveries = after.recorded - before.recorded;
  if (deliveries === 0) throw new InvalidRunError(`Not one delivery was recorded with telemetry "${name}".`);
  return ((after.usage.cpuMs - before.usage.cpuMs) * 1_000) / deliveries;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
