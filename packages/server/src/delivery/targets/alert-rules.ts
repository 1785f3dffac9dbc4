import { isAlert } from "../../domain/target.ts";
import type { Template } from "../../domain/template.ts";
import { parseRequestUrl } from "../../outbound/exchange.ts";
import { type Notice, noticeOf } from "./notices/notice.ts";
import { parsed } from "./notices/sentences.ts";
import { flatHeaders, type TargetRules, type TargetSettings, type WriteRequest } from "./target-rules.ts";

/** The rules of a service that notifies people. */
export interface AlertRules extends TargetRules {
  /** The URL that the service requires, for the description of the API. */
  readonly urlText: string;
  /** The URL that most users need; null when each has their own. */
  readonly usualUrl: string | null;
}

/** Writes requests whose body is a notice. */
export function noticeRequest(settings: TargetSettings, url: string, bodyOf: (notice: Notice) => string): WriteRequest {
  const requestUrl = parseRequestUrl(url);
  const own = flatHeaders(settings.headers);
  const template = templateOf(settings);
  return (message, { userAgent }) => ({
    kind: "http",
    url: requestUrl,
    headers: ["content-type", "application/json", "user-agent", userAgent, ...own],
    body: bodyOf(noticeOf(message, template)),
  });
}

/** The subscription's own template; null for Weft's sentences. */
export function templateOf({ target }: TargetSettings): Template | null {
  return isAlert(target) && target.template !== null ? parsed(target.template) : null;
}
