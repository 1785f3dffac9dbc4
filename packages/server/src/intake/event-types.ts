import { type Clock, loop } from "../domain/clock.ts";
import { ApiError } from "../domain/errors.ts";
import type { EventType } from "../domain/event-type.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";
import type { Catalogue } from "./catalogue.ts";

type EventTypeStore = Pick<Store, "readEventTypes" | "createEventType" | "replaceEventTypes" | "deleteEventType">;

const typesMax = limits.eventTypesMax;

function noRoom(): ApiError {
  return new ApiError("limit_reached", `There can be ${typesMax} event types. Delete some that are not needed.`);
}

/** Other nodes know of a change after this time at most. */
const lookEveryMs = 5_000;

/**
 * The event types that an operator defines beside Weft's own. A change counts on this node from its answer on, and on
 * others within five seconds.
 */
export class EventTypes {
  readonly #store: EventTypeStore;
  readonly #catalogue: Catalogue;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();

  constructor(parts: { store: EventTypeStore; catalogue: Catalogue; clock: Clock; reporter: Reporter }) {
    this.#store = parts.store;
    this.#catalogue = parts.catalogue;
    this.#clock = parts.clock;
    this.#reporter = parts.reporter;
  }

  /** Reads what is defined, and again now and then. Throws when it cannot be read at first. */
  async start(): Promise<void> {
    await this.refresh();
    this.#running = this.#lookAgain(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  async refresh(): Promise<void> {
    this.#catalogue.define(await this.#store.readEventTypes({}));
  }

  async #lookAgain(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(lookEveryMs, signal);
    await loop(this.#clock, signal, async () => {
      await this.refresh().catch((error) => this.#reporter.choreFailed({ chore: "read event types", error }));
      return lookEveryMs;
    });
  }

  /** False when there is one of this name. Throws limit_reached when there are as many as there can be. */
  async create(type: EventType): Promise<boolean> {
    const made = this.#catalogue.isOwn(type.name) ? "exists" : await this.#store.createEventType({ type, typesMax });
    await this.refresh();
    if (made === "full") throw noRoom();
    return made === "created";
  }

  /** Puts each in the place of the one of its name, or makes it: all of them or none. Throws limit_reached as well. */
  async replace(...types: readonly EventType[]): Promise<void> {
    const replaced = await this.#store.replaceEventTypes({ types, typesMax });
    await this.refresh();
    if (replaced === "full") throw noRoom();
  }

  async delete(name: string): Promise<void> {
    await this.#store.deleteEventType({ name });
    await this.refresh();
  }
}
