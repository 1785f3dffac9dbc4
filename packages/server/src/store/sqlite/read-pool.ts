import type { Worker } from "node:worker_threads";
import { StoreUnavailableError } from "../../domain/errors.ts";
import type { Params, Result } from "../operations.ts";
import { stopThread } from "./stop-thread.ts";
import type { QueryName, QueryResponse, ThreadRequest } from "./thread-messages.ts";

/** A query that has no response yet. `resolve` takes the result of its name, which the reader thread sends untyped. */
interface PendingQuery {
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** Reader threads for queries of one kind. Each query goes to the thread with the fewest waiting; threads start when needed. */
export class ReadPool {
  readonly #readers: readonly Reader[];

  constructor(start: () => Promise<Worker>, threads: number) {
    this.#readers = Array.from({ length: threads }, () => new Reader(start));
  }

  /** Resolves when a reader thread could not start, or has ended by itself. */
  get failed(): Promise<Error> {
    return Promise.race(this.#readers.map((reader) => reader.failed));
  }

  run<Name extends QueryName>(name: Name, params: Params<Name>): Promise<Result<Name>> {
    const reader = this.#readers.reduce((least, next) => (next.waiting < least.waiting ? next : least));
    return reader.run(name, params);
  }

  /** Starts all threads before the first query. */
  async start(): Promise<void> {
    for (const reader of this.#readers) await reader.start();
  }

  async stop(): Promise<void> {
    for (const reader of this.#readers) await reader.stop();
  }
}

class Reader {
  readonly #start: () => Promise<Worker>;
  #thread: Promise<Worker> | null = null;
  readonly #pending = new Map<number, PendingQuery>();
  #nextId = 0;
  #failure: Error | null = null;
  readonly #failed = Promise.withResolvers<Error>();

  constructor(start: () => Promise<Worker>) {
    this.#start = start;
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
      const id = this.#nextId++;
      this.#pending.set(id, { resolve, reject });
      const message: ThreadRequest<Name> = { id, name, params };
      this.start().then(
        (worker) => this.#send(worker, message),
        (error: unknown) => this.#fail(asError(error)),
      );
    });
  }

  start(): Promise<Worker> {
    this.#thread ??= this.#started();
    return this.#thread;
  }

  async stop(): Promise<void> {
    const worker = await this.#thread?.catch(() => null);
    if (worker) await stopThread(worker);
  }

  async #started(): Promise<Worker> {
    const worker = await this.#start();
    worker.on("message", (response: QueryResponse) => this.#settle(response));
    worker.on("error", (error) => this.#fail(error));
    worker.on("exit", () => this.#fail(new Error("The store's reader has stopped.")));
    return worker;
  }

  // Parameters that cannot be copied fail their own query.
  #send(worker: Worker, message: ThreadRequest<QueryName>): void {
    try {
      worker.postMessage(message);
    } catch (error) {
      this.#pending.get(message.id)?.reject(asError(error));
      this.#pending.delete(message.id);
    }
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
