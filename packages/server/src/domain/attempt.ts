import type { AttemptId, MessageId, OrganizationId, SubscriptionId } from "./id.ts";

/** Why a delivery was sent. */
export type Trigger = "scheduled" | "manual" | "recovery" | "test";

/** Why no response arrived. `internal` means that Weft itself failed to make the request. */
export const unreachableReasons = [
  "dns",
  "connect",
  "tls",
  "timeout",
  "blocked_address",
  "too_large",
  "closed",
  "protocol",
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
  /** `reason: sentence` when no response arrived, or a note that the response was truncated. */
  readonly error: string | null;
  readonly startedAt: number;
  readonly durationMs: number;
  /** 1 for the first attempt of this delivery. Resends and recoveries continue the count. */
  readonly attemptNumber: number;
  readonly trigger: Trigger;
  readonly nextAttemptAt: number | null;
}

/** Replaces a response body that was deleted on request. */
export const expungedResponse = "EXPUNGED";
