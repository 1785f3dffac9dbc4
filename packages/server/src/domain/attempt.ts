import type { AttemptId, MessageId, OrganizationId, SubscriptionId } from "./id.ts";

/** Why a delivery was sent. */
export type Trigger = "scheduled" | "manual" | "recovery" | "test";

/**
 * Why no response arrived. `proxy` means that the operator's outbound proxy failed, `authentication` that the token endpoint of
 * the receiver issued no access token, and `internal` that Weft itself failed to make the request.
 */
export const unreachableReasons = [
  "dns",
  "connect",
  "tls",
  "timeout",
  "blocked_address",
  "too_large",
  "closed",
  "protocol",
  "proxy",
  "authentication",
  "aborted",
  "internal",
] as const;

export type UnreachableReason = (typeof unreachableReasons)[number];

/** The result of one HTTP request. A receiver's refusal is data, never an exception. */
export type AttemptOutcome =
  | { readonly kind: "accepted"; readonly status: number; readonly body: string; readonly note: string | null }
  | {
      readonly kind: "rejected";
      readonly status: number;
      readonly body: string;
      readonly note: string | null;
      readonly retryAfterMs: number | null;
    }
  | { readonly kind: "unreachable"; readonly reason: UnreachableReason; readonly detail: string };

/** One HTTP request made for a delivery, as it is stored. Times are Unix milliseconds. */
export interface Attempt {
  readonly id: AttemptId;
  readonly organizationId: OrganizationId;
  readonly messageId: MessageId;
  readonly subscriptionId: SubscriptionId;
  readonly url: string;
  readonly succeeded: boolean;
  /** 0 when no response arrived. */
  readonly responseStatus: number;
  /** The first 16 KiB of the response body, or `expungedResponse`; null when no response arrived. */
  readonly responseBody: string | null;
  /**
   * A line `name: value` for each response header, within the limits and without credentials; null without headers, and after
   * the response was deleted.
   */
  readonly responseHeaders: string | null;
  /** `reason: sentence` when no response arrived, or a note that the response was truncated. */
  readonly error: string | null;
  readonly startedAt: number;
  readonly durationMs: number;
  /** 1 for the first attempt of this delivery. Resends and recoveries continue the count. */
  readonly attemptNumber: number;
  readonly trigger: Trigger;
  readonly nextAttemptAt: number | null;
}

/** Whether an attempt counts for the health of its receiver. A failure of the outbound proxy says nothing about the receiver. */
export function concernsReceiver({ responseStatus, error }: Pick<Attempt, "responseStatus" | "error">): boolean {
  return responseStatus !== 0 || error?.startsWith("proxy: ") !== true;
}

/** Replaces a response body that was deleted on request. */
export const expungedResponse = "EXPUNGED";
