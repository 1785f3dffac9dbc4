import type { Source } from "@weft/sdk";

export type SourceField = Source["config_fields"]["fields"][number];

/** What stands in the fields of a form, by their names: texts, lists with one item a line. */
export type FieldTexts = Readonly<Record<string, string>>;

/**
 * What a source is given: fields that were left empty are left out, so that its defaults hold. Text that is no number where
 * one is wanted goes along as it is, and the API says so.
 */
export function valuesOf(fields: readonly SourceField[], texts: FieldTexts): Record<string, unknown> {
  return Object.fromEntries(
    fields
      .filter(({ name }) => (texts[name] ?? "").trim() !== "")
      .map((field) => [field.name, readField(field, texts[field.name] ?? "")]),
  );
}

function readField({ type, items_type: itemsType, is_multiline: isMultiline }: SourceField, text: string): unknown {
  switch (type) {
    case "number":
      return numberOr(text);
    case "boolean":
      return text === "true";
    case "array":
      return text
        .split("\n")
        .map((line) => line.trim())
        .filter((line) => line !== "")
        .map((line) => (itemsType === "number" || itemsType === "integer" ? numberOr(line) : line));
    case "object":
      return jsonOr(text);
    default:
      // Keys end with a line of their own.
      return isMultiline ? text : text.trim();
  }
}

function numberOr(text: string): number | string {
  const value = Number(text);
  return Number.isNaN(value) ? text : value;
}

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

const defaultLengthMax = 60;

/** What holds when a field is left empty, in short; null when nothing does. */
export function defaultText({ default: value }: SourceField): string | null {
  if (value === null || value === undefined || value === "") return null;
  const text = Array.isArray(value)
    ? value.join(", ")
    : typeof value === "object"
      ? JSON.stringify(value)
      : String(value);
  if (text === "") return null;
  return text.length > defaultLengthMax ? `${text.slice(0, defaultLengthMax)}…` : text;
}
