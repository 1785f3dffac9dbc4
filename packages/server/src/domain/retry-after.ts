/**
 * Reads a Retry-After header: seconds, or an HTTP date. Null when it is absent, unreadable or in the past.
 * Source: RFC 9110, section 10.2.3.
 */
export function retryAfterMs(header: string | null, now: number): number | null {
  if (header === null) return null;
  const text = header.trim();
  if (/^\d{1,9}(\.\d{1,9})?$/.test(text)) return Math.ceil(Number(text) * 1_000);
  const waitMs = Date.parse(text) - now;
  return Number.isNaN(waitMs) || waitMs <= 0 ? null : waitMs;
}
