import { eventRequests } from "../event-requests.ts";
import { latenciesOf, passAll, percentiles } from "../latencies.ts";
import { type Result, reported } from "../results.ts";
import { type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { measureThroughput } from "../throughput.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const sizesKiB = [0.5, 8, 64, 256];
const window = { warmUpMs: 2_000, windowMs: 8_000 };
const shareOfRate = 0.5;
const requestBytesMax = 16 * 2 ** 20;

/** Payloads from half a kilobyte to the largest that is accepted; latencies at half of each one's own rate. */
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
  const payloadBytes = sizeKiB * 1_024;
  const count = Math.min(256, requestBytesMax / payloadBytes);
  const { warmUpMs, windowMs } = scaledWindow(run, window);

  async function fresh() {
    const weft = await WeftUnderLoad.open(run);
    await weft.subscribe(0);
    return { weft, requests: eventRequests({ key: weft.installation.adminKey, hooks: [0], payloadBytes, count }) };
  }
  const full = await fresh();
  await using busy = full.weft;
  const { perSecond, cpuMsPerDelivery, residentBytes } = await measureThroughput(busy, full.requests, {
    warmUpMs,
    windowMs,
  });
  const half = await fresh();
  await using halfBusy = half.weft;
  const posting = { requests: half.requests, perSecond: perSecond * shareOfRate };
  const { received } = await passAll(halfBusy, [posting], { warmUpMs, windowMs });
  return { perSecond, cpuMsPerDelivery, residentBytes, ...latenciesOf(received, { warmUpMs }) };
}

function resultsOf(sizeKiB: number, measured: Measured, smallestPerSecond: number): Result[] {
  const scenario = "payload" as const;
  const { perSecond, cpuMsPerDelivery, residentBytes, answerMs, commitToReceiptMs } = measured;
  const size = `${sizeKiB} KiB,`;
  return [
    reported({ scenario, metric: `${size} rate`, value: perSecond, unit: "deliveries/s" }),
    reported({ scenario, metric: `${size} rate, of the smallest`, value: perSecond / smallestPerSecond, unit: "of 1" }),
    reported({ scenario, metric: `${size} CPU per delivery`, value: cpuMsPerDelivery, unit: "ms" }),
    reported({ scenario, metric: `${size} memory`, value: residentBytes / 2 ** 20, unit: "MiB" }),
    ...percentiles(scenario, `${size} answer`, answerMs, [0.5, 0.99]),
    ...percentiles(scenario, `${size} commit to receipt`, commitToReceiptMs, [0.5, 0.99]),
  ];
}
