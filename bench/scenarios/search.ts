import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { Child } from "../child.ts";
import { percentile } from "../percentile.ts";
import { PostgresDatabase } from "../postgres-database.ts";
import { atMost, type Result, reported } from "../results.ts";
import { type Run, type Scenario, scaled } from "../scenario.ts";
import type { SearchQuestions } from "../searched-collection.ts";

const scenario = "search" as const;

/** How long filtered searches of a large collection take. */
export const search: Scenario = {
  name: scenario,
  needs: [],
  isDefault: false,
  minutesMax: 60,
  hasTraffic: false,
  run: measureSearch,
};

async function measureSearch(run: Run): Promise<Result[]> {
  const { weftNodeOptions: nodeOptions, signal, databaseUrl } = run;
  const folder = join(run.folder, scenario);
  mkdirSync(folder);
  await using database = databaseUrl?.startsWith("postgres") ? await PostgresDatabase.make(databaseUrl) : null;
  await using child = new Child<SearchQuestions>({ program: "searched-collection.ts", nodeOptions, signal });
  await child.call("start", { folder, databaseUrl: database?.url ?? null });
  const chunks = await child.call("fill", { count: scaled(run, 1_000_000) });
  await child.call("search", { times: 50 });
  const durations = await child.call("search", { times: 1_000 });
  await child.call("stop");
  const ms = (share: number) => percentile(durations, share);
  return [
    reported({ scenario, metric: "chunks", value: chunks, unit: "" }),
    reported({ scenario, metric: "filtered search, p50", value: ms(0.5), unit: "ms" }),
    atMost(100, { scenario, metric: "filtered search, p99", value: ms(0.99), unit: "ms" }),
  ];
}
