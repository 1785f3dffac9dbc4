import { Alarm } from "../../../domain/alarm.ts";
import type { Clock } from "../../../domain/clock.ts";
import type { OrganizationId, SubscriptionId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import type { StreamKind } from "../../../domain/stream-kind.ts";
import type { Store } from "../../../store/store.ts";
import type { StreamChange, StreamPage, StreamPosition } from "../../../store/streams/interface.ts";

/** The changes that one connection selects. */
export interface FeedFilter {
  readonly kinds: readonly StreamKind[];
  readonly withPayloads: boolean;
  readonly receivers: readonly SubscriptionId[];
}

export interface Member {
  readonly filter: FeedFilter;
  /** Rung when there is a new batch. */
  readonly alarm: Alarm;
  /** The batch that it has read; null while it reads the log itself. */
  readonly number: number | null;
}

/** The result of one read. */
export type FeedBatch = Pick<StreamPage, "isGap" | "steps" | "position">;

/** A connection's position: after a batch of the feed. */
export interface FeedPosition {
  readonly number: number;
  readonly position: StreamPosition;
}

/**
 * Reads the commits of one organization once for all connections of this node. It caches a few batches for connections that are
 * slightly behind. A connection that is further behind reads the log itself until it has caught up.
 */
export class OrganizationFeed {
  readonly #store: Pick<Store, "readStream">;
  readonly #clock: Clock;
  readonly #organizationId: OrganizationId;
  readonly #members = new Set<Member>();
  readonly #alarm = new Alarm();
  readonly #batches: FeedBatch[] = [];
  #keptBytes = 0;
  /** The position of the newest batch. */
  #number = 0;
  #position: StreamPosition | null = null;
  #reading: Promise<boolean> | null = null;
  #isRunning = false;

  constructor(store: Pick<Store, "readStream">, clock: Clock, organizationId: OrganizationId) {
    this.#store = store;
    this.#clock = clock;
    this.#organizationId = organizationId;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  /** Once it returns, batches contain everything that the member selects. Throws when the store cannot be read. */
  async join(member: Member): Promise<FeedPosition> {
    this.#members.add(member);
    // The current read may omit items that only the new member selects.
    if (this.#reading !== null) await this.#reading.catch(() => {});
    if (this.#position === null) await this.#read();
    if (!this.#isRunning) void this.#run();
    return this.head;
  }

  leave(member: Member): void {
    this.#members.delete(member);
    if (this.isEmpty) this.#alarm.ring();
  }

  /** Called after a commit on this node. */
  wake(): void {
    this.#alarm.ring();
  }

  get head(): FeedPosition {
    if (this.#position === null) throw new Error("The feed's position was requested before a member joined it.");
    return { number: this.#number, position: this.#position };
  }

  /** The batch after a position. `null`: it does not exist yet. `undefined`: it is no longer cached. */
  batchAfter(number: number): FeedBatch | null | undefined {
    if (number === this.#number) return null;
    return this.#batches[this.#batches.length - (this.#number - number)];
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (!this.isEmpty) {
      const isEnd = await this.#read().catch(() => null);
      if (isEnd === false) continue;
      // Commits in the meantime share one read. If the database is unavailable, the members see the error when they read.
      await this.#clock.sleep(isEnd === null ? limits.streamLookMs : limits.streamRestMs, never);
      await this.#alarm.sleep(this.#clock, limits.streamLookMs);
    }
    this.#isRunning = false;
  }

  /** Returns whether the log has no further entries. */
  #read(): Promise<boolean> {
    this.#reading ??= this.#readOnce().finally(() => {
      this.#reading = null;
    });
    return this.#reading;
  }

  async #readOnce(): Promise<boolean> {
    const filters = [...this.#members].map((member) => member.filter);
    const page = await this.#store.readStream({
      organizationId: this.#organizationId,
      after: this.#position,
      until: null,
      kinds: [...new Set(filters.flatMap(({ kinds }) => kinds))],
      withPayloads: filters.some(({ withPayloads }) => withPayloads),
      receivers: [...new Set(filters.flatMap(({ receivers }) => receivers))],
      entriesMax: entriesFor(filters),
      keptMs: limits.streamKeptMs,
    });
    this.#position = page.position;
    if (page.isGap || page.steps.length > 0) this.#keep(page);
    return page.isEnd;
  }

  #keep(page: StreamPage): void {
    this.#batches.push(page);
    this.#number += 1;
    this.#keptBytes += bytesOf(page);
    const needed = Math.min(...[...this.#members].map(({ number }) => number ?? this.#number));
    while (this.#batches.length > 1) {
      const isNeeded = this.#number - this.#batches.length >= needed;
      if (isNeeded && this.#keptBytes <= limits.streamFeedBytesMax) break;
      const oldest = this.#batches.shift();
      if (oldest !== undefined) this.#keptBytes -= bytesOf(oldest);
    }
    for (const { alarm } of this.#members) alarm.ring();
  }
}

const never = new AbortController().signal;

/** Reads few entries at a time, because payloads may be large. */
export function entriesFor(filters: readonly FeedFilter[]): number {
  return filters.some(({ withPayloads }) => withPayloads)
    ? limits.changeLogEntriesWithPayloads
    : limits.changeLogEntriesAtOnce;
}

const changeBytes = 512;

/** The approximate memory of a batch. */
export function bytesOf({ steps }: Pick<FeedBatch, "steps">): number {
  let bytes = 0;
  for (const change of steps.flatMap(({ changes }) => changes)) bytes += changeBytes + largeBytes(change);
  return bytes;
}

function largeBytes(change: StreamChange): number {
  switch (change.kind) {
    case "message":
      return change.message.payload.length;
    case "subscription": {
      const { headers, filters } = change.subscription;
      return JSON.stringify([headers, filters]).length;
    }
    default:
      return 0;
  }
}
