// The offset makes Postgres look up the rows of each attempt instead of joining a whole table.

import type { Attempt, Trigger } from "../../domain/attempt.ts";
import type { AttemptId, MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { RecordedAttempt } from "./interface.ts";

export function messageOfMade(column: string, conditions: readonly string[] = []): string {
  const where = ["message.id = made.message_id", ...conditions].join(" and ");
  return `select ${column} from message where ${where} limit 1 offset 0`;
}

/** When the attempt that follows is due. Null after that attempt, and for a delivery that has ended. */
const nextIsDue = `case when made.next_attempt_at is not null then
  (select due_at from delivery
   where delivery.message_id = made.message_id and delivery.subscription_id = made.subscription_id
     and delivery.state in ('due', 'claimed') and delivery.attempts = made.attempt_number limit 1 offset 0) end`;

/** The columns of rows of `attempt` under the name `made`. */
export const typedAttempt = `made.*, (${messageOfMade("event_type")}) as event_type, ${nextIsDue} as next_is_due`;

export interface AttemptRow {
  readonly id: AttemptId;
  readonly organization_id: OrganizationId;
  readonly message_id: MessageId;
  readonly subscription_id: SubscriptionId;
  readonly url: string;
  readonly succeeded: number;
  readonly response_status: number;
  readonly response_body: string | null;
  readonly response_headers: string | null;
  readonly error: string | null;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly attempt_number: number;
  readonly trigger: Trigger;
  readonly next_attempt_at: number | null;
}

export interface TypedAttemptRow extends AttemptRow {
  readonly event_type: string | null;
  readonly next_is_due: number | null;
}

export function recordedAttemptOf(row: TypedAttemptRow): RecordedAttempt {
  return { kind: "made", eventType: row.event_type, ...attemptOf(row), nextAttemptAt: row.next_is_due };
}

export function attemptOf(row: AttemptRow): Attempt {
  return {
    id: row.id,
    organizationId: row.organization_id,
    messageId: row.message_id,
    subscriptionId: row.subscription_id,
    url: row.url,
    succeeded: row.succeeded === 1,
    responseStatus: row.response_status,
    responseBody: row.response_body,
    responseHeaders: row.response_headers,
    error: row.error,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    attemptNumber: row.attempt_number,
    trigger: row.trigger,
    nextAttemptAt: row.next_attempt_at,
  };
}
