import type { OrganizationId, RecoveryId, SubscriptionId } from "../domain/id.ts";
import type { Recovery } from "../domain/recovery.ts";
import type { PageOf } from "./store.ts";
import type { SubscriptionKey } from "./subscription-store.ts";

/** Recoveries: stored, resumable, and taken step by step. */
export interface RecoveryStore {
  /** How many deliveries of the subscription a recovery of this scope and window would make due. */
  countRecoverable(params: RecoverableOf): Promise<number>;
  /** The same, counted among the first `messagesMax` messages of the window, and whether those are all. */
  previewRecovery(params: RecoverableOf & { messagesMax: number }): Promise<{ deliveries: number; isExact: boolean }>;
  createRecovery(params: { recovery: Recovery }): Promise<null>;
  readRecovery(params: SubscriptionKey & { recoveryId: RecoveryId }): Promise<Recovery | null>;
  listRecoveries(params: SubscriptionKey & PageOf<RecoveryId>): Promise<Recovery[]>;
  /** Recoveries that have not ended, oldest first, behind one of them. Of every tenant: the upkeep runs them. */
  findRunningRecoveries(params: { after: RecoveryId | null; limit: number }): Promise<RunningRecovery[]>;
  /**
   * Takes one step: looks at the next messages and makes due what the scope takes, unless `dueMax` deliveries of the
   * subscription wait already, so that a receiver that has just come back is not flooded. While the subscription is disabled
   * nothing is made due. Null when it is gone.
   */
  advanceRecovery(params: {
    recoveryId: RecoveryId;
    now: number;
    dueMax: number;
    messagesMax: number;
  }): Promise<Recovery | null>;
}

export type RecoverableOf = SubscriptionKey & Pick<Recovery, "scope" | "since" | "until">;

export interface RunningRecovery {
  readonly recoveryId: RecoveryId;
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
}
