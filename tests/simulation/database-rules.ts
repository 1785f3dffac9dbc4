import type { NodeId } from "../../packages/server/src/domain/id.ts";
import type { DeliveryKey } from "../../packages/server/src/store/deliveries/interface.ts";
import type { DeliveryRow } from "./delivery-row.ts";

/** The rules by which the shared database decides. The mutants replace them with mistakes. */
export interface DatabaseRules {
  /** Whether a node may release a delivery, or record an attempt: the fence. */
  isClaimedBy(row: DeliveryRow, nodeId: NodeId): boolean;
  /** Whether an attempt is the next one: a node may lose a delivery and claim it again, later in its schedule. */
  isNext(row: DeliveryRow, attemptNumber: number): boolean;
  /** Whether a node may claim, given its lease. Deliveries that an expired node claims would never be rescued. */
  mayClaim(leaseUntil: number | undefined): boolean;
  /** Whether a claim may take a delivery: no node has claimed it. */
  isFree(row: DeliveryRow): boolean;
  isDueAt(row: DeliveryRow, now: number): boolean;
  /** Whether a delivery must wait for the previous one, when this node claims. */
  mustWait(before: DeliveryRow | null, nodeId: NodeId | null): boolean;
  /** How many of an ordered subscription's deliveries may be claimed, given those that are already claimed. */
  orderedLimit(claimed: number, limit: number): number;
  /** The deliveries that a rate limit lets a claim take, of the requested number. */
  rateLimited(requested: number, allowed: number): number;
  /** The part of a release that is carried out. */
  released(deliveries: readonly DeliveryKey[]): readonly DeliveryKey[];
  isExpired(leaseUntil: number, now: number): boolean;
}

export const databaseRules: DatabaseRules = {
  isClaimedBy: (row, nodeId) => row.state === "claimed" && row.nodeId === nodeId,
  isNext: (row, attemptNumber) => row.attempts === attemptNumber - 1,
  mayClaim: (leaseUntil) => leaseUntil !== undefined,
  isFree: (row) => row.state === "due",
  isDueAt: (row, now) => row.dueAt <= now,
  mustWait: (before, nodeId) =>
    before !== null &&
    before.attempts === 0 &&
    (before.state === "due" || (before.state === "claimed" && before.nodeId !== nodeId)),
  orderedLimit: (claimed, limit) => (claimed > 0 ? 0 : limit),
  rateLimited: (requested, allowed) => Math.min(requested, allowed),
  released: (deliveries) => deliveries,
  isExpired: (leaseUntil, now) => leaseUntil <= now,
};
