import type { OrganizationId } from "../../domain/id.ts";

/**
 * Fan-outs that did not fit into the commit that accepted their message. The messages of one organization are fanned out
 * in their order: while one waits, those that are accepted later wait behind it.
 */
export interface FanOutStore {
  /** Whether any fan-out waits. */
  fanOutWaits(params: Record<never, never>): Promise<boolean>;
  /**
   * Stores the next deliveries, a bounded number of them and the same share for each of a few organizations, beginning
   * behind the organization `after`. A subscription that was made after a message was accepted does not get that message.
   * Whether a subscription matches is decided by its settings at this time. Fan-outs that another node advances at this
   * moment are passed over.
   */
  advanceFanOut(params: { after: OrganizationId | null }): Promise<AdvancedFanOut>;
}

export interface AdvancedFanOut {
  /** The last organization that was advanced; null at the end of the organizations. */
  readonly last: OrganizationId | null;
  /** Deliveries and messages that this step has dealt with. */
  readonly advanced: number;
}
