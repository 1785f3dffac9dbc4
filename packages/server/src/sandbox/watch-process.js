// A thread of a sandbox process that ends it when a run has used up its processor time, and when the parent has died. The main
// thread may be in a run that never returns to the event loop.

import { workerData } from "node:worker_threads";

const { parentId, limitAt } = workerData;
const lookMs = 50;

setInterval(() => {
  if (process.ppid !== parentId) process.kill(process.pid, "SIGKILL");
  const limit = limitAt[0];
  const { user, system } = process.cpuUsage();
  // The signal tells the parent why the process ended.
  if (limit > 0 && (user + system) / 1_000 > limit && limitAt[0] === limit) process.kill(process.pid, "SIGUSR2");
}, lookMs);
