import { type DeliveryState, deliveryStates } from "../../domain/delivery.ts";
import {
  firstIdAt,
  type MessageId,
  type OrganizationId,
  type RecoveryId,
  type SubscriptionId,
} from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import {
  everythingAgain,
  type Recovery,
  type RecoveryOutcomes,
  type RecoveryScope,
  type ReplayFilter,
  recoversOneOf,
  switchedFrom,
} from "../../domain/recovery.ts";
import { hasRoomFor } from "../room-for-more.ts";
import { lastId, type ReadContext, type WriteContext } from "../sql.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";
import type { ListRecoveries, RunningRecovery } from "./interface.ts";

export async function createRecovery(
  context: WriteContext,
  { recovery }: { recovery: Recovery },
): Promise<"created" | "full"> {
  const { sql } = context;
  const others = {
    name: `recoveries of ${recovery.subscriptionId}`,
    rows: "select 1 from recovery where subscription_id = ? and status = 'running'",
    values: [recovery.subscriptionId],
    max: limits.recoveriesRunningMax,
  };
  if (recovery.status === "running" && !(await hasRoomFor(context, 1, others))) return "full";
  await sql.run(
    `insert into recovery (id, organization_id, subscription_id, status, scope, filter, since, until, total, counted,
       recovered, delivered, failed, cursor, created_at, updated_at) values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, 0, 0, ?, ?, ?)`,
    recovery.id,
    recovery.organizationId,
    recovery.subscriptionId,
    recovery.status,
    recovery.scope.kind,
    recovery.scope.kind === "replay" ? JSON.stringify(recovery.scope.filter) : null,
    recovery.since,
    recovery.until,
    recovery.total,
    recovery.counted,
    recovery.recovered,
    recovery.cursor,
    recovery.createdAt,
    recovery.updatedAt,
  );
  return "created";
}

export interface RecoveryRow {
  readonly id: RecoveryId;
  readonly organization_id: OrganizationId;
  readonly subscription_id: SubscriptionId;
  readonly status: Recovery["status"];
  readonly scope: RecoveryScope["kind"];
  readonly filter: string | null;
  readonly since: number;
  readonly until: number;
  readonly total: number | null;
  readonly counted: number;
  readonly recovered: number;
  readonly delivered: number;
  readonly failed: number;
  readonly cursor: MessageId;
  readonly created_at: number;
  readonly updated_at: number;
}

export function recoveryOf(row: RecoveryRow): Recovery {
  return {
    id: row.id,
    organizationId: row.organization_id,
    subscriptionId: row.subscription_id,
    status: row.status,
    scope: row.scope === "replay" ? { kind: row.scope, filter: filterIn(row) } : { kind: row.scope },
    since: row.since,
    until: row.until,
    total: row.total,
    counted: row.counted,
    recovered: row.recovered,
    cursor: row.cursor,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function filterIn({ filter }: RecoveryRow): ReplayFilter {
  // Filters that were stored before a field existed do not filter by it.
  return { ...everythingAgain.filter, ...(JSON.parse(filter ?? "{}") as Partial<ReplayFilter>) };
}

export async function readRecovery(
  { sql }: ReadContext,
  params: SubscriptionKey & { recoveryId: RecoveryId },
): Promise<Recovery | null> {
  const row = await sql.get<RecoveryRow>(
    "select * from recovery where id = ? and organization_id = ? and subscription_id = ?",
    params.recoveryId,
    params.organizationId,
    params.subscriptionId,
  );
  return row === null ? null : recoveryOf(row);
}

export async function listRecoveries(
  { sql }: ReadContext,
  { organizationId, subscriptionId, eventTypes, cursor, limit }: ListRecoveries,
): Promise<Recovery[]> {
  const found: Recovery[] = [];
  const step = Math.max(limit, limits.pageStep);
  let before = cursor ?? lastId;
  for (let examined = 0; examined < limits.examinedForPageMax; ) {
    const rows = await sql.all<RecoveryRow>(
      "select * from recovery where organization_id = ? and subscription_id = ? and id < ? order by id desc limit ?",
      organizationId,
      subscriptionId,
      before,
      step,
    );
    const recoveries = rows.map(recoveryOf);
    found.push(...recoveries.filter((one) => eventTypes === null || recoversOneOf(one, eventTypes)));
    examined += rows.length;
    before = rows.at(-1)?.id ?? before;
    if (rows.length < step || found.length >= limit) break;
  }
  return found.slice(0, limit);
}

export async function findRunningRecoveries(
  { sql }: ReadContext,
  { after, limit }: { after: RecoveryId | null; limit: number },
): Promise<RunningRecovery[]> {
  return await sql.all<RunningRecovery>(
    `select id as "recoveryId", organization_id as "organizationId", subscription_id as "subscriptionId"
     from recovery where status = 'running' and id > ? order by id limit ?`,
    after ?? firstIdAt<"recovery">(0),
    limit,
  );
}

export async function countOutcomes(
  { sql }: ReadContext,
  { recoveryIds }: { recoveryIds: readonly RecoveryId[] },
): Promise<RecoveryOutcomes[]> {
  const before = await sql.all<Pick<RecoveryRow, "id" | "delivered" | "failed">>(
    `select id, delivered, failed from recovery where ${sql.dialect.isOneOf("id")}`,
    JSON.stringify(recoveryIds),
  );
  const known = new Map(before.map((row) => [row.id, row]));
  const outcomes: RecoveryOutcomes[] = [];
  for (const id of recoveryIds) {
    const rows = await sql.all<{ state: DeliveryState; count: number }>(
      `select state, count(*) as count from
         (select state from delivery where recovery_id = ? limit ?) as looked group by state`,
      id,
      limits.recoveryOutcomesCountedMax + 1,
    );
    const counts = new Map(rows.map(({ state, count }) => [state, count]));
    const of = (...states: DeliveryState[]) => states.reduce((sum, state) => sum + (counts.get(state) ?? 0), 0);
    outcomes.push({
      delivered: (known.get(id)?.delivered ?? 0) + of("delivered"),
      failed: (known.get(id)?.failed ?? 0) + of("failed"),
      waiting: of("due", "claimed"),
      setAside: of("skipped", "cancelled"),
      isExact: of(...deliveryStates) <= limits.recoveryOutcomesCountedMax,
    });
  }
  return outcomes;
}

export async function switchRecovery(
  { sql }: WriteContext,
  params: SubscriptionKey & { recoveryId: RecoveryId; to: keyof typeof switchedFrom; now: number },
): Promise<boolean> {
  const changed = await sql.run(
    `update recovery set status = ?, updated_at = ? where id = ? and organization_id = ? and subscription_id = ?
       and status in (${sql.dialect.eachText})`,
    params.to,
    params.now,
    params.recoveryId,
    params.organizationId,
    params.subscriptionId,
    sql.dialect.textsValue(switchedFrom[params.to]),
  );
  return changed > 0;
}
