import type { RecoverByFilterBody } from "@weft/sdk";
import { attemptedQuery, type TimeWindow, windowQuery } from "../../time-window.ts";
import type { StatusClass } from "../../ui/status-class-filter.tsx";

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
  /** The class of the response to one of its attempts; null for any. */
  readonly statusClass: StatusClass | null;
  /** The time of an attempt, which is of the status class if there is one. */
  readonly attempted: TimeWindow;
}

export const anyFailure: RecoveryFilter = {
  messageIds: null,
  window: { since: "24h" },
  eventTypes: null,
  subscriptionIds: null,
  payload: null,
  standings: ["failed", "skipped", "missing"],
  statusClass: null,
  attempted: {},
};

export function recoveryBody(filter: RecoveryFilter, now: number): RecoverByFilterBody {
  const { messageIds, window, eventTypes, subscriptionIds, payload, standings: status, statusClass } = filter;
  return {
    ...(messageIds === null ? windowQuery(window, now) : { message_ids: messageIds }),
    ...(eventTypes !== null && { event_types: eventTypes }),
    ...(subscriptionIds !== null && { subscription_ids: subscriptionIds }),
    ...(payload !== null && { payload: payloadFilter(payload) }),
    ...(statusClass !== null && { status_class: statusClass }),
    ...attemptedQuery(filter.attempted, now),
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
