// The store's threads: one writer and several readers, so that neither a commit nor a long list stalls the thread that
// accepts requests and delivers.

import { parentPort, workerData } from "node:worker_threads";
import type { Outcome } from "../commit/batch.ts";
import type { ReadContext } from "../sql.ts";
import { openVault } from "../vault.ts";
import { Database } from "./database.ts";
import { LogFile } from "./log-file.ts";
import { queries } from "./operations.ts";
import { SqliteSql } from "./sqlite-sql.ts";
import {
  type QueryName,
  type Synced,
  sendable,
  type ThreadRequest,
  type ThreadSettings,
  type WriterRequest,
} from "./thread-messages.ts";
import { SqliteTransactions } from "./transaction.ts";
import { isStorageFault, runBatch } from "./writer.ts";

const settings = workerData as ThreadSettings;
const port = parentPort;
if (port === null) throw new Error("store/sqlite/thread.ts is run as a worker thread only.");

const db = new Database(settings.path, { readOnly: settings.role === "reader" });
const vault = openVault(settings.masterKeys);

if (settings.role === "writer") {
  const context = new SqliteTransactions(db, vault);
  const log = new LogFile(settings.path);
  // The next batch is sent only after the result of the previous one, so no two run at the same time.
  port.on("message", async (request: WriterRequest | null) => {
    if (request === null) return stop();
    if (request === "sync") return port.postMessage({ synced: log.sync() } satisfies Synced);
    const response = await runBatch(context, request);
    try {
      port.postMessage(response);
    } catch {
      port.postMessage({ ...response, results: response.results.map(sendable) });
    }
  });
} else {
  const context: ReadContext = { sql: new SqliteSql(db), vault };
  port.on("message", async (request: ThreadRequest | null) => {
    if (request === null) return stop();
    // SQLite returns at once, so a query has ended before the event loop takes the next message: no two share a transaction.
    const outcome = await outcomeOf(context, request);
    try {
      port.postMessage({ id: request.id, outcome });
    } catch {
      port.postMessage({ id: request.id, outcome: sendable(outcome) });
    }
  });
}

async function outcomeOf<Name extends QueryName>(
  context: ReadContext,
  { name, params }: ThreadRequest<Name>,
): Promise<Outcome> {
  try {
    // All of its statements see one state, so that none of them misses a row that moves meanwhile.
    db.run("begin");
    const value = await queries[name](context, params);
    db.run("commit");
    return { ok: true, value };
  } catch (error) {
    if (db.inTransaction) db.run("rollback");
    return { ok: false, unavailable: isStorageFault(error), error };
  }
}

function stop(): void {
  db.close();
  port?.close();
}
