import { eventRequests } from "../event-requests.ts";
import { latenciesOf, passAll } from "../latencies.ts";
import { percentile } from "../percentile.ts";
import { atMost, type Result, reported } from "../results.ts";
import { measured, type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const window = { warmUpMs: 3_000, windowMs: 12_000 };
const quietTenants = 10;
const timesAsMany = 100;
const shareOfSustained = 0.5;
const ratioMax = 2;

/** One organization that publishes a hundred times as much as each of a hundred others. */
export const noisyTenant: Scenario = {
  name: "noisy-tenant",
  needs: ["sustained"],
  isDefault: true,
  minutesMax: 4,
  run: measureNoisyTenant,
};

/** The number of organizations that publish the hundred parts in addition to the quiet ones. */
type OtherTenants = "none" | "a hundred" | "one";

async function measureNoisyTenant(run: Run): Promise<Result[]> {
  const alone = await quietP99s(run, "none");
  const equal = await quietP99s(run, "a hundred");
  const noisy = await quietP99s(run, "one");
  const scenario = "noisy-tenant" as const;
  const stages = ["response", "commit to receipt"] as const;
  return stages.flatMap((stage) => [
    reported({ scenario, metric: `${stage} p99 of the others, alone`, value: alone[stage], unit: "ms" }),
    reported({ scenario, metric: `${stage} p99, beside a hundred like them`, value: equal[stage], unit: "ms" }),
    reported({ scenario, metric: `${stage} p99, beside one for a hundred`, value: noisy[stage], unit: "ms" }),
    // The load is equal, so the remaining ratio is the effect of the one on the others.
    atMost(ratioMax, {
      scenario,
      metric: `${stage} p99, one to a hundred`,
      value: noisy[stage] / equal[stage],
      unit: "times",
    }),
    reported({ scenario, metric: `${stage} p99, one to alone`, value: noisy[stage] / alone[stage], unit: "times" }),
  ]);
}

async function quietP99s(run: Run, beside: OtherTenants) {
  const quietPerSecond = (measured(run, "sustained", "rate") * shareOfSustained) / (timesAsMany + quietTenants);
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  const tenantCount = quietTenants + { none: 0, one: 1, "a hundred": timesAsMany }[beside];
  await using weft = await WeftUnderLoad.open(run, { hooks: tenantCount });
  const tenants = await weft.createTenants(tenantCount);
  const requests = tenants.map(({ key }, hook) => eventRequests({ key, hooks: [hook], count: 10 }));
  // Separate generators, so that the events of the quiet ones do not wait for a free connection.
  const quiet = { requests: requests.slice(0, quietTenants).flat(), perSecond: quietPerSecond * quietTenants };
  const rest = { requests: requests.slice(quietTenants).flat(), perSecond: quietPerSecond * timesAsMany };
  const { received } = await passAll(weft, beside === "none" ? [quiet] : [quiet, rest], { warmUpMs, windowMs });
  const latencies = latenciesOf(
    received.filter(({ hook }) => hook < quietTenants),
    { warmUpMs },
  );
  return {
    response: percentile(latencies.responseMs, 0.99),
    "commit to receipt": percentile(latencies.commitToReceiptMs, 0.99),
  };
}
