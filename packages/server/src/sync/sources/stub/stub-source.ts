import { setTimeout as sleep } from "node:timers/promises";
import { z } from "zod";
import { limits } from "../../../domain/limits.ts";
import { notSecret } from "../../secret-credentials.ts";
import { defineSource, SourceError } from "../../source.ts";
import { pickByWeight } from "./pick-by-weight.ts";
import { stubContainer, stubContainerType, stubEntity, stubTypes } from "./stub-entities.ts";

// Airweave's tests also send numbers as text.
const weight = (kind: string, value: number) =>
  z.coerce.number().int().min(0).max(100).default(value).describe(`How often an entity is a ${kind}, by weight.`);

const config = z
  .strictObject({
    entity_count: z.int().min(1).max(100_000).default(10).describe("The number of entities. The first is a container."),
    seed: z.int().default(42).describe("The seed of the content."),
    generation_delay_ms: z
      .int()
      .min(0)
      .max(10_000)
      .default(0)
      .describe("The wait before each entity, in milliseconds."),
    fail_after: z.int().min(-1).max(100_000).default(-1).describe("Fail after so many entities; -1 for never."),
    small_entity_weight: weight("small entity", 30),
    medium_entity_weight: weight("medium entity", 30),
    large_entity_weight: weight("large entity", 10),
    small_file_weight: weight("small file", 15),
    large_file_weight: weight("large file", 5),
    code_file_weight: weight("code file", 10),
    inject_special_tokens: z
      .boolean()
      .default(false)
      .describe("Whether texts contain strings that language models treat as control tokens."),
    custom_content_prefix: z
      .string()
      .max(limits.descriptionLengthMax)
      .nullable()
      .default(null)
      .describe("Text before the content of each entity."),
  })
  .refine((given) => Object.values(weightsIn(given)).some((value) => value > 0), {
    error: "At least one weight must be greater than zero.",
  });

const containerName = "Stub Container";

/** Generates entities, and fails on request: for tests, and for trying webhooks without a real source. */
export const stubSource = defineSource({
  shortName: "stub",
  name: "Stub",
  className: "StubSource",
  description: "Generates entities from a seed, for tests. The same seed generates the same entities.",
  authMethods: ["direct"],
  labels: ["Test"],
  isTest: true,
  entityTypes: [stubContainerType, ...Object.values(stubTypes)],
  config,
  credentials: z.strictObject({ stub_key: z.string().min(1).max(1_024).describe("Any text.").meta(notSecret) }),
  entities: async function* ({ config, signal }) {
    const { entity_count: count, fail_after: failAfter, generation_delay_ms: delayMs, seed } = config;
    const weights = weightsIn(config);
    const settings = {
      seed,
      container: containerName,
      prefix: config.custom_content_prefix,
      hasSpecialTokens: config.inject_special_tokens,
    };
    for (let index = 0; index < count; index++) {
      if (failAfter >= 0 && index >= failAfter) throw simulatedFailure(index, failAfter);
      if (delayMs > 0) await sleep(delayMs, undefined, { signal });
      if (index === 0)
        yield stubContainer(containerName, `The container of a stub source, for a test. Its seed is ${seed}.`);
      else yield stubEntity(pickByWeight(weights, { seed, index }), index, settings);
    }
    if (failAfter === count) throw simulatedFailure(count, failAfter);
  },
});

type Weights = Readonly<Record<`${keyof typeof stubTypes}_weight`, number>>;

function weightsIn(config: Weights): Readonly<Record<keyof typeof stubTypes, number>> {
  return {
    small_entity: config.small_entity_weight,
    medium_entity: config.medium_entity_weight,
    large_entity: config.large_entity_weight,
    small_file: config.small_file_weight,
    large_file: config.large_file_weight,
    code_file: config.code_file_weight,
  };
}

function simulatedFailure(made: number, failAfter: number): SourceError {
  return new SourceError(`Stub source simulated failure after ${made} entities (fail_after=${failAfter})`);
}
