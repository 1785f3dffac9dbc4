import { newHealth } from "../../domain/health.ts";
import type { ApiKeyId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { noAccess, type ReceiverAccess } from "../../domain/receiver-access.ts";
import type { DisabledReason, Subscription } from "../../domain/subscription.ts";
import type { Target, TargetKind } from "../../domain/target.ts";
import type { ThrottleState } from "../../domain/throttle-state.ts";
import type { ReadContext } from "../sql.ts";

export interface SubscriptionRow {
  readonly id: SubscriptionId;
  readonly organization_id: OrganizationId;
  readonly uid: string | null;
  readonly url: string;
  readonly target: TargetKind;
  readonly template: string | null;
  readonly event_types: string;
  readonly channels: string | null;
  readonly description: string | null;
  readonly metadata: string;
  readonly filters: string | null;
  readonly headers: string;
  readonly access: string | null;
  readonly retry_delays_ms: string | null;
  readonly ordered: number;
  readonly rate_limit: number | null;
  readonly sends_trace_context: number;
  readonly version: number;
  readonly disabled_reason: DisabledReason | null;
  readonly disabled_at: number | null;
  readonly listener_heard_at: number | null;
  readonly mcp_id: string | null;
  readonly mcp_principal: string | null;
  readonly mcp_key_id: ApiKeyId | null;
  readonly mcp_arguments: string | null;
  readonly expires_at: number | null;
  readonly created_at: number;
  readonly updated_at: number;
  readonly recent: string | null;
  readonly failing_since: number | null;
}

export const selectSubscription = `select subscription.*, recent, failing_since
  from subscription left join subscription_health on subscription_health.subscription_id = subscription.id`;

export function subscriptionOf(
  { vault }: ReadContext,
  row: SubscriptionRow,
  throttleState: ThrottleState | null,
): Subscription {
  return {
    id: row.id,
    organizationId: row.organization_id,
    uid: row.uid,
    target: targetOf(row),
    eventTypes: JSON.parse(row.event_types) as string[],
    channels: row.channels === null ? null : (JSON.parse(row.channels) as string[]),
    description: row.description,
    metadata: JSON.parse(row.metadata) as Record<string, string>,
    filters: row.filters,
    headers: JSON.parse(vault.open(row.headers)) as Record<string, string>,
    access: accessOf({ vault }, row),
    retryDelaysMs: row.retry_delays_ms === null ? null : (JSON.parse(row.retry_delays_ms) as number[]),
    ordered: row.ordered === 1,
    rateLimit: row.rate_limit,
    sendsTraceContext: row.sends_trace_context === 1,
    version: row.version,
    disabledReason: row.disabled_reason,
    disabledAt: row.disabled_at,
    health: row.recent === null ? newHealth : { recent: row.recent, failingSince: row.failing_since },
    throttleState,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

export function accessOf(
  { vault }: Pick<ReadContext, "vault">,
  { access }: Pick<SubscriptionRow, "access">,
): ReceiverAccess {
  return access === null ? noAccess : (JSON.parse(vault.open(access)) as ReceiverAccess);
}

export type TargetColumns = Pick<SubscriptionRow, "target" | "url" | "template" | "listener_heard_at"> & McpColumns;

type McpColumns = Pick<SubscriptionRow, "mcp_id" | "mcp_principal" | "mcp_key_id" | "mcp_arguments" | "expires_at">;

/** The columns that `targetOf` reads. */
export const targetColumns =
  "target, url, template, listener_heard_at, mcp_id, mcp_principal, mcp_key_id, mcp_arguments, expires_at";

export function targetOf(row: TargetColumns): Target {
  const { target: kind, url, template, listener_heard_at: heardAt } = row;
  switch (kind) {
    case "webhook":
      return { kind, url };
    case "listener":
      return { kind, url, heardAt: heardAt ?? 0 };
    case "mcp":
      return {
        ...{ kind, url, keyId: row.mcp_key_id },
        mcpId: row.mcp_id ?? "",
        principal: row.mcp_principal ?? "",
        arguments: row.mcp_arguments ?? "{}",
        expiresAt: row.expires_at ?? 0,
      };
    default:
      return { kind, url, template };
  }
}
