import { type MessageId, prefixed } from "../../domain/id.ts";
import { payloadValue } from "../../domain/message.ts";
import { renderTemplate, type Template } from "../../domain/template.ts";
import { sentenceOf, type Tone, toneOf } from "./sentences.ts";

/** What a notice is about. */
export interface Told {
  readonly messageId: MessageId;
  readonly eventType: string;
  readonly payload: string;
  /** Null for JSON. */
  readonly contentType: string | null;
  readonly isTest: boolean;
}

/** A message as it is told to people. */
export interface Notice {
  readonly eventType: string;
  readonly tone: Tone;
  /** The message's id in its `msg_` spelling. */
  readonly messageId: string;
  /** The same for all that is told of one thing, such as the failure and the recovery of a source. */
  readonly about: string;
  /** The payload's fields; null when it is no JSON object. */
  readonly fields: Readonly<Record<string, unknown>> | null;
  /** Whether `text` comes from the subscription's own template. */
  readonly isTemplated: boolean;
  readonly isTest: boolean;
  /** The notice, with its fields made safe by `escapeField`. */
  text(escapeField?: (field: string) => string): string;
}

export function noticeOf(told: Told, template: Template | null): Notice {
  const { eventType, isTest } = told;
  const messageId = prefixed("msg", told.messageId);
  const fields = objectOrNull(payloadValue(told));
  const shown = { ...fields, event_type: eventType, message_id: messageId };
  const text = template ?? sentenceOf(eventType);
  return {
    eventType,
    tone: toneOf(eventType),
    messageId,
    about: `weft:${subjectOf(eventType, fields) ?? messageId}`,
    fields,
    isTemplated: template !== null,
    isTest,
    text: (escapeField = (field) => field) => `${isTest ? "[Test] " : ""}${renderTemplate(text, shown, escapeField)}`,
  };
}

function subjectOf(eventType: string, fields: Notice["fields"]): string | null {
  const named = eventType.startsWith("sync.")
    ? fields?.source_connection_id
    : eventType.startsWith("endpoint.")
      ? objectOrNull(fields?.data)?.endpointId
      : eventType.startsWith("message.attempt.")
        ? `${String(objectOrNull(fields?.data)?.msgId)}:${String(objectOrNull(fields?.data)?.endpointId)}`
        : null;
  return typeof named === "string" && named !== "" && named.length <= subjectLengthMax ? named : null;
}

// Services take keys of at most 255 characters.
const subjectLengthMax = 200;

function objectOrNull(value: unknown): Readonly<Record<string, unknown>> | null {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? (value as Record<string, unknown>)
    : null;
}

/** Text of at most so many characters, with an ellipsis where it was cut. */
export function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const kept = text.slice(0, lengthMax - 1);
  // Half a character is none.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

const fieldsShownMax = 20;
const valueLengthMax = 200;

/** The plain fields of a payload, a line each. */
export function fieldLines(fields: Notice["fields"]): string {
  return Object.entries(fields ?? {})
    .filter(([, value]) => value !== null && value !== "" && typeof value !== "object")
    .slice(0, fieldsShownMax)
    .map(([name, value]) => `${name}: ${cut(String(value).replaceAll(/\s+/g, " "), valueLengthMax)}`)
    .join("\n");
}
