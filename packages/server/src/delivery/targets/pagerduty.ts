import { depthOf, textsAt } from "../../domain/json-text.ts";
import { type AlertRules, noticeRequest } from "./alert-rules.ts";
import { endpointUrl } from "./endpoint-url.ts";
import { cut, type Notice, plainText } from "./notices/notice.ts";
import type { Tone } from "./notices/sentences.ts";

/** A service of PagerDuty. Its notices must arrive in order: an incident is opened, then resolved. */
export const pagerduty: AlertRules = {
  urlText: "the URL of the Events API v2, such as `https://events.pagerduty.com/v2/enqueue`",
  usualUrl: "https://events.pagerduty.com/v2/enqueue",
  defaults: { ordered: true, rateLimit: null },
  refusedFields: {},
  routingKeyMissing: "PagerDuty needs the integration key of a service, and a new URL needs it again.",
  isCheckable: true,
  urlOf: endpointUrl,
  storedAddress: (url, routingKey) => ({ url, credential: routingKey }),
  prepare: (settings) =>
    noticeRequest(settings, settings.target.url, (notice) => pagerdutyBody(notice, settings.credential ?? "***")),
};

const summaryLengthMax = 1_024;
/** PagerDuty accepts events of at most 512 KB. */
const detailsLengthMax = 100_000;
/** A payload may be nested deeper than other programs can parse. */
const detailsDepthMax = 100;
const textLengthMax = 200;

const severities: Readonly<Record<Tone, string>> = { alarm: "error", relief: "info", neutral: "info" };

/**
 * An event of PagerDuty's Events API v2. A failure opens an incident, and the end of the failure resolves it. Both have the
 * same key, which is also the key in `@weft/receiver/patterns`. Source: https://developer.pagerduty.com/docs/send-alert-event
 */
function pagerdutyBody(notice: Notice, routingKey: string): string {
  const event = { routing_key: routingKey, dedup_key: notice.about, client: "Weft" };
  if (notice.tone === "relief") return JSON.stringify({ ...event, event_action: "resolve" });
  const incident = JSON.stringify(incidentOf(notice));
  const opening = JSON.stringify({ ...event, event_action: "trigger" });
  return `${opening.slice(0, -1)},"payload":${incident.slice(0, -1)},"custom_details":${detailsOf(notice)}}}`;
}

function incidentOf({ eventType, tone, payload, ...notice }: Notice): object {
  const [source, component, group] = textsAt(payload, [
    ["source_connection_id"],
    ["source_type"],
    ["collection_readable_id"],
  ]);
  const summary = `${notice.mark}${notice.text({ lengthMax: summaryLengthMax })}`;
  return {
    summary: cut(summary || eventType, summaryLengthMax),
    source: textOf(source) ?? "weft",
    severity: severities[tone],
    class: eventType,
    component: textOf(component),
    group: textOf(group),
  };
}

/** The text of the payload, followed by the message's id. */
function detailsOf({ payload, messageId }: Notice): string {
  const id = `"message_id":${JSON.stringify(messageId)}`;
  const inside = payload.trim().slice(1, -1).trimEnd();
  if (inside.length > detailsLengthMax || depthOf(payload) > detailsDepthMax) return `{${id}}`;
  return inside.trim() === "" ? `{${id}}` : `{${inside},${id}}`;
}

function textOf(text: string | undefined): string | undefined {
  return text?.startsWith('"') && text !== '""' ? cut(plainText(text), textLengthMax) : undefined;
}
