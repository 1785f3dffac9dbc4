// Group commit, in plain data: commands that share a commit, and their results.

import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { NodeId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { OperationName, Params } from "../operations.ts";
import type { NodeRoom } from "../store.ts";

/** How many new deliveries this node would take when the commit was requested. */
export interface Room extends NodeRoom {
  readonly nodeId: NodeId;
  readonly backloggedLanes: readonly SubscriptionId[];
  readonly fullOrganizations: readonly OrganizationId[];
}

export interface Command<Name extends OperationName = OperationName> {
  readonly name: Name;
  readonly params: Params<Name>;
}

/** Commands that share one commit, in order. */
export interface Batch<Name extends OperationName = OperationName> {
  readonly room: Room | null;
  readonly commands: readonly Command<Name>[];
}

export interface BatchResponse {
  /** One for each command. */
  readonly results: readonly Outcome[];
  readonly claimed: readonly ClaimedDelivery[];
  readonly backlogged: readonly SubscriptionId[];
  /** Lanes without due deliveries after a claim. Any of them in `backlogged` were added afterwards. */
  readonly drained: readonly SubscriptionId[];
  readonly changed: readonly SubscriptionId[];
  /** Organizations with new entries in the change log. */
  readonly streamed: readonly OrganizationId[];
  /** Whether fan-outs wait for further commits. */
  readonly fanOutWaits: boolean;
}

/** The effects of a commit that failed. */
export const noEffects: Omit<BatchResponse, "results"> = {
  claimed: [],
  backlogged: [],
  drained: [],
  changed: [],
  streamed: [],
  fanOutWaits: false,
};

export type Outcome =
  | { readonly ok: true; readonly value: unknown }
  /** `unavailable`: the commit failed for a reason outside the command, such as a full disk. */
  | { readonly ok: false; readonly unavailable: boolean; readonly error: unknown };
