import type { Trigger } from "../../domain/attempt.ts";
import type { AttemptId, MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { ListAttempts } from "../delivery-store.ts";
import type { AttemptRow } from "../message-store.ts";
import type { Reading, SqlValue } from "../sql.ts";

export async function listAttempts(reading: Reading, params: ListAttempts): Promise<AttemptRow[]> {
  const wantsPending = params.cursor === null && (params.status === null || params.status === "pending");
  const pending = wantsPending ? await listPending(reading, params) : [];
  if (params.status === "pending") return pending;
  return [...pending, ...(await listMade(reading, { ...params, limit: params.limit - pending.length }))];
}

interface PendingRow {
  readonly message_id: MessageId;
  readonly subscription_id: SubscriptionId;
  readonly url: string;
  readonly created_at: number;
  readonly due_at: number;
  readonly trigger: Trigger;
}

async function listPending({ sql }: Reading, params: ListAttempts): Promise<AttemptRow[]> {
  const [scope, ...values] = scopeOf(params, "delivery");
  const rows = await sql.all<PendingRow>(
    `select message_id, subscription_id, url, message.created_at, due_at, trigger
       from delivery join subscription on subscription.id = subscription_id join message on message.id = message_id
       where delivery.organization_id = ? and attempts = 0 and state in ('due', 'claimed') and ${scope}
       order by message_id desc limit ?`,
    params.organizationId,
    ...values,
    params.limit,
  );
  return rows.map((row) => ({
    kind: "pending",
    messageId: row.message_id,
    subscriptionId: row.subscription_id,
    url: row.url,
    createdAt: row.created_at,
    nextAttemptAt: row.due_at,
    trigger: row.trigger,
  }));
}

interface MadeRow {
  readonly id: AttemptId;
  readonly organization_id: OrganizationId;
  readonly message_id: MessageId;
  readonly subscription_id: SubscriptionId;
  readonly url: string;
  readonly succeeded: number;
  readonly response_status: number;
  readonly response_body: string | null;
  readonly error: string | null;
  readonly started_at: number;
  readonly duration_ms: number;
  readonly attempt_number: number;
  readonly trigger: Trigger;
  readonly next_attempt_at: number | null;
}

async function listMade({ sql }: Reading, params: ListAttempts): Promise<AttemptRow[]> {
  const [scope, ...values] = scopeOf(params, "attempt");
  const conditions = ["organization_id = ?", scope];
  if (params.cursor !== null) {
    conditions.push("id < ?");
    values.push(params.cursor);
  }
  if (params.status !== null) conditions.push(`succeeded = ${params.status === "success" ? 1 : 0}`);
  const rows = await sql.all<MadeRow>(
    `select * from attempt where ${conditions.join(" and ")} order by id desc limit ?`,
    params.organizationId,
    ...values,
    params.limit,
  );
  return rows.map((row) => ({
    kind: "made",
    id: row.id,
    organizationId: row.organization_id,
    messageId: row.message_id,
    subscriptionId: row.subscription_id,
    url: row.url,
    succeeded: row.succeeded === 1,
    responseStatus: row.response_status,
    responseBody: row.response_body,
    error: row.error,
    startedAt: row.started_at,
    durationMs: row.duration_ms,
    attemptNumber: row.attempt_number,
    trigger: row.trigger,
    nextAttemptAt: row.next_attempt_at,
  }));
}

function scopeOf({ messageId, subscriptionId }: ListAttempts, table: "attempt" | "delivery"): [string, ...SqlValue[]] {
  const conditions: string[] = [];
  const values: SqlValue[] = [];
  if (messageId !== null) {
    conditions.push(`${table}.message_id = ?`);
    values.push(messageId);
  }
  if (subscriptionId !== null) {
    conditions.push(`${table}.subscription_id = ?`);
    values.push(subscriptionId);
  }
  return [conditions.join(" and "), ...values];
}
