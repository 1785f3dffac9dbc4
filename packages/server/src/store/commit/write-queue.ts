import type { Clock } from "../../domain/clock.ts";
import { StoreUnavailableError } from "../../domain/errors.ts";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { payloadBytes } from "../../domain/message.ts";
import type { OperationName, Params, Result } from "../operations.ts";
import type { HandOver } from "../store.ts";
import { AcceptRoom, type AcceptSize, acceptIn, acceptsInTurns } from "./accept-turns.ts";
import type { Batch, BatchResponse, Room } from "./batch.ts";

interface Waiting {
  readonly name: OperationName;
  readonly params: Params<OperationName>;
  /** Null for a command that accepts no messages. */
  readonly accept: AcceptSize | null;
  /** Takes the result of the command of this name, which a batch returns untyped. */
  resolve(value: unknown): void;
  reject(error: Error): void;
}

/** A committed batch with its results, which no caller has got yet. */
interface Committed {
  readonly batch: readonly Waiting[];
  readonly response: BatchResponse;
}

export interface Committing {
  /**
   * Begins to commit a batch; its results are passed to `committed`. Throws, having committed nothing, if the batch cannot be
   * sent to the thread that commits it.
   */
  readonly commit: (batch: Batch) => void;
  /**
   * Resolves when everything committed before is on the disk. `isCommitting` returns whether the next batch is being committed
   * meanwhile. Null when a commit is on the disk by itself.
   */
  readonly sync: ((isCommitting: () => boolean) => Promise<void>) | null;
  readonly onChange: (subscriptionId: SubscriptionId) => void;
  readonly onStreamed: (organizationId: OrganizationId) => void;
  readonly onFanOutWaiting: () => void;
  readonly onCommitted: (commands: number) => void;
  /**
   * How long a busy queue gathers commands before it commits again, for a database whose commits cost the same for few commands
   * as for many. A queue that is not busy never waits, and null is a queue that never waits.
   */
  readonly gathering: { readonly ms: number; readonly clock: Clock } | null;
}

const commandsPerCommitMax = 1_000;
/** A commit has at most one of these commands, each of which takes as long as hundreds of others. */
const longCommands: ReadonlySet<OperationName> = new Set(["storeEntities", "deleteUnseenEntities", "purgeDeleted"]);
/** The number of accept requests that one commit always takes, even while lanes are backlogged. */
const acceptsWithBacklogMax = 64;
/** A queue is busy if its last batch had `busyFrom` commands, and commits at once when it has gathered `enoughFrom`. */
const busyFrom = 8;
const enoughFrom = 128;

/**
 * Group commit: commands that arrive while a batch is being committed form the next batch. While the queue waits for the disk,
 * it commits the next batch already; callers get results, and the engine deliveries, only after the disk has them. One batch is
 * under way at a time, so results, hand-overs and the room that they were made for stay in one order.
 */
export class WriteQueue {
  readonly #parts: Committing;
  readonly #failed = Promise.withResolvers<Error>();
  #handOver: HandOver | null = null;
  #waiting: Waiting[] = [];
  #underWay: Waiting[] | null = null;
  #unsynced: Committed[] = [];
  #isSyncing = false;
  #failure: Error | null = null;
  /** Set while the batch under way takes too long. New commands then fail at once instead of waiting behind it. */
  #stalled: StoreUnavailableError | null = null;
  #refusedMessages = false;
  #idle: (() => void)[] = [];
  #lastBegan = 0;
  #lastCount = 0;
  #gathering: AbortController | null = null;

  constructor(parts: Committing) {
    this.#parts = parts;
  }

  handOverTo(handOver: HandOver): void {
    this.#handOver = handOver;
  }

  run<Name extends OperationName>(name: Name, params: Params<Name>): Promise<Result<Name>> {
    return new Promise((resolve, reject) => {
      const reason = this.#failure ?? this.#stalled;
      if (reason !== null) return reject(unavailable(reason));
      if (name === "claimDue" && this.#handOver === null) {
        return reject(
          new Error("claimDue was called before handOverTo, so no engine would get the claimed deliveries."),
        );
      }
      this.#waiting.push({ name, params, accept: acceptIn(name, params), resolve, reject });
      // The commit begins after this turn of the event loop, so that requests that arrive together share it.
      if (this.#underWay !== null) return;
      if (this.#waiting.length === 1 || this.#waiting.length === enoughFrom) setImmediate(() => this.#commitNext());
    });
  }

  /** Resolves with the reason when nothing can be committed any more. */
  get failed(): Promise<Error> {
    return this.#failed.promise;
  }

  /**
   * Throws StoreUnavailableError when an event could not be stored now. Once messages could not be stored, a check writes as much as the largest request,
   * until one succeeds: a small write may find room where a message does not.
   */
  async checkReady(): Promise<void> {
    const params: Params<"checkWrites"> = { length: this.#refusedMessages ? limits.requestBodyBytesMax : 0 };
    if ((await this.run("checkWrites", params)) !== "disk_full") return;
    throw new StoreUnavailableError("The disk of the database is almost full. Free some room on it.");
  }

  /** Resolves when every command that was requested so far has a result. */
  drained(): Promise<void> {
    return new Promise((resolve) => {
      this.#idle.push(resolve);
      this.#notifyIdle();
    });
  }

  #notifyIdle(): void {
    const isBusy = this.#underWay !== null || this.#waiting.length > 0 || this.#unsynced.length > 0 || this.#isSyncing;
    // After a failure, commands that are under way get no other result.
    if (isBusy && this.#failure === null) return;
    for (const resolve of this.#idle.splice(0)) resolve();
  }

  #commitNext(): void {
    if (this.#underWay !== null || this.#failure !== null || this.#waiting.length === 0) return;
    if (this.#gathers()) return;
    const batch = this.#nextBatch();
    this.#underWay = batch;
    this.#lastBegan = this.#parts.gathering?.clock.now() ?? 0;
    this.#lastCount = batch.length;
    try {
      this.#parts.commit({ room: this.#room(), commands: batch.map(({ name, params }) => ({ name, params })) });
    } catch (error) {
      this.#underWay = null;
      this.#rejectUnsendable(batch, asError(error));
    }
  }

  /** Commands that cannot be copied to another thread fail alone; the others of their batch are committed without them. */
  #rejectUnsendable(batch: readonly Waiting[], error: Error): void {
    const sendable = batch.filter(({ params }) => isSendable(params));
    const isOneCommandsFault = sendable.length < batch.length;
    for (const waiting of batch) {
      if (!isOneCommandsFault || !sendable.includes(waiting)) waiting.reject(error);
    }
    if (isOneCommandsFault) this.#waiting.unshift(...sendable);
    setImmediate(() => {
      this.#commitNext();
      this.#notifyIdle();
    });
  }

  /**
   * While lanes are backlogged, a commit accepts no more messages than were sent: publishers wait a little, and accepted
   * messages do not. Every organization has its turn in each commit, however many messages another one publishes. One batch
   * of a sync at most is in a commit, so that many jobs do not delay it more than one job.
   */
  #nextBatch(): Waiting[] {
    const isBacklogged = (this.#handOver?.backloggedLanes().length ?? 0) > 0;
    const acceptsMax = isBacklogged ? Math.max(acceptsWithBacklogMax, this.#waitingRecords()) : commandsPerCommitMax;
    const accepts = this.#waiting.filter(({ accept }) => accept !== null);
    const room = new AcceptRoom(acceptsMax);
    const taken = accepts.every((waiting) => room.take(waiting)) ? null : acceptsInTurns(accepts, acceptsMax);
    const batch: Waiting[] = [];
    const rest: Waiting[] = [];
    let hasLong = false;
    for (const waiting of this.#waiting) {
      const isLong = longCommands.has(waiting.name);
      const isTurn: boolean = isLong ? !hasLong : waiting.accept === null || taken === null || taken.has(waiting);
      const isTaken: boolean = isTurn && batch.length < commandsPerCommitMax;
      (isTaken ? batch : rest).push(waiting);
      hasLong ||= isLong && isTaken;
    }
    this.#waiting = rest;
    return batch.sort((a, b) => rank(a) - rank(b));
  }

  #waitingRecords(): number {
    let count = 0;
    for (const { name, params } of this.#waiting) {
      if (name === "recordAttempts") count += (params as Params<"recordAttempts">).records.length;
    }
    return count;
  }

  /** Whether the queue waits for more commands before the next commit, which a timer then begins. */
  #gathers(): boolean {
    this.#gathering?.abort();
    this.#gathering = null;
    const { gathering } = this.#parts;
    if (gathering === null || this.#lastCount < busyFrom || this.#waiting.length >= enoughFrom) return false;
    // The clock may have been set back.
    const restMs = Math.min(gathering.ms, this.#lastBegan + gathering.ms - gathering.clock.now());
    if (restMs <= 0) return false;
    const rest = new AbortController();
    this.#gathering = rest;
    void gathering.clock.sleep(restMs, rest.signal).then(() => {
      if (rest.signal.aborted) return;
      // The commands that have arrived by now are enough.
      this.#lastCount = 0;
      this.#commitNext();
    });
    return true;
  }

  #room(): Room | null {
    const handOver = this.#handOver;
    if (handOver === null) return null;
    // Batches that wait for the disk have taken their room, although no caller knows of them yet.
    let { deliveries, bytes } = handOver.room();
    const backlogged = new Set(handOver.backloggedLanes());
    for (const { response } of this.#unsynced) {
      deliveries -= response.claimed.length;
      for (const delivery of response.claimed) bytes -= payloadBytes(delivery);
      for (const lane of response.drained) backlogged.delete(lane);
      for (const lane of response.backlogged) backlogged.add(lane);
    }
    // The deliveries of one commit are copied between threads at once, which must not take long.
    const bytesMax = limits.handedOverBytesPerCommitMax;
    return {
      nodeId: handOver.nodeId,
      deliveries,
      bytes: Math.min(bytes, bytesMax),
      backloggedLanes: [...backlogged],
      fullOrganizations: handOver.fullOrganizations(),
    };
  }

  /** Takes the results of the batch under way. */
  committed(response: BatchResponse): void {
    const committed = { batch: this.#underWay ?? [], response };
    this.#underWay = null;
    this.#stalled = null;
    if (this.#parts.sync === null) {
      this.#notify(committed);
      // The next batch begins in a moment, so that commands that follow from the results, such as recording attempts,
      // join it.
      setImmediate(() => {
        this.#commitNext();
        this.#notifyIdle();
      });
    } else {
      this.#unsynced.push(committed);
      this.#commitNext();
      if (!this.#isSyncing) void this.#syncAll(this.#parts.sync);
    }
  }

  async #syncAll(sync: NonNullable<Committing["sync"]>): Promise<void> {
    this.#isSyncing = true;
    while (this.#unsynced.length > 0 && this.#failure === null) {
      const count = this.#unsynced.length;
      try {
        await sync(() => this.#underWay !== null);
      } catch (error) {
        // The content of the disk is unknown. A second sync would not reveal it; only a restart does.
        this.fail(asError(error));
        return;
      }
      for (const committed of this.#unsynced.splice(0, count)) this.#notify(committed);
    }
    this.#isSyncing = false;
    this.#notifyIdle();
  }

  #notify({ batch, response }: Committed): void {
    apart(() => this.#parts.onCommitted(batch.length));
    if (response.fanOutWaits) apart(() => this.#parts.onFanOutWaiting());
    for (const subscriptionId of response.changed) apart(() => this.#parts.onChange(subscriptionId));
    for (const organizationId of response.streamed) apart(() => this.#parts.onStreamed(organizationId));
    for (const [index, outcome] of response.results.entries()) {
      const waiting = batch[index];
      if (outcome.ok) waiting?.resolve(outcome.value);
      else waiting?.reject(outcome.unavailable ? unavailable(outcome.error) : asError(outcome.error));
      if (waiting !== undefined && (waiting.accept !== null || waiting.name === "checkWrites")) {
        this.#refusedMessages = !outcome.ok && outcome.unavailable;
      }
    }
    if (response.claimed.length > 0 || response.backlogged.length > 0) {
      apart(() => this.#handOver?.take(response.claimed, response.backlogged));
    }
  }

  /**
   * The batch under way takes too long: waiting callers get an error. It may still commit, and then its deliveries are handed
   * over as usual.
   */
  stall(reason: StoreUnavailableError): void {
    this.#stalled = reason;
    for (const waiting of [...(this.#underWay ?? []), ...this.#waiting]) waiting.reject(unavailable(reason));
    this.#waiting = [];
  }

  /** Ends the queue: nothing can be committed any more. */
  fail(error: Error): void {
    if (this.#failure !== null) return;
    this.#failure = error;
    this.#failed.resolve(error);
    const unanswered = this.#unsynced.splice(0).flatMap(({ batch }) => batch);
    for (const waiting of [...unanswered, ...(this.#underWay ?? []), ...this.#waiting])
      waiting.reject(unavailable(error));
    this.#underWay = null;
    this.#waiting = [];
    for (const resolve of this.#idle.splice(0)) resolve();
  }
}

// Claims run before new messages, so the deliveries that a commit leaves in a lane are always newer than those that it claimed. Releases run
// before claims, so that no later delivery is claimed ahead of a released one.
function rank({ name }: Waiting): number {
  if (name === "releaseDeliveries") return 0;
  return name === "claimDue" ? 1 : 2;
}

function isSendable(params: unknown): boolean {
  try {
    structuredClone(params);
    return true;
  } catch {
    return false;
  }
}

/** Runs a listener. Its errors are thrown later, where they cannot affect the rest of the commit. */
function apart(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}

function unavailable(cause: unknown): StoreUnavailableError {
  if (cause instanceof StoreUnavailableError) return cause;
  return new StoreUnavailableError(
    `The database could not store this now: ${asError(cause).message}. Nothing was stored; try again.`,
    { cause },
  );
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
