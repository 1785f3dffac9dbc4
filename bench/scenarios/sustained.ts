import { eventRequests } from "../event-requests.ts";
import { atLeast, type Result, reported } from "../results.ts";
import { measured, type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { measureThroughput } from "../throughput.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const window = { warmUpMs: 3_000, windowMs: 15_000 };

const rateFloor = 12_000;
const shareOfCeilingFloor = 0.55;

/** The maximum rate of Weft: accepted, committed, signed, delivered and recorded. */
export const sustained: Scenario = {
  name: "sustained",
  needs: ["ceiling"],
  isDefault: true,
  minutesMax: 3,
  run: measureSustained,
};

async function measureSustained(run: Run): Promise<Result[]> {
  await using weft = await WeftUnderLoad.open(run);
  await weft.subscribe(0);
  const requests = eventRequests({ key: weft.installation.adminKey, hooks: [0] });
  const { perSecond, acceptedPerSecond, passed, ...cost } = await measureThroughput(
    weft,
    requests,
    scaledWindow(run, window),
  );
  const scenario = "sustained" as const;
  return [
    atLeast(rateFloor, { scenario, metric: "rate", value: perSecond, unit: "events/s" }),
    atLeast(shareOfCeilingFloor, {
      scenario,
      metric: "share of ceiling",
      value: perSecond / measured(run, "ceiling", "rate"),
      unit: "of 1",
    }),
    // Above zero, events are accepted faster than they are delivered, and wait in the database.
    reported({ scenario, metric: "backlog growth", value: acceptedPerSecond - perSecond, unit: "events/s" }),
    reported({ scenario, metric: "signatures checked", value: passed.signaturesChecked, unit: "webhooks" }),
    reported({ scenario, metric: "CPU per event", value: cost.cpuMsPerDelivery * 1_000, unit: "µs" }),
    reported({ scenario, metric: "CPU", value: cost.cores, unit: "cores" }),
    reported({ scenario, metric: "memory", value: cost.residentBytes / 2 ** 20, unit: "MiB" }),
  ];
}
