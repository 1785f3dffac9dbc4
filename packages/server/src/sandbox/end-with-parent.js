// Ends a sandbox process whose parent has died.

import { workerData as parentId } from "node:worker_threads";

const lookMs = 1_000;

setInterval(() => {
  if (process.ppid !== parentId) process.kill(process.pid, "SIGKILL");
}, lookMs);
