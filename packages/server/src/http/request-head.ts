import type { IncomingMessage } from "node:http";
import { ApiError } from "../domain/errors.ts";

/** Headers that a request may have only once: a proxy in front might use a different occurrence than Weft. */
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
 * Rejects requests that a proxy in front could interpret differently, so that the addressed host and the end of a request are
 * unambiguous. Source: RFC 9112, sections 3.2 and 6. Node itself rejects invalid HTTP.
 */
export function checkRequestHead({ rawHeaders, httpVersion, url = "/", headers }: IncomingMessage): void {
  const seen = new Set<string>();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = (rawHeaders[at] ?? "").toLowerCase();
    if (!singleHeaders.has(name)) continue;
    if (seen.has(name)) throw refused(`The header ${name} occurs more than once. Send it once.`);
    seen.add(name);
  }
  if (httpVersion !== "1.1" && httpVersion !== "1.0") throw refused("Weft supports only HTTP/1.1 and HTTP/1.0.");
  const { "transfer-encoding": encoding } = headers;
  if (encoding !== undefined && (encoding.toLowerCase() !== "chunked" || httpVersion === "1.0")) {
    throw refused("The only supported Transfer-Encoding is `chunked`, with HTTP/1.1.");
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
