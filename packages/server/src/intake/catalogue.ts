import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import type { Mistake } from "../domain/errors.ts";
import { type EventType, eventCatalogue } from "../domain/event-catalogue.ts";
import { matchesPattern } from "../domain/event-pattern.ts";

/** The event types that are known here, each with the JSON Schema that its payloads must keep. */
export class Catalogue {
  readonly #types: readonly EventType[];
  readonly #validators: ReadonlyMap<string, ValidateFunction>;

  constructor(types: readonly EventType[] = eventCatalogue) {
    const ajv = new Ajv({ allErrors: true, strict: false, validateFormats: false });
    this.#types = types;
    this.#validators = new Map(types.map((type) => [type.name, ajv.compile(type.schema)]));
  }

  get types(): readonly EventType[] {
    return this.#types;
  }

  find(name: string): EventType | null {
    return this.#types.find((type) => type.name === name) ?? null;
  }

  /** Whether a subscription's pattern can match anything: an exact name, or a wildcard over at least one. */
  knowsPattern(pattern: string): boolean {
    return this.#types.some((type) => matchesPattern(pattern, type.name));
  }

  /** What is wrong with an event, each mistake located below `loc`; empty when nothing is. */
  mistakesIn(eventType: string, payload: unknown, loc: readonly (string | number)[]): Mistake[] {
    const validate = this.#validators.get(eventType);
    if (validate === undefined) return [{ loc: [...loc, "event_type"], ...unknownEventType(eventType) }];
    if (validate(payload)) return [];
    return (validate.errors ?? []).map((error) => ({
      loc: [...loc, "payload", ...pathOf(error)],
      ...sentenceOf(error),
    }));
  }
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
