import type { DeliveryState } from "../../domain/delivery.ts";
import { parseFilters } from "../../domain/filters.ts";
import { firstIdAt, type MessageId, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { type Recovery, type RecoveryCandidate, takes } from "../../domain/recovery.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { mismatchOf, payloadReader } from "../fan-out/route.ts";
import { PageBytes } from "../page-bytes.ts";
import type { ReadContext } from "../sql.ts";

interface CandidateRow {
  readonly message_id: MessageId;
  readonly event_type: string;
  readonly content_type: string | null;
  readonly channels: string | null;
  readonly tags: string | null;
  readonly state: DeliveryState | null;
  readonly attempts: number | null;
  readonly recovered_at: number | null;
  readonly is_queued: number | null;
  /** Null unless a filter needs it. */
  readonly last_status: number | null;
  /** The bytes of the payload; 0 unless a filter reads it. */
  readonly bytes: number;
}

interface Candidate extends RecoveryCandidate {
  readonly contentType: string | null;
  /** Null unless a filter needs it. */
  readonly payload: string | null;
}

/** The next messages of a window; fewer than the limit at its end, or if the payloads that filters read are large. */
export async function findCandidates(
  { sql }: ReadContext,
  subscription: Subscription,
  { scope, cursor, until }: Pick<Recovery, "scope" | "cursor" | "until">,
  limit: number,
): Promise<{ found: Candidate[]; bytes: number; isEnd: boolean }> {
  const bytes =
    scope.kind === "replay" && scope.filter.payload !== null
      ? "octet_length(payload)"
      : subscription.filters === null
        ? "0"
        : "case when state is null then octet_length(payload) else 0 end";
  const readsResponses = scope.kind === "replay" && scope.filter.statusClass !== null;
  const lastStatus = `(select response_status from attempt where attempt.message_id = message.id
    and attempt.subscription_id = delivery.subscription_id order by attempt.id desc limit 1)`;
  const rows = await sql.all<CandidateRow>(
    `select message.id as message_id, event_type, content_type, channels, tags, state, attempts, recovered_at,
       case when state = 'due' and trigger = 'recovery' and schedule_step = 0 then 1 else 0 end as is_queued,
       ${readsResponses ? lastStatus : "cast(null as integer)"} as last_status, ${bytes} as bytes
     from message left join delivery on delivery.message_id = message.id and delivery.subscription_id = ?
     where message.organization_id = ? and message.id > ? and message.id < ? and test_subscription_id is null
       and payload_deleted_at is null
     order by message.id limit ?`,
    subscription.id,
    subscription.organizationId,
    cursor,
    firstIdAt(until),
    limit,
  );
  const taken = new PageBytes(limits.recoveryStepPayloadBytesMax).take(rows);
  const payloads = await sql.all<{ id: MessageId; payload: string }>(
    `select id, payload from message where ${sql.dialect.isOneOf("id")}`,
    JSON.stringify(taken.filter((row) => row.bytes > 0).map((row) => row.message_id)),
  );
  const payloadOf = new Map(payloads.map(({ id, payload }) => [id, payload]));
  const found = taken.map((row) => candidateOf(row, subscription.id, payloadOf.get(row.message_id) ?? null));
  const isEnd = taken.length === rows.length && rows.length < limit;
  return { found, bytes: taken.reduce((sum, row) => sum + row.bytes, 0), isEnd };
}

function candidateOf(row: CandidateRow, subscriptionId: SubscriptionId, payload: string | null): Candidate {
  return {
    messageId: row.message_id,
    subscriptionId,
    delivery:
      row.state === null
        ? null
        : {
            state: row.state,
            attempts: row.attempts ?? 0,
            recoveredAt: row.recovered_at,
            isQueued: row.is_queued === 1,
          },
    eventType: row.event_type,
    channels: textsIn(row.channels),
    tags: textsIn(row.tags),
    lastStatus: row.last_status,
    contentType: row.content_type,
    payload,
  };
}

export function isSelected(
  recovery: Pick<Recovery, "scope" | "createdAt">,
  subscription: Subscription,
  candidate: Candidate,
): boolean {
  if (!takes(recovery, candidate)) return false;
  const { eventType, channels, contentType, payload, delivery } = candidate;
  const filteredPayload = payloadReader({ payload: payload ?? "null", contentType });
  const { scope } = recovery;
  const payloadFilter = scope.kind === "replay" ? scope.filter.payload : null;
  if (payloadFilter !== null && !filteredPayload().matches(parseFilters(payloadFilter))) return false;
  if (delivery !== null) return true;
  const filters = subscription.filters === null ? null : parseFilters(subscription.filters);
  return mismatchOf({ ...subscription, filters }, { eventType, channels, filteredPayload }) === null;
}

function textsIn(json: string | null): string[] | null {
  return json === null ? null : (JSON.parse(json) as string[]);
}
