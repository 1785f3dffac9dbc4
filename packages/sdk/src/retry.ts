/** How often and how patiently a request is tried again. */
export interface RetryPolicy {
  readonly retriesMax: number;
  /** A number in [0, 1): clients that failed together must not come back together. */
  readonly random: () => number;
}

const firstDelayMs = 250;
const delayMsMax = 8_000;
/** Whoever asks to be left alone for longer gets his wish: the error goes to the caller, who may have better to do. */
const retryAfterMsMax = 60_000;

/** How long to wait before the next try, or null when there is none. `tries` is how many were made. */
export function retryDelayMs(policy: RetryPolicy, tries: number, retryAfterMs: number | null): number | null {
  if (tries > policy.retriesMax) return null;
  if (retryAfterMs !== null && retryAfterMs > retryAfterMsMax) return null;
  const backoffMs = Math.min(firstDelayMs * 2 ** (tries - 1), delayMsMax);
  return Math.max(retryAfterMs ?? 0, Math.round(backoffMs * (0.5 + policy.random() / 2)));
}

/** Whether another try may go better: the server was busy, or in trouble, or still at work on the first one. */
export function isTransient(status: number, code: string): boolean {
  return status === 408 || status === 429 || status >= 500 || code === "idempotency_in_progress";
}

/** A Retry-After header in milliseconds, whether it holds seconds or a date. Source: RFC 9110, 10.2.3. */
export function readRetryAfter(header: string | null, now: number): number | null {
  if (header === null) return null;
  if (/^\d+$/.test(header.trim())) return Number(header) * 1000;
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, at - now);
}
