import { assertNever } from "../../domain/assert-never.ts";
import type { DeliveryState } from "../../domain/delivery.ts";
import { parseFilters } from "../../domain/filters.ts";
import { firstIdAt, type MessageId, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { type Recovery, type RecoveryCandidate, takes } from "../../domain/recovery.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { attemptConditions } from "../attempts/attempt-conditions.ts";
import { mismatchOf, payloadReader } from "../fan-out/route.ts";
import { PageBytes } from "../page-bytes.ts";
import type { ReadContext } from "../sql.ts";
import { findUndelivered } from "./undelivered.ts";

/** With more event types, a part examines the messages of all types. */
const examinedTypesMax = 16;

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

/** A part of a recovery's window. */
export interface CandidatePart {
  /** The messages that the recovery may select, by their state at the subscription. */
  readonly found: readonly Candidate[];
  /** The next part begins after this message. */
  readonly to: MessageId;
  /** The bytes of the payloads that were read. */
  readonly bytes: number;
  /** Whether the window ends here. */
  readonly isEnd: boolean;
}

type PartOf = Pick<Recovery, "scope" | "cursor" | "until">;

/** Examines the next messages of a window: as many as the limit, or fewer if the payloads that filters read are large. */
export async function findCandidates(
  context: ReadContext,
  subscription: Subscription,
  part: PartOf,
  limit: number,
): Promise<CandidatePart> {
  const { sql } = context;
  const { scope, cursor } = part;
  const { last, ids } = await examinedMessages(context, subscription, part, limit);
  if (ids?.length === 0) return { found: [], to: last ?? cursor, bytes: 0, isEnd: last === null };
  const bytes =
    scope.kind === "replay" && scope.filter.payload !== null
      ? "octet_length(payload)"
      : subscription.filters === null
        ? "0"
        : "case when state is null then octet_length(payload) else 0 end";
  const readsResponses = scope.kind === "replay" && scope.filter.statusClass !== null;
  const lastStatus = `(select response_status from attempt where attempt.message_id = message.id
    and attempt.subscription_id = delivery.subscription_id order by attempt.id desc limit 1)`;
  const standings = standingsOf(scope);
  const attempted =
    scope.kind === "replay" && scope.filter.attempted !== null ? attemptConditions(scope.filter.attempted) : null;
  const selectedTypes = exactTypes(scope.kind === "replay" ? scope.filter.eventTypes : null);
  const ownTypes = exactTypes(subscription.eventTypes);
  const upTo = last === null ? "<" : "<=";
  const end = last ?? firstIdAt<"message">(part.until);
  // The bounds are repeated for the deliveries, because Postgres does not derive them from those of the messages.
  const rows = await sql.all<CandidateRow>(
    `select message.id as message_id, event_type, content_type, channels, tags, state, attempts, recovered_at,
       case when state = 'due' and trigger = 'recovery' and schedule_step = 0 then 1 else 0 end as is_queued,
       ${readsResponses ? lastStatus : "cast(null as integer)"} as last_status, ${bytes} as bytes
     from message left join delivery on delivery.message_id = message.id and delivery.subscription_id = ?
       and delivery.message_id > ? and delivery.message_id ${upTo} ?
     where message.organization_id = ? and message.id > ? and message.id ${upTo} ? and test_subscription_id is null
       and payload_deleted_at is null
       ${ids === null ? "" : `and ${sql.dialect.isOneOf("message.id")}`}
       ${standings === null ? "" : `and coalesce(state, 'missing') in (${standings.map(() => "?").join(", ")})`}
       ${attempted === null ? "" : `and exists (select 1 from attempt where ${["attempt.message_id = message.id", "attempt.subscription_id = delivery.subscription_id", ...attempted.conditions].join(" and ")})`}
       ${selectedTypes === null ? "" : `and event_type in (${sql.dialect.eachText})`}
       ${ownTypes === null ? "" : `and (state is not null or event_type in (${sql.dialect.eachText}))`}
     order by message.id`,
    ...[subscription.id, cursor, end, subscription.organizationId, cursor, end],
    ...(ids === null ? [] : [JSON.stringify(ids)]),
    ...(standings ?? []),
    ...(attempted?.values ?? []),
    ...[selectedTypes, ownTypes].flatMap((types) => (types === null ? [] : [sql.dialect.textsValue(types)])),
  );
  const taken = new PageBytes(limits.recoveryStepPayloadBytesMax).take(rows);
  const payloads = await sql.all<{ id: MessageId; payload: string }>(
    `select id, payload from message where ${sql.dialect.isOneOf("id")}`,
    JSON.stringify(taken.filter((row) => row.bytes > 0).map((row) => row.message_id)),
  );
  const payloadOf = new Map(payloads.map(({ id, payload }) => [id, payload]));
  const isWhole = taken.length === rows.length;
  return {
    found: taken.map((row) => candidateOf(row, subscription.id, payloadOf.get(row.message_id) ?? null)),
    to: isWhole && last !== null ? last : (taken.at(-1)?.message_id ?? cursor),
    bytes: taken.reduce((sum, row) => sum + row.bytes, 0),
    isEnd: isWhole && last === null,
  };
}

interface ExaminedMessages {
  /** The last one; null at the end of the window. */
  readonly last: MessageId | null;
  /** Null for all messages up to the last one. */
  readonly ids: readonly MessageId[] | null;
}

/** A recovery of messages that were not delivered examines only those, which indexes contain. */
async function examinedMessages(
  context: ReadContext,
  subscription: Subscription,
  { scope, cursor, until }: PartOf,
  limit: number,
): Promise<ExaminedMessages> {
  const { sql } = context;
  const { organizationId } = subscription;
  const standings = standingsOf(scope);
  if (standings?.every(isUndelivered) === true) {
    return await findUndelivered(context, {
      ...{ organizationId, subscriptionId: subscription.id, standings },
      ...{ eventTypes: missingTypes(subscription, scope), after: cursor, before: firstIdAt<"message">(until), limit },
    });
  }
  const last = await sql.get<{ id: MessageId }>(
    "select id from message where organization_id = ? and id > ? and id < ? order by id limit 1 offset ?",
    organizationId,
    cursor,
    firstIdAt(until),
    limit - 1,
  );
  return { last: last?.id ?? null, ids: null };
}

function isUndelivered(standing: string): boolean {
  return standing === "failed" || standing === "skipped" || standing === "missing";
}

/** The event types of the messages that a recovery may find missing; null for all, also if they are too many for a query each. */
function missingTypes({ eventTypes }: Subscription, scope: Recovery["scope"]): readonly string[] | null {
  const own = exactTypes(eventTypes);
  const selected = exactTypes(scope.kind === "replay" ? scope.filter.eventTypes : null);
  const types = own === null || selected === null ? (own ?? selected) : own.filter((type) => selected.includes(type));
  return types === null || types.length > examinedTypesMax ? null : [...new Set(types)];
}

/** The event types that patterns name; null if one of them is a wildcard, which only `isSelected` evaluates. */
function exactTypes(patterns: readonly string[] | null): readonly string[] | null {
  return patterns === null || patterns.some((pattern) => pattern.includes("*")) ? null : patterns;
}

/** The outcomes at the subscription that a recovery selects; null for any. */
function standingsOf(scope: Recovery["scope"]): readonly string[] | null {
  switch (scope.kind) {
    case "undelivered":
      return ["failed", "skipped", "missing"];
    case "never_sent":
      return ["skipped", "missing"];
    case "replay":
      return scope.filter.standings ?? (scope.filter.state === null ? null : [scope.filter.state]);
    default:
      return assertNever(scope);
  }
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
