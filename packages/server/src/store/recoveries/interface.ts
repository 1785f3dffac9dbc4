import type { OrganizationId, RecoveryId, SubscriptionId } from "../../domain/id.ts";
import type { Recovery, RecoveryOutcomes, switchedFrom } from "../../domain/recovery.ts";
import type { PageOf } from "../page.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

/** Recoveries: stored, resumable, and taken step by step. Those of one subscription run one after the other. */
export interface RecoveryStore {
  /**
   * How many deliveries of the subscription a recovery of this scope and window would make due if it were asked for now, without
   * those that running recoveries will make due; counted among the first `messagesMax` messages, and whether those are all.
   */
  previewRecovery(
    params: RecoverableOf & { now: number; messagesMax: number },
  ): Promise<{ deliveries: number; isExact: boolean }>;
  /** "full": as many recoveries of the subscription run as may. */
  createRecovery(params: { recovery: Recovery }): Promise<"created" | "full">;
  readRecovery(params: SubscriptionKey & { recoveryId: RecoveryId }): Promise<Recovery | null>;
  listRecoveries(params: SubscriptionKey & PageOf<RecoveryId>): Promise<Recovery[]>;
  /** What has become of what each of these recoveries made due, in their order. */
  countOutcomes(params: { recoveryIds: readonly RecoveryId[] }): Promise<RecoveryOutcomes[]>;
  /** Pauses, continues or cancels a recovery. False when its status does not allow that. */
  switchRecovery(
    params: SubscriptionKey & { recoveryId: RecoveryId; to: keyof typeof switchedFrom; now: number },
  ): Promise<boolean>;
  /** Recoveries that have not ended, oldest first, behind one of them. Of every tenant: the upkeep runs them. */
  findRunningRecoveries(params: { after: RecoveryId | null; limit: number }): Promise<RunningRecovery[]>;
  /**
   * Counts the next messages of a running recovery whose turn it is, and stores nothing. Null when it is counted already, or it
   * is not its turn.
   */
  countRecoveryStep(params: { recoveryId: RecoveryId; messagesMax: number }): Promise<CountedStep | null>;
  /** Stores what a step counted, if the recovery is where the step began. */
  noteCounted(params: { recoveryId: RecoveryId; step: CountedStep; now: number }): Promise<null>;
  /**
   * Takes one step of a recovery that is counted and whose turn it is: looks at the next messages and makes due what the scope
   * takes, unless `dueMax` deliveries of the subscription wait already, so that a receiver that has just come back is not
   * flooded. While the subscription is disabled nothing is made due. Null when it is gone.
   */
  advanceRecovery(params: {
    recoveryId: RecoveryId;
    now: number;
    dueMax: number;
    messagesMax: number;
  }): Promise<Recovery | null>;
}

export type RecoverableOf = SubscriptionKey & Pick<Recovery, "scope" | "since" | "until">;

export interface CountedStep {
  readonly from: Recovery["cursor"];
  readonly to: Recovery["cursor"];
  readonly counted: number;
  /** Whether everything is counted. */
  readonly isLast: boolean;
}

export interface RunningRecovery {
  readonly recoveryId: RecoveryId;
  readonly organizationId: OrganizationId;
  readonly subscriptionId: SubscriptionId;
}
