import { isUtf8 } from "node:buffer";
import { jsonPiecesOf, printJson } from "../verifying/printed-json.ts";
import type { Arrival } from "./arrivals.ts";
import { curlOf } from "./curl.ts";

/** Longer texts are truncated in a list. */
const listedLengthMax = 300;

/** The fields of a request in the list of the page. */
export function summaryOf(arrival: Arrival): object {
  const { number, at, method, bodyBytes, copy, explanation, answer } = arrival;
  return {
    number,
    at: at.toISOString(),
    method,
    path: cut(arrival.path),
    body_bytes: bodyBytes,
    message_id: cut(arrival.messageId),
    copy,
    event_type: cut(arrival.eventType),
    verifies: explanation?.verifies ?? null,
    finding: explanation?.findings[0]?.code ?? null,
    status: answer.status,
    delay_seconds: answer.delay_seconds,
  };
}

function cut<Text extends string | null>(text: Text): Text | string {
  return text !== null && text.length > listedLengthMax ? `${text.slice(0, listedLengthMax)}…` : text;
}

/**
 * All fields of a request. `body_text` is null if the body is not UTF-8 or was too large; `pretty` if it is not JSON.
 */
export function detailOf(arrival: Arrival, url: string): object {
  const { headers, body, explanation, isTooLarge } = arrival;
  const text = isUtf8(body) && !isTooLarge ? body.toString("utf8") : null;
  return {
    ...summaryOf(arrival),
    path: arrival.path,
    is_too_large: isTooLarge,
    explanation,
    headers,
    body_text: text,
    body_base64: body.toString("base64"),
    pretty: text === null ? null : prettyOf(text),
    curl: curlOf(arrival, url),
  };
}

/** The line about a request for scripts. */
export function lineOf(arrival: Arrival): object {
  const { headers, body, explanation } = arrival;
  const bytes = isUtf8(body) ? { body: body.toString("utf8") } : { body: null, body_base64: body.toString("base64") };
  return { event: "arrived", ...summaryOf(arrival), path: arrival.path, explanation, headers, ...bytes };
}

function prettyOf(text: string): string | null {
  const pieces = jsonPiecesOf(text);
  return pieces === null ? null : printJson(pieces, { indent: "  ", afterComma: "", afterColon: " " });
}
