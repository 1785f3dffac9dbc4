import { shownRequest } from "../../../delivery/targets/shown-request.ts";
import { Alarm } from "../../../domain/alarm.ts";
import type { Clock } from "../../../domain/clock.ts";
import type { ClaimedDelivery } from "../../../domain/delivery.ts";
import { ApiError, StoreUnavailableError } from "../../../domain/errors.ts";
import type { NewId, NodeId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import { disabledSentence } from "../../../domain/subscription.ts";
import type { EventSink } from "../../../http/event-sink.ts";
import type { Store } from "../../../store/store.ts";
import type { DeliverySettings, SubscriptionKey } from "../../../store/subscriptions/interface.ts";
import { eventText, greetingText, heartbeatText } from "../stream/event-text.ts";
import type { Ending } from "../stream/stream-connection.ts";
import { deliveryData } from "./delivery-data.ts";

export interface ListenerParts {
  readonly store: Store;
  readonly clock: Clock;
  readonly newId: NewId;
  readonly userAgent: string;
}

export interface Reader {
  readonly out: EventSink;
  /** Throws when the caller may no longer listen. */
  readonly recheck: () => Promise<unknown>;
}

/**
 * One connection of a listener. It is a node of its own: it holds the deliveries that it sent while its lease lasts, whichever
 * node of the fleet receives their outcomes.
 */
export class ListenerConnection {
  readonly alarm = new Alarm();
  readonly #parts: ListenerParts;
  readonly #key: SubscriptionKey;
  readonly #heldMax: number;
  readonly #nodeId: NodeId;
  readonly #stopped = new AbortController();
  #ending: Ending | null = null;
  #heartbeatAt = 0;
  #signOfLifeAt = 0;
  #heardAt = 0;

  constructor(parts: ListenerParts, key: SubscriptionKey, heldMax: number) {
    this.#parts = parts;
    this.#key = key;
    this.#heldMax = heldMax;
    this.#nodeId = parts.newId<"node">();
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
  async run(reader: Reader): Promise<Ending | null> {
    const { out } = reader;
    out.left.addEventListener("abort", () => this.alarm.ring(), { once: true });
    try {
      await this.#heartbeat({ isNew: true });
      await this.#write(out, greetingText(limits.streamRetryMs, null));
      while (!out.left.aborted && this.#ending === null) await this.#turn(reader);
    } catch (error) {
      this.#ending ??= endingOf(error);
    }
    await this.#letGo();
    return this.#ending;
  }

  /** Its deliveries become due again at a node's next check. Until then their outcomes can still be reported. */
  async #letGo(): Promise<void> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    try {
      await store.recordHeartbeat({ nodeId: this.#nodeId, leaseUntil: now, now, isNew: false });
    } catch (error) {
      // Then its lease expires by itself.
      if (!(error instanceof StoreUnavailableError)) throw error;
    }
  }

  async #turn({ out, recheck }: Reader): Promise<void> {
    const { store, clock } = this.#parts;
    if (clock.now() >= this.#heartbeatAt) {
      await recheck();
      await this.#heartbeat({ isNew: false });
    }
    if (clock.now() >= this.#signOfLifeAt) await this.#write(out, heartbeatText(null));
    const sight = await store.readListener({ ...this.#key, nodeId: this.#nodeId });
    if (sight === null) return this.stop(ended);
    if (sight.disabledReason !== null) return this.stop(disabled(disabledSentence(sight.disabledReason)));
    const { dueAt, held } = sight;
    const now = clock.now();
    const room = this.#heldMax - held;
    const isDue = dueAt !== null && dueAt <= now;
    if (isDue && room > 0 && (await this.#handOut(out, room)) > 0) return;
    // A due delivery that could not be claimed waits behind another delivery.
    const restMs = dueAt === null || isDue ? limits.listenerLookMs : Math.min(dueAt - now, limits.listenerLookMs);
    await clock.sleep(limits.listenerRestMs, this.#stopped.signal);
    await this.alarm.sleep(clock, restMs);
  }

  /** Returns how many there were. */
  async #handOut(out: EventSink, room: number): Promise<number> {
    const { store, clock } = this.#parts;
    const { subscriptionId } = this.#key;
    const now = clock.now();
    const settings = await store.readDeliverySettings({ subscriptionId, now });
    if (settings === null) return 0;
    const limit = Math.min(room, limits.listenerClaimMax);
    const deliveries = await store.claimForListener({ ...this.#key, nodeId: this.#nodeId, now, limit });
    out.keeps(deliveries.reduce((bytes, { payload }) => bytes + payload.length, 0));
    for (const delivery of deliveries) {
      await this.#write(out, eventText({ event: "delivery", id: null, data: this.#dataOf(delivery, settings) }));
    }
    return deliveries.length;
  }

  #dataOf(delivery: ClaimedDelivery, settings: DeliverySettings): string {
    const { clock, userAgent } = this.#parts;
    return deliveryData(delivery, this.#nodeId, shownRequest(settings, delivery, { at: clock.now(), userAgent }));
  }

  async #heartbeat({ isNew }: { isNew: boolean }): Promise<void> {
    const { store, clock } = this.#parts;
    const now = clock.now();
    const leaseUntil = now + limits.listenerLeaseMs;
    if (!(await store.recordHeartbeat({ nodeId: this.#nodeId, leaseUntil, now, isNew }))) this.stop(lost);
    this.#heartbeatAt = now + limits.listenerBeatMs;
    if (now < this.#heardAt + limits.listenerHeardEveryMs) return;
    await store.noteHeard({ ...this.#key, now });
    this.#heardAt = now;
  }

  async #write(out: EventSink, text: string): Promise<void> {
    this.#signOfLifeAt = this.#parts.clock.now() + limits.streamBeatMs;
    const isTaken = await out.write(text, this.#stopped.signal);
    if (!isTaken && !out.left.aborted) this.stop(tooSlow);
  }
}

const ended: Ending = {
  code: "not_found",
  detail:
    "The listener was deleted by request, or because it had no connection for too long. Start it again under its name.",
};
const lost: Ending = { code: "lost", detail: "This connection sent no heartbeat for too long. Connect again." };
const tooSlow: Ending = {
  code: "too_slow",
  detail: "The reader of this connection is too slow, and too many bytes wait for it. Connect again.",
};

function disabled(sentence: string | null): Ending {
  return { code: "subscription_disabled", detail: `The listener is disabled. ${sentence ?? ""}`.trim() };
}

/** Rethrows unexpected errors. */
function endingOf(error: unknown): Ending {
  if (error instanceof ApiError) return { code: error.code, detail: error.message };
  if (!(error instanceof StoreUnavailableError)) throw error;
  return { code: "unavailable", detail: "The database does not respond now. Connect again." };
}
