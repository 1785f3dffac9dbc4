import type { FilterField } from "./filter-fields.ts";
import { partsOf, textOf } from "./filter-values.ts";

/** `missing` also matches null, as the API does. */
export const filterConditions = ["is", "one_of", "missing"] as const;
export type FilterCondition = (typeof filterConditions)[number];

/** One filter of the form. */
export interface FilterRow {
  readonly name: string;
  /** The accepted values as text. */
  readonly value: string;
  /** The condition that the user selected; undefined where the value decides it. */
  readonly condition?: FilterCondition;
}

export function conditionOf({ value, condition }: FilterRow): FilterCondition {
  if (condition !== undefined) return condition;
  const parts = partsOf(value);
  if (parts.length > 1) return "one_of";
  return parts[0] === "null" ? "missing" : "is";
}

/** The row with another condition. It keeps the values that still fit. */
export function withCondition(row: FilterRow, condition: FilterCondition): FilterRow {
  if (condition === "missing") return { ...row, condition, value: "null" };
  const parts = partsOf(row.value).filter((part) => condition !== "is" || part !== "null");
  return { ...row, condition, value: (condition === "is" ? parts.slice(0, 1) : parts).join(", ") };
}

/** The single value of a row as the user types it: a text without its quotes, if the field is known to be a text. */
export function typedValue(row: FilterRow, field: FilterField | undefined): string {
  const [part = ""] = partsOf(row.value);
  return field?.isText === true && /^"(?:[^"\\]|\\.)*"$/.test(part) ? (JSON.parse(part) as string) : row.value;
}

export function withTypedValue(row: FilterRow, text: string, field: FilterField | undefined): FilterRow {
  return { ...row, value: field?.isText === true && text !== "" ? textOf(text) : text };
}
