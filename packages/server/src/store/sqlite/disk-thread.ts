// The thread that waits for the disk under load, so that the writer does not have to. SQLite writes its log without waiting,
// and no commit is confirmed before the log is on the disk.

import { parentPort, workerData } from "node:worker_threads";
import { LogFile } from "./log-file.ts";
import type { Synced, ThreadSettings } from "./thread-messages.ts";

const { path } = workerData as ThreadSettings;
const port = parentPort;
if (port === null) throw new Error("store/sqlite/disk-thread.ts is run as a worker thread only.");

const log = new LogFile(path);

port.on("message", (request: "sync" | null) => {
  if (request === null) return port.close();
  port.postMessage({ synced: log.sync() } satisfies Synced);
});
