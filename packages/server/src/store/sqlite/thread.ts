// The store's threads: one writer, and readers beside it, so that neither a commit nor a long list stalls the
// thread that takes requests and delivers.

import { parentPort, workerData } from "node:worker_threads";
import type { Batch, Outcome } from "../batch.ts";
import type { Reading } from "../sql.ts";
import { openVault } from "../vault.ts";
import { Database } from "./database.ts";
import { questions } from "./operations.ts";
import { SqliteSql } from "./sqlite-sql.ts";
import type { Ask, ThreadSettings } from "./thread-messages.ts";
import { SqliteWriting } from "./transaction.ts";
import { runBatch } from "./writer.ts";

const settings = workerData as ThreadSettings;
const port = parentPort;
if (port === null) throw new Error("store/sqlite/thread.ts is run as a worker thread only.");

const db = new Database(settings.path, { readOnly: settings.role === "reader" });
const vault = openVault(settings.masterKeys);

if (settings.role === "writer") {
  const writing = new SqliteWriting(db, vault);
  // The next batch comes only after the answer to the one before, so no two run at once.
  port.on("message", async (batch: Batch | null) => {
    if (batch === null) return stop();
    port.postMessage(await runBatch(writing, batch));
  });
} else {
  const reading: Reading = { sql: new SqliteSql(db), vault };
  port.on("message", async (ask: Ask | null) => {
    if (ask === null) return stop();
    // The next question comes after this one's answer: nothing that it waits for lets another in between.
    port.postMessage({ id: ask.id, outcome: await answerQuestion(reading, ask) });
  });
}

async function answerQuestion(reading: Reading, { name, params }: Ask): Promise<Outcome> {
  const question = questions[name as keyof typeof questions] as (reading: Reading, params: unknown) => unknown;
  // All of its statements see one state, so that nothing that moves meanwhile is missed by each of them.
  db.run("begin");
  try {
    return { ok: true, value: await question(reading, params) };
  } catch (error) {
    return { ok: false, unavailable: false, error };
  } finally {
    db.run("commit");
  }
}

function stop(): void {
  db.close();
  port?.close();
}
