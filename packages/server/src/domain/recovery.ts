import type { DeliveryState } from "./delivery.ts";
import type { MessageId, OrganizationId, RecoveryId, SubscriptionId } from "./id.ts";

/** A task that makes failed or never-sent deliveries of one subscription due again, for messages in [since, until). */
export interface Recovery {
  readonly id: RecoveryId;
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
  readonly status: "running" | "completed";
  readonly since: number;
  readonly until: number;
  /** Deliveries that there were to recover when it was asked for. */
  readonly total: number;
  readonly recovered: number;
  /** The last message looked at; where the next step goes on, also after a restart. */
  readonly cursor: MessageId;
  readonly createdAt: number;
}

/** Whether a message that the subscription wants needs recovering. `null`: no delivery of it was ever made. */
export function needsRecovery(state: DeliveryState | null): boolean {
  return state === null || state === "failed" || state === "skipped";
}
