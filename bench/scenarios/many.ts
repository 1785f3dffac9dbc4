import { eventRequests, unusedEventType } from "../event-requests.ts";
import { latenciesOf, passAll } from "../latencies.ts";
import { percentile } from "../percentile.ts";
import { atMost, type Result, reported } from "../results.ts";
import { measured, type Run, type Scenario, scaled, scaledWindow } from "../scenario.ts";
import { manyAtOnce, WeftUnderLoad } from "../weft-under-load.ts";

const count = 10_000;
const window = { warmUpMs: 3_000, windowMs: 12_000 };
const shareOfSustained = 0.25;
const ratioMax = 1.5;

/** Many subscriptions in one organization, and many organizations. Each event matches one subscription throughout. */
export const many: Scenario = {
  name: "many",
  needs: ["sustained"],
  isDefault: false,
  minutesMax: 10,
  run: measureMany,
};

async function measureMany(run: Run): Promise<Result[]> {
  const scenario = "many" as const;
  const size = scaled(run, count).toLocaleString("en");
  const one = await acceptTimes(run, { subscriptions: 1, organizations: 1 });
  const cases = [
    {
      what: `${size} subscriptions`,
      times: await acceptTimes(run, { subscriptions: scaled(run, count), organizations: 1 }),
    },
    {
      what: `${size} organizations`,
      times: await acceptTimes(run, { subscriptions: 1, organizations: scaled(run, count) }),
    },
  ];
  const percents = ["p50", "p99"] as const;
  return [
    ...percents.map((percent) =>
      reported({ scenario, metric: `response ${percent}, one of each`, value: one[percent], unit: "ms" }),
    ),
    ...cases.flatMap(({ what, times }) =>
      percents.flatMap((percent) => [
        reported({ scenario, metric: `response ${percent}, ${what}`, value: times[percent], unit: "ms" }),
        atMost(ratioMax, {
          scenario,
          metric: `response ${percent}, ${what}, to one`,
          value: times[percent] / one[percent],
          unit: "times",
        }),
      ]),
    ),
  ];
}

interface Size {
  /** The subscriptions of each organization. All but the first select an event type that is never published. */
  readonly subscriptions: number;
  /** All of them publish, in turn. */
  readonly organizations: number;
}

async function acceptTimes(run: Run, { subscriptions, organizations }: Size): Promise<{ p50: number; p99: number }> {
  const perSecond = measured(run, "sustained", "rate") * shareOfSustained;
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  await using weft = await WeftUnderLoad.open(run, { hooks: organizations });
  const tenants = await weft.createTenants(organizations);
  for (const [hook, tenant] of tenants.entries()) {
    await manyAtOnce(subscriptions - 1, () => weft.subscribe(hook, { tenant, eventTypes: [unusedEventType] }));
  }
  const each = Math.max(1, Math.floor(256 / organizations));
  const requests = tenants.flatMap(({ key }, hook) => eventRequests({ key, hooks: [hook], count: each }));
  const { received } = await passAll(weft, [{ requests, perSecond }], { warmUpMs, windowMs });
  const { responseMs } = latenciesOf(received, { warmUpMs });
  return { p50: percentile(responseMs, 0.5), p99: percentile(responseMs, 0.99) };
}
