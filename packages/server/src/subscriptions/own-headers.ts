import { limits } from "../domain/limits.ts";

// Names that the request itself needs, that proxies and caches act on, or that belong to responses.
const reservedNames = new Set([
  "accept-encoding",
  "age",
  "cache-control",
  "clear-site-data",
  "connection",
  "content-encoding",
  "content-language",
  "content-length",
  "content-location",
  "content-type",
  "date",
  "expect",
  "expires",
  "host",
  "http2-settings",
  "keep-alive",
  "pragma",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "trailers",
  "transfer-encoding",
  "upgrade",
  "user-agent",
  "via",
  "warning",
]);
// Names of both families of signature headers, of Weft's own, and those that clouds set at their edge and trust.
const reservedPrefixes = [
  "svix-",
  "x-svix-",
  "webhook-",
  "weft-",
  "x-amz-",
  "x-amzn-",
  "x-azure-",
  "x-fd-",
  "x-gfe",
  "x-goog-",
  "x-google",
];
const token = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/;
const value = /^[\t\x20-\x7e\x80-\xff]*$/;

/** The mistakes in a subscription's own headers; empty when there are none. Source: RFC 9110, section 5. */
export function headerMistake(headers: Readonly<Record<string, string>>): { message: string; path: string[] }[] {
  const entries = Object.entries(headers);
  if (entries.length > limits.headersMax)
    return [{ message: `At most ${limits.headersMax} headers are allowed.`, path: [] }];
  const seen = new Set<string>();
  return entries.flatMap(([name, text]) => {
    const lower = name.toLowerCase();
    const message = seen.has(lower) ? "This header is given twice." : mistakeIn(name, lower, text);
    seen.add(lower);
    return message === null ? [] : [{ message, path: [name] }];
  });
}

function mistakeIn(name: string, lower: string, text: string): string | null {
  if (!token.test(name) || name.length > limits.headerNameLengthMax) return "This is not a valid header name.";
  if (reservedNames.has(lower) || reservedPrefixes.some((prefix) => lower.startsWith(prefix))) {
    return "This header is set by Weft or reserved.";
  }
  if (!value.test(text)) return "A header value has no line breaks, control characters or characters beyond Latin-1.";
  if (Buffer.byteLength(text) > limits.headerValueBytesMax) {
    return `A header value has at most ${limits.headerValueBytesMax} bytes.`;
  }
  return null;
}
