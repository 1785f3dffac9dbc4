import { type Clock, loop } from "../domain/clock.ts";
import { ApiError, type Mistake } from "../domain/errors.ts";
import type { EventType, PayloadSchema } from "../domain/event-type.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import type { Store } from "../store/store.ts";
import type { Catalogue } from "./catalogue.ts";
import { schemasBytes } from "./schemas/schema-bounds.ts";
import type { SchemaChecks } from "./schemas/schema-checks.ts";

type EventTypeStore = Pick<
  Store,
  "readEventTypesState" | "readEventTypes" | "createEventType" | "replaceEventTypes" | "deleteEventType"
>;

const typesMax = limits.eventTypesMax;

function noRoom(): ApiError {
  return new ApiError("limit_reached", `There are ${typesMax} event types, which is the limit. Delete some of them.`);
}

/** Other nodes learn about a change after this time at most. */
const lookEveryMs = 5_000;
/** An older change is certainly part of the last read, also where clocks differ. */
const settledAfterMs = 60_000;

/** The owner of compilations when a schema is stored: only operators define event types. */
const operators = "operators";

/**
 * The event types that an operator defines in addition to Weft's own. A change takes effect on this node when the call returns,
 * and on other nodes within five seconds.
 */
export class EventTypes {
  readonly #store: EventTypeStore;
  readonly #catalogue: Catalogue;
  readonly #checks: Pick<SchemaChecks, "schemaMistake">;
  readonly #clock: Clock;
  readonly #reporter: Reporter;
  readonly #stop = new AbortController();
  #running: Promise<unknown> = Promise.resolve();
  /** The state that the catalogue was read at; null when it must be read again. */
  #settledState: string | null = null;

  constructor(parts: {
    store: EventTypeStore;
    catalogue: Catalogue;
    checks: Pick<SchemaChecks, "schemaMistake">;
    clock: Clock;
    reporter: Reporter;
  }) {
    this.#store = parts.store;
    this.#catalogue = parts.catalogue;
    this.#checks = parts.checks;
    this.#clock = parts.clock;
    this.#reporter = parts.reporter;
  }

  /** Reads the definitions, and repeats that periodically. Throws when the first read fails. */
  async start(): Promise<void> {
    await this.refresh();
    this.#running = this.#lookAgain(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#running;
  }

  /** Reads the definitions if they may have changed, because schemas may be large. */
  async refresh(): Promise<void> {
    const { state, changedAt } = await this.#store.readEventTypesState({});
    if (state === this.#settledState) return;
    this.#catalogue.define(await this.#store.readEventTypes({}));
    // A change by another node within the same millisecond would look the same.
    const isSettled = changedAt === null || this.#clock.now() - changedAt > settledAfterMs;
    this.#settledState = isSettled ? state : null;
  }

  async #lookAgain(signal: AbortSignal): Promise<void> {
    await this.#clock.sleep(lookEveryMs, signal);
    await loop(this.#clock, signal, async () => {
      await this.refresh().catch((error) =>
        this.#reporter.internalOperationFailed({ operation: "read event types", error }),
      );
      return lookEveryMs;
    });
  }

  /**
   * Why schemas cannot be stored for a type of this name, with each mistake located at its version below `loc`. Stored schemas
   * are not compiled again.
   */
  async schemaMistakes(name: string, schemas: EventType["schemas"], loc: Mistake["loc"]): Promise<Mistake[]> {
    const versions = Object.entries(schemas ?? {});
    if (versions.length > limits.schemaVersionsMax) {
      return [{ loc, msg: `An event type has at most ${limits.schemaVersionsMax} schemas.`, type: "too_big" }];
    }
    const mistakes: Mistake[] = [];
    for (const [version, schema] of versions) {
      if (this.#isStored(name, version, schema)) continue;
      const mistake = await this.#checks.schemaMistake(schema, operators);
      if (mistake === null) continue;
      mistakes.push({ loc: [...loc, version], msg: `This is not a JSON Schema: ${mistake}`, type: "schema_invalid" });
      if (mistakes.length >= limits.payloadMistakesMax) break;
    }
    return mistakes;
  }

  #isStored(name: string, version: string, schema: PayloadSchema): boolean {
    const { schemas } = this.#catalogue.find(name) ?? {};
    if (schemas === undefined || schemas === null || !Object.hasOwn(schemas, version)) return false;
    return schemas[version] === schema;
  }

  /** Throws limit_reached when the schemas of these types and all others exceed the limit. */
  #requireRoomForSchemas(types: readonly EventType[]): void {
    const names = new Set(types.map(({ name }) => name));
    const others = this.#catalogue.types.filter(({ name }) => !names.has(name) && !this.#catalogue.isOwn(name));
    if (schemasBytes(types) + schemasBytes(others) <= limits.eventTypeSchemasBytesMax) return;
    throw new ApiError(
      "limit_reached",
      `The schemas of all event types have at most ${limits.eventTypeSchemasBytesMax} bytes together.`,
    );
  }

  /** False when a type with this name exists. Throws limit_reached at the limit of types. */
  async create(type: EventType): Promise<boolean> {
    this.#requireRoomForSchemas([type]);
    const made = this.#catalogue.isOwn(type.name) ? "exists" : await this.#store.createEventType({ type, typesMax });
    await this.refresh();
    if (made === "full") throw noRoom();
    return made === "created";
  }

  /** Creates or replaces all of these types, or none. Throws limit_reached as well. */
  async replace(...types: readonly EventType[]): Promise<void> {
    this.#requireRoomForSchemas(types);
    const replaced = await this.#store.replaceEventTypes({ types, typesMax });
    await this.refresh();
    if (replaced === "full") throw noRoom();
  }

  async delete(name: string): Promise<void> {
    await this.#store.deleteEventType({ name });
    await this.refresh();
  }
}
