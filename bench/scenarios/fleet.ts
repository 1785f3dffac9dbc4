import { eventRequests } from "../event-requests.ts";
import { atLeast, type Result, reported } from "../results.ts";
import { measured, type Run, type Scenario, scaledWindow } from "../scenario.ts";
import { measureThroughput, type Throughput } from "../throughput.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const window = { warmUpMs: 3_000, windowMs: 12_000 };
const nodeCounts = [1, 3];

const shareOfSqliteFloor = 0.35;
const shareOfOneNodeFloor = 1;

/** One node and three nodes over a Postgres of their own, compared with one process on SQLite, on the same cores. */
export const fleet: Scenario = {
  name: "fleet",
  needs: ["sustained"],
  isDefault: true,
  minutesMax: 5,
  run: measureFleet,
};

async function measureFleet(run: Run): Promise<Result[]> {
  const scenario = "fleet" as const;
  const results: Result[] = [];
  let one = 0;
  for (const nodes of nodeCounts) {
    const { perSecond, cpuMsPerDelivery, residentBytes } = await sustainedOn(run, nodes);
    const named = nodes === 1 ? "1 node" : `${nodes} nodes`;
    results.push(reported({ scenario, metric: `rate, ${named}`, value: perSecond, unit: "events/s" }));
    if (nodes === 1) {
      one = perSecond;
      const value = perSecond / measured(run, "sustained", "rate");
      results.push(atLeast(shareOfSqliteFloor, { scenario, metric: "1 node, of SQLite's", value, unit: "of 1" }));
    } else {
      const metric = `${named}, of that at 1`;
      results.push(atLeast(shareOfOneNodeFloor, { scenario, metric, value: perSecond / one, unit: "of 1" }));
    }
    results.push(
      reported({ scenario, metric: `CPU per event, ${named}`, value: cpuMsPerDelivery * 1_000, unit: "µs" }),
      reported({ scenario, metric: `memory, ${named}`, value: residentBytes / 2 ** 20, unit: "MiB" }),
    );
  }
  return results;
}

async function sustainedOn(run: Run, nodes: number): Promise<Throughput> {
  const databaseUrl = run.databaseUrl?.startsWith("postgres") === true ? run.databaseUrl : "postgres:";
  await using weft = await WeftUnderLoad.open({ ...run, databaseUrl, nodes });
  await weft.subscribe(0);
  const requests = eventRequests({ key: weft.installation.adminKey, hooks: [0] });
  return await measureThroughput(weft, requests, scaledWindow(run, window));
}
