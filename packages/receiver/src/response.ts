import { limits } from "./limits.ts";

/** The response that an adapter must send, independent of any framework. */
export interface ReceiverResponse {
  readonly status: 204 | 400 | 409 | 410 | 413 | 500 | 503;
  /** Header names in lower case: `content-type` with every body, and `retry-after` in seconds if it was requested. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON with `code` and `detail`; empty for 204. */
  readonly body: string;
}

const declineStatus = { gone: 410, try_later: 503, in_progress: 409 } as const;

/** Thrown by a handler that rejects this event, permanently or temporarily. `gone` and `tryLater` create it. */
export class Decline extends Error {
  override readonly name = "Decline";
  readonly code: keyof typeof declineStatus;
  /** When the sender may retry; null without a time. */
  readonly afterSeconds: number | null;

  constructor(code: keyof typeof declineStatus, message: string, afterSeconds: number | null) {
    super(message);
    this.code = code;
    this.afterSeconds = afterSeconds;
  }
}

/**
 * A handler throws this to receive no further events: the response is 410, and the sender disables the subscription. `detail`
 * is sent to the sender.
 */
export function gone(detail = "This receiver no longer accepts events."): Decline {
  return new Decline("gone", detail, null);
}

/**
 * A handler throws this when it cannot process the event now: the response is 503 with `Retry-After`, in whole seconds, limited
 * to 1 to 86,400. `detail` is sent to the sender.
 */
export function tryLater(afterSeconds: number, detail = "This receiver is busy; please send it again."): Decline {
  return new Decline("try_later", detail, wholeSeconds(afterSeconds));
}

/** The 409 for a delivery of a message that is being processed. */
export function inProgress(afterSeconds: number): Decline {
  const detail = "Another delivery of this message is being worked on; please send it again.";
  return new Decline("in_progress", detail, wholeSeconds(afterSeconds));
}

function wholeSeconds(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds) || 1, 1), limits.retryAfterSecondsMax);
}

/** The response after successful processing. */
export const doneResponse: ReceiverResponse = { status: 204, headers: {}, body: "" };

export function declineResponse({ code, message, afterSeconds }: Decline): ReceiverResponse {
  const headers = afterSeconds === null ? {} : { "retry-after": String(afterSeconds) };
  return respondWith(declineStatus[code], code, message, headers);
}

export function respondWith(
  status: Exclude<ReceiverResponse["status"], 204>,
  code: string,
  detail: string,
  headers: ReceiverResponse["headers"] = {},
): ReceiverResponse {
  const body = JSON.stringify({ code, detail });
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}
