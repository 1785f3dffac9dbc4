import type { NodeId } from "../../domain/id.ts";

/** Nodes and their leases. Each database has statements of its own in its `nodes.ts`. */
export interface NodeStore {
  /**
   * Extends the lease of a node until `leaseUntil`. False if the node has expired and so lost its claims. `isNew`: the
   * node holds no claims yet, so it gets a lease in any case.
   */
  recordHeartbeat(params: { nodeId: NodeId; leaseUntil: number; now: number; isNew: boolean }): Promise<boolean>;
}
