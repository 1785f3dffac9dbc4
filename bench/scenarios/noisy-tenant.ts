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

/** One organization that publishes a hundred times what each of the others does. */
export const noisyTenant: Scenario = {
  name: "noisy-tenant",
  needs: ["sustained"],
  isDefault: true,
  minutesMax: 3,
  run: measureNoisyTenant,
};

async function measureNoisyTenant(run: Run): Promise<Result[]> {
  const quiet = await quietP99s(run, { isNoisy: false });
  const noisy = await quietP99s(run, { isNoisy: true });
  const scenario = "noisy-tenant" as const;
  const stages = ["answer", "commit to receipt"] as const;
  return [
    ...stages.flatMap((stage) => [
      reported({ scenario, metric: `${stage} p99 of the others, alone`, value: quiet[stage], unit: "ms" }),
      reported({ scenario, metric: `${stage} p99 of the others, beside it`, value: noisy[stage], unit: "ms" }),
      atMost(ratioMax, {
        scenario,
        metric: `${stage} p99, to alone`,
        value: noisy[stage] / quiet[stage],
        unit: "times",
      }),
    ]),
  ];
}

async function quietP99s(run: Run, { isNoisy }: { isNoisy: boolean }) {
  const quietPerSecond = (measured(run, "sustained", "rate") * shareOfSustained) / (timesAsMany + quietTenants);
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  const noisyHook = quietTenants;
  await using weft = await WeftUnderLoad.open(run, { hooks: quietTenants + 1 });
  const tenants = await weft.createTenants(quietTenants + 1);
  const requests = tenants.map(({ key }, hook) => eventRequests({ key, hooks: [hook], count: 10 }));
  // Generators of their own, so that the events of the others do not wait for a free connection.
  const others = { requests: requests.slice(0, noisyHook).flat(), perSecond: quietPerSecond * quietTenants };
  const noise = { requests: requests[noisyHook] ?? [], perSecond: quietPerSecond * timesAsMany };
  const { received } = await passAll(weft, isNoisy ? [others, noise] : [others], { warmUpMs, windowMs });
  const latencies = latenciesOf(
    received.filter(({ hook }) => hook !== noisyHook),
    { warmUpMs },
  );
  return {
    answer: percentile(latencies.answerMs, 0.99),
    "commit to receipt": percentile(latencies.commitToReceiptMs, 0.99),
  };
}
