import type { AttemptId, MessageId, OrganizationId, SubscriptionId } from "./id.ts";

/** Why a delivery was under way. */
export type Trigger = "scheduled" | "manual" | "recovery" | "test";

/** What went wrong when no answer came. `internal`: Weft itself failed to make the request. */
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

/** What came of one HTTP request. A receiver's refusal is data, never an exception. */
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
  /** 0 when no answer came. */
  readonly responseStatus: number;
  /** The first 16 KiB of the answer's body, or `expungedResponse`; null when no answer came. */
  readonly responseBody: string | null;
  /** `reason: sentence` when no answer came, or a note about an answer that was cut. */
  readonly error: string | null;
  readonly startedAt: number;
  readonly durationMs: number;
  /** 1 for the first attempt ever made for this delivery; goes on counting over resends and recoveries. */
  readonly attemptNumber: number;
  readonly trigger: Trigger;
  readonly nextAttemptAt: number | null;
}

/** What stands for an answer that somebody asked to have deleted. */
export const expungedResponse = "EXPUNGED";
