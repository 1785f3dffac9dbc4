import type { Explanation } from "../verifying/explain.ts";
import { headerOf, type ReceivedRequest } from "../verifying/received-request.ts";
import type { InboxResponse } from "./answer.ts";

/** A request as it came, before it has its place among the others. */
export interface NewArrival extends ReceivedRequest {
  readonly at: Date;
  readonly method: string;
  readonly path: string;
  /** The bytes that came; more than the body has where it was too large to be kept. */
  readonly bodyBytes: number;
  readonly isTooLarge: boolean;
  /** Null where there is nothing to verify, or no secret to verify with. */
  readonly explanation: Explanation | null;
  readonly answer: InboxResponse;
}

export interface Arrival extends NewArrival {
  /** Counts from 1, and never again the same. */
  readonly number: number;
  readonly messageId: string | null;
  /** What the body calls itself; null where it does not. */
  readonly eventType: string | null;
  /** How many requests with this message id have come, this one included. */
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
    this.#tell({ kind: "answer", answer });
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
    this.#tell({ kind: "arrived", arrival });
    return arrival;
  }

  clear(): void {
    this.#kept = [];
    this.#bytes = 0;
    this.#copies.clear();
    this.#tell({ kind: "cleared" });
  }

  /** Calls back at every change. Answers what ends that. */
  follow(follower: (change: Change) => void): () => void {
    this.#followers.add(follower);
    return () => void this.#followers.delete(follower);
  }

  #countCopy(messageId: string): number {
    const copy = (this.#copies.get(messageId) ?? 0) + 1;
    // Put at the end anew, so that the first is the one that was not seen for longest.
    this.#copies.delete(messageId);
    this.#copies.set(messageId, copy);
    const [oldest] = this.#copies.keys();
    if (this.#copies.size > idsMax && oldest !== undefined) this.#copies.delete(oldest);
    return copy;
  }

  #tell(change: Change): void {
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
