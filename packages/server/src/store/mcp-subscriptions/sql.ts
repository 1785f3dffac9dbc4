import { type ApiKeyId, firstIdAt, type SubscriptionId } from "../../domain/id.ts";
import type { McpEnding } from "../../domain/mcp-subscription.ts";
import type { OperationalEventIds } from "../../domain/operational-event.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { CommandsOf, QueriesOf } from "../operations.ts";
import { hasRoomFor } from "../room-for-more.ts";
import type { ReadContext, SqlValue, WriteContext } from "../sql.ts";
import { deleteSubscription, insertSubscription } from "../subscriptions/change-subscriptions.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";
import { addSecret, liveSecrets } from "../subscriptions/signing-secrets.ts";
import {
  type SubscriptionRow,
  selectSubscription,
  subscriptionOf,
  targetOf,
} from "../subscriptions/subscription-row.ts";
import type {
  EndedMcpSubscription,
  McpArgumentsOf,
  McpCallback,
  McpEventType,
  McpKey,
  McpLimits,
  McpPut,
  McpSubscriptionStore,
  NewMcpSubscription,
} from "./interface.ts";

export const lookUps = {
  findMcpSubscription,
  findExceededMcpLimit,
  findEndedMcpSubscriptions,
  hasMcpSubscriptions,
  isMcpCallbackVerified,
} satisfies QueriesOf<McpSubscriptionStore>;

export const lists = { listMcpEventTypes, listMcpArguments } satisfies QueriesOf<McpSubscriptionStore>;

export const commands = {
  takeMcpTurn,
  putMcpSubscription,
  deleteMcpSubscription,
  endMcpSubscription,
  endMcpSubscriptionsTo,
  removeEndedMcpSubscription,
  noteMcpCallback,
  forgetMcpRecords,
} satisfies CommandsOf<McpSubscriptionStore>;

async function findMcpSubscription(
  context: ReadContext,
  { organizationId, mcpId, now }: McpKey & { now: number },
): Promise<Subscription | null> {
  const row = await context.sql.get<SubscriptionRow>(
    `${selectSubscription} where subscription.organization_id = ? and mcp_id = ? and deleted_at is null and expires_at > ?`,
    organizationId,
    mcpId,
    now,
  );
  return row === null ? null : subscriptionOf(context, row, null);
}

async function findExceededMcpLimit(
  { sql }: ReadContext,
  { organizationId, mcpId, principal, ofPrincipalMax, ofOrganizationMax }: McpKey & McpLimits & { principal: string },
): Promise<number | null> {
  // A row of the same identity has expired and is replaced.
  const rows = `${ofAgents} and mcp_id <> ?`;
  const count = async (condition: string, values: readonly SqlValue[], max: number) => {
    const counted = await sql.get<{ count: number }>(
      `select count(*) as count from (${rows} ${condition} limit ?) as counted`,
      organizationId,
      mcpId,
      ...values,
      max,
    );
    return Number(counted?.count ?? 0);
  };
  if ((await count("", [], ofOrganizationMax)) >= ofOrganizationMax) return ofOrganizationMax;
  return (await count("and mcp_principal = ?", [principal], ofPrincipalMax)) >= ofPrincipalMax ? ofPrincipalMax : null;
}

async function takeMcpTurn(
  { sql }: WriteContext,
  { organizationId, mcpId, now }: McpKey & { now: number },
): Promise<number> {
  const row = await sql.get<{ turn: number }>(
    `insert into mcp_turn (organization_id, mcp_id, turn, touched_at) values (?, ?, 1, ?)
     on conflict (organization_id, mcp_id) do update set turn = mcp_turn.turn + 1, touched_at = excluded.touched_at
     returning turn`,
    organizationId,
    mcpId,
    now,
  );
  return Number(row?.turn ?? 0);
}

interface LiveRow {
  readonly id: SubscriptionId;
  readonly expires_at: number;
}

async function putMcpSubscription(context: WriteContext, params: NewMcpSubscription): Promise<McpPut> {
  const { subscription, now } = params;
  const { organizationId, target } = subscription;
  const key = { organizationId, mcpId: target.mcpId };
  // The row of the turn is locked until the commit, so that requests about one subscription follow each other.
  const turn = await takeMcpTurn(context, { ...key, now });
  if (params.turn !== null && turn !== params.turn + 1) return { kind: "superseded" };
  const live = await findLive(context, key);
  if (live !== null && live.expires_at > now) {
    await refresh(context, live.id, params);
    return { kind: "refreshed" };
  }
  if (live !== null) await deleteSubscription(context, { ...keyOf(live, params), ...params });
  const max = await exceeded(context, params);
  if (max !== null) return { kind: "full", max };
  await insertSubscription(context, params);
  return { kind: "created" };
}

function keyOf({ id }: Pick<LiveRow, "id">, { subscription }: NewMcpSubscription): SubscriptionKey {
  return { subscriptionId: id, organizationId: subscription.organizationId };
}

async function findLive({ sql }: WriteContext, { organizationId, mcpId }: McpKey): Promise<LiveRow | null> {
  return await sql.get<LiveRow>(
    `select id, expires_at from subscription where organization_id = ? and mcp_id = ? and deleted_at is null
     ${sql.dialect.forUpdate}`,
    organizationId,
    mcpId,
  );
}

async function refresh(context: WriteContext, id: SubscriptionId, params: NewMcpSubscription): Promise<void> {
  const { secret, overlapUntil, now, subscription } = params;
  await context.sql.run(
    "update subscription set expires_at = ?, disabled_reason = null, disabled_at = null, updated_at = ? where id = ?",
    subscription.target.expiresAt,
    now,
    id,
  );
  // Failures from before must not disable it: it ends when the agent no longer refreshes it.
  await context.sql.run("update subscription_health set failing_since = null where subscription_id = ?", id);
  const [current] = await liveSecrets(context, id, now);
  if (current?.secret !== secret) await addSecret(context, { subscriptionId: id, secret, overlapUntil, now });
  await context.subscriptionChanged(id);
}

const ofAgents = "select 1 from subscription where organization_id = ? and target = 'mcp' and deleted_at is null";

/** The limit that one more subscription would exceed; null when there is room. */
async function exceeded(context: WriteContext, params: NewMcpSubscription): Promise<number | null> {
  const { subscription, ofPrincipalMax, ofOrganizationMax } = params;
  const { organizationId, target } = subscription;
  const rows = ofAgents;
  const name = `agents' subscriptions of ${organizationId}`;
  const ofOrganization = { name, rows, values: [organizationId], max: ofOrganizationMax };
  if (!(await hasRoomFor(context, 1, ofOrganization))) return ofOrganizationMax;
  const values: SqlValue[] = [organizationId, target.principal];
  const ofPrincipal = { name, rows: `${rows} and mcp_principal = ?`, values, max: ofPrincipalMax };
  return (await hasRoomFor(context, 1, ofPrincipal)) ? null : ofPrincipalMax;
}

async function deleteMcpSubscription(
  context: WriteContext,
  params: McpKey & { now: number; operationalEventIds: OperationalEventIds },
): Promise<boolean> {
  await takeMcpTurn(context, params);
  const live = await findLive(context, params);
  if (live === null) return false;
  return (await deleteSubscription(context, { ...params, subscriptionId: live.id })) !== null;
}

async function endMcpSubscription(
  context: WriteContext,
  { subscriptionId, organizationId, reason }: SubscriptionKey & { reason: McpEnding },
): Promise<boolean> {
  return (await endWhere(context, "id = ? and organization_id = ?", [subscriptionId, organizationId], reason)) > 0;
}

async function endMcpSubscriptionsTo(
  context: WriteContext,
  { namespace, eventType, reason, limit }: McpEventType & { reason: McpEnding; limit: number },
): Promise<number> {
  const condition = `id in (
    select subscription_id from subscription_pattern join subscription as live on live.id = subscription_id
      join organization on organization.id = live.organization_id
    where pattern = ? and namespace = ? and live.target = 'mcp' and live.deleted_at is null and live.expires_at > 0 limit ?)`;
  return await endWhere(context, condition, [eventType, namespace, limit], reason);
}

/** Ends the subscriptions that agents made with a key. */
export async function endMcpSubscriptionsOfKey(context: WriteContext, keyId: ApiKeyId): Promise<void> {
  await endWhere(context, "mcp_key_id = ?", [keyId], "access_revoked");
}

async function endWhere(
  context: WriteContext,
  condition: string,
  values: readonly SqlValue[],
  reason: McpEnding,
): Promise<number> {
  const ended = await context.sql.all<{ id: SubscriptionId }>(
    `update subscription set expires_at = 0, mcp_ended = ?, mcp_schema_changed = ?
     where target = 'mcp' and deleted_at is null and mcp_ended is null and ${condition} returning id`,
    reason === "schema_changed" ? "event_removed" : reason,
    reason === "schema_changed" ? 1 : 0,
    ...values,
  );
  for (const { id } of ended) await context.subscriptionChanged(id);
  return ended.length;
}

async function listMcpEventTypes({ sql }: ReadContext, { now }: { now: number }): Promise<McpEventType[]> {
  const rows = await sql.all<{ namespace: string; event_types: string }>(
    `select distinct namespace, event_types from subscription
       join organization on organization.id = subscription.organization_id
     where expires_at > ? and subscription.deleted_at is null`,
    now,
  );
  return rows.flatMap(({ namespace, event_types }) =>
    (JSON.parse(event_types) as string[]).map((eventType) => ({ namespace, eventType })),
  );
}

async function listMcpArguments(
  { sql }: ReadContext,
  {
    namespace,
    eventType,
    now,
    cursor,
    limit,
  }: McpEventType & {
    now: number;
    cursor: SubscriptionId | null;
    limit: number;
  },
): Promise<McpArgumentsOf[]> {
  const rows = await sql.all<McpArgumentsOf & Record<string, SqlValue>>(
    `select subscription.id as "subscriptionId", organization_id as "organizationId", mcp_arguments as "arguments"
     from subscription join organization on organization.id = organization_id
     where mcp_id is not null and event_types = ? and namespace = ? and subscription.deleted_at is null
       and expires_at > ? and subscription.id > ? order by subscription.id limit ?`,
    JSON.stringify([eventType]),
    namespace,
    now,
    cursor ?? firstIdAt<"subscription">(0),
    limit,
  );
  return rows;
}

async function hasMcpSubscriptions({ sql }: ReadContext, { now }: { now: number }): Promise<boolean> {
  return (
    (await sql.get("select 1 from subscription where expires_at > ? and deleted_at is null limit 1", now)) !== null
  );
}

async function findEndedMcpSubscriptions(
  { sql }: ReadContext,
  { now, limit }: { now: number; limit: number },
): Promise<SubscriptionKey[]> {
  return await sql.all<SubscriptionKey & Record<string, SqlValue>>(
    `select id as "subscriptionId", organization_id as "organizationId" from subscription
     where expires_at <= ? and deleted_at is null order by expires_at limit ?`,
    now,
    limit,
  );
}

async function removeEndedMcpSubscription(
  context: WriteContext,
  params: SubscriptionKey & { now: number; operationalEventIds: OperationalEventIds },
): Promise<EndedMcpSubscription | null> {
  const { subscriptionId, organizationId, now } = params;
  const row = await context.sql.get<SubscriptionRow & { mcp_ended: McpEnding | null; mcp_schema_changed: number }>(
    `select * from subscription where id = ? and organization_id = ? and expires_at <= ? and deleted_at is null
     ${context.sql.dialect.forUpdate}`,
    subscriptionId,
    organizationId,
    now,
  );
  const target = row === null ? null : targetOf(row);
  if (row === null || target?.kind !== "mcp") return null;
  const secrets = await liveSecrets(context, subscriptionId, now);
  await deleteSubscription(context, params);
  return { target, organizationId, secrets, reason: row.mcp_schema_changed === 1 ? "schema_changed" : row.mcp_ended };
}

async function isMcpCallbackVerified(
  { sql }: ReadContext,
  { organizationId, principal, url, now }: McpCallback & { now: number },
): Promise<boolean> {
  const row = await sql.get(
    `select 1 as found from mcp_callback
     where organization_id = ? and principal = ? and url = ? and verified_until > ?`,
    organizationId,
    principal,
    url,
    now,
  );
  return row !== null;
}

async function noteMcpCallback(
  { sql }: WriteContext,
  { organizationId, principal, url, verifiedUntil }: McpCallback & { verifiedUntil: number },
): Promise<null> {
  await sql.run(
    `insert into mcp_callback (organization_id, principal, url, verified_until) values (?, ?, ?, ?)
     on conflict (organization_id, principal, url) do update set verified_until = excluded.verified_until`,
    organizationId,
    principal,
    url,
    verifiedUntil,
  );
  return null;
}

async function forgetMcpRecords(
  { sql }: WriteContext,
  { now, turnsBefore, limit }: { now: number; turnsBefore: number; limit: number },
): Promise<number> {
  const callbacks = await sql.run(
    `delete from mcp_callback where (organization_id, principal, url) in
       (select organization_id, principal, url from mcp_callback where verified_until <= ? limit ?)`,
    now,
    limit,
  );
  const turns = await sql.run(
    `delete from mcp_turn where (organization_id, mcp_id) in
       (select organization_id, mcp_id from mcp_turn where touched_at < ? limit ?)`,
    turnsBefore,
    limit,
  );
  return Math.max(callbacks, turns);
}
