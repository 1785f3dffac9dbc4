import type { RecoverByFilterBody } from "@weft/sdk";
import { type TimeWindow, windowQuery } from "../../time-window.ts";

export type Standing = NonNullable<RecoverByFilterBody["status"]>[number];

export const standings: readonly Standing[] = ["failed", "skipped", "missing", "delivered"];

/** The deliveries that a recovery re-queues. */
export interface RecoveryFilter {
  /** Null for all messages of the time window. */
  readonly messageIds: readonly string[] | null;
  readonly window: TimeWindow;
  /** Null for all event types. */
  readonly eventTypes: readonly string[] | null;
  /** Null for all subscriptions. */
  readonly subscriptionIds: readonly string[] | null;
  /** `FIELD:VALUE`; null for any payload. */
  readonly payload: string | null;
  readonly standings: readonly Standing[];
}

export const anyFailure: RecoveryFilter = {
  messageIds: null,
  window: { since: "24h" },
  eventTypes: null,
  subscriptionIds: null,
  payload: null,
  standings: ["failed", "skipped", "missing"],
};

export function recoveryBody(filter: RecoveryFilter, now: number): RecoverByFilterBody {
  const { messageIds, window, eventTypes, subscriptionIds, payload, standings: status } = filter;
  return {
    ...(messageIds === null ? windowQuery(window, now) : { message_ids: messageIds }),
    ...(eventTypes !== null && { event_types: eventTypes }),
    ...(subscriptionIds !== null && { subscription_ids: subscriptionIds }),
    ...(payload !== null && { payload: payloadFilter(payload) }),
    status,
  };
}

// A value such as 42 is either a text or a number in payloads, and the list of messages finds both.
function payloadFilter(written: string): NonNullable<RecoverByFilterBody["payload"]> {
  const end = written.indexOf(":");
  const value = written.slice(end + 1).trim();
  return { [written.slice(0, end)]: [value, ...otherReading(value)] };
}

function otherReading(value: string): (number | boolean | null)[] {
  if (value === "true" || value === "false") return [value === "true"];
  if (value === "null") return [null];
  return value !== "" && String(Number(value)) === value ? [Number(value)] : [];
}
