import type { Worker } from "node:worker_threads";
import { stopThread } from "./stop-thread.ts";
import type { Synced } from "./thread-messages.ts";

/** So many waits in a row at whose beginning or end a batch was being committed are a load. A start has a few of them. */
const loadFrom = 16;

interface PendingSync {
  /** Whether a batch was being committed when the wait was requested: the writer waits for the disk after that batch only. */
  readonly wasCommitting: boolean;
  readonly isCommitting: () => boolean;
  readonly resolve: () => void;
  readonly reject: (error: unknown) => void;
}

/**
 * Waits for the disk, one wait at a time. The writer waits itself while commits are rare. Under load, the next batch would wait
 * behind it, so a separate thread starts, and waits from then on.
 */
export class Disk {
  readonly #writer: Worker;
  readonly #startThread: () => Promise<Worker>;
  readonly #failed = Promise.withResolvers<Error>();
  #starting: Promise<Worker | null> | null = null;
  #thread: Worker | null = null;
  #busyInARow = 0;
  #pending: PendingSync | null = null;

  constructor(writer: Worker, startThread: () => Promise<Worker>) {
    this.#writer = writer;
    this.#startThread = startThread;
  }

  /** Resolves when the thread could not start, or has ended by itself. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  /** Resolves when everything that was written before is on the disk. */
  sync(isCommitting: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#pending = { wasCommitting: isCommitting(), isCommitting, resolve, reject };
      (this.#thread ?? this.#writer).postMessage("sync");
    });
  }

  /** Takes the result of a wait. */
  synced({ synced: outcome }: Synced): void {
    const pending = this.#pending;
    this.#pending = null;
    const isLoad = pending !== null && (pending.wasCommitting || pending.isCommitting());
    this.#busyInARow = isLoad ? this.#busyInARow + 1 : 0;
    if (this.#busyInARow >= loadFrom) this.#starting ??= this.#start();
    if (outcome.ok) pending?.resolve();
    else pending?.reject(outcome.error);
  }

  async stop(): Promise<void> {
    const thread = await this.#starting;
    if (thread !== null) await stopThread(thread);
  }

  async #start(): Promise<Worker | null> {
    try {
      const thread = await this.#startThread();
      thread.on("message", (response: Synced) => this.synced(response));
      thread.on("error", (error) => this.#failed.resolve(error));
      thread.on("exit", () => this.#failed.resolve(new Error("The thread that waits for the disk has stopped.")));
      this.#thread = thread;
      return thread;
    } catch (error) {
      this.#failed.resolve(error instanceof Error ? error : new Error(String(error)));
      return null;
    }
  }
}
