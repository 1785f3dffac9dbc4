import type { IncomingMessage } from "node:http";
import { ApiError } from "../domain/errors.ts";

/** Headers of which a request has one at most: a proxy in front might act on another of them than Weft does. */
const singleHeaders = new Set([
  "authorization",
  "content-length",
  "content-type",
  "host",
  "idempotency-key",
  "last-event-id",
  "transfer-encoding",
  "x-api-key",
  "x-organization-id",
]);

/**
 * Refuses requests that a proxy in front could read otherwise than Weft does, so that neither who is called nor where a request
 * ends is in doubt. Source: RFC 9112, sections 3.2 and 6. What is no HTTP at all, Node refuses itself.
 */
export function checkRequestHead({ rawHeaders, httpVersion, url = "/", headers }: IncomingMessage): void {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!singleHeaders.has(name)) continue;
    if (seen.has(name)) throw refused(`The header ${name} is given more than once. Send it once.`);
    seen.add(name);
  }
  if (httpVersion !== "1.1" && httpVersion !== "1.0") throw refused("Weft takes HTTP/1.1 and HTTP/1.0 only.");
  const { "transfer-encoding": encoding } = headers;
  if (encoding !== undefined && (encoding.toLowerCase() !== "chunked" || httpVersion === "1.0")) {
    throw refused("The only Transfer-Encoding that Weft takes is `chunked`, over HTTP/1.1.");
  }
  if (!url.startsWith("/") && url !== "*" && !isAt(url, headers.host ?? "")) {
    throw refused("The request's URL and its Host header name different hosts.");
  }
}

function isAt(url: string, host: string): boolean {
  const target = URL.parse(url);
  return target !== null && target.host === URL.parse(`${target.protocol}//${host}`)?.host;
}

function refused(message: string): ApiError {
  return new ApiError("bad_request", message);
}
