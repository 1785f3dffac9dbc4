import type { NodeId } from "../../domain/id.ts";

/** Nodes and their leases. */
export interface NodeStore {
  /**
   * Says that the node lives until `leaseUntil`. False when it was declared dead: its claims are lost. `isNew`: it holds
   * nothing yet, so there is nothing that it could have lost.
   */
  recordHeartbeat(params: { nodeId: NodeId; leaseUntil: number; now: number; isNew: boolean }): Promise<boolean>;
}
