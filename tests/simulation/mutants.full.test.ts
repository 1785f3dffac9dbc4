import { expect, test } from "vitest";
import { mutants } from "./mutants.ts";
import { simulate } from "./simulation.ts";

const seedsMax = 200;

for (const { mistake, noticedBy, options } of mutants) {
  test(`the simulation notices when ${mistake}: "${noticedBy}"`, async () => {
    const others = new Set<string>();
    for (let seed = 1; seed <= seedsMax; seed++) {
      const { violation } = await simulate(seed, options);
      if (violation?.invariant === noticedBy) return;
      if (violation !== null) others.add(violation.invariant);
    }
    expect.fail(`No seed up to ${seedsMax} showed it; seen instead: ${[...others].join(", ") || "nothing"}.`);
  });
}
