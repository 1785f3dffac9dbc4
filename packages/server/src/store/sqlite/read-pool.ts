import type { Worker } from "node:worker_threads";
import { StoreUnavailableError } from "../../domain/errors.ts";
import type { Params, Result } from "../operations.ts";
import type { Ask, AskResponse, QueryName } from "./thread-messages.ts";

/** A query that has no response yet. `resolve` takes the result of its name, which the reader thread sends untyped. */
interface Asked {
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

  ask<Name extends QueryName>(name: Name, params: Params<Name>): Promise<Result<Name>> {
    const reader = this.#readers.reduce((least, next) => (next.waiting < least.waiting ? next : least));
    return reader.ask(name, params);
  }
}

class Reader {
  readonly #worker: Worker;
  readonly #asked = new Map<number, Asked>();
  #nextId = 0;
  #failure: Error | null = null;
  readonly #failed = Promise.withResolvers<Error>();

  constructor(worker: Worker) {
    this.#worker = worker;
    worker.on("message", (answer: AskResponse) => this.#answered(answer));
    worker.on("error", (error) => this.#fail(error));
    worker.on("exit", () => this.#fail(new Error("The store's reader has stopped.")));
  }

  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  get waiting(): number {
    return this.#asked.size;
  }

  ask<Name extends QueryName>(name: Name, params: Params<Name>): Promise<Result<Name>> {
    return new Promise((resolve, reject) => {
      if (this.#failure !== null) return reject(this.#failure);
      const message: Ask<Name> = { id: this.#nextId++, name, params };
      // Before it is counted as asked: parameters that cannot be copied make this throw, and so reject.
      this.#worker.postMessage(message);
      this.#asked.set(message.id, { resolve, reject });
    });
  }

  #answered({ id, outcome }: AskResponse): void {
    const asked = this.#asked.get(id);
    this.#asked.delete(id);
    if (outcome.ok) asked?.resolve(outcome.value);
    else asked?.reject(outcome.unavailable ? unreadable(outcome.error) : asError(outcome.error));
  }

  #fail(error: Error): void {
    this.#failure ??= error;
    this.#failed.resolve(error);
    for (const asked of this.#asked.values()) asked.reject(error);
    this.#asked.clear();
  }
}

function unreadable(cause: unknown): StoreUnavailableError {
  return new StoreUnavailableError(`The database could not be read: ${asError(cause).message}. Try again.`, { cause });
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
