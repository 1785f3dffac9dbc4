import type { EventRequest } from "./event-requests.ts";
import { InvalidRunError, type Window } from "./scenario.ts";
import type { Passed } from "./traffic.ts";
import type { WeftUnderLoad } from "./weft-under-load.ts";

export interface Throughput {
  /** Deliveries recorded in the window: accepted, committed, signed, sent, with a response, and committed again. */
  readonly perSecond: number;
  /** Events accepted in the window. */
  readonly acceptedPerSecond: number;
  readonly cpuMsPerDelivery: number;
  /** Processor cores in use. */
  readonly cores: number;
  readonly residentBytes: number;
  readonly passed: Passed;
}

/** The maximum rate of Weft: a closed loop, after which it is drained and stopped. */
export async function measureThroughput(
  weft: WeftUnderLoad,
  requests: readonly EventRequest[],
  { warmUpMs, windowMs }: Window,
): Promise<Throughput> {
  await weft.start({ requests, perSecond: null });
  await weft.rest(warmUpMs);
  const before = await weft.sample();
  await weft.rest(windowMs);
  const after = await weft.sample();
  const passed = await weft.finish();

  const deliveries = after.recorded - before.recorded;
  if (deliveries === 0) throw new InvalidRunError("Not one delivery was recorded in the window.");
  const tookMs = after.atMs - before.atMs;
  const cpuMs = after.usage.cpuMs - before.usage.cpuMs;
  const accepted = passed.acceptedAt.filter((at) => at >= before.atMs && at < after.atMs).length;
  return {
    perSecond: (deliveries / tookMs) * 1_000,
    acceptedPerSecond: (accepted / tookMs) * 1_000,
    cpuMsPerDelivery: cpuMs / deliveries,
    cores: cpuMs / tookMs,
    residentBytes: after.usage.residentBytes,
    passed,
  };
}
