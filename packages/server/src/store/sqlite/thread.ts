// Entry of the store's threads: one writer, and readers beside it, so that neither a commit nor a long list stalls the
// thread that takes requests and delivers.

import { parentPort, workerData } from "node:worker_threads";
import { openVault } from "../vault.ts";
import { Database } from "./database.ts";
import { type QuestionName, questions } from "./operations.ts";
import type { Ask, AskAnswer, Batch, Outcome, ThreadSettings } from "./thread-messages.ts";
import { type Reading, Writing } from "./transaction.ts";
import { runBatch } from "./writer.ts";

const settings = workerData as ThreadSettings;
const port = parentPort;
if (port === null) throw new Error("store/sqlite/thread.ts is run as a worker thread only.");

const db = new Database(settings.path, { readOnly: settings.role === "reader" });
const vault = openVault(settings.masterKey);

if (settings.role === "writer") {
  const writing = new Writing(db, vault);
  port.on("message", (batch: Batch | null) => {
    if (batch === null) return stop();
    port.postMessage(runBatch(writing, batch));
  });
} else {
  const reading: Reading = { db, vault };
  port.on("message", (ask: Ask | null) => {
    if (ask === null) return stop();
    const answer: AskAnswer = { id: ask.id, outcome: answerQuestion(reading, ask.name, ask.params) };
    port.postMessage(answer);
  });
}

function answerQuestion(reading: Reading, name: QuestionName, params: unknown): Outcome {
  const question = questions[name] as (reading: Reading, params: unknown) => unknown;
  try {
    return { ok: true, value: question(reading, params) };
  } catch (error) {
    return { ok: false, unavailable: false, error };
  }
}

function stop(): void {
  db.close();
  port?.close();
}
