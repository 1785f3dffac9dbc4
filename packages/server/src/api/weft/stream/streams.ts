import type { Clock } from "../../../domain/clock.ts";
import { ApiError } from "../../../domain/errors.ts";
import type { OrganizationId } from "../../../domain/id.ts";
import { limits } from "../../../domain/limits.ts";
import type { EventSink } from "../../../http/event-sink.ts";
import type { Turns } from "../../../http/turns.ts";
import type { Store } from "../../../store/store.ts";
import { Admissions, tooManyOpen } from "../../admissions.ts";
import { eventText } from "./event-text.ts";
import { OrganizationFeed } from "./organization-feed.ts";
import { type Ending, StreamConnection, type StreamParams } from "./stream-connection.ts";

interface Opened {
  readonly feed: OrganizationFeed;
  readonly connections: Set<StreamConnection>;
}

/** A stream that was admitted. */
export interface AdmittedStream {
  /** Resolves when it has ended. */
  run(out: EventSink, recheck: () => Promise<unknown>): Promise<void>;
}

/** The streams of one node, with a feed for each organization that has any. */
export class Streams implements AsyncDisposable {
  readonly #store: Pick<Store, "readStream" | "readMessages" | "onChangeLogEntries">;
  readonly #clock: Clock;
  readonly #turns: Turns;
  readonly #opened = new Map<OrganizationId, Opened>();
  /** Includes streams that have ended and are sending the last event. */
  readonly #running = new Set<Promise<void>>();
  readonly #admissions = new Admissions({
    perOrganizationMax: limits.streamsPerOrganizationMax,
    perNodeMax: limits.streamsPerNodeMax,
    refusal: tooManyOpen("streams"),
  });
  #isStopping = false;

  constructor(store: Pick<Store, "readStream" | "readMessages" | "onChangeLogEntries">, clock: Clock, turns: Turns) {
    this.#store = store;
    this.#clock = clock;
    this.#turns = turns;
    store.onChangeLogEntries((organizationId) => this.#opened.get(organizationId)?.feed.wake());
  }

  /** The number of streams. */
  get count(): number {
    return this.#admissions.count;
  }

  /** Throws a 429 when the organization or the node has reached its limit of streams, and a 503 when the node stops. */
  admit(params: StreamParams): AdmittedStream {
    if (this.#isStopping) throw new ApiError("unavailable", "This Weft is stopping. Connect again in a moment.");
    const leave = this.#admissions.admit(params.organizationId);
    return {
      run: async (out, recheck) => {
        const run = this.#run(params, out, recheck, leave);
        this.#running.add(run);
        await run.finally(() => this.#running.delete(run));
      },
    };
  }

  /** Ends all streams at once, each with a last event that says why. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isStopping = true;
    const detail = "This Weft is stopping. Connect again with the last id.";
    for (const { connections } of this.#opened.values()) {
      for (const connection of connections) connection.stop({ code: "shutting_down", detail });
    }
    await Promise.allSettled(this.#running);
  }

  async #run(params: StreamParams, out: EventSink, recheck: () => Promise<unknown>, leave: () => void): Promise<void> {
    const ending = await this.#follow(params, out, recheck).finally(leave);
    if (ending !== null) await out.end(eventText({ event: "end", id: null, data: JSON.stringify(ending) }));
  }

  async #follow(params: StreamParams, out: EventSink, recheck: () => Promise<unknown>): Promise<Ending | null> {
    const { organizationId } = params;
    const { feed, connections } = this.#openedFor(organizationId);
    const parts = { store: this.#store, clock: this.#clock, turns: this.#turns, feed, out, recheck };
    const connection = new StreamConnection(parts, params);
    connections.add(connection);
    try {
      return await connection.run();
    } finally {
      connections.delete(connection);
      if (connections.size === 0) this.#opened.delete(organizationId);
    }
  }

  #openedFor(organizationId: OrganizationId): Opened {
    const known = this.#opened.get(organizationId);
    if (known !== undefined) return known;
    const opened = {
      feed: new OrganizationFeed(this.#store, this.#clock, organizationId),
      connections: new Set<StreamConnection>(),
    };
    this.#opened.set(organizationId, opened);
    return opened;
  }
}
