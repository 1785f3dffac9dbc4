import type { Worker } from "node:worker_threads";
import type { Outcome } from "../commit/batch.ts";

/** Waits for the disk on a separate thread. One wait at a time. */
export class Disk {
  readonly #worker: Worker;
  #pending: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (outcome: Outcome) => {
      const pending = this.#pending;
      this.#pending = null;
      if (outcome.ok) pending?.resolve();
      else pending?.reject(outcome.error);
    });
    worker.on("error", (error) => this.#pending?.reject(error));
    worker.on("exit", () => this.#pending?.reject(new Error("The thread that waits for the disk has stopped.")));
  }

  /** Resolves when everything that was written before is on the disk. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending = { resolve, reject };
      this.#worker.postMessage("sync");
    });
  }
}
