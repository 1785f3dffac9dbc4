// Filters select payloads by the values of their fields, for subscriptions and searches. Values are compared as the payload's
// text writes them: strings by their characters, numbers by their exact decimal value.

import { decimalKey, decimalOf, isJsonNumber } from "./decimal.ts";
import { itemTexts, JsonNode, memberTexts, stringOf } from "./json-text.ts";
import { limits } from "./limits.ts";

/**
 * The JSON text of an object: payload field → list of accepted values, with numbers as they were written. A message matches
 * when every field matches.
 */
export type FiltersText = string;

/** A field of a payload, and the keys of the values that match. */
interface FieldFilter {
  readonly field: string;
  readonly keys: ReadonlySet<string>;
}

export type Filters = readonly FieldFilter[];

/** A number that cannot be compared exactly, because it is too long or its exponent is too large. */
export interface UnfitNumber {
  readonly field: string;
  readonly index: number | null;
}

/** The filters of a JSON object whose members are values or lists of values. When a key is repeated, the last one counts. */
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

/** Filters as JSON.stringify prints them, with their numbers as they were written. */
export function shownFilters(text: FiltersText): Record<string, (string | number | boolean | null)[]> {
  return JSON.parse(text, (_, value: unknown, { source }) =>
    typeof value === "number" ? JSON.rawJSON(source ?? "") : value,
  ) as Record<string, (string | number | boolean | null)[]>;
}

/** A field of a payload, named as in filters, and the text of its value. */
export interface WrittenField {
  readonly field: string;
  /** A string is its characters; a number, true, false or null is its JSON text. */
  readonly text: string;
}

/** Filters for payloads that have each of these values. */
export function writtenFilters(fields: readonly WrittenField[]): Filters {
  return fields.map(({ field, text }) => {
    const key = isWrittenValue(text) ? keyOf(text) : null;
    return { field, keys: new Set([stringKey(text), ...(key === null ? [] : [key])]) };
  });
}

function isWrittenValue(text: string): boolean {
  return text === "true" || text === "false" || text === "null" || isJsonNumber(text);
}

/**
 * The texts that each matching payload contains as they are, unless it contains a backslash: JSON writes a string as its
 * characters or with escapes. A number can be written in several ways, and an absent field counts as null.
 */
export function textsInMatching(fields: readonly WrittenField[]): string[] {
  return fields.map(({ text }) => text).filter((text) => !isWrittenValue(text));
}

/** The fields of one payload. The payload is read once for all filters, and no further than they require. */
export class FilteredPayload {
  readonly #root: JsonNode | null;
  readonly #keys = new Map<string, string | null>();

  /** Null for a payload that is not JSON and thus has no fields. */
  constructor(json: string | null) {
    this.#root = json === null ? null : new JsonNode(json);
  }

  /** Whether each filtered field has one of its accepted values. */
  matches(filters: Filters): boolean {
    return filters.every((filter) => this.#has(filter));
  }

  /** The first field that has none of its accepted values; null when the payload matches. */
  failingField(filters: Filters): string | null {
    return filters.find((filter) => !this.#has(filter))?.field ?? null;
  }

  #has({ field, keys }: FieldFilter): boolean {
    const key = this.#keyAt(field);
    return key !== null && keys.has(key);
  }

  /**
   * A field is looked up by its complete name first and then as a dotted path, so that filters work on flat and nested
   * payloads. An absent field counts as null. Objects and lists never match.
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

/** Equal only for equal values. Null for objects, lists, and values that are too large to equal a filter's value. */
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

/** The longest text of a string that a filter can match: each character as an escape such as \u0041, and the quotes. */
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
