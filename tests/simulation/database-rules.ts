import type { NodeId } from "../../packages/server/src/domain/id.ts";
import type { DeliveryKey } from "../../packages/server/src/store/deliveries/interface.ts";
import type { DeliveryRow } from "./delivery-row.ts";

/** What the shared database decides by. The mutants put mistakes in their place. */
export interface DatabaseRules {
  /** Whether a node may hand back a delivery, or record an attempt: the fence. */
  isHeldBy(row: DeliveryRow, nodeId: NodeId): boolean;
  /** Whether an attempt is the next one: a node may lose a delivery and get it again, later in its schedule. */
  isNext(row: DeliveryRow, attemptNumber: number): boolean;
  /** Whether a node may claim, given its lease. Deliveries that an expired node claims would never be rescued. */
  mayClaim(leaseUntil: number | undefined): boolean;
  /** Whether a claim may take a delivery: no node has claimed it. */
  isFree(row: DeliveryRow): boolean;
  isDueAt(row: DeliveryRow, now: number): boolean;
  /** Whether a delivery must wait for the one before it, if this node asks. */
  mustWait(before: DeliveryRow | null, nodeId: NodeId | null): boolean;
  /** How many of an ordered subscription's deliveries may be claimed, given those that are already claimed. */
  orderedLimit(held: number, limit: number): number;
  /** How many deliveries a rate limit lets a claim take, of those that it wants. */
  rateLimited(wanted: number, allowed: number): number;
  /** What of a hand-back is carried out. */
  released(deliveries: readonly DeliveryKey[]): readonly DeliveryKey[];
  isExpired(leaseUntil: number, now: number): boolean;
}

export const databaseRules: DatabaseRules = {
  isHeldBy: (row, nodeId) => row.state === "claimed" && row.nodeId === nodeId,
  isNext: (row, attemptNumber) => row.attempts === attemptNumber - 1,
  mayClaim: (leaseUntil) => leaseUntil !== undefined,
  isFree: (row) => row.state === "due",
  isDueAt: (row, now) => row.dueAt <= now,
  mustWait: (before, nodeId) =>
    before !== null &&
    before.attempts === 0 &&
    (before.state === "due" || (before.state === "claimed" && before.nodeId !== nodeId)),
  orderedLimit: (held, limit) => (held > 0 ? 0 : limit),
  rateLimited: (wanted, allowed) => Math.min(wanted, allowed),
  released: (deliveries) => deliveries,
  isExpired: (leaseUntil, now) => leaseUntil <= now,
};
