import { z } from "zod";
import { notSecret } from "../../secret-credentials.ts";
import { defineSource } from "../../source.ts";
import { stubContainer, stubContainerType, stubEntity, stubTypes } from "../stub/stub-entities.ts";

const container = "Incremental Stub Container";

/** Generates entities and a cursor, so that a later job with the same settings reads only new ones: for tests of cursors. */
export const incrementalStubSource = defineSource({
  shortName: "incremental_stub",
  name: "Incremental Stub",
  className: "IncrementalStubSource",
  description: "Generates entities from a seed, and reads only new ones in later jobs, for tests of incremental syncs.",
  authMethods: ["direct"],
  labels: ["Test"],
  isTest: true,
  entityTypes: [stubContainerType, stubTypes.small_entity],
  config: z.strictObject({
    entity_count: z.int().min(1).max(100_000).default(5).describe("The number of entities besides the container."),
    seed: z.int().default(42).describe("The seed of the content."),
  }),
  credentials: z.strictObject({ stub_key: z.string().min(1).max(1_024).describe("Any text.").meta(notSecret) }),
  entities: async function* ({ config, cursor }) {
    const { entity_count: count, seed } = config;
    const firstIndex = cursor === null ? 0 : Number(cursor) + 1;
    if (cursor !== null) yield { kind: "rest_stays" };
    const description = `The container of an incremental stub source with ${count} entities, for a test.`;
    yield stubContainer(container, description);
    for (let index = firstIndex; index < count; index++) {
      yield stubEntity("small_entity", index, { seed, container, prefix: null, hasSpecialTokens: false });
    }
    yield { kind: "cursor", value: String(count - 1) };
  },
});
