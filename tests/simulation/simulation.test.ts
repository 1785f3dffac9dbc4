// The real delivery engine, on one to three nodes in a simulated world: time, receivers, network and a shared database
// are simulated, nodes crash, sleep longer than their lease and recover, and the invariants in verdict.ts are checked
// throughout. A seed decides everything, so a failure can be reproduced: its message has the seed, and its trace has
// the events in order. `npm test` runs some seeds; `npm run test:simulation` runs thousands, others each day:
// SIMULATION_SEEDS sets their number, SIMULATION_FROM the first one, SIMULATION_SEED runs that one alone.

import { expect, test } from "vitest";
import { type SimulationResult, simulate } from "./simulation.ts";

const one = process.env.SIMULATION_SEED;
const first = Number(one ?? process.env.SIMULATION_FROM ?? 1);
const count = one === undefined ? Number(process.env.SIMULATION_SEEDS ?? 15) : 1;
const traceLinesShown = 150;

test(`no promise breaks in ${count} simulated worlds from seed ${first} on`, {
  timeout: 60_000 + count * 1_000,
}, async () => {
  for (let seed = first; seed < first + count; seed++) {
    const result = await simulate(seed);
    if (result.violation !== null) expect.fail(violationText(seed, result));
  }
});

test("receivers that refuse are sent as many requests as they accept, and none while they ask for a pause", {
  timeout: 60_000 + count * 1_000,
}, async () => {
  for (let seed = first; seed < first + Math.ceil(count / 50); seed++) {
    const result = await simulate(seed, { isOverload: true });
    if (result.violation !== null) expect.fail(violationText(seed, result));
  }
});

test("the same seed gives the same world, to the last line of its trace", async () => {
  const [once, again] = [await simulate(first), await simulate(first)];
  expect(once.trace.length).toBeGreaterThan(0);
  expect(again.trace).toEqual(once.trace);
});

// A store must look up a commit whose response was lost, before it reports that nothing was stored.
test("a store that made a commit and reports that it did not makes a living node forget its deliveries", async () => {
  const seen = new Set<string>();
  for (let seed = 1; seed <= 60 && !seen.has("no forgotten claims"); seed++) {
    const { violation } = await simulate(seed, { ambiguousCommits: true });
    if (violation !== null) seen.add(violation.invariant);
  }
  expect([...seen]).toContain("no forgotten claims");
});

function violationText(seed: number, { violation, trace }: SimulationResult): string {
  const shown = one === undefined ? trace.slice(-traceLinesShown) : trace;
  const left = trace.length - shown.length;
  return [
    `Seed ${seed} breaks "${violation?.invariant}": ${violation?.what}`,
    `To see it again: SIMULATION_SEED=${seed} npx vitest run tests/simulation`,
    ...(left > 0 ? [`… ${left} lines before, which SIMULATION_SEED shows.`] : []),
    ...shown,
  ].join("\n");
}
