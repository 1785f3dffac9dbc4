// Which payloads a subscription wants, and a search finds, by the values of their fields. Values are compared as they are
// written in the payload's text: strings by their characters, numbers by their exact decimal value.

import { decimalKey, decimalOf, isJsonNumber } from "./decimal.ts";
import { itemTexts, JsonNode, memberTexts, stringOf } from "./json-text.ts";
import { limits } from "./limits.ts";

/**
 * The JSON text of an object: payload field → list of the values that the subscription wants, with numbers as they were
 * given. A message matches when every field does.
 */
export type FiltersText = string;

/** A field of a payload, and keys of the values that match. */
interface WantedField {
  readonly field: string;
  readonly keys: ReadonlySet<string>;
}

export type Filters = readonly WantedField[];

/** A number that cannot be compared exactly, because it is too long or its exponent is too large. */
export interface UnfitNumber {
  readonly field: string;
  readonly index: number | null;
}

/** The filters of a JSON object whose members are values or lists of values. Of a key that occurs twice, the last one counts. */
export function filtersText(given: string): FiltersText | UnfitNumber {
  const members = new Map<string, string>();
  for (const { key, text } of memberTexts(given)) members.set(key, text);
  const written: string[] = [];
  for (const [field, text] of members) {
    const isList = text.startsWith("[");
    const values = isList ? itemTexts(text) : [text];
    const unfit = values.findIndex((value) => value.length > stringTextLengthMax || keyOf(value) === null);
    if (unfit !== -1) return { field, index: isList ? unfit : null };
    written.push(`${JSON.stringify(field)}:[${values.join(",")}]`);
  }
  return `{${written.join(",")}}`;
}

export function parseFilters(text: FiltersText): Filters {
  return [...memberTexts(text)].map(({ key, text: values }) => ({
    field: key,
    keys: new Set(itemTexts(values).flatMap((value) => keyOf(value) ?? [])),
  }));
}

/** Filters as JSON.stringify prints them: with their numbers as they were given. */
export function shownFilters(text: FiltersText): Record<string, (string | number | boolean | null)[]> {
  return JSON.parse(text, (_, value: unknown, { source }) =>
    typeof value === "number" ? JSON.rawJSON(source ?? "") : value,
  ) as Record<string, (string | number | boolean | null)[]>;
}

/** A field of a payload, named as filters name it, and how its value is written. */
export interface WrittenField {
  readonly field: string;
  /** A string as it is; numbers, true, false and null as JSON writes them. */
  readonly text: string;
}

/** Filters for payloads that have each of these values. */
export function writtenFilters(fields: readonly WrittenField[]): Filters {
  return fields.map(({ field, text }) => {
    const isValue = text === "true" || text === "false" || text === "null" || isJsonNumber(text);
    const key = isValue ? keyOf(text) : null;
    return { field, keys: new Set([stringKey(text), ...(key === null ? [] : [key])]) };
  });
}

/** What filters see of a payload. It is read once for all filters, and only as far as they look. */
export class FilteredPayload {
  readonly #root: JsonNode | null;
  readonly #keys = new Map<string, string | null>();

  /** Null for a payload that is not JSON: it has no fields. */
  constructor(json: string | null) {
    this.#root = json === null ? null : new JsonNode(json);
  }

  /** Whether each of these fields has one of its values. */
  passes(filters: Filters): boolean {
    return filters.every((wanted) => this.#has(wanted));
  }

  /** The first field that has none of its values; null when the payload passes. */
  failingField(filters: Filters): string | null {
    return filters.find((wanted) => !this.#has(wanted))?.field ?? null;
  }

  #has({ field, keys }: WantedField): boolean {
    const key = this.#keyAt(field);
    return key !== null && keys.has(key);
  }

  /**
   * A field is looked up by its whole name first and then as a dotted path, so that both flat and nested payloads can be
   * filtered. A field that is absent counts as null. Objects and lists match nothing.
   */
  #keyAt(field: string): string | null {
    let key = this.#keys.get(field);
    if (key === undefined) {
      const text = (this.#root?.child(field) ?? this.#root?.at(field.split(".")))?.text ?? "null";
      key = keyOf(text);
      this.#keys.set(field, key);
    }
    return key;
  }
}

/** Equal for equal values only. Null for objects, lists, and values that are too large to be equal to any of a filter. */
function keyOf(text: string): string | null {
  switch (text[0]) {
    case '"':
      return text.length > stringTextLengthMax ? null : stringKey(stringOf(text));
    case "{":
    case "[":
      return null;
    case "t":
    case "f":
    case "n":
      return text;
    default:
      return numberKey(text);
  }
}

/** The longest text of a string that a filter can have: each character as an escape such as \u0041, and the quotes. */
const stringTextLengthMax = limits.filterValueLengthMax * 6 + 2;

function stringKey(text: string): string {
  return `"${text}`;
}

function numberKey(text: string): string | null {
  const decimal = decimalOf(text);
  if (decimal === null) return null;
  const { digits, exponent } = decimal;
  const isComparable = digits.length <= limits.filterValueLengthMax && Math.abs(exponent) <= limits.filterExponentMax;
  return isComparable ? decimalKey(decimal) : null;
}
