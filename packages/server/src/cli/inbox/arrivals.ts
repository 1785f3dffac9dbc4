import type { Explanation } from "../verifying/explain.ts";
import { headerOf, type ReceivedRequest } from "../verifying/received-request.ts";
import type { InboxResponse } from "./response.ts";

/** A request as it was received, before it gets a number. */
export interface NewArrival extends ReceivedRequest {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  /** The received bytes; more than the body has if it was too large to be kept. */
  readonly bodyBytes: number;
  readonly isTooLarge: boolean;
  /** Null without a signature or a secret. */
  readonly explanation: Explanation | null;
  readonly answer: InboxResponse;
}

export interface Arrival extends NewArrival {
  /** Counts from 1 and is never reused. */
  readonly number: number;
  readonly messageId: string | null;
  /** The event type in the body; null without one. */
  readonly eventType: string | null;
  /** How many requests with this message id were received, this one included. */
  readonly copy: number;
}

export interface ArrivalLimits {
  readonly countMax: number;
  /** The bytes of bodies and headers together. */
  readonly bytesMax: number;
}

type Change =
  | { readonly kind: "arrived"; readonly arrival: Arrival }
  | { readonly kind: "cleared" }
  | { readonly kind: "answer"; readonly answer: InboxResponse };

const idsMax = 10_000;

/** The requests that are kept, and the response to the next one. Followers are notified of changes. */
export class Arrivals {
  readonly #limits: ArrivalLimits;
  readonly #followers = new Set<(change: Change) => void>();
  readonly #copies = new Map<string, number>();
  #kept: readonly Arrival[] = [];
  #bytes = 0;
  #count = 0;
  #answer: InboxResponse;

  constructor(limits: ArrivalLimits, answer: InboxResponse) {
    this.#limits = limits;
    this.#answer = answer;
  }

  get answer(): InboxResponse {
    return this.#answer;
  }

  set answer(answer: InboxResponse) {
    this.#answer = answer;
    this.#emit({ kind: "answer", answer });
  }

  /** The oldest first. */
  get kept(): readonly Arrival[] {
    return this.#kept;
  }

  get(number: number): Arrival | undefined {
    return this.#kept.find((arrival) => arrival.number === number);
  }

  add(arrived: NewArrival): Arrival {
    this.#count += 1;
    const messageId = headerOf(arrived, "webhook-id") ?? headerOf(arrived, "svix-id") ?? null;
    const copy = messageId === null ? 1 : this.#countCopy(messageId);
    const arrival = { ...arrived, number: this.#count, messageId, eventType: eventTypeOf(arrived.body), copy };
    this.#bytes += bytesOf(arrival);
    const kept = [...this.#kept, arrival];
    while (kept.length > this.#limits.countMax || (this.#bytes > this.#limits.bytesMax && kept.length > 1)) {
      const oldest = kept.shift();
      if (oldest !== undefined) this.#bytes -= bytesOf(oldest);
    }
    this.#kept = kept;
    this.#emit({ kind: "arrived", arrival });
    return arrival;
  }

  clear(): void {
    this.#kept = [];
    this.#bytes = 0;
    this.#copies.clear();
    this.#emit({ kind: "cleared" });
  }

  /** Calls back at every change. Returns a function that ends the calls. */
  follow(follower: (change: Change) => void): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  #countCopy(messageId: string): number {
    const copy = (this.#copies.get(messageId) ?? 0) + 1;
    // Moved to the end, so that the first one is the one that was not seen for the longest time.
    this.#copies.delete(messageId);
    this.#copies.set(messageId, copy);
    const [oldest] = this.#copies.keys();
    if (this.#copies.size > idsMax && oldest !== undefined) this.#copies.delete(oldest);
    return copy;
  }

  #emit(change: Change): void {
    for (const follower of this.#followers) follower(change);
  }
}

function bytesOf({ headers, body, path }: Arrival): number {
  return headers.reduce((sum, [name, value]) => sum + name.length + value.length, body.length + path.length);
}

function eventTypeOf(body: Buffer): string | null {
  try {
    const parsed: unknown = JSON.parse(body.toString("utf8"));
    const type = (parsed as { event_type?: unknown } | null)?.event_type;
    return typeof type === "string" ? type : null;
  } catch {
    return null;
  }
}
