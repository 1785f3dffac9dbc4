import { limits } from "./limits.ts";

/** The answer that an adapter must give, in the words of no framework. */
export interface ReceiverResponse {
  readonly status: 204 | 400 | 409 | 410 | 413 | 500 | 503;
  /** Their names in lower case: `content-type` wherever there is a body, `retry-after` in seconds where it was asked for. */
  readonly headers: Readonly<Record<string, string>>;
  /** JSON with `code` and `detail`; empty for 204. */
  readonly body: string;
}

const declineStatus = { gone: 410, try_later: 503, in_progress: 409 } as const;

/** Thrown by a handler that does not want this event, or not now. Made by `gone` and `tryLater`. */
export class Decline extends Error {
  override readonly name = "Decline";
  readonly code: keyof typeof declineStatus;
  /** When the sender may come again; null where it need not. */
  readonly afterSeconds: number | null;

  constructor(code: keyof typeof declineStatus, message: string, afterSeconds: number | null) {
    super(message);
    this.code = code;
    this.afterSeconds = afterSeconds;
  }
}

/**
 * For a handler to throw when nothing more is wanted: the answer is 410, and the sender disables the subscription.
 * `detail` is told to the sender.
 */
export function gone(detail = "This receiver wants no more events."): Decline {
  return new Decline("gone", detail, null);
}

/**
 * For a handler to throw when it cannot do its work now: the answer is 503 with `Retry-After`, in whole seconds from 1 to
 * 86,400; what is outside is brought to the nearest. `detail` is told to the sender.
 */
export function tryLater(afterSeconds: number, detail = "This receiver is busy; please send it again."): Decline {
  return new Decline("try_later", detail, wholeSeconds(afterSeconds));
}

/** The 409 to a delivery of a message that is just being worked on. */
export function inProgress(afterSeconds: number): Decline {
  const detail = "Another delivery of this message is being worked on; please send it again.";
  return new Decline("in_progress", detail, wholeSeconds(afterSeconds));
}

function wholeSeconds(seconds: number): number {
  return Math.min(Math.max(Math.ceil(seconds) || 1, 1), limits.retryAfterSecondsMax);
}

/** The answer to what was done. */
export const doneAnswer: ReceiverResponse = { status: 204, headers: {}, body: "" };

export function answerDecline({ code, message, afterSeconds }: Decline): ReceiverResponse {
  const headers = afterSeconds === null ? {} : { "retry-after": String(afterSeconds) };
  return answerWith(declineStatus[code], code, message, headers);
}

export function answerWith(
  status: Exclude<ReceiverResponse["status"], 204>,
  code: string,
  detail: string,
  headers: ReceiverResponse["headers"] = {},
): ReceiverResponse {
  const body = JSON.stringify({ code, detail });
  return { status, headers: { "content-type": "application/json", ...headers }, body };
}
