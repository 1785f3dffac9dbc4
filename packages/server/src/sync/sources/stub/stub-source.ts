import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { defineSource, SourceError } from "../../source.ts";
import { madeUpText } from "../made-up-text.ts";

/** Generates entities, and fails on request: for tests, and for trying webhooks without a real source. */
export const stubSource = defineSource({
  shortName: "stub",
  name: "Stub",
  className: "StubSource",
  description: "Generates entities from a seed, for tests. The same seed generates the same entities.",
  authMethods: ["direct"],
  labels: ["Test"],
  isTest: true,
  entityTypes: ["stub_document"],
  config: z.strictObject({
    entity_count: z.int().min(1).max(100_000).default(10).describe("The number of entities."),
    seed: z.int().default(42).describe("The seed of the content."),
    generation_delay_ms: z
      .int()
      .min(0)
      .max(10_000)
      .default(0)
      .describe("The wait before each entity, in milliseconds."),
    fail_after: z.int().min(-1).max(100_000).default(-1).describe("Fail after so many entities; -1 for never."),
  }),
  credentials: z.strictObject({ stub_key: z.string().min(1).max(1_024).describe("Any text.") }),
  entities: async function* ({ config, signal }) {
    for (let index = 0; index < config.entity_count; index++) {
      if (config.fail_after >= 0 && index >= config.fail_after) throw simulatedFailure(index, config.fail_after);
      if (config.generation_delay_ms > 0) await sleep(config.generation_delay_ms, undefined, { signal });
      const { title, text } = madeUpText(config.seed, index);
      yield { kind: "entity", id: `stub-${index}`, type: "stub_document", name: title, text };
    }
    if (config.fail_after === config.entity_count) throw simulatedFailure(config.entity_count, config.fail_after);
  },
});

function simulatedFailure(made: number, failAfter: number): SourceError {
  return new SourceError(`Stub source simulated failure after ${made} entities (fail_after=${failAfter})`);
}
