import type { DatabaseCosts } from "../database.ts";
import { eventRequests } from "../event-requests.ts";
import { machineMs } from "../machine-clock.ts";
import { type Result, reported } from "../results.ts";
import { InvalidRunError, type Run, type Scenario, scaled, scaledWindow } from "../scenario.ts";
import { type Sample, WeftUnderLoad } from "../weft-under-load.ts";

const window = { warmUpMs: 3_000, windowMs: 15_000 };
const lowPerSecond = 200;
// A node that has just started is slow: before the low rate it gets this number of events.
const warmUpEvents = 20_000;

/**
 * The cost of one delivery for the node and the database, at a low rate and at the highest; and the cost of an idle
 * node.
 */
export const cost: Scenario = { name: "cost", needs: [], isDefault: false, minutesMax: 5, run: measureCost };

const scenario = "cost" as const;

async function measureCost(run: Run): Promise<Result[]> {
  const { windowMs, warmUpMs } = scaledWindow(run, window);
  const results: Result[] = [];
  {
    await using weft = await WeftUnderLoad.open(run);
    await weft.subscribe(0);
    const requests = eventRequests({ key: weft.installation.adminKey, hooks: [0] });
    await weft.rest(warmUpMs);
    results.push(...idleResults(await measured(weft, windowMs)));
    const burst = scaled(run, warmUpEvents);
    await weft.start({ requests, perSecond: null, eventsMax: burst });
    await weft.traffic.untilReceived(burst);
    await weft.untilRecorded();
    await weft.start({ requests, perSecond: lowPerSecond });
    await weft.rest(warmUpMs);
    results.push(...loadResults(`${lowPerSecond}/s`, await measured(weft, windowMs)));
    await weft.finish();
  }
  await using weft = await WeftUnderLoad.open(run);
  await weft.subscribe(0);
  const empty = await weft.installation.databaseCosts();
  await weft.start({ requests: eventRequests({ key: weft.installation.adminKey, hooks: [0] }), perSecond: null });
  await weft.rest(warmUpMs);
  results.push(...loadResults("sustained", await measured(weft, windowMs)));
  const messages = (await weft.finish()).received.length;
  return [...results, ...storedResults(empty, await weft.installation.databaseCosts(), messages)];
}

/** The cost per second in a window. */
interface Spent {
  readonly deliveries: number;
  readonly nodeCpuMs: number;
  readonly nodeMemoryBytes: number;
  readonly nodeWrittenBytes: number;
  readonly databaseCpuMs: number | null;
  readonly walBytes: number | null;
  readonly transactions: number | null;
  readonly connections: number | null;
}

async function measured(weft: WeftUnderLoad, windowMs: number): Promise<Spent> {
  const before = await look(weft, "count first");
  await weft.rest(windowMs);
  const after = await look(weft, "count last");
  return spentBetween(before, after);
}

interface Look {
  readonly sample: Sample;
  readonly costs: DatabaseCosts;
  readonly costsAtMs: number;
}

/** Counting the attempts costs the database something as well, so it happens outside of the measured window. */
async function look(weft: WeftUnderLoad, order: "count first" | "count last"): Promise<Look> {
  if (order === "count first") {
    const sample = await weft.sample();
    return { sample, costsAtMs: machineMs(), costs: await weft.installation.databaseCosts() };
  }
  const costsAtMs = machineMs();
  const costs = await weft.installation.databaseCosts();
  return { sample: await weft.sample(), costs, costsAtMs };
}

function spentBetween(before: Look, after: Look): Spent {
  const seconds = (after.sample.atMs - before.sample.atMs) / 1_000;
  const databaseSeconds = (after.costsAtMs - before.costsAtMs) / 1_000;
  function ofNode(read: (sample: Sample) => number): number {
    return (read(after.sample) - read(before.sample)) / seconds;
  }
  function ofDatabase(read: (costs: DatabaseCosts) => number | null): number | null {
    const [from, to] = [read(before.costs), read(after.costs)];
    return from === null || to === null ? null : (to - from) / databaseSeconds;
  }
  return {
    deliveries: ofNode((sample) => sample.recorded),
    nodeCpuMs: ofNode((sample) => sample.usage.cpuMs),
    nodeMemoryBytes: after.sample.usage.residentBytes,
    nodeWrittenBytes: ofNode((sample) => sample.usage.writtenBytes),
    databaseCpuMs: ofDatabase((costs) => costs.cpuMs),
    walBytes: ofDatabase((costs) => costs.walBytes),
    transactions: ofDatabase((costs) => costs.transactions),
    connections: after.costs.connections,
  };
}

function idleResults(spent: Spent): Result[] {
  return known([
    ["node CPU, idle", spent.nodeCpuMs * 1_000, "µs/s"],
    ["database CPU, idle", times(spent.databaseCpuMs, 1_000), "µs/s"],
    ["WAL, idle", spent.walBytes, "B/s"],
    ["transactions, idle", spent.transactions, "a second"],
  ]);
}

function loadResults(load: string, spent: Spent): Result[] {
  const { deliveries } = spent;
  if (deliveries === 0) throw new InvalidRunError(`Not one delivery was recorded at ${load}.`);
  return known([
    [`rate, ${load}`, deliveries, "events/s"],
    [`node CPU, ${load}`, (spent.nodeCpuMs * 1_000) / deliveries, "µs a delivery"],
    [`node memory, ${load}`, spent.nodeMemoryBytes / 2 ** 20, "MiB"],
    [`node disk writes, ${load}`, spent.nodeWrittenBytes / deliveries, "B a delivery"],
    [`database CPU, ${load}`, times(spent.databaseCpuMs, 1_000 / deliveries), "µs a delivery"],
    [`WAL, ${load}`, times(spent.walBytes, 1 / deliveries), "B a delivery"],
    [`transactions, ${load}`, times(spent.transactions, 1 / deliveries), "a delivery"],
    [`connections, ${load}`, spent.connections, "connections"],
  ]);
}

function storedResults(empty: DatabaseCosts, full: DatabaseCosts, messages: number): Result[] {
  const indexes = full.indexBytes === null || empty.indexBytes === null ? null : full.indexBytes - empty.indexBytes;
  return known([
    ["stored", (full.storedBytes - empty.storedBytes) / messages, "B a message"],
    ["stored, indexes of it", times(indexes, 1 / messages), "B a message"],
  ]);
}

function times(value: number | null, factor: number): number | null {
  return value === null ? null : value * factor;
}

function known(measures: readonly (readonly [string, number | null, string])[]): Result[] {
  return measures.flatMap(([metric, value, unit]) =>
    value === null ? [] : [reported({ scenario, metric, value, unit })],
  );
}
