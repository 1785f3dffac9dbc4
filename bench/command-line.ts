import { parseArgs } from "node:util";
import type { Run, Scenario } from "./scenario.ts";
import { agents } from "./scenarios/agents.ts";
import { backlog } from "./scenarios/backlog.ts";
import { ceiling } from "./scenarios/ceiling.ts";
import { consolePages } from "./scenarios/console.ts";
import { cost } from "./scenarios/cost.ts";
import { fanOut } from "./scenarios/fan-out.ts";
import { fleet } from "./scenarios/fleet.ts";
import { hanging } from "./scenarios/hanging.ts";
import { history } from "./scenarios/history.ts";
import { hostile } from "./scenarios/hostile.ts";
import { idle } from "./scenarios/idle.ts";
import { latency } from "./scenarios/latency.ts";
import { many } from "./scenarios/many.ts";
import { noisyTenant } from "./scenarios/noisy-tenant.ts";
import { payload } from "./scenarios/payload.ts";
import { search } from "./scenarios/search.ts";
import { sustained } from "./scenarios/sustained.ts";
import { sync } from "./scenarios/sync.ts";
import { syncMillion } from "./scenarios/sync-million.ts";
import { syncRecords } from "./scenarios/sync-records.ts";
import { telemetry } from "./scenarios/telemetry.ts";
import { throttling } from "./scenarios/throttling.ts";

/** Each after the ones that it needs. */
const all: readonly Scenario[] = [
  ceiling,
  sustained,
  latency,
  fleet,
  idle,
  fanOut,
  noisyTenant,
  many,
  payload,
  hanging,
  hostile,
  throttling,
  backlog,
  history,
  cost,
  agents,
  telemetry,
  sync,
  syncMillion,
  syncRecords,
  search,
  consolePages,
];

export interface Options extends Pick<Run, "databaseUrl" | "nodes" | "scale"> {
  readonly scenarios: readonly Scenario[];
  readonly isProfiled: boolean;
  /** Name of the file for the results, in bench/results/. */
  readonly resultsName: string;
}

export function readOptions(args: string[], env: NodeJS.ProcessEnv): Options {
  const { values } = parseArgs({
    args,
    options: {
      scenario: { type: "string" },
      scale: { type: "string", default: "1" },
      nodes: { type: "string", default: "1" },
      results: { type: "string", default: "latest" },
      profile: { type: "boolean", default: false },
    },
  });
  return {
    scenarios: chosen(values.scenario?.split(",") ?? defaults()),
    databaseUrl: env.WEFT_DATABASE_URL || null,
    scale: positive("--scale", values.scale),
    nodes: Math.ceil(positive("--nodes", values.nodes)),
    isProfiled: values.profile,
    resultsName: values.results,
  };
}

function defaults(): string[] {
  return all.filter(({ isDefault }) => isDefault).map(({ name }) => name);
}

function chosen(names: readonly string[]): Scenario[] {
  const selected = new Set<string>(names.includes("all") ? all.map(({ name }) => name) : names);
  for (const name of selected) {
    const scenario = all.find((known) => known.name === name);
    if (scenario === undefined) {
      throw new Error(`There is no scenario "${name}"; there are all, ${all.map((known) => known.name).join(", ")}.`);
    }
    // Iterating a set also visits elements that are added during the loop, so indirect needs are included.
    for (const needed of scenario.needs) selected.add(needed);
  }
  return all.filter(({ name }) => selected.has(name));
}

function positive(flag: string, text: string): number {
  const value = Number(text);
  if (value > 0 && Number.isFinite(value)) return value;
  throw new Error(`${flag} takes a number above 0; got "${text}".`);
}
