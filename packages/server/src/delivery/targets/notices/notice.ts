import { prefixed, type SubscriptionId } from "../../../domain/id.ts";
import { memberTexts, textsAt } from "../../../domain/json-text.ts";
import { isObjectText } from "../../../domain/message.ts";
import { NoticeFields, renderTemplate, type Template } from "../../../domain/template.ts";
import type { OutgoingMessage } from "../target-rules.ts";
import { sentenceOf, type Tone, toneOf } from "./sentences.ts";

/** A message as text for people. */
export interface Notice {
  readonly eventType: string;
  readonly tone: Tone;
  /** The message's id in its `msg_` spelling. */
  readonly messageId: string;
  readonly subscriptionId: SubscriptionId;
  /** Equal for all notices about one object, such as the failure and the recovery of a source. */
  readonly about: string;
  /** The text of a JSON object: the payload, or an empty object if the payload is not one. */
  readonly payload: string;
  /** The subscription's own template, or Weft's sentence for the event type. */
  readonly template: Template;
  readonly isTemplated: boolean;
  /** Precedes the notice of a test event; empty for any other event. */
  readonly mark: string;
  /** Renders the template or a part of it. */
  text(options: NoticeText): string;
}

export interface NoticeText {
  readonly lengthMax: number;
  readonly escapeField?: (field: string) => string;
  readonly part?: Template;
}

export function noticeOf(message: OutgoingMessage, template: Template | null): Notice {
  const { eventType, trigger } = message;
  const payload = isObjectText(message) ? message.payload : "{}";
  const messageId = prefixed("msg", message.messageId);
  const written = template ?? sentenceOf(eventType);
  const fields = new NoticeFields(payload, [written], { event_type: eventType, message_id: messageId });
  return {
    eventType,
    tone: toneOf(eventType),
    messageId,
    subscriptionId: message.subscriptionId,
    about: `weft:${subjectOf(eventType, payload) ?? messageId}`,
    payload,
    template: written,
    isTemplated: template !== null,
    mark: trigger === "test" ? "[Test] " : "",
    text: ({ part = written, lengthMax, escapeField = (field) => field }) =>
      renderTemplate(part, fields, { lengthMax, escapeField }),
  };
}

function subjectOf(eventType: string, payload: string): string | null {
  const ids = textsAt(payload, subjectPaths(eventType)).map(stringOrNull);
  return ids.length === 0 || ids.includes(null) ? null : ids.join(":");
}

function subjectPaths(eventType: string): readonly string[][] {
  if (eventType.startsWith("sync.")) return [["source_connection_id"]];
  if (eventType.startsWith("endpoint.")) return [["data", "endpointId"]];
  if (!eventType.startsWith("message.attempt.")) return [];
  return [
    ["data", "msgId"],
    ["data", "endpointId"],
  ];
}

// Services accept keys of at most 255 characters.
const subjectLengthMax = 100;

function stringOrNull(text: string | undefined): string | null {
  if (text === undefined || !text.startsWith('"') || text.length > subjectLengthMax * 6) return null;
  const value = JSON.parse(text) as string;
  return value !== "" && value.length <= subjectLengthMax ? value : null;
}

/** Text of at most this many characters, with an ellipsis where it was cut. */
export function cut(text: string, lengthMax: number): string {
  if (text.length <= lengthMax) return text;
  const kept = text.slice(0, lengthMax - 1);
  // A cut must not split a surrogate pair.
  return `${/[\ud800-\udbff]$/.test(kept) ? kept.slice(0, -1) : kept}…`;
}

const fieldsShownMax = 20;
const valueLengthMax = 200;

/** The simple fields of a payload and the message's id, one per line. */
export function fieldLines({ payload, messageId }: Notice): string[] {
  const lines: string[] = [];
  for (const { key, text } of memberTexts(payload)) {
    if (lines.length === fieldsShownMax) break;
    if (text === "null" || text === '""' || text.startsWith("{") || text.startsWith("[")) continue;
    lines.push(`${oneLine(key)}: ${oneLine(plainText(text))}`);
  }
  return [...lines, `message_id: ${messageId}`];
}

/** A string is shown by its value, anything else by its JSON text. */
export function plainText(text: string): string {
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

/** Joins a text into one line, and cuts it if it is long. */
export function oneLine(text: string, lengthMax: number = valueLengthMax): string {
  // The text is also cut before, so that a long one costs no more than a short one.
  return cut(
    text
      .slice(0, lengthMax * 4)
      .replaceAll(/\s+/g, " ")
      .trim(),
    lengthMax,
  );
}
