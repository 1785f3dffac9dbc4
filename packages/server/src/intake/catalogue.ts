import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Mistake } from "../domain/errors.ts";
import { matchesPattern } from "../domain/event-pattern.ts";
import { type EventType, newestSchema, ownEventTypes, type PayloadSchema } from "../domain/event-type.ts";
import type { OrganizationId } from "../domain/id.ts";
import { operationalEventTypes } from "../domain/operational-catalogue.ts";
import { operatorsOrganizationId } from "../domain/operational-event.ts";

interface Known {
  readonly type: EventType;
  /** Null where any object will do. */
  readonly validate: ValidateFunction | null;
}

/** The event types that are known here, each with the JSON Schema that its payloads must keep. */
export class Catalogue {
  readonly #own = new Map([...ownEventTypes, ...operationalEventTypes].map((type) => [type.name, knownOf(type)]));
  #defined: ReadonlyMap<string, Known> = new Map();

  /** From now on these are the types that stand beside Weft's own. */
  define(types: readonly EventType[]): void {
    const before = this.#defined;
    this.#defined = new Map(
      types.map((type) => {
        const known = before.get(type.name);
        const isSame = known !== undefined && JSON.stringify(known.type.schemas) === JSON.stringify(type.schemas);
        return [type.name, isSame ? { ...known, type } : knownOf(type)];
      }),
    );
  }

  /** What tenants get: Weft's own in the order of their story, then the others by name. */
  get types(): readonly EventType[] {
    const defined = [...this.#defined.values()].map(({ type }) => type);
    return [...ownEventTypes, ...defined.sort((a, b) => (a.name < b.name ? -1 : 1))];
  }

  /** What an organization's subscriptions may choose. */
  typesFor(organizationId: OrganizationId): readonly EventType[] {
    return organizationId === operatorsOrganizationId ? operationalEventTypes : this.types;
  }

  /** Whether it is Weft itself that sends it; nobody changes such a type. */
  isOwn(name: string): boolean {
    return this.#own.has(name);
  }

  find(name: string): EventType | null {
    return this.#known(name)?.type ?? null;
  }

  /** Whether the pattern of an organization's subscription can match anything: an exact name, or a wildcard over one. */
  offers(organizationId: OrganizationId, pattern: string): boolean {
    return this.typesFor(organizationId).some((type) => !type.archived && matchesPattern(pattern, type.name));
  }

  /** What is wrong with an event, each mistake located below `loc`; empty when nothing is. */
  mistakesIn(eventType: string, payload: unknown, loc: readonly (string | number)[]): Mistake[] {
    const known = this.#known(eventType);
    if (known === undefined) return [{ loc: [...loc, "event_type"], ...unknownEventType(eventType) }];
    const { validate } = known;
    if (validate === null || validate(payload)) return [];
    return (validate.errors ?? []).map((error) => ({
      loc: [...loc, "payload", ...pathOf(error)],
      ...sentenceOf(error),
    }));
  }

  #known(name: string): Known | undefined {
    return this.#own.get(name) ?? this.#defined.get(name);
  }
}

/** Why a schema cannot be one that payloads are held against; null when it can. */
export function schemaMistake(schema: PayloadSchema): string | null {
  try {
    compile(schema);
    return null;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}

function knownOf(type: EventType): Known {
  const schema = newestSchema(type);
  return { type, validate: schema === null ? null : compile(schema) };
}

const options = { allErrors: true, strict: false, validateFormats: false, addUsedSchema: false } as const;

// Each schema by itself: two may carry the same `$id`.
function compile(schema: PayloadSchema): ValidateFunction {
  const draft = typeof schema.$schema === "string" ? schema.$schema : "";
  if (draft.includes("2020-12")) return new Ajv2020(options).compile(schema);
  if (draft.includes("2019-09")) return new Ajv2019(options).compile(schema);
  return new Ajv(options).compile(schema);
}

function unknownEventType(eventType: string): Omit<Mistake, "loc"> {
  return {
    msg: `${JSON.stringify(eventType)} is not in the catalogue; GET /webhooks/event-types lists what is.`,
    type: "event_type_unknown",
  };
}

function pathOf(error: ErrorObject): string[] {
  const path = error.instancePath.split("/").slice(1);
  const missing: unknown = error.params.missingProperty;
  return typeof missing === "string" ? [...path, missing] : path;
}

function sentenceOf(error: ErrorObject): Omit<Mistake, "loc"> {
  if (error.keyword === "required") return { msg: "The event type's schema requires this field.", type: "missing" };
  const allowed: unknown = error.params.allowedValue;
  const detail = allowed === undefined ? (error.message ?? "is not valid") : `must be ${JSON.stringify(allowed)}`;
  return { msg: `${detail[0]?.toUpperCase()}${detail.slice(1)}.`, type: `schema_${error.keyword}` };
}
