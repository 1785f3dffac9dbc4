import { Alarm } from "../../../domain/alarm.ts";
import type { Clock } from "../../../domain/clock.ts";
import { ApiError, StoreUnavailableError } from "../../../domain/errors.ts";
import { matchesPattern } from "../../../domain/event-pattern.ts";
import type { OrganizationId, SubscriptionId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import type { EventSink } from "../../../http/event-sink.ts";
import type { Turns } from "../../../http/turns.ts";
import type { Store } from "../../../store/store.ts";
import type { StreamChange, StreamPosition } from "../../../store/streams/interface.ts";
import { eventText, greetingText, heartbeatText } from "./event-text.ts";
import { JobPace } from "./job-pace.ts";
import {
  bytesOf,
  entriesFor,
  type FeedBatch,
  type FeedFilter,
  type Member,
  type OrganizationFeed,
} from "./organization-feed.ts";
import { dataOf, gapData, type PayloadOption } from "./stream-schemas.ts";

/** The changes that a caller selects. */
export interface StreamParams {
  readonly organizationId: OrganizationId;
  readonly kinds: FeedFilter["kinds"];
  /** Filters messages and attempts by event type: names and wildcards; null for all. */
  readonly eventTypes: readonly string[] | null;
  /** Filters by subscription: its messages, its attempts and itself; null for all. */
  readonly subscriptionId: SubscriptionId | null;
  readonly payload: PayloadOption;
  /** The position to resume from; null for the present. */
  readonly lastEventId: string | null;
}

export interface ConnectionParts {
  readonly store: Pick<Store, "readStream" | "readMessages">;
  readonly clock: Clock;
  readonly feed: OrganizationFeed;
  readonly out: EventSink;
  readonly turns: Turns;
  /** Throws when the caller may no longer read the stream. */
  readonly recheck: () => Promise<unknown>;
}

/** Why a stream ended. */
export interface Ending {
  readonly code: string;
  readonly detail: string;
}

const tooSlow: Ending = {
  code: "too_slow",
  detail:
    "The reader of this stream is too slow, and too many bytes wait for it. Connect again with the last id: nothing is lost.",
};

/** One stream to one reader. */
export class StreamConnection implements Member {
  readonly filter: FeedFilter;
  readonly alarm = new Alarm();
  readonly #parts: ConnectionParts;
  readonly #params: StreamParams;
  readonly #jobs = new JobPace();
  readonly #stopped = new AbortController();
  #ending: Ending | null = null;
  /** The batch of the feed that was read last; null while the stream reads the log itself. */
  #number: number | null = null;
  /** The position up to which everything has been read. */
  #position: StreamPosition = "";
  /** The position that the reader can resume from. A job change that waits holds it back. */
  #sentId: StreamPosition | null = null;
  #checkAt: number;
  #beatAt: number;

  constructor(parts: ConnectionParts, params: StreamParams) {
    this.#parts = parts;
    this.#params = params;
    this.filter = {
      kinds: params.kinds,
      withPayloads: params.payload !== "none" && params.kinds.includes("message"),
      receivers: params.subscriptionId === null ? [] : [params.subscriptionId],
    };
    const now = parts.clock.now();
    this.#checkAt = now + limits.streamCheckMs;
    this.#beatAt = now + limits.streamBeatMs;
  }

  get number(): number | null {
    return this.#number;
  }

  /** Sends its reader the last event, with the reason. */
  stop(ending: Ending): void {
    this.#ending ??= ending;
    this.#stopped.abort();
    this.alarm.ring();
  }

  /**
   * Runs until the reader disconnects, or it is stopped or cannot continue. Returns the reason for a reader who is still
   * connected.
   */
  async run(): Promise<Ending | null> {
    const { feed, out } = this.#parts;
    out.left.addEventListener("abort", () => this.alarm.ring(), { once: true });
    try {
      await this.#begin();
      while (this.#goesOn) await this.#turn();
    } catch (error) {
      this.#ending ??= endingOf(error);
    } finally {
      feed.leave(this);
    }
    return this.#ending;
  }

  get #goesOn(): boolean {
    return !this.#parts.out.left.aborted && this.#ending === null;
  }

  async #begin(): Promise<void> {
    const { lastEventId } = this.#params;
    const head = await this.#parts.feed.join(this);
    if (lastEventId === null) this.#number = head.number;
    this.#position = lastEventId ?? head.position;
    this.#sentId = this.#position;
    await this.#write(greetingText(limits.streamRetryMs, lastEventId === null ? head.position : null));
  }

  async #turn(): Promise<void> {
    await this.#keepUp();
    if (this.#number === null) return await this.#catchUp();
    const batch = this.#parts.feed.batchAfter(this.#number);
    if (batch === undefined) {
      this.#number = null;
    } else if (batch !== null) {
      this.#number += 1;
      await this.#give(batch);
    } else {
      await this.#rest();
    }
  }

  async #rest(): Promise<void> {
    const { clock, feed } = this.#parts;
    this.#position = feed.head.position;
    const nextAt = Math.min(this.#checkAt, this.#beatAt, this.#jobs.nextAt);
    await this.alarm.sleep(clock, Math.max(0, nextAt - clock.now()));
  }

  /** Processes the work that is due at this time. */
  async #keepUp(): Promise<void> {
    const { clock, recheck } = this.#parts;
    if (clock.now() >= this.#checkAt) {
      await recheck();
      this.#checkAt = clock.now() + limits.streamCheckMs;
    }
    const due = this.#jobs.due(clock.now());
    await this.#send(due.map((job) => ({ kind: "sync_job", job })));
    if (clock.now() >= this.#beatAt) await this.#write(heartbeatText(this.#newId()));
  }

  /** Reads a page of the changes that this reader missed, up to the position of the feed, where the feed continues. */
  async #catchUp(): Promise<void> {
    const { store, feed } = this.#parts;
    const { number, position: until } = feed.head;
    const page = await store.readStream({
      organizationId: this.#params.organizationId,
      after: this.#position,
      until,
      ...this.filter,
      entriesMax: entriesFor([this.filter]),
      keptMs: limits.streamKeptMs,
    });
    if (page.isEnd) this.#number = number;
    await this.#give(page);
  }

  async #give({ isGap, steps, position }: FeedBatch): Promise<void> {
    this.#parts.out.keeps(bytesOf({ steps }));
    if (isGap) {
      this.#sentId = position;
      await this.#write(eventText({ event: "gap", id: position, data: gapData(this.#parts.clock.now()) }));
    }
    for (const step of steps) {
      // All readers receive the same changes at once, so that other work runs in between.
      await this.#parts.turns.wait(this.#params.organizationId, limits.workAtOnceBytesMax + bytesOf({ steps: [step] }));
      if (!this.#goesOn) return;
      this.#position = step.position;
      await this.#send(step.changes.filter((change) => this.#isSelected(change)));
      if (!this.#goesOn) return;
    }
    this.#position = position;
  }

  /** Sends changes. Only the last event has the position after all of them. */
  async #send(changes: readonly StreamChange[]): Promise<void> {
    const { clock } = this.#parts;
    const sent = changes.filter((change) => change.kind !== "sync_job" || this.#jobs.isDue(change.job, clock.now()));
    for (const [index, change] of sent.entries()) {
      const id = index === sent.length - 1 ? this.#newId() : null;
      const data = dataOf(await this.#complete(change), this.#params.payload);
      await this.#write(eventText({ event: change.kind, id, data }));
      if (!this.#goesOn) return;
    }
  }

  /** The change with the payload that its page omitted, for a reader who requested payloads. */
  async #complete(change: StreamChange): Promise<StreamChange> {
    if (change.kind !== "message" || !change.isPayloadLeftOut || !this.filter.withPayloads) return change;
    const { organizationId, id } = change.message;
    const { messages } = await this.#parts.store.readMessages({ organizationId, messageIds: [id] });
    const [message = { ...change.message, payloadDeletedAt: this.#parts.clock.now() }] = messages;
    return { ...change, message };
  }

  #isSelected(change: StreamChange): boolean {
    const { kinds, eventTypes, subscriptionId } = this.#params;
    if (!kinds.includes(change.kind)) return false;
    const isOf = (id: SubscriptionId) => subscriptionId === null || subscriptionId === id;
    const isType = (eventType: string) =>
      eventTypes === null || eventTypes.some((pattern) => matchesPattern(pattern, eventType));
    switch (change.kind) {
      case "message":
        return isType(change.message.eventType) && (subscriptionId === null || change.sentTo.some(isOf));
      case "attempt":
        return isType(change.eventType) && isOf(change.attempt.subscriptionId);
      case "subscription":
        return isOf(change.subscription.id);
      case "sync_job":
        return true;
    }
  }

  /** Sends the current position, if the reader does not have it. */
  #newId(): StreamPosition | null {
    if (this.#jobs.isHolding || this.#sentId === this.#position) return null;
    this.#sentId = this.#position;
    return this.#sentId;
  }

  async #write(text: string): Promise<void> {
    this.#beatAt = this.#parts.clock.now() + limits.streamBeatMs;
    const isTaken = await this.#parts.out.write(text, this.#stopped.signal);
    if (!isTaken && this.#goesOn) this.#ending = tooSlow;
  }
}

/** Rethrows unexpected errors. */
function endingOf(error: unknown): Ending {
  if (error instanceof ApiError) return { code: error.code, detail: error.message };
  if (!(error instanceof StoreUnavailableError)) throw error;
  return { code: "unavailable", detail: "The database does not respond now. Connect again with the last id." };
}
