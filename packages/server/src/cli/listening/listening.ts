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
import { headersByName, keptHeaders } from "../../domain/kept-headers.ts";
import type { Forward } from "./forward.ts";

/** One attempt as this machine sees it. */
export interface ListenedAttempt {
  readonly delivery: ListenerDelivery;
  /**
   * The receipt under which Weft waits for its outcome: the newest one, because a connection may have been lost
   * meanwhile.
   */
  receipt: string;
  readonly at: Date;
  /** Null while the request is running. */
  exchange: Exchange | null;
  /** The state that Weft recorded after the response; null before it is recorded. */
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
  /** Called when an attempt began, got its response, or was recorded. */
  readonly onSeen: (seen: ListenedAttempt) => void;
  readonly onConnection: (state: ConnectionState) => void;
}

const seenMax = 1_000;
const retryMs = 1_000;
/** Together they fit in one request, with any content of the responses. */
const outcomesAtOnce = 10;
const retryAfterLengthMax = 256;
const detailLengthMax = 1_024;
const finishMs = 10_000;
const lastReportMs = 5_000;

/** Receives a listener's deliveries, forwards them, and reports their outcomes to Weft. */
export class Listening {
  readonly #parts: ListeningParts;
  readonly #seen = new Map<string, ListenedAttempt>();
  /** Outcomes that are not recorded yet. */
  readonly #unreported = new Map<ListenedAttempt, Exchange>();
  readonly #underWay = new Set<Promise<void>>();
  readonly #stop = new AbortController();
  readonly #left = new AbortController();
  readonly #givenUp = new AbortController();
  #telling: Promise<void> | null = null;

  constructor(parts: ListeningParts) {
    this.#parts = parts;
  }

  /** The newest one is last. */
  get seen(): readonly ListenedAttempt[] {
    return [...this.#seen.values()];
  }

  /** Runs until it is stopped. Throws when Weft refuses permanently. */
  async run(): Promise<void> {
    const { client, listenerId, concurrency, onConnection } = this.#parts;
    const options = { signal: this.#left.signal, heldMax: concurrency, onConnection };
    try {
      for await (const delivery of client.listen(listenerId, options)) this.#take(delivery);
    } finally {
      await this.#cutOff();
    }
  }

  /** Accepts no more deliveries, and gives running requests ten seconds before it aborts them. */
  async stop(): Promise<void> {
    this.#stop.abort();
    await within(finishMs, this.#finished());
    // Before the connection ends: afterwards, the deliveries that were handed out over it can be handed out again.
    await this.#cutOff();
  }

  /** Every request that was sent must be a recorded attempt, so aborted ones are reported as well. */
  async #cutOff(): Promise<void> {
    this.#givenUp.abort();
    await within(lastReportMs, this.#finished());
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
    const seen: ListenedAttempt = { delivery, receipt: delivery.receipt, at: new Date(), exchange: null, became: null };
    this.#seen.set(key, seen);
    this.#forgetOld();
    this.#parts.onSeen(seen);
    const forwarded = this.#forward(seen).finally(() => this.#underWay.delete(forwarded));
    this.#underWay.add(forwarded);
  }

  /**
   * A connection was lost before its outcome was recorded. The local program already handled the delivery, and is not
   * called twice.
   */
  #takeAgain(seen: ListenedAttempt, { receipt }: ListenerDelivery): void {
    seen.receipt = receipt;
    if (seen.exchange !== null) this.#reportSoon(seen, seen.exchange);
  }

  async #forward(seen: ListenedAttempt): Promise<void> {
    const exchange = await this.#parts.forward(seen.delivery, this.#givenUp.signal);
    seen.exchange = exchange;
    this.#parts.onSeen(seen);
    this.#reportSoon(seen, exchange);
  }

  #reportSoon(seen: ListenedAttempt, exchange: Exchange): void {
    this.#unreported.set(seen, exchange);
    this.#telling ??= this.#printAll().finally(() => {
      this.#telling = null;
    });
  }

  async #printAll(): Promise<void> {
    // Outcomes of the same moment are reported together.
    await Promise.resolve();
    while (this.#unreported.size > 0 && !this.#left.signal.aborted) {
      const reports = [...this.#unreported].slice(0, outcomesAtOnce);
      if (await this.#report(reports)) continue;
      await sleep(retryMs, undefined, { signal: this.#left.signal }).catch(() => {});
    }
  }

  /** False when Weft does not respond now. */
  async #report(reports: readonly (readonly [ListenedAttempt, Exchange])[]): Promise<boolean> {
    const { client, listenerId } = this.#parts;
    const outcomes = reports.map(([{ delivery, receipt }, exchange]) => ({
      message_id: delivery.message_id,
      receipt,
      ...outcomeOf(exchange),
    }));
    try {
      const recorded = await client.webhooks.reportOutcomes(listenerId, { outcomes });
      for (const [index, [seen]] of reports.entries()) this.#note(seen, outcomes[index]?.receipt, recorded[index]);
      return true;
    } catch (error) {
      // The connection fails for the same reason, and reports it.
      if (error instanceof WeftApiError && error.status < 500)
        for (const [seen] of reports) this.#unreported.delete(seen);
      return false;
    }
  }

  #note(seen: ListenedAttempt, receipt: string | undefined, recorded: RecordedOutcomes[number] | undefined): void {
    const isLost = recorded === undefined || recorded.became === "lost";
    // Handed out again during the report: then the report with the new receipt counts.
    if (isLost && seen.receipt !== receipt) return;
    this.#unreported.delete(seen);
    seen.became = { state: recorded?.became ?? "lost", nextAttemptAt: recorded?.next_attempt_at ?? null };
    this.#parts.onSeen(seen);
  }

  #forgetOld(): void {
    for (const [key, seen] of this.#seen) {
      if (this.#seen.size <= seenMax) return;
      if (seen.exchange !== null && !this.#unreported.has(seen)) this.#seen.delete(key);
    }
  }
}

/** Waits for the outcomes, but no longer than the given time. */
async function within(ms: number, done: Promise<unknown>): Promise<void> {
  const over = new AbortController();
  await Promise.race([done, sleep(ms, undefined, { signal: over.signal }).catch(() => {})]);
  over.abort();
}

/** Distributes over the union, so that each kind of outcome stays separate. */
type WithoutReceipt<Outcome> = Outcome extends ListenerOutcome ? Omit<Outcome, "message_id" | "receipt"> : never;

function outcomeOf(exchange: Exchange): WithoutReceipt<ListenerOutcome> {
  const duration_ms = exchange.durationMs;
  if (exchange.kind === "unanswered") {
    return { duration_ms, error: exchange.reason, detail: exchange.detail.slice(0, detailLengthMax) };
  }
  const { status, body, headers, truncated } = exchange;
  const retry_after = headerOf(headers, "retry-after")?.slice(0, retryAfterLengthMax) ?? null;
  const kept = keptHeaders(exchange);
  return { duration_ms, status, headers: kept === null ? {} : headersByName(kept), body, retry_after, truncated };
}
