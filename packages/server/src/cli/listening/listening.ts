import { setTimeout as sleep } from "node:timers/promises";
import {
  type ConnectionState,
  type ListenerDelivery,
  type ListenerOutcome,
  type RecordedOutcomes,
  WeftApiError,
  type WeftClient,
} from "@weft/sdk";
import { type Exchange, headerOf } from "../../domain/exchange.ts";
import type { Forward } from "./forward.ts";

/** One attempt as this machine sees it. */
export interface ListenedAttempt {
  readonly delivery: ListenerDelivery;
  /** What Weft waits for its outcome under: the newest, since a connection may have broken meanwhile. */
  receipt: string;
  readonly at: Date;
  /** Null while it is under way. */
  answer: Exchange | null;
  /** What Weft made of the answer; null before it is on record. */
  became: Became | null;
}

export interface Became {
  readonly state: "delivered" | "retrying" | "failed" | "lost";
  readonly nextAttemptAt: string | null;
}

export interface ListeningParts {
  readonly client: WeftClient;
  readonly listenerId: string;
  readonly forward: Forward;
  readonly concurrency: number;
  /** Called when an attempt began, was answered, or is on record. */
  readonly onSeen: (seen: ListenedAttempt) => void;
  readonly onConnection: (state: ConnectionState) => void;
}

const seenMax = 1_000;
const retryMs = 1_000;
/** Together they fit in one request, whatever the answers consist of. */
const outcomesAtOnce = 10;
const retryAfterLengthMax = 256;
const detailLengthMax = 1_024;
const finishMs = 10_000;
const lastTellMs = 5_000;

/** Takes a listener's deliveries, forwards them, and tells Weft what came of them. */
export class Listening {
  readonly #parts: ListeningParts;
  readonly #seen = new Map<string, ListenedAttempt>();
  /** What was answered and is not on record. */
  readonly #toTell = new Map<ListenedAttempt, Exchange>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #left = new AbortController();
  readonly #givenUp = new AbortController();
  #telling: Promise<void> | null = null;

  constructor(parts: ListeningParts) {
    this.#parts = parts;
  }

  /** The newest last. */
  get seen(): readonly ListenedAttempt[] {
    return [...this.#seen.values()];
  }

  /** Goes on until it is stopped. Throws when Weft refuses for good. */
  async run(): Promise<void> {
    const { client, listenerId, concurrency, onConnection } = this.#parts;
    const options = { signal: this.#left.signal, heldMax: concurrency, onConnection };
    try {
      for await (const delivery of client.listen(listenerId, options)) this.#take(delivery);
    } finally {
      await this.#cutOff();
    }
  }

  /** Takes no more deliveries, and gives the requests under way ten seconds to end before it cuts them off. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await within(finishMs, this.#finished());
    // Before the connection ends: a delivery that was handed out over it can be handed out again after that.
    await this.#cutOff();
  }

  /** Every request that was sent is an attempt on record, so Weft hears of those that are cut off as well. */
  async #cutOff(): Promise<void> {
    this.#givenUp.abort();
    await within(lastTellMs, this.#finished());
    this.#left.abort();
  }

  async #finished(): Promise<void> {
    await Promise.all(this.#underWay);
    await this.#telling;
  }

  #take(delivery: ListenerDelivery): void {
    const key = `${delivery.message_id} ${delivery.attempt}`;
    const known = this.#seen.get(key);
    if (known !== undefined) {
      this.#takeAgain(known, delivery);
      return;
    }
    // Deliveries that were not started are handed out again when the connection ends.
    if (this.#stop.signal.aborted) return;
    const seen: ListenedAttempt = { delivery, receipt: delivery.receipt, at: new Date(), answer: null, became: null };
    this.#seen.set(key, seen);
    this.#forgetOld();
    this.#parts.onSeen(seen);
    const forwarded = this.#forward(seen).finally(() => this.#underWay.delete(forwarded));
    this.#underWay.add(forwarded);
  }

  /** A connection broke before its outcome was on record. The program here has it already, and is not called twice. */
  #takeAgain(seen: ListenedAttempt, { receipt }: ListenerDelivery): void {
    seen.receipt = receipt;
    if (seen.answer !== null) this.#tellSoon(seen, seen.answer);
  }

  async #forward(seen: ListenedAttempt): Promise<void> {
    const answer = await this.#parts.forward(seen.delivery, this.#givenUp.signal);
    seen.answer = answer;
    this.#parts.onSeen(seen);
    this.#tellSoon(seen, answer);
  }

  #tellSoon(seen: ListenedAttempt, answer: Exchange): void {
    this.#toTell.set(seen, answer);
    this.#telling ??= this.#tellAll().finally(() => {
      this.#telling = null;
    });
  }

  async #tellAll(): Promise<void> {
    // What is answered in the same moment is told together.
    await Promise.resolve();
    while (this.#toTell.size > 0 && !this.#left.signal.aborted) {
      const told = [...this.#toTell].slice(0, outcomesAtOnce);
      if (await this.#tell(told)) continue;
      await sleep(retryMs, undefined, { signal: this.#left.signal }).catch(() => {});
    }
  }

  /** False when Weft does not answer now. */
  async #tell(told: readonly (readonly [ListenedAttempt, Exchange])[]): Promise<boolean> {
    const { client, listenerId } = this.#parts;
    const outcomes = told.map(([{ delivery, receipt }, answer]) => ({
      message_id: delivery.message_id,
      receipt,
      ...outcomeOf(answer),
    }));
    try {
      const recorded = await client.webhooks.tellOutcomes(listenerId, { outcomes });
      for (const [index, [seen]] of told.entries()) this.#note(seen, outcomes[index]?.receipt, recorded[index]);
      return true;
    } catch (error) {
      // The connection ends for the same reason, and tells it.
      if (error instanceof WeftApiError && error.status < 500) for (const [seen] of told) this.#toTell.delete(seen);
      return false;
    }
  }

  #note(seen: ListenedAttempt, receipt: string | undefined, recorded: RecordedOutcomes[number] | undefined): void {
    const isLost = recorded === undefined || recorded.became === "lost";
    // Handed out again while it was told: then what is told under the new receipt counts.
    if (isLost && seen.receipt !== receipt) return;
    this.#toTell.delete(seen);
    seen.became = { state: recorded?.became ?? "lost", nextAttemptAt: recorded?.next_attempt_at ?? null };
    this.#parts.onSeen(seen);
  }

  #forgetOld(): void {
    for (const [key, seen] of this.#seen) {
      if (this.#seen.size <= seenMax) return;
      if (seen.answer !== null && !this.#toTell.has(seen)) this.#seen.delete(key);
    }
  }
}

/** Waits for what is done, and not longer than the time that is given. */
async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([done, sleep(ms, undefined, { signal: over.signal }).catch(() => {})]);
  over.abort();
}

/** Distributed, so that an outcome keeps its kinds apart. */
type WithoutReceipt<Outcome> = Outcome extends ListenerOutcome ? Omit<Outcome, "message_id" | "receipt"> : never;

function outcomeOf(exchange: Exchange): WithoutReceipt<ListenerOutcome> {
  const duration_ms = exchange.durationMs;
  if (exchange.kind === "unanswered") {
    return { duration_ms, error: exchange.reason, detail: exchange.detail.slice(0, detailLengthMax) };
  }
  const { status, body, headers, truncated } = exchange;
  const retry_after = headerOf(headers, "retry-after")?.slice(0, retryAfterLengthMax) ?? null;
  return { duration_ms, status, body, retry_after, truncated };
}
