// A collection of any number of small entities, and filtered searches of it, one after the other, in the store itself.

import { join } from "node:path";
import { z } from "zod";
import type { SearchFilter } from "../packages/server/src/domain/search-filter.ts";
import { anyEntity } from "../packages/server/src/store/entities/interface.ts";
import { machineClock } from "../packages/server/src/store/fixtures/machine-clock.ts";
import { openPostgresStore } from "../packages/server/src/store/postgres/postgres-store.ts";
import { openStoreWithoutThreads } from "../packages/server/src/store/sqlite/fixtures/store-without-threads.ts";
import type { Store } from "../packages/server/src/store/store.ts";
import { keyOf, openTestWeft, type TestWeft } from "../packages/server/src/sync/fixtures/test-weft.ts";
import { defineSource } from "../packages/server/src/sync/source.ts";
import { respondToParent } from "./child.ts";
import { machineMs } from "./machine-clock.ts";

const types = ["page", "issue", "comment", "file", "message", "contact", "deal", "ticket", "event", "task"];
const vocabulary = 20_000;

/** Word number `rank` is in a share of about 1 / rank of all texts, as in a language. */
function wordAt(random: number): string {
  return `word${Math.floor(vocabulary ** random)}`;
}

/** A number from 0 to 1 that the seed determines. */
function fractionOf(seed: number): number {
  const mixed = Math.imul(seed ^ (seed >>> 15), 0x2c1b3c6d);
  return ((Math.imul(mixed ^ (mixed >>> 12), 0x297a2d39) >>> 0) % 1_000_003) / 1_000_003;
}

const texts = defineSource({
  shortName: "texts",
  name: "Texts",
  className: "TextsSource",
  description: "Makes up small texts.",
  authMethods: ["direct"],
  labels: [],
  isTest: true,
  entityTypes: types,
  config: z.strictObject({ count: z.int() }),
  credentials: z.strictObject({}),
  entities: async function* ({ config }) {
    for (let number = 0; number < config.count; number++) {
      const words = Array.from({ length: 12 }, (_, at) => wordAt(fractionOf(number * 12 + at)));
      const type = types[number % types.length] ?? "page";
      yield { kind: "entity", id: `entity-${number}`, type, name: `Entity ${number}`, text: `${words.join(" ")}.` };
    }
  },
});

let store: Store | null = null;
let weft: TestWeft | null = null;
let found: { organizationId: TestWeft["organizationId"]; collectionId: string } | null = null;

async function start({ folder, databaseUrl }: { folder: string; databaseUrl: string | null }): Promise<void> {
  const masterKey = Buffer.alloc(32, 7).toString("base64");
  store =
    databaseUrl === null
      ? await openStoreWithoutThreads(join(folder, "weft.db"), Date.now())
      : await openPostgresStore(
          { url: databaseUrl, masterKey, retentionMs: 86_400_000, connectionsMax: 4, preparesStatements: true },
          machineClock,
        );
  weft = await openTestWeft({ sources: [texts], store });
}

/** Returns the number of chunks that one job stored. */
async function fill({ count }: { count: number }): Promise<number> {
  if (weft === null) throw new Error("Nothing was started.");
  const connection = await weft.connect("texts", { config: { count } });
  found = { organizationId: weft.organizationId, collectionId: connection.collectionId };
  const key = keyOf(connection);
  const { id } = await weft.connections.run(key);
  let job = await weft.store.readSyncJob({ ...key, jobId: id });
  while (job !== null && !("endedAt" in job)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    job = await weft.store.readSyncJob({ ...key, jobId: id });
  }
  if (job?.state !== "completed") throw new Error(`The collection was not filled: ${JSON.stringify(job)}`);
  return job.counts.chunksWritten;
}

/** The durations (ms) of searches for two words each, with a filter by type and time. */
async function search({ times }: { times: number }): Promise<number[]> {
  if (store === null || found === null) throw new Error("Nothing was filled.");
  const durations: number[] = [];
  for (let time = 0; time < times; time++) {
    const type = types[time % types.length] ?? "page";
    const filter: SearchFilter = [
      [
        { kind: "isIn", field: "airweave_system_metadata.entity_type", values: [type], negated: false },
        { kind: "order", field: "updated_at", operator: "greater_than", value: 0 },
      ],
    ];
    const query = `${wordAt(fractionOf(time * 2 + 1_000_000_007))} ${wordAt(fractionOf(time * 2 + 1_000_000_008))}`;
    const beganAt = machineMs();
    await store.searchCollection({
      ...anyEntity,
      ...{ filter, query, limit: 20, offset: 0 },
      organizationId: found.organizationId,
      collectionId: found.collectionId as never,
    });
    durations.push(machineMs() - beganAt);
  }
  return durations;
}

async function stop(): Promise<void> {
  await weft?.[Symbol.asyncDispose]();
  await store?.[Symbol.asyncDispose]();
  weft = null;
  store = null;
}

const questions = { start, fill, search, stop };

export type SearchQuestions = typeof questions;

respondToParent(questions, () => void stop());
