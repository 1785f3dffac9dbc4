export type FilterValue = string | number | boolean | null;

/** Payload field → the values of it that the subscription wants. A message matches when every field does. */
export type Filters = Readonly<Record<string, readonly FilterValue[]>>;

/**
 * Whether a payload passes. A field is looked up by its whole name first and then as a dotted path, so that both flat
 * and nested payloads can be filtered. A field that is absent counts as null.
 */
export function passesFilters(filters: Filters | null, payload: unknown): boolean {
  if (filters === null) return true;
  return Object.entries(filters).every(([field, wanted]) => wanted.includes(scalarAt(payload, field)));
}

/** A field of a payload, named as filters name it, and how its value is written. */
export interface WrittenField {
  readonly field: string;
  /** A string as it is; numbers, true, false and null as JSON writes them. */
  readonly text: string;
}

/** Whether each of these fields of a payload has such a value. A field that is absent counts as null. */
export function hasWritten(fields: readonly WrittenField[], payload: unknown): boolean {
  return fields.every(({ field, text }) => String(scalarAt(payload, field)) === text);
}

/** The first field that keeps a payload from passing; null when it passes. */
export function failingField(filters: Filters, payload: unknown): string | null {
  const failing = Object.entries(filters).find(([field, wanted]) => !passesFilters({ [field]: wanted }, payload));
  return failing?.[0] ?? null;
}

function scalarAt(payload: unknown, field: string): FilterValue {
  let value: unknown = own(payload, field);
  if (value === undefined) {
    value = payload;
    for (const part of field.split(".")) value = own(value, part);
  }
  if (typeof value === "string" || typeof value === "number" || typeof value === "boolean") return value;
  return null;
}

function own(value: unknown, key: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, key)) return undefined;
  return (value as Record<string, unknown>)[key];
}
