import type { Source } from "@weft/sdk";

export type SourceField = Source["config_fields"]["fields"][number];

/** The texts in the fields of a form, by their names; lists have one item per line. */
export type FieldTexts = Readonly<Record<string, string>>;

/**
 * The values for a source. Empty fields are left out, so that its defaults apply. A text in place of a number is sent
 * as it is, and the API reports it.
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
      // Keys end with a line break.
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

/** The value that applies when a field is empty, in short; null without one. */
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
