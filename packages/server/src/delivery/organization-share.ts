import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { DeliveryLane } from "./delivery-lane.ts";
import { WaitingLine } from "./waiting-line.ts";

/** The part of a node's memory and requests that one organization uses. */
export class OrganizationShare {
  /** Null for lanes whose organization is not known yet. They hold nothing. */
  readonly organizationId: OrganizationId | null;
  /** Lanes with due rows in the store. */
  readonly backlogged = new Set<DeliveryLane>();
  /** Lanes that wait for a free request of the node. */
  readonly startLine = new WaitingLine<DeliveryLane>();
  /** Deliveries in memory, and the bytes of their payloads. */
  held = 0;
  heldBytes = 0;
  /** Requests under way. */
  underWay = 0;

  constructor(organizationId: OrganizationId | null) {
    this.organizationId = organizationId;
  }

  /** Deliveries for which the organization has room. */
  get room(): number {
    return this.heldBytes < limits.organizationHeldBytesMax ? Math.max(0, limits.organizationHeldMax - this.held) : 0;
  }

  get mayStart(): boolean {
    return this.underWay < limits.organizationConcurrencyMax;
  }
}
