import type { OrganizationId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";

/**
 * Fan-outs that did not fit into the commit that accepted their message. The messages of one organization are fanned
 * out in order: while one waits, later ones wait behind it.
 */
export interface FanOutStore {
  /** Returns whether any fan-out waits. */
  fanOutWaits(params: Record<never, never>): Promise<boolean>;
  /**
   * Stores the next deliveries: a bounded number, in equal shares for a few organizations, beginning after the
   * organization `after`. A subscription that is newer than a message does not get it. The present settings of a
   * subscription decide whether it matches. Fan-outs that another node is advancing are skipped.
   */
  advanceFanOut(params: { after: OrganizationId | null }): Promise<AdvancedFanOut>;
}

export interface AdvancedFanOut {
  /** The last organization that was advanced; null after the last of all. */
  readonly last: OrganizationId | null;
  /** Deliveries and messages that this step handled. */
  readonly advanced: number;
  /** Messages with a trace context whose fan-out this step completed. */
  readonly completed: readonly FannedOutMessage[];
}

export type FannedOutMessage = Pick<Message, "id" | "organizationId" | "eventType" | "createdAt" | "traceContext">;
