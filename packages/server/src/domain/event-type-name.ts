import { limits } from "./limits.ts";

/** The characters of identifiers that callers choose, such as the names of event types. */
export const identifierCharacters = /^[a-zA-Z0-9\-_.]+$/;
export const identifierRule = "Only letters, digits, - _ and . are allowed here.";

/** Whether an event type can have this name. */
export function isEventTypeName(text: string): boolean {
  return text.length <= limits.uidLengthMax && identifierCharacters.test(text);
}
