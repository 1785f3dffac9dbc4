import { StoreUnavailableError } from "../domain/errors.ts";
import type { SubscriptionId } from "../domain/id.ts";
import type { Batch, BatchAnswer, OperationName, Room } from "./batch.ts";
import type { HandOver } from "./store.ts";

interface Waiting {
  readonly name: OperationName;
  readonly params: unknown;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
}

const commandsPerCommitMax = 1_000;

/**
 * Group commit: while one batch is being committed, the commands that arrive gather into the next. One batch is under
 * way at a time, so results, hand-overs and the room they were made for stay in one order.
 */
export class WriteQueue {
  readonly #commit: (batch: Batch) => void;
  readonly #onChange: (subscriptionId: SubscriptionId) => void;
  #handOver: HandOver | null = null;
  #waiting: Waiting[] = [];
  #underWay: Waiting[] | null = null;
  #failure: Error | null = null;
  /** Set while the batch under way takes too long: then nobody is kept waiting behind it. */
  #stalled: Error | null = null;
  #idle: (() => void)[] = [];

  /** `commit`: begins to commit a batch; what came of it is told to `committed`. */
  constructor(commit: (batch: Batch) => void, onChange: (subscriptionId: SubscriptionId) => void) {
    this.#commit = commit;
    this.#onChange = onChange;
  }

  handOverTo(handOver: HandOver): void {
    this.#handOver = handOver;
  }

  run(name: OperationName, params: unknown): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const reason = this.#failure ?? this.#stalled;
      if (reason !== null) return reject(unavailable(reason));
      if (name === "claimDue" && this.#handOver === null) {
        return reject(new Error("claimDue was called before handOverTo: nobody would get what it claims."));
      }
      this.#waiting.push({ name, params, resolve, reject });
      // After this turn of the loop, so that requests that arrived together share the commit.
      if (this.#underWay === null && this.#waiting.length === 1) setImmediate(() => this.#commitNext());
    });
  }

  /** Resolves when every command asked for so far has been committed. */
  drained(): Promise<void> {
    if (this.#underWay === null && this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => this.#idle.push(resolve));
  }

  #commitNext(): void {
    if (this.#underWay !== null || this.#failure !== null) return;
    if (this.#waiting.length === 0) {
      for (const resolve of this.#idle.splice(0)) resolve();
      return;
    }
    const batch = this.#waiting.splice(0, commandsPerCommitMax);
    batch.sort((a, b) => rank(a) - rank(b));
    this.#underWay = batch;
    this.#commit({ room: this.#room(), commands: batch.map(({ name, params }) => ({ name, params })) });
  }

  #room(): Room | null {
    const handOver = this.#handOver;
    if (handOver === null) return null;
    return { nodeId: handOver.nodeId, ...handOver.room(), closedLanes: handOver.closedLanes() };
  }

  /** What came of the batch under way. */
  committed(answer: BatchAnswer): void {
    const batch = this.#underWay ?? [];
    this.#underWay = null;
    this.#stalled = null;
    for (const subscriptionId of answer.changed) this.#onChange(subscriptionId);
    for (const [index, outcome] of answer.results.entries()) {
      const waiting = batch[index];
      if (outcome.ok) waiting?.resolve(outcome.value);
      else waiting?.reject(outcome.unavailable ? unavailable(outcome.error) : asError(outcome.error));
    }
    if (answer.claimed.length > 0 || answer.spilled.length > 0) this.#handOver?.take(answer.claimed, answer.spilled);
    this.#commitNext();
  }

  /**
   * The batch under way takes too long: whoever waits is told so. It may commit after all, and then its deliveries are
   * handed over as ever.
   */
  stall(reason: Error): void {
    this.#stalled = reason;
    for (const waiting of [...(this.#underWay ?? []), ...this.#waiting]) waiting.reject(unavailable(reason));
    this.#waiting = [];
  }

  /** Nothing can be committed ever again. */
  fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    for (const waiting of [...(this.#underWay ?? []), ...this.#waiting]) waiting.reject(unavailable(error));
    this.#underWay = null;
    this.#waiting = [];
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

// Claims go before what is new: what a commit leaves behind in a lane is then always newer than what it claimed from it.
// What is handed back goes before claims, so that nothing is claimed past it.
function rank({ name }: Waiting): number {
  if (name === "releaseDeliveries") return 0;
  return name === "claimDue" ? 1 : 2;
}

function unavailable(cause: unknown): StoreUnavailableError {
  if (cause instanceof StoreUnavailableError) return cause;
  return new StoreUnavailableError(
    `The database could not store this just now: ${asError(cause).message}. Nothing was stored; try again.`,
    { cause },
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
