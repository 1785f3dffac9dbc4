import { type EventRequest, eventRequests } from "../event-requests.ts";
import { latenciesOf, passAll, percentiles } from "../latencies.ts";
import { type Result, reported } from "../results.ts";
import { type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { measureThroughput } from "../throughput.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const sizesKiB = [0.5, 8, 64, 256];
const fullWindow = { warmUpMs: 2_000, windowMs: 8_000 };
const shareOfRate = 0.5;
const requestBytesMax = 16 * 2 ** 20;

/** Payloads from half a kilobyte to the largest accepted one; latencies at half of each one's own rate. */
export const payload: Scenario = { name: "payload", needs: [], isDefault: false, minutesMax: 10, run: measurePayloads };

async function measurePayloads(run: Run): Promise<Result[]> {
  const results: Result[] = [];
  let smallest: number | null = null;
  for (const sizeKiB of sizesKiB) {
    const measured = await measureSize(run, sizeKiB);
    smallest ??= measured.perSecond;
    results.push(...resultsOf(sizeKiB, measured, smallest));
  }
  return results;
}

type Measured = Awaited<ReturnType<typeof measureSize>>;

async function measureSize(run: Run, sizeKiB: number) {
  const window = scaledWindow(run, fullWindow);
  const throughput = await underLoad(run, sizeKiB, (weft, requests) => measureThroughput(weft, requests, window));
  const perSecond = throughput.perSecond * shareOfRate;
  const { received } = await underLoad(run, sizeKiB, (weft, requests) =>
    passAll(weft, [{ requests, perSecond }], window),
  );
  return { ...throughput, ...latenciesOf(received, window) };
}

async function underLoad<Found>(
  run: Run,
  sizeKiB: number,
  measure: (weft: WeftUnderLoad, requests: EventRequest[]) => Promise<Found>,
): Promise<Found> {
  const payloadBytes = sizeKiB * 1_024;
  const count = Math.min(256, requestBytesMax / payloadBytes);
  await using weft = await WeftUnderLoad.open(run);
  await weft.subscribe(0);
  // Awaited here, because Weft is disposed of when this function ends.
  return await measure(weft, eventRequests({ key: weft.installation.adminKey, hooks: [0], payloadBytes, count }));
}

function resultsOf(sizeKiB: number, measured: Measured, smallestPerSecond: number): Result[] {
  const scenario = "payload" as const;
  const { perSecond, acceptedPerSecond, cpuMsPerDelivery, residentBytes, responseMs, commitToReceiptMs } = measured;
  const size = `${sizeKiB} KiB,`;
  return [
    reported({ scenario, metric: `${size} rate`, value: perSecond, unit: "deliveries/s" }),
    reported({ scenario, metric: `${size} rate, of the smallest`, value: perSecond / smallestPerSecond, unit: "of 1" }),
    // Above zero, events are accepted faster than they are delivered, and wait in the database.
    reported({
      scenario,
      metric: `${size} backlog growth`,
      value: acceptedPerSecond - perSecond,
      unit: "events/s",
    }),
    reported({ scenario, metric: `${size} CPU per delivery`, value: cpuMsPerDelivery, unit: "ms" }),
    reported({ scenario, metric: `${size} memory`, value: residentBytes / 2 ** 20, unit: "MiB" }),
    ...percentiles(scenario, `${size} response`, responseMs, [0.5, 0.99]),
    ...percentiles(scenario, `${size} commit to receipt`, commitToReceiptMs, [0.5, 0.99]),
  ];
}
