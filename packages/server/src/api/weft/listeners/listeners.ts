import { ApiError } from "../../../domain/errors.ts";
import type { OrganizationId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import type { EventSink } from "../../../http/event-sink.ts";
import type { SubscriptionKey } from "../../../store/subscriptions/interface.ts";
import { Admissions, tooManyOpen } from "../../admissions.ts";
import { eventText } from "../stream/event-text.ts";
import type { Ending } from "../stream/stream-connection.ts";
import { ListenerConnection, type ListenerParts, type Reader } from "./listener-connection.ts";

/** The connections of listeners at one node. */
export class Listeners implements AsyncDisposable {
  readonly #parts: ListenerParts;
  readonly #connections = new Map<ListenerConnection, OrganizationId>();
  readonly #running = new Set<Promise<void>>();
  readonly #admissions = new Admissions({
    perOrganizationMax: limits.listenersPerOrganizationMax,
    perNodeMax: limits.listenersPerNodeMax,
    refusal: tooManyOpen("connections of listeners"),
  });
  #isStopping = false;

  constructor(parts: ListenerParts) {
    this.#parts = parts;
    parts.store.onChangeLogEntries((organizationId) => {
      for (const [connection, owner] of this.#connections) if (owner === organizationId) connection.alarm.ring();
    });
  }

  /** Throws a 429 when the organization or the node has reached its limit of connections, and a 503 when the node stops. */
  admit(key: SubscriptionKey, heldMax: number): (reader: Reader) => Promise<void> {
    if (this.#isStopping) throw new ApiError("unavailable", "This Weft is stopping. Connect again in a moment.");
    const leave = this.#admissions.admit(key.organizationId);
    return async (reader) => {
      const run = this.#run(key, heldMax, reader).finally(leave);
      this.#running.add(run);
      await run.finally(() => this.#running.delete(run));
    };
  }

  /** Ends all connections at once, each with a last event that says why. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    const detail = "This Weft is stopping. Connect again.";
    for (const connection of this.#connections.keys()) connection.stop({ code: "shutting_down", detail });
    await Promise.allSettled(this.#running);
  }

  async #run(key: SubscriptionKey, heldMax: number, reader: Reader): Promise<void> {
    const connection = new ListenerConnection(this.#parts, key, heldMax);
    this.#connections.set(connection, key.organizationId);
    try {
      await farewell(reader.out, await connection.run(reader));
    } finally {
      this.#connections.delete(connection);
    }
  }
}

async function farewell(out: EventSink, ending: Ending | null): Promise<void> {
  if (ending !== null) await out.end(eventText({ event: "end", id: null, data: JSON.stringify(ending) }));
}
