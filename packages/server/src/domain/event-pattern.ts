// A subscription selects event types by exact name (`sync.completed`), with a wildcard at the end (`sync.*`), or all (`*`).

import { isEventTypeName } from "./event-type-name.ts";

/** Whether a text is a pattern for names of event types that need not exist. */
export function isPattern(text: string): boolean {
  return text === "*" || isEventTypeName(text.endsWith(".*") ? text.slice(0, -".*".length) : text);
}

/** Every pattern that matches this event type, the exact one first. Fan-out looks them up in its index. */
export function patternsMatching(eventType: string): string[] {
  const patterns = [eventType];
  for (let dot = eventType.lastIndexOf("."); dot > 0; dot = eventType.lastIndexOf(".", dot - 1)) {
    patterns.push(`${eventType.slice(0, dot)}.*`);
  }
  patterns.push("*");
  return patterns;
}

export function matchesPattern(pattern: string, eventType: string): boolean {
  if (pattern === "*") return true;
  if (pattern.endsWith(".*")) return eventType.startsWith(pattern.slice(0, -1));
  return pattern === eventType;
}
