// The producers alone, over a SQLite database of their own, with a source that generates any number of small entities:
// more than the built-in trial sources.

import { z } from "zod";
import { keyOf, openTestWeft, type TestWeft } from "../packages/server/src/sync/fixtures/test-weft.ts";
import { defineSource } from "../packages/server/src/sync/source.ts";
import { respondToParent } from "./child.ts";
import { machineMs } from "./machine-clock.ts";
import { ownUsage } from "./usage.ts";

const manySource = defineSource({
  shortName: "many",
  name: "Many",
  className: "ManySource",
  description: "Makes up small entities.",
  authMethods: ["direct"],
  labels: [],
  isTest: true,
  entityTypes: ["number"],
  config: z.strictObject({ count: z.int() }),
  credentials: z.strictObject({}),
  entities: async function* ({ config }) {
    for (let number = 0; number < config.count; number++) {
      yield {
        kind: "entity",
        id: `entity-${number}`,
        type: "number",
        name: `${number}`,
        text: `This is number ${number}.`,
      };
    }
  },
});

let weft: TestWeft | null = null;
const keys = new Map<number, ReturnType<typeof keyOf>>();

async function start({ folder }: { folder: string }): Promise<void> {
  weft = await openTestWeft({ sources: [manySource], folder });
}

/** Syncs this number of entities, with the same connection for the same number; returns the duration. */
async function sync({ count }: { count: number }): Promise<number> {
  if (weft === null) throw new Error("Nothing was started.");
  const key = keys.get(count) ?? keyOf(await weft.connect("many", { config: { count } }));
  keys.set(count, key);
  const beganAt = machineMs();
  const { id } = await weft.connections.run(key);
  let job = await weft.store.readSyncJob({ ...key, jobId: id });
  while (job !== null && !("endedAt" in job)) {
    await new Promise((resolve) => setTimeout(resolve, 50));
    job = await weft.store.readSyncJob({ ...key, jobId: id });
  }
  if (job?.state !== "completed" || job.counts.inserted + job.counts.skipped !== count) {
    throw new Error(`Not all of ${count} entities came: ${JSON.stringify(job)}`);
  }
  return machineMs() - beganAt;
}

async function stop(): Promise<void> {
  await weft?.[Symbol.asyncDispose]();
  weft = null;
}

const questions = { start, sync, stop, usage: ownUsage };

export type EntitiesQuestions = typeof questions;

respondToParent(questions, () => void stop());
