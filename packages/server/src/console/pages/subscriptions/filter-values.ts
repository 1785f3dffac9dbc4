// The values of a filter as the text of a row: separated by commas, `true`, `12` and `null` as JSON, and texts without quotes
// unless they would be read as something else.

export type FilterValue = string | number | boolean | null;

export function valuesIn(text: string): FilterValue[] {
  return partsOf(text).map(readValue);
}

/** The texts of the single values. */
export function partsOf(text: string): string[] {
  const parts = text.match(/\s*"(?:[^"\\]|\\.)*"\s*|[^,]+/g) ?? [];
  return parts.map((part) => part.trim()).filter((part) => part !== "");
}

/** A text as a value: quoted if it looks like another type, or has a comma. */
export function textOf(value: string): string {
  const isPlain = value !== "" && !/[",]/.test(value) && value.trim() === value && readValue(value) === value;
  return isPlain ? value : JSON.stringify(value);
}

/** Whether the text is a number with more digits than JavaScript's numbers keep. */
export function isRounded(part: string): boolean {
  const value = readValue(part);
  if (typeof value !== "number" || (value !== 0 && Number.isSafeInteger(value))) return false;
  const digits = part.replace(/e.*$/i, "").replace(/\D/g, "").replace(/^0+/, "").replace(/0+$/, "");
  return digits.length > 15 || !Number.isFinite(value) || (value === 0 && digits !== "");
}

function readValue(part: string): FilterValue {
  try {
    const value: unknown = JSON.parse(part);
    return typeof value === "object" && value !== null ? part : (value as FilterValue);
  } catch {
    return part;
  }
}
