import type { Worker } from "node:worker_threads";

/** Ends a thread of the store after the work that it has begun. */
export function stopThread(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    // The id of a thread shows whether it has already ended.
    if (worker.threadId === -1) return resolve();
    worker.once("exit", () => resolve());
    worker.postMessage(null);
  });
}
