import type { Worker } from "node:worker_threads";
import type { Outcome } from "../commit/batch.ts";

/** Waits for the disk, on the thread that is kept for that. One wait at a time. */
export class Disk {
  readonly #worker: Worker;
  #asked: { readonly resolve: () => void; readonly reject: (error: unknown) => void } | null = null;

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (outcome: Outcome) => {
      const asked = this.#asked;
      this.#asked = null;
      if (outcome.ok) asked?.resolve();
      else asked?.reject(outcome.error);
    });
    worker.on("error", (error) => this.#asked?.reject(error));
    worker.on("exit", () => this.#asked?.reject(new Error("The thread that waits for the disk has stopped.")));
  }

  /** Resolves when everything that was written before is on the disk. */
  sync(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#asked = { resolve, reject };
      this.#worker.postMessage("sync");
    });
  }
}
