import type { WrittenField } from "./filters.ts";
import { type IdPrefix, parseId, parseUuid } from "./id.ts";

/** The readings of a text that a user searches for. All that are possible apply. */
export interface FindQuery {
  /** The id of a message, an attempt or a subscription, in either spelling; null when the text is none. */
  readonly id: string | null;
  /** A field of payloads and its value, written as `customer_id:42`; null when the text is none. */
  readonly payload: WrittenField | null;
  /** The text itself: an event id, or a part of a name, a URL or a description. */
  readonly text: string;
}

const prefixes: readonly IdPrefix[] = ["msg", "atmpt", "ep"];
const payloadField = /^([\w$-]+(?:\.[\w$-]+)*):(?!\/\/)(.+)$/s;

export function parseFindQuery(given: string): FindQuery {
  const text = given.trim();
  const prefixed = prefixes.map((prefix) => (text.startsWith(`${prefix}_`) ? parseId(prefix, text) : null));
  const [, field, value] = payloadField.exec(text) ?? [];
  const isMail = text.toLowerCase().startsWith("mailto:");
  return {
    text,
    id: prefixed.find((id) => id !== null) ?? parseUuid(text),
    payload: field === undefined || value === undefined || isMail ? null : { field, text: value.trim() },
  };
}
