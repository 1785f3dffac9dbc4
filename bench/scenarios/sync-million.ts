import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../child.ts";
import type { EntitiesQuestions } from "../entities-process.ts";
import { atMost, type Result, reported } from "../results.ts";
import { type Run, type Scenario, scaled } from "../scenario.ts";

const scenario = "sync-million" as const;

/** Whether memory grows with the number of entities that one job reads. */
export const syncMillion: Scenario = {
  name: scenario,
  needs: [],
  isDefault: false,
  minutesMax: 45,
  hasTraffic: false,
  run: measureMillion,
};

async function measureMillion(run: Run): Promise<Result[]> {
  const { weftNodeOptions: nodeOptions, signal } = run;
  const folder = join(run.folder, scenario);
  mkdirSync(folder);
  await using child = new Child<EntitiesQuestions>({ program: "entities-process.ts", nodeOptions, signal });
  await child.call("start", { folder });
  const results: Result[] = [];
  const peaksMiB: number[] = [];
  for (const count of [scaled(run, 50_000), scaled(run, 1_000_000)]) {
    for (const what of ["first", "unchanged"]) {
      const value = (count * 1_000) / (await child.call("sync", { count }));
      results.push(reported({ scenario, metric: `${count.toLocaleString("en")}, ${what}`, value, unit: "entities/s" }));
    }
    const peakMiB = (await child.call("usage")).residentPeakBytes / 2 ** 20;
    peaksMiB.push(peakMiB);
    results.push(
      reported({ scenario, metric: `${count.toLocaleString("en")}: peak memory`, value: peakMiB, unit: "MiB" }),
    );
  }
  await child.call("stop");
  const [few = Number.NaN, all = Number.NaN] = peaksMiB;
  results.push(atMost(1.5, { scenario, metric: "peak memory, to that of 50,000", value: all / few, unit: "times" }));
  return results;
}
