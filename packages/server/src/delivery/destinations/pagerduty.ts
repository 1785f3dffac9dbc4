import { printedOrNull } from "../../domain/printed.ts";
import { cut, type Notice } from "./notice.ts";
import type { Tone } from "./sentences.ts";

const summaryLengthMax = 1_024;
/** An event has at most 512 KB, which a payload of 256 KiB may reach when its characters are escaped. */
const eventLengthMax = 100_000;

const severities: Readonly<Record<Tone, string>> = { alarm: "error", relief: "info", news: "info" };

/**
 * An event of PagerDuty's Events API v2. A failure opens an incident, and what ends the failure resolves it: both have the same
 * key, which is also that of `@weft/receiver/patterns`. Source: https://developer.pagerduty.com/docs/send-alert-event
 */
export function pagerdutyBody(notice: Notice, routingKey: string): string {
  const event = { routing_key: routingKey, dedup_key: notice.about, client: "Weft" };
  if (notice.tone === "relief") return JSON.stringify({ ...event, event_action: "resolve" });
  const opening = { ...event, event_action: "trigger" };
  const id = { message_id: notice.messageId };
  const whole = printedOrNull({ ...opening, payload: incidentOf(notice, { ...notice.fields, ...id }) });
  if (whole !== null && whole.length <= eventLengthMax) return whole;
  return JSON.stringify({ ...opening, payload: incidentOf(notice, id) });
}

function incidentOf(notice: Notice, details: object): object {
  const { eventType, tone, fields } = notice;
  return {
    summary: cut(notice.text() || eventType, summaryLengthMax),
    source: textOr(fields?.source_connection_id, "weft"),
    severity: severities[tone],
    class: eventType,
    component: textOr(fields?.source_type, undefined),
    group: textOr(fields?.collection_readable_id, undefined),
    custom_details: details,
  };
}

function textOr(value: unknown, otherwise: string | undefined): string | undefined {
  return typeof value === "string" && value !== "" ? cut(value, textLengthMax) : otherwise;
}

const textLengthMax = 200;
