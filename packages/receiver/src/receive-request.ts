import { callHook, printError } from "./hooks.ts";
import { parseVerifyingKeys } from "./key.ts";
import { limits } from "./limits.ts";
import { parseEvent } from "./received-event.ts";
import { Decline, declineResponse, doneResponse, type ReceiverResponse, respondWith } from "./response.ts";
import type { MessageContext, Router } from "./router.ts";
import type { Secrets } from "./secret.ts";
import { WebhookVerificationError } from "./verification-error.ts";
import { type VerifyOptions, verifySignature } from "./verify.ts";
import type { WebhookHeaders } from "./webhook-headers.ts";

export interface ReceiverOptions extends VerifyOptions {
  /** The subscription's signing secret or public key, or several while it rotates. */
  readonly secret: Secrets;
  /** Larger bodies get a 413. Default 1 MiB. */
  readonly bodyBytesMax?: number;
  /** Called with the reason of a 400. It has no default, because anyone can send such a request. */
  readonly onRefused?: (error: WebhookVerificationError) => void;
  /** Called with the cause of a 500: a handler's error or a mistake in the set-up. Default: `console.error`. */
  readonly onError?: (error: unknown, context?: MessageContext) => void;
}

/** The whole protocol for one router: an adapter only passes the bytes and the response. */
export interface Receiver {
  readonly bodyBytesMax: number;
  /**
   * Verifies, then runs the router. Never throws: 204; 400 refused; 413 too large; 409, 410 and 503 if the router
   * declined; 500 when a handler failed. `body` is the raw bytes, or `too_large` when it had more than `bodyBytesMax`
   * of them.
   */
  receive(request: { headers: WebhookHeaders; body: Uint8Array | "too_large" }): Promise<ReceiverResponse>;
  /** The 500 for a body that other code read before the adapter could; `advice` says what to change. */
  failUnreadable(advice: string): ReceiverResponse;
}

/** Throws `invalid_secret` immediately, so that a receiver with an invalid secret does not start. */
export function createReceiver(router: Pick<Router, "receive">, options: ReceiverOptions): Receiver {
  parseVerifyingKeys(options.secret);
  const { bodyBytesMax = limits.bodyBytesMax, onRefused, onError = printError } = options;

  return {
    bodyBytesMax,
    async receive({ headers, body }) {
      if (body === "too_large" || body.byteLength > bodyBytesMax) {
        return respondWith(413, "payload_too_large", `The body is larger than ${bodyBytesMax} bytes.`);
      }
      let context: MessageContext | undefined;
      try {
        const message = await verifySignature(body, headers, options.secret, options);
        const event = parseEvent(message.text);
        context = message;
        await router.receive(event, context);
        return doneResponse;
      } catch (error) {
        if (context === undefined && isRefusal(error)) {
          callHook(() => onRefused?.(error));
          return respondWith(400, error.code, error.message);
        }
        if (error instanceof Decline) return declineResponse(error);
        callHook(() => onError(error, context));
        return respondWith(500, "handler_failed", "The receiver could not handle this event; please send it again.");
      }
    },
    failUnreadable(advice) {
      callHook(() => onError(new Error(advice)));
      return respondWith(500, "body_already_read", advice);
    },
  };
}

/** A mistake in the receiver's own set-up is not the sender's fault: it is a 500, so that the event is sent again. */
function isRefusal(error: unknown): error is WebhookVerificationError {
  if (!(error instanceof WebhookVerificationError)) return false;
  return error.code !== "invalid_secret" && error.code !== "invalid_option";
}
