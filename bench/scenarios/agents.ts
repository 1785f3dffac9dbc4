import { eventRequests } from "../event-requests.ts";
import { type Result, reported } from "../results.ts";
import { InvalidRunError, type Run, type Scenario, scaled, scaledWindow } from "../scenario.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const window = { warmUpMs: 3_000, windowMs: 12_000 };
const perSecond = 1_000;
// A node that has just started is slow: before the measured rate it gets this number of events.
const warmUpEvents = 10_000;

/** Each is measured twice, in both orders, because the machine may slow down during the run. */
const targets = ["webhook", "agent"] as const;
type Target = (typeof targets)[number];

/** The CPU of a node for one delivery to a webhook, and to the callback of an agent. */
export const agents: Scenario = { name: "agents", needs: [], isDefault: false, minutesMax: 5, run: measureAgents };

async function measureAgents(run: Run): Promise<Result[]> {
  const measured = new Map<Target, number[]>(targets.map((target) => [target, []]));
  for (const target of [...targets, ...targets.toReversed()]) {
    measured.get(target)?.push(await measureTarget(run, target));
  }
  const costs = targets.map((target) => ({ target, cpuUs: mean(measured.get(target) ?? []) }));
  const ofWebhook = costs[0]?.cpuUs ?? Number.NaN;
  const scenario = "agents" as const;
  return costs.flatMap(({ target, cpuUs }) => [
    reported({ scenario, metric: `node CPU, ${target}`, value: cpuUs, unit: "µs a delivery" }),
    reported({ scenario, metric: `node CPU, ${target}, of webhook`, value: cpuUs / ofWebhook, unit: "of 1" }),
  ]);
}

/** Microseconds of CPU for a delivery. */
async function measureTarget(run: Run, target: Target): Promise<number> {
  const { warmUpMs, windowMs } = scaledWindow(run, window);
  await using weft = await WeftUnderLoad.open(run);
  if (target === "agent") await weft.subscribeAgent(0);
  else await weft.subscribe(0);
  const requests = eventRequests({ key: weft.installation.adminKey, hooks: [0] });
  const burst = scaled(run, warmUpEvents);
  await weft.start({ requests, perSecond: null, eventsMax: burst });
  await weft.traffic.untilReceived(burst);
  await weft.untilRecorded();
  await weft.start({ requests, perSecond });
  await weft.rest(warmUpMs);
  const before = await weft.sample();
  await weft.rest(windowMs);
  const after = await weft.sample();
  await weft.finish();
  const deliveries = after.recorded - before.recorded;
  if (deliveries === 0) throw new InvalidRunError(`Not one delivery to a ${target} was recorded.`);
  return ((after.usage.cpuMs - before.usage.cpuMs) * 1_000) / deliveries;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
