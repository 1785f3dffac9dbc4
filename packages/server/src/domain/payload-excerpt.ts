import { memberTexts, stringOf } from "./json-text.ts";

const fieldsMax = 3;
const valueLengthMax = 60;
const idPattern = /^"[\da-f]{8}-[\da-f]{4}-[\da-f]{4}-[\da-f]{4}-[\da-f]{12}"$/i;
const timePattern = /^"\d{4}-\d\d-\d\dT[\d:.]+(?:Z|[+-]\d\d:?\d\d)"$/;

/**
 * Shows a few fields of a payload on one line, such as `error: Token expired, source_type: github`. Ids, times and the event
 * type are left out, because they tell messages apart less well. Null for a payload without such fields.
 */
export function payloadExcerpt({ payload, eventType }: { payload: string; eventType: string }): string | null {
  if (!payload.trimStart().startsWith("{")) return null;
  const shown: string[] = [];
  for (const { key, text } of memberTexts(payload)) {
    if (shown.length === fieldsMax) break;
    if (isTelling(text, eventType)) shown.push(`${key}: ${shortened(text)}`);
  }
  return shown.length === 0 ? null : shown.join(", ");
}

function isTelling(text: string, eventType: string): boolean {
  if (text === "null" || text === '""' || text === JSON.stringify(eventType)) return false;
  return !/^[[{]/.test(text) && !idPattern.test(text) && !timePattern.test(text);
}

function shortened(text: string): string {
  const value = text.startsWith('"') ? stringOf(beginningOf(text)).replaceAll(/\s+/g, " ") : text;
  return value.length <= valueLengthMax ? value : `${value.slice(0, valueLengthMax - 1).toWellFormed()}…`;
}

/** The beginning of a JSON string that is long, as a JSON string. A cut must not split an escape. */
function beginningOf(text: string): string {
  const lengthMax = 6 * valueLengthMax;
  if (text.length <= lengthMax) return text;
  let end = 1;
  while (end < lengthMax) end += text[end] === "\\" ? (text[end + 1] === "u" ? 6 : 2) : 1;
  return `${text.slice(0, end)}"`;
}
