import type { TlsIdentity } from "./tls-identity.ts";

/** The URL of a request, parsed once for many requests. */
export interface RequestUrl {
  /** `https://example.com:8443`, without a trailing slash. */
  origin: string;
  /** Path and query: `/hooks?team=1`. */
  path: string;
  /** The host name to look up; null for an address. */
  name: string | null;
}

export interface OutboundRequest {
  url: RequestUrl;
  method: "POST" | "HEAD" | "GET";
  /**
   * Name, value, name, value …, names in lower case. undici reads this form without conversion. It has no `host`,
   * `content-length`, `connection` or `accept-encoding`.
   */
  headers: readonly string[];
  /** Sent as UTF-8; an empty string means no body. */
  body: string;
  /** The certificates of its connection. */
  tls?: TlsIdentity;
  /** The organization that the request is sent for: name look-ups are shared fairly between organizations. */
  owner?: string;
  /** Limits the whole exchange; the sender's own limit by default. */
  timeoutMs?: number;
  /** It adds a listener per request. For many requests, omit it and `destroy` the sender instead. */
  signal?: AbortSignal;
}

/** Throws a TypeError when the text is not an absolute URL. Credentials and fragment are dropped. */
export function parseRequestUrl(url: string | URL): RequestUrl {
  const { origin, hostname, pathname, search } = new URL(url);
  // A URL writes every IPv4 address as four decimal numbers.
  const isAddress = hostname.startsWith("[") || /^[\d.]+$/.test(hostname);
  return { origin, path: pathname + search, name: isAddress ? null : hostname };
}
