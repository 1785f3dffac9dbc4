/** Where a request goes, parsed once for many requests. */
export interface Target {
  /** `https://example.com:8443`, without a slash at the end. */
  origin: string;
  /** Path and query: `/hooks?team=1`. */
  path: string;
}

export interface OutboundRequest {
  url: Target;
  method: "POST" | "HEAD" | "GET";
  /**
   * Name, value, name, value …, names in lower case. undici walks this form as it is; a record costs it a list of keys (no
   * difference that one could measure, 9 headers at 50,000 requests a second). Without `host`, `content-length`, `connection`
   * and `accept-encoding`.
   */
  headers: readonly string[];
  /** Sent as UTF-8; an empty string is no body. */
  body: string;
  /** The organization on whose behalf it is sent: look-ups of names are shared fairly between them. */
  owner?: string;
  /** For the whole exchange; the sender's own unless given. */
  timeoutMs?: number;
  /** Costs a listener a request: leave it out where requests are many, and `destroy` the sender instead. */
  signal?: AbortSignal;
}

/** Throws a TypeError when the text is no absolute URL. Credentials and fragment are left out. */
export function parseTarget(url: string | URL): Target {
  const { origin, pathname, search } = new URL(url);
  return { origin, path: pathname + search };
}
