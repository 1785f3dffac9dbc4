import type { OrganizationId, RecoveryId, SubscriptionId } from "../../domain/id.ts";
import type { Recovery, RecoveryOutcomes, switchedFrom } from "../../domain/recovery.ts";
import type { PageOf } from "../page.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

/** Recoveries: stored, resumable, and run in steps. Those of one subscription run one after the other. */
export interface RecoveryStore {
  /**
   * Counts the deliveries that a recovery with this scope and window would make due now, without those that running
   * recoveries will make due. It examines the first `messagesMax` messages; `isExact` says whether those are all.
   */
  previewRecovery(
    params: RecoverableOf & { now: number; messagesMax: number },
  ): Promise<{ deliveries: number; isExact: boolean }>;
  /** Stores a recovery. `full`: the subscription already has as many running recoveries as are allowed. */
  createRecovery(params: { recovery: Recovery }): Promise<"created" | "full">;
  /** Returns a recovery, or null. */
  readRecovery(params: SubscriptionKey & { recoveryId: RecoveryId }): Promise<Recovery | null>;
  /** Lists the recoveries of a subscription, newest first. It examines at most `limits.examinedForPageMax` of them. */
  listRecoveries(params: ListRecoveries): Promise<Recovery[]>;
  /** Counts the deliveries that each of these recoveries made due by their current state, in the order of the ids. */
  countOutcomes(params: { recoveryIds: readonly RecoveryId[] }): Promise<RecoveryOutcomes[]>;
  /** Pauses, resumes or cancels a recovery. False if its status does not allow that. */
  switchRecovery(
    params: SubscriptionKey & { recoveryId: RecoveryId; to: keyof typeof switchedFrom; now: number },
  ): Promise<boolean>;
  /** Returns unfinished recoveries of every tenant, oldest first, after a given one. They are run by `upkeep`. */
  findRunningRecoveries(params: { after: RecoveryId | null; limit: number }): Promise<RunningRecovery[]>;
  /**
   * Counts the next messages of a running recovery whose turn it is, and stores nothing. Null if it is already counted
   * or it is not its turn.
   */
  countRecoveryStep(params: { recoveryId: RecoveryId; messagesMax: number }): Promise<CountedStep | null>;
  /** Stores the result of `countRecoveryStep`, if the recovery is still where that step began. */
  noteCounted(params: { recoveryId: RecoveryId; step: CountedStep; now: number }): Promise<null>;
  /**
   * Takes one step of a counted recovery whose turn it is: examines the next messages and makes the deliveries in its
   * scope due. It makes nothing due while the subscription is disabled, nor while `dueMax` deliveries of the
   * subscription are waiting, so that a receiver that has recovered is not flooded. Null if the recovery is deleted.
   */
  advanceRecovery(params: {
    recoveryId: RecoveryId;
    now: number;
    dueMax: number;
    messagesMax: number;
  }): Promise<Recovery | null>;
}

export type RecoverableOf = SubscriptionKey & Pick<Recovery, "scope" | "since" | "until">;

export interface ListRecoveries extends SubscriptionKey, PageOf<RecoveryId> {
  /** Only recoveries that re-queue deliveries of one of these event types; null for all. */
  readonly eventTypes: readonly string[] | null;
}

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
