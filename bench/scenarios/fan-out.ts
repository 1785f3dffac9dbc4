import { eventRequests } from "../event-requests.ts";
import { atLeast, type Result, reported } from "../results.ts";
import { type Run, type Scenario, scaled } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const fanOuts = [10, 100];
const deliveryCount = 100_000;
const warmUpShare = 0.1;
const rateFloor = 1;

/** The number of deliveries is constant, with fewer and fewer events that match more and more subscriptions. */
export const fanOut: Scenario = { name: "fan-out", needs: [], isDefault: true, minutesMax: 5, run: measureFanOut };

async function measureFanOut(run: Run): Promise<Result[]> {
  const scenario = "fan-out" as const;
  const one = await deliveriesPerSecond(run, 1);
  const results = [reported({ scenario, metric: "rate, 1 subscription", value: one, unit: "deliveries/s" })];
  for (const subscriptions of fanOuts) {
    const rate = await deliveriesPerSecond(run, subscriptions);
    const metric = `rate, ${subscriptions} subscriptions`;
    results.push(
      reported({ scenario, metric, value: rate, unit: "deliveries/s" }),
      atLeast(rateFloor, { scenario, metric: `${metric}, of that at 1`, value: rate / one, unit: "of 1" }),
    );
  }
  return results;
}

// From a tenth of the recorded deliveries to all of them, because posting may end long before.
async function deliveriesPerSecond(run: Run, subscriptions: number): Promise<number> {
  const eventsMax = Math.ceil(scaled(run, deliveryCount) / subscriptions);
  const selected = eventsMax * subscriptions;
  const hooks = Array.from({ length: subscriptions }, (_, hook) => hook);
  await using weft = await WeftUnderLoad.open(run, { hooks: subscriptions });
  for (const hook of hooks) await weft.subscribe(hook);
  await weft.start({ requests: eventRequests({ key: weft.installation.adminKey, hooks }), perSecond: null, eventsMax });
  await weft.traffic.untilReceived(selected * warmUpShare);
  const before = await weft.sample();
  await weft.traffic.untilReceived(selected);
  await weft.untilRecorded();
  const after = await weft.sample();
  await weft.finish();
  return ((after.recorded - before.recorded) / (after.atMs - before.atMs)) * 1_000;
}
