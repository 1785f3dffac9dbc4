import { setImmediate } from "node:timers";
import type { Clock } from "../domain/clock.ts";
import { StoreUnavailableError } from "../domain/errors.ts";
import type { NodeId } from "../domain/id.ts";
import type { Reporter } from "../report/reporter.ts";
import type { AttemptRecord } from "../store/attempts/interface.ts";
import type { Store } from "../store/store.ts";

const recordsPerCommandMax = 500;
const retryMs = 250;
const unstorable = "internal: The response could not be stored.";

/**
 * Records attempts in batches: while one is committed, the next one collects. When the store cannot commit, the batch is
 * retried; until then only this process knows about the requests.
 */
export class Recorder {
  readonly #store: Pick<Store, "recordAttempts">;
  readonly #nodeId: NodeId;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #onRecorded: (records: readonly AttemptRecord[]) => void;
  readonly #stopped = new AbortController();
  #waiting: AttemptRecord[] = [];
  #underWay: Promise<void> | null = null;
  readonly #whenRecorded = new Map<AttemptRecord, (isRecorded: boolean) => void>();

  constructor(
    store: Pick<Store, "recordAttempts">,
    context: { nodeId: NodeId; clock: Clock; reporter: Reporter },
    onRecorded: (records: readonly AttemptRecord[]) => void,
  ) {
    this.#store = store;
    this.#nodeId = context.nodeId;
    this.#clock = context.clock;
    this.#reporter = context.reporter;
    this.#onRecorded = onRecorded;
  }

  add(record: AttemptRecord): void {
    this.#waiting.push(record);
    this.#underWay ??= new Promise((resolve) => setImmediate(() => resolve(this.#recordAll())));
  }

  /** Adds an attempt, and resolves when it is recorded. False when this node no longer held the delivery. */
  addAndWait(record: AttemptRecord): Promise<boolean> {
    return new Promise((resolve) => {
      this.#whenRecorded.set(record, resolve);
      this.add(record);
    });
  }

  /** Resolves when everything that was added is recorded, or cannot be recorded because of `stop`. */
  async drained(): Promise<void> {
    await this.#underWay;
  }

  /** Stops retrying. */
  stop(): void {
    this.#stopped.abort();
  }

  async #recordAll(): Promise<void> {
    while (this.#waiting.length > 0 && !this.#stopped.signal.aborted) {
      const records = this.#waiting.splice(0, recordsPerCommandMax);
      try {
        await this.#record(records);
      } catch (error) {
        this.#reporter.internalOperationFailed({ operation: "record attempts", error });
        if (!(error instanceof StoreUnavailableError)) await this.#recordApart(records);
        else {
          this.#waiting.unshift(...records);
          await this.#clock.sleep(retryMs, this.#stopped.signal);
        }
      }
    }
    this.#underWay = null;
  }

  /** A record cannot be stored as it is. The others must not wait for it, and it must not be retried forever. */
  async #recordApart(records: readonly AttemptRecord[]): Promise<void> {
    for (const record of records) {
      try {
        await this.#record([record]);
      } catch (error) {
        if (error instanceof StoreUnavailableError) this.#waiting.unshift(record);
        else await this.#recordPlainly(record);
      }
    }
  }

  /** Records the outcome without the receiver's texts. If that fails too, its delivery is rescued later. */
  async #recordPlainly(record: AttemptRecord): Promise<void> {
    const { attempt } = record;
    const plain = {
      ...record,
      attempt: { ...attempt, responseBody: null, responseHeaders: null, error: unstorable },
      operationalEvents: null,
    };
    try {
      await this.#record([plain]);
    } catch (error) {
      this.#reporter.internalOperationFailed({ operation: "record an attempt without its response", error });
      if (error instanceof StoreUnavailableError) this.#waiting.unshift(plain);
    }
    this.#whenRecorded.get(record)?.(false);
    this.#whenRecorded.delete(record);
  }

  async #record(records: readonly AttemptRecord[]): Promise<void> {
    const recorded = await this.#store.recordAttempts({ nodeId: this.#nodeId, records, now: this.#clock.now() });
    for (const [index, { attempt }] of records.entries()) {
      if (recorded[index] === true) continue;
      const { messageId, subscriptionId } = attempt;
      this.#reporter.leaseLost({ messageId, subscriptionId, nodeId: this.#nodeId });
    }
    this.#reporter.attemptsRecorded({ records, at: this.#clock.now() });
    if (this.#whenRecorded.size > 0) this.#resolveWaiting(records, recorded);
    this.#onRecorded(records);
  }

  #resolveWaiting(records: readonly AttemptRecord[], recorded: readonly boolean[]): void {
    for (const [index, record] of records.entries()) {
      this.#whenRecorded.get(record)?.(recorded[index] === true);
      this.#whenRecorded.delete(record);
    }
  }
}
