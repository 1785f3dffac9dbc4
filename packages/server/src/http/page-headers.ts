const year = 365 * 24 * 3_600;

/** The name of a built file changes with its content; the name of an HTML page does not. */
export function cacheControlOf(path: string): string {
  return path.includes("/assets/") ? `public, max-age=${year}, immutable` : "no-cache";
}

/**
 * The headers of the pages that Weft serves to browsers. They run only their own files. `trustedTypes` names the policies by which
 * their scripts may write HTML.
 */
export function pageHeaders(frameAncestors: readonly string[], trustedTypes: string | null): Record<string, string> {
  const policy = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "base-uri": "'none'",
    "form-action": "'none'",
    "frame-ancestors": frameAncestors.length === 0 ? "'none'" : frameAncestors.join(" "),
    "require-trusted-types-for": "'script'",
    ...(trustedTypes !== null && { "trusted-types": trustedTypes }),
  };
  return {
    "content-security-policy": Object.entries(policy)
      .map(([name, value]) => `${name} ${value}`)
      .join("; "),
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "permissions-policy": "camera=(), geolocation=(), microphone=()",
    "cross-origin-opener-policy": "same-origin",
    ...(frameAncestors.length === 0 && { "x-frame-options": "DENY" }),
  };
}
