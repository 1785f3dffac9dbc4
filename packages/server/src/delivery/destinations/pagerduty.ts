import { cut, type Notice } from "./notice.ts";
import type { Tone } from "./sentences.ts";

const summaryLengthMax = 1_024;
/** An event has at most 512 KB, of which the payload is the most. */
const detailsLengthMax = 100_000;

const severities: Readonly<Record<Tone, string>> = { alarm: "error", relief: "info", news: "info" };

/**
 * An event of PagerDuty's Events API v2. A failure opens an incident, and what ends the failure resolves it: both have the same
 * key, which is also that of `@weft/receiver/patterns`. Source: https://developer.pagerduty.com/docs/send-alert-event
 */
export function pagerdutyBody(notice: Notice, routingKey: string): string {
  const { tone, about, eventType, fields } = notice;
  const event = { routing_key: routingKey, dedup_key: about, client: "Weft" };
  if (tone === "relief") return JSON.stringify({ ...event, event_action: "resolve" });
  const details = { ...fields, message_id: notice.messageId };
  return JSON.stringify({
    ...event,
    event_action: "trigger",
    payload: {
      summary: cut(notice.text() || eventType, summaryLengthMax),
      source: textOr(fields?.source_connection_id, "weft"),
      severity: severities[tone],
      class: eventType,
      ...(typeof fields?.source_type === "string" && { component: fields.source_type }),
      ...(typeof fields?.collection_readable_id === "string" && { group: fields.collection_readable_id }),
      custom_details: JSON.stringify(details).length > detailsLengthMax ? { message_id: notice.messageId } : details,
    },
  });
}

function textOr(value: unknown, otherwise: string): string {
  return typeof value === "string" && value !== "" ? value : otherwise;
}
