/** The number of retries, and their delays. */
export interface RetryPolicy {
  readonly retriesMax: number;
  /** A number in [0, 1), so that clients that failed together do not retry together. */
  readonly random: () => number;
}

const firstDelayMs = 250;
const delayMsMax = 8_000;
/** For a longer `Retry-After` the error is thrown at once, so that the caller can decide. */
const retryAfterMsMax = 60_000;

/** How long to wait before the next try, or null without one. `tries` is the number of tries so far. */
export function retryDelayMs(policy: RetryPolicy, tries: number, retryAfterMs: number | null): number | null {
  if (tries > policy.retriesMax) return null;
  if (retryAfterMs !== null && retryAfterMs > retryAfterMsMax) return null;
  const backoffMs = Math.min(firstDelayMs * 2 ** (tries - 1), delayMsMax);
  return Math.max(retryAfterMs ?? 0, Math.round(backoffMs * (0.5 + policy.random() / 2)));
}

/** Whether another try may succeed: the server was busy, failing, or still processing the first one. */
export function isTransient(status: number, code: string): boolean {
  return status === 408 || status === 429 || status >= 500 || code === "idempotency_in_progress";
}

/** Parses a Retry-After header, in seconds or as an HTTP-date, into milliseconds. Source: RFC 9110, 10.2.3 and 5.6.7. */
export function readRetryAfter(header: string | null, now: number): number | null {
  const text = header?.trim() ?? "";
  if (/^\d+$/.test(text)) return Number(text) * 1000;
  if (!httpDate.test(text)) return null;
  // The form of asctime names no zone, and is in UTC like the others.
  const at = Date.parse(text.endsWith("GMT") ? text : `${text} GMT`);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}

const httpDate =
  /^[A-Z][a-z]{2}, \d{2} [A-Z][a-z]{2} \d{4} [\d:]{8} GMT$|^[A-Z][a-z]+day, \d{2}-[A-Z][a-z]{2}-\d{2} [\d:]{8} GMT$|^[A-Z][a-z]{2} [A-Z][a-z]{2} [ \d]\d [\d:]{8} \d{4}$/;
