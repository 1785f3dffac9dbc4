import type { Mistake } from "../domain/errors.ts";
import { matchesPattern } from "../domain/event-pattern.ts";
import { type EventType, newestSchema, ownEventTypes } from "../domain/event-type.ts";
import type { OrganizationId } from "../domain/id.ts";
import { operationalEventTypes } from "../domain/operational-catalogue.ts";
import { operatorsOrganizationId } from "../domain/operational-event.ts";
import { CompiledSchemas } from "./schemas/compiled-schemas.ts";
import { parseExact } from "./schemas/exact-json.ts";
import { compileSchema, type PayloadCheck } from "./schemas/payload-schema.ts";
import { type SchemaChecks, type StoredSchema, storedSchema } from "./schemas/schema-checks.ts";

/** An event whose payload is to be validated. */
export interface EventToCheck {
  readonly organizationId: OrganizationId;
  readonly eventType: string;
  readonly payload: unknown;
  readonly payloadText: string;
}

type Loc = readonly (string | number)[];

/** The known event types, each with the JSON Schema of its payloads. */
export class Catalogue {
  readonly #checks: Pick<SchemaChecks, "mistakesIn"> | null;
  readonly #own = new Map([...ownEventTypes, ...operationalEventTypes].map((type) => [type.name, new OwnType(type)]));
  readonly #compiledHere = new CompiledSchemas();
  #defined: ReadonlyMap<string, DefinedType> = new Map();

  /**
   * `checks` validates payloads of types that callers defined. Null validates them in this thread, where only the program
   * itself defines types.
   */
  constructor(checks: Pick<SchemaChecks, "mistakesIn"> | null) {
    this.#checks = checks;
  }

  /** Replaces the types that exist in addition to Weft's own. */
  define(types: readonly EventType[]): void {
    this.#defined = new Map(types.map((type) => [type.name, new DefinedType(type)]));
  }

  /** The event types for tenants: Weft's own in the order of their story, then the others by name. */
  get types(): readonly EventType[] {
    const defined = [...this.#defined.values()].map(({ type }) => type);
    return [...ownEventTypes, ...defined.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  /** The event types that an organization's subscriptions can select. */
  typesFor(organizationId: OrganizationId): readonly EventType[] {
    return organizationId === operatorsOrganizationId ? operationalEventTypes : this.types;
  }

  /** Whether Weft itself publishes the type, which therefore cannot be changed. */
  isOwn(name: string): boolean {
    return this.#own.has(name);
  }

  find(name: string): EventType | null {
    return (this.#own.get(name) ?? this.#defined.get(name))?.type ?? null;
  }

  /** Whether the pattern of an organization's subscription can match an event type: an exact name, or a wildcard over one. */
  offers(organizationId: OrganizationId, pattern: string): boolean {
    return this.typesFor(organizationId).some((type) => !type.archived && matchesPattern(pattern, type.name));
  }

  /**
   * The mistakes in an event, each located below `loc`. A sandbox validates payloads of types that callers defined; all others
   * are validated without waiting. Rejects with ApiError `unavailable`.
   */
  check(event: EventToCheck, loc: Loc): readonly Mistake[] | Promise<readonly Mistake[]> {
    const schema = this.#definedSchema(event.eventType);
    if (schema === null || this.#checks === null) return this.checkHere(event, loc);
    return this.#checks.mistakesIn({ ...event, schema, loc: [...loc, "payload"] });
  }

  /**
   * Validates like `check`, but synchronously in this thread: for a program that defines its event types and publishes the
   * events itself.
   */
  checkHere(event: Omit<EventToCheck, "organizationId">, loc: Loc): readonly Mistake[] {
    const schema = this.#definedSchema(event.eventType);
    if (schema === null) return this.mistakesIn(event.eventType, event.payload, loc);
    const check = this.#compiledHere.find(schema.key) ?? this.#compiledHere.compile(schema.key, schema.text);
    return located(check(parseExact(event.payloadText)), loc);
  }

  /** The mistakes in an event of a type that Weft itself publishes. */
  mistakesIn(eventType: string, payload: unknown, loc: Loc): readonly Mistake[] {
    const own = this.#own.get(eventType);
    if (own !== undefined) return located(own.check(payload), loc);
    return this.#defined.has(eventType) ? [] : [{ loc: [...loc, "event_type"], ...unknownEventType(eventType) }];
  }

  /** Null for Weft's own types, for types without a schema, and for unknown types. */
  #definedSchema(eventType: string): StoredSchema | null {
    return this.isOwn(eventType) ? null : (this.#defined.get(eventType)?.schema ?? null);
  }
}

/** The schema is Weft's own, so that it is compiled in this thread. */
class OwnType {
  readonly type: EventType;
  #check: PayloadCheck | null = null;

  constructor(type: EventType) {
    this.type = type;
  }

  check(payload: unknown): ReturnType<PayloadCheck> {
    this.#check ??= compileSchema(JSON.parse(newestSchema(this.type) ?? "{}") as Record<string, unknown>);
    return this.#check(payload);
  }
}

class DefinedType {
  readonly type: EventType;
  #schema: StoredSchema | null = null;

  constructor(type: EventType) {
    this.type = type;
  }

  /** Null where any object is valid. */
  get schema(): StoredSchema | null {
    const newest = newestSchema(this.type);
    if (newest === null) return null;
    this.#schema ??= storedSchema(newest);
    return this.#schema;
  }
}

function located(mistakes: ReturnType<PayloadCheck>, loc: Loc): Mistake[] {
  return mistakes.map(({ path, ...mistake }) => ({ loc: [...loc, "payload", ...path], ...mistake }));
}

function unknownEventType(eventType: string): Omit<Mistake, "loc"> {
  return {
    msg: `${JSON.stringify(eventType)} is not in the catalogue; GET /webhooks/event-types lists the event types.`,
    type: "event_type_unknown",
  };
}
