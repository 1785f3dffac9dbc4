import type { WeftEvent } from "./events.ts";
import { WebhookVerificationError } from "./verification-error.ts";

/**
 * A name that this version of the kit does not know. It is any string; the type claims an ending that no known name
 * has, because only then does a comparison with a known name narrow. Widen it to compare with a name of your own:
 * `const name: string = event.event_type`.
 */
export type UnlistedEventType = `${string} (not in the catalogue)`;

/** An event that this version of the kit has no type for: a newer Weft's, or a platform's own. */
export interface UnlistedEvent {
  readonly event_type: UnlistedEventType;
  readonly [field: string]: unknown;
}

/** The content of a verified webhook. */
export type ReceivedEvent = WeftEvent | UnlistedEvent;

/**
 * Reads the text of a verified message. Only `event_type` is checked; for the other fields the sender is trusted.
 * Throws `invalid_payload` when the text is not a JSON object with a string `event_type`.
 */
export function parseEvent(text: string): ReceivedEvent {
  const payload = parseJson(text);
  if (isEvent(payload)) return payload;
  throw new WebhookVerificationError("invalid_payload", "The body is not a JSON object with a string event_type.");
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new WebhookVerificationError("invalid_payload", "The body is signed, but it is not JSON.", { cause });
  }
}

function isEvent(payload: unknown): payload is ReceivedEvent {
  if (typeof payload !== "object" || payload === null) return false;
  return "event_type" in payload && typeof payload.event_type === "string";
}
