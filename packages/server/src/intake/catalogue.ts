import type { Mistake } from "../domain/errors.ts";
import { isPattern, matchesPattern } from "../domain/event-pattern.ts";
import { type DefinedEventType, type EventType, newestSchema, ownEventTypes } from "../domain/event-type.ts";
import { identifierRule, isEventTypeName } from "../domain/event-type-name.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { operationalEventTypes } from "../domain/operational-catalogue.ts";
import { isOperatorsOrganization } from "../domain/operational-event.ts";
import { defaultNamespace, type Organization, type UnknownEventTypes } from "../domain/organization.ts";
import { CompiledSchemas } from "./schemas/compiled-schemas.ts";
import { parseExact } from "./schemas/exact-json.ts";
import { compileOwnSchema, type PayloadCheck } from "./schemas/payload-schema.ts";
import { type SchemaChecks, type StoredSchema, storedSchema } from "./schemas/schema-checks.ts";

/** An event whose payload is to be validated. */
export interface EventToCheck {
  readonly organizationId: OrganizationId;
  readonly namespace: string;
  readonly eventType: string;
  readonly payload: unknown;
  readonly payloadText: string;
}

/** The organization whose event types are meant. */
export type TypesOwner = Pick<Organization, "id" | "namespace">;

type Loc = readonly (string | number)[];

/**
 * The known event types, each with the JSON Schema of its payloads. Each namespace has its own; those that Weft itself publishes are
 * in the default namespace.
 */
export class Catalogue {
  readonly #checks: Pick<SchemaChecks, "mistakesIn"> | null;
  readonly #own = new Map([...ownEventTypes, ...operationalEventTypes].map((type) => [type.name, new OwnType(type)]));
  readonly #compiledHere = new CompiledSchemas();
  /** By namespace and name. */
  #defined: ReadonlyMap<string, ReadonlyMap<string, DefinedType>> = new Map();

  /**
   * `checks` validates payloads of types that callers defined. Null validates them in this thread, where only the program
   * itself defines types.
   */
  constructor(checks: Pick<SchemaChecks, "mistakesIn"> | null) {
    this.#checks = checks;
  }

  /** Replaces the types that exist in addition to Weft's own. */
  define(types: readonly DefinedEventType[]): void {
    const byNamespace = Map.groupBy(types, ({ namespace }) => namespace);
    this.#defined = new Map(
      [...byNamespace].map(([namespace, own]) => [
        namespace,
        new Map(own.map(({ namespace: _, ...type }) => [type.name, new DefinedType(type)])),
      ]),
    );
  }

  /** The types that operators defined, of all namespaces. */
  get defined(): readonly EventType[] {
    return [...this.#defined.values()].flatMap((types) => [...types.values()].map(({ type }) => type));
  }

  /** The event types of a namespace for tenants: Weft's own in the order of their story, then the others by name. */
  types(namespace: string): readonly EventType[] {
    const defined = [...(this.#defined.get(namespace)?.values() ?? [])].map(({ type }) => type);
    const own = namespace === defaultNamespace ? ownEventTypes : [];
    return [...own, ...defined.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  /** The event types that an organization's subscriptions can select. */
  typesFor({ id, namespace }: TypesOwner): readonly EventType[] {
    return isOperatorsOrganization(id) ? operationalEventTypes : this.types(namespace);
  }

  /** Whether Weft itself publishes the type, which therefore cannot be changed in this namespace. */
  isOwn(namespace: string, name: string): boolean {
    return namespace === defaultNamespace && this.#own.has(name);
  }

  find(namespace: string, name: string): EventType | null {
    const own = namespace === defaultNamespace ? this.#own.get(name) : undefined;
    return (own ?? this.#defined.get(namespace)?.get(name))?.type ?? null;
  }

  /**
   * Whether the pattern of an organization's subscription can match an event type: an exact name, a wildcard over one, or the
   * wildcard for all, which also matches types that are defined later.
   */
  offers(owner: TypesOwner, pattern: string): boolean {
    if (pattern === "*") return true;
    return this.typesFor(owner).some((type) => !type.archived && matchesPattern(pattern, type.name));
  }

  /**
   * Why an organization's subscription cannot select a pattern; null when it can. Where unknown event types are accepted, it can
   * also select those that are not defined.
   */
  selectionMistake(owner: TypesOwner, pattern: string, unknown: UnknownEventTypes): string | null {
    if (this.offers(owner, pattern)) return null;
    const known = this.find(owner.namespace, pattern);
    if (known?.archived === true) return `The event type ${known.name} is archived. Restore it, or select another one.`;
    if (known !== null) return `Events of the type ${known.name} are not published in this organization.`;
    if (unknown === "refuse") return `${notInCatalogue(pattern)} ${howToDefine}`;
    return isPattern(pattern) ? null : invalidPattern;
  }

  /** The mistakes in the name of an event's type. A known type has none; the organization's setting is for all others. */
  typeMistakes(
    { namespace, eventType }: Pick<EventToCheck, "namespace" | "eventType">,
    unknown: UnknownEventTypes,
    loc: Loc,
  ): readonly Mistake[] {
    if (this.find(namespace, eventType) !== null) return [];
    const located = { loc: [...loc, "event_type"] };
    if (unknown === "refuse") return [{ ...located, ...unknownEventType(eventType) }];
    return isEventTypeName(eventType) ? [] : [{ ...located, ...invalidName }];
  }

  /**
   * The mistakes in an event, each located below `loc`. A sandbox validates payloads of types that callers defined; all others
   * are validated without waiting. Rejects with ApiError `unavailable`.
   */
  check(event: EventToCheck, loc: Loc): readonly Mistake[] | Promise<readonly Mistake[]> {
    const schema = this.#definedSchema(event);
    if (schema === null || this.#checks === null) return this.checkHere(event, loc);
    return this.#checks.mistakesIn({ ...event, schema, loc: [...loc, "payload"] });
  }

  /**
   * Validates like `check`, but synchronously in this thread: for a program that defines its event types and publishes the
   * events itself.
   */
  checkHere(event: Omit<EventToCheck, "organizationId">, loc: Loc): readonly Mistake[] {
    const schema = this.#definedSchema(event);
    if (schema === null) {
      const isOwn = this.isOwn(event.namespace, event.eventType);
      return isOwn ? this.mistakesIn(event.eventType, event.payload, loc) : this.typeMistakes(event, "refuse", loc);
    }
    const check = this.#compiledHere.find(schema.key) ?? this.#compiledHere.compile(schema.key, schema.text);
    return located(check(parseExact(event.payloadText)), loc);
  }

  /** The mistakes in an event of a type that Weft itself publishes. */
  mistakesIn(eventType: string, payload: unknown, loc: Loc): readonly Mistake[] {
    const own = this.#own.get(eventType);
    if (own !== undefined) return located(own.check(payload), loc);
    return this.typeMistakes({ namespace: defaultNamespace, eventType }, "refuse", loc);
  }

  /** Null for Weft's own types, for types without a schema, and for unknown types. */
  #definedSchema({ namespace, eventType }: Pick<EventToCheck, "namespace" | "eventType">): StoredSchema | null {
    return this.isOwn(namespace, eventType) ? null : (this.#defined.get(namespace)?.get(eventType)?.schema ?? null);
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
    this.#check ??= compileOwnSchema(JSON.parse(newestSchema(this.type) ?? "{}") as Record<string, unknown>);
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

function notInCatalogue(name: string): string {
  return `The event type ${JSON.stringify(name)} is not in the catalogue.`;
}

const howToDefine =
  "Create it with POST /webhooks/event-types, or set unknown_event_types of the organization to accept.";

const invalidPattern = `This is neither the name of an event type nor a pattern such as invoice.* or *. ${identifierRule}`;

const invalidName = {
  msg: `This is not a name of an event type. ${identifierRule} A name has at most ${limits.uidLengthMax} characters.`,
  type: "event_type_invalid",
};

function unknownEventType(eventType: string): Omit<Mistake, "loc"> {
  return {
    msg: `${notInCatalogue(eventType)} ${howToDefine}`,
    type: "event_type_unknown",
  };
}
