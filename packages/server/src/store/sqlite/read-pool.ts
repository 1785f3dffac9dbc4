import type { Worker } from "node:worker_threads";
import { StoreUnavailableError } from "../../domain/errors.ts";
import type { Params, Result } from "../operations.ts";
import type { QueryName, QueryResponse, ThreadRequest } from "./thread-messages.ts";

/** A query that has no response yet. `resolve` takes the result of its name, which the reader thread sends untyped. */
interface PendingQuery {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Reader threads for queries of one kind. Each query goes to the thread with the fewest waiting. */
export class ReadPool {
  readonly #readers: readonly Reader[];

  constructor(workers: readonly Worker[]) {
    this.#readers = workers.map((worker) => new Reader(worker));
  }

  /** Resolves when a reader thread has ended by itself. */
  get failed(): Promise<Error> {
    return Promise.race(this.#readers.map((reader) => reader.failed));
  }

  run<Name extends QueryName>(name: Name, params: Params<Name>): Promise<Result<Name>> {
    const reader = this.#readers.reduce((least, next) => (next.waiting < least.waiting ? next : least));
    return reader.run(name, params);
  }
}

class Reader {
  readonly #worker: Worker;
  readonly #pending = new Map<number, PendingQuery>();
  #nextId = 0;
  #failure: Error | null = null;
  readonly #failed = Promise.withResolvers<Error>();

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (response: QueryResponse) => this.#settle(response));
    worker.on("error", (error) => this.#fail(error));
    worker.on("exit", () => this.#fail(new Error("The store's reader has stopped.")));
  }

  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  get waiting(): number {
    return this.#pending.size;
  }

  run<Name extends QueryName>(name: Name, params: Params<Name>): Promise<Result<Name>> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      const message: ThreadRequest<Name> = { id: this.#nextId++, name, params };
      // The query is counted only after it was sent: parameters that cannot be copied make this throw, which rejects
      // the promise.
      this.#worker.postMessage(message);
      this.#pending.set(message.id, { resolve, reject });
    });
  }

  #settle({ id, outcome }: QueryResponse): void {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (outcome.ok) pending?.resolve(outcome.value);
    else pending?.reject(outcome.unavailable ? unreadable(outcome.error) : asError(outcome.error));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#failed.resolve(error);
    for (const pending of this.#pending.values()) pending.reject(error);
    this.#pending.clear();
  }
}

function unreadable(cause: unknown): StoreUnavailableError {
  return new StoreUnavailableError(`The database could not be read: ${asError(cause).message}. Try again.`, { cause });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
