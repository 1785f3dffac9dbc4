// The thread that waits for the disk, so that the writer does not have to. SQLite writes its log without waiting, and
// no commit is confirmed before this thread reports that the log is on the disk.

import { closeSync, fdatasyncSync, openSync, statSync } from "node:fs";
import { parentPort, workerData } from "node:worker_threads";
import { returnMemory } from "../../return-memory.ts";
import type { Outcome } from "../commit/batch.ts";
import type { ThreadSettings } from "./thread-messages.ts";

const { path } = workerData as ThreadSettings;
const port = parentPort;
if (port === null) throw new Error("store/sqlite/disk-thread.ts is run as a worker thread only.");

const logPath = `${path}-wal`;
returnMemory();
let log: { readonly file: number; readonly inode: number } | null = null;

port.on("message", (request: "sync" | null) => {
  if (request === null) return port.close();
  port.postMessage(sync());
});

function sync(): Outcome {
  try {
    fdatasyncSync(openLog());
    return { ok: true, value: null };
  } catch (error) {
    return { ok: false, unavailable: true, error };
  }
}

/**
 * The log keeps its file while the store is open. The check guards against a replaced file, whose sync would prove
 * nothing.
 */
function openLog(): number {
  const { ino: inode } = statSync(logPath);
  if (log?.inode === inode) return log.file;
  if (log !== null) closeSync(log.file);
  log = { file: openSync(logPath, "r+"), inode };
  return log.file;
}
