import { eventRequests } from "../event-requests.ts";
import { latenciesOf, passAll, percentiles } from "../latencies.ts";
import { type Result, reported } from "../results.ts";
import { measured, type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const window = { warmUpMs: 3_000, windowMs: 15_000 };
const shareOfSustained = 0.5;
const shares = [0.5, 0.99, 0.999];

/** Latencies of a half-loaded Weft. */
export const latency: Scenario = {
  name: "latency",
  needs: ["sustained"],
  isDefault: true,
  minutesMax: 3,
  run: measureLatency,
};

async function measureLatency(run: Run): Promise<Result[]> {
  const perSecond = Math.round(measured(run, "sustained", "rate") * shareOfSustained);
  await using weft = await WeftUnderLoad.open(run);
  await weft.subscribe(0);
  const requests = eventRequests({ key: weft.installation.adminKey, hooks: [0] });
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  const passed = await passAll(weft, [{ requests, perSecond }], { warmUpMs, windowMs });

  const { responseMs, commitToReceiptMs, dueToReceiptMs } = latenciesOf(passed.received, { warmUpMs });
  const scenario = "latency" as const;
  return [
    reported({ scenario, metric: "load", value: perSecond, unit: "events/s" }),
    ...percentiles(scenario, "response", responseMs, shares),
    ...percentiles(scenario, "commit to receipt", commitToReceiptMs, shares),
    ...percentiles(scenario, "due to receipt", dueToReceiptMs, shares),
  ];
}
