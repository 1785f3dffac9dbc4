import { eventRequests } from "../event-requests.ts";
import { latenciesOf } from "../latencies.ts";
import { percentile } from "../percentile.ts";
import { atMost, type Result, reported } from "../results.ts";
import { measured, type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const endpoints = 100;
const hangingCounts = [1, 10, 50];
// Longer than the time limit of an attempt, so that attempts time out and their retries hang again.
const window = { warmUpMs: 5_000, windowMs: 40_000 };
const shareOfSustained = 0.25;
const ratioMax = 1.5;

/**
 * Endpoints that accept webhooks and do not respond, next to healthy ones; each belongs to an organization of its own.
 */
export const hanging: Scenario = {
  name: "hanging",
  needs: ["sustained"],
  isDefault: false,
  minutesMax: 10,
  run: measureHanging,
};

async function measureHanging(run: Run): Promise<Result[]> {
  const scenario = "hanging" as const;
  const none = await healthyP99(run, 0);
  const results = [reported({ scenario, metric: "healthy commit to receipt p99, none", value: none, unit: "ms" })];
  for (const count of hangingCounts) {
    const p99 = await healthyP99(run, count);
    const metric = `healthy commit to receipt p99, ${count} of ${endpoints}`;
    results.push(
      reported({ scenario, metric, value: p99, unit: "ms" }),
      atMost(ratioMax, { scenario, metric: `${metric}, to none`, value: p99 / none, unit: "times" }),
    );
  }
  return results;
}

async function healthyP99(run: Run, hangingCount: number): Promise<number> {
  const perSecond = measured(run, "sustained", "rate") * shareOfSustained;
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  await using weft = await WeftUnderLoad.open(run, { hooks: endpoints });
  const tenants = await weft.createTenants(endpoints);
  await weft.traffic.hang(Array.from({ length: hangingCount }, (_, hook) => hook));
  const requests = tenants.flatMap(({ key }, hook) => eventRequests({ key, hooks: [hook], count: 1 }));
  await weft.start({ requests, perSecond });
  await weft.rest(warmUpMs + windowMs);
  // They recover, so that every webhook can be reconciled.
  await weft.traffic.hang([]);
  const { received } = await weft.finish();
  const healthy = received.filter(({ hook }) => hook >= hangingCount);
  return percentile(latenciesOf(healthy, { warmUpMs }).commitToReceiptMs, 0.99);
}
