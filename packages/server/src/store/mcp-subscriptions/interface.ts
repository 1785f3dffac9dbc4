import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { McpEnding } from "../../domain/mcp-subscription.ts";
import type { OperationalEventIds } from "../../domain/operational-event.ts";
import type { SigningSecret, Subscription } from "../../domain/subscription.ts";
import type { McpTarget } from "../../domain/target.ts";
import type { SubscriptionKey } from "../subscriptions/interface.ts";

/** Subscriptions that agents make through MCP. An agent knows one by the id that follows from its identity. */
export interface McpSubscriptionStore {
  /** Returns the subscription of an agent, or null. One that has ended is not returned. */
  findMcpSubscription(params: McpKey & { now: number }): Promise<Subscription | null>;
  /**
   * The limit that one more subscription of an agent would exceed; null when there is room. `putMcpSubscription` decides: this
   * spares the callback a challenge that would be in vain.
   */
  findExceededMcpLimit(params: McpKey & McpLimits & { principal: string }): Promise<number | null>;
  /**
   * Begins a request about a subscription whose callback must be verified first. A later request about it takes its
   * turn away.
   */
  takeMcpTurn(params: McpKey & { now: number }): Promise<number>;
  /**
   * Creates a subscription, or refreshes it: it gets the new end, and the new secret if it differs, and is enabled. The
   * previous secret also signs until `overlapUntil`. `superseded`: `turn` belongs to an earlier request than the last one.
   */
  putMcpSubscription(params: NewMcpSubscription): Promise<McpPut>;
  /** Deletes the subscription of an agent, and takes the turn of requests that are still verifying its callback. */
  deleteMcpSubscription(params: McpKey & { now: number; operationalEventIds: OperationalEventIds }): Promise<boolean>;

  /** Ends a subscription of an agent. False if there is no such subscription. */
  endMcpSubscription(params: SubscriptionKey & { reason: McpEnding }): Promise<boolean>;
  /** Ends subscriptions of all organizations of a namespace to an event type. Returns how many, at most `limit`. */
  endMcpSubscriptionsTo(params: McpEventType & { reason: McpEnding; limit: number }): Promise<number>;
  /** Lists the arguments of live subscriptions to an event type, of all organizations of a namespace, in pages. */
  listMcpArguments(
    params: McpEventType & { now: number; cursor: SubscriptionId | null; limit: number },
  ): Promise<McpArgumentsOf[]>;
  /** Lists the event types of live subscriptions of agents in all organizations. */
  listMcpEventTypes(params: { now: number }): Promise<McpEventType[]>;
  /** Whether any subscription of an agent has not expired. */
  hasMcpSubscriptions(params: { now: number }): Promise<boolean>;
  /** Returns subscriptions that have ended and are not deleted yet, of all organizations. */
  findEndedMcpSubscriptions(params: { now: number; limit: number }): Promise<SubscriptionKey[]>;
  /** Deletes a subscription that has ended. Returns it with its secrets; null if it was refreshed or deleted meanwhile. */
  removeEndedMcpSubscription(
    params: SubscriptionKey & { now: number; operationalEventIds: OperationalEventIds },
  ): Promise<EndedMcpSubscription | null>;

  /** Whether this URL proved lately that it wants the events of this principal. */
  isMcpCallbackVerified(params: McpCallback & { now: number }): Promise<boolean>;
  noteMcpCallback(params: McpCallback & { verifiedUntil: number }): Promise<null>;
  /** Deletes records that have no effect any more. Returns how many, at most `limit` of each kind. */
  forgetMcpRecords(params: { now: number; turnsBefore: number; limit: number }): Promise<number>;
}

/** An event type of the organizations of a namespace. */
export interface McpEventType {
  readonly namespace: string;
  readonly eventType: string;
}

/** The arguments of a subscription, in canonical form. */
export interface McpArgumentsOf extends SubscriptionKey {
  readonly arguments: string;
}

export interface McpLimits {
  readonly ofPrincipalMax: number;
  readonly ofOrganizationMax: number;
}

export interface McpKey {
  readonly organizationId: OrganizationId;
  readonly mcpId: string;
}

export interface McpCallback {
  readonly organizationId: OrganizationId;
  readonly principal: string;
  readonly url: string;
}

export interface NewMcpSubscription extends McpLimits {
  /** Its target is of the kind `mcp`. */
  readonly subscription: Subscription & { readonly target: McpTarget };
  readonly secret: string;
  readonly overlapUntil: number;
  /** From `takeMcpTurn`; null for a request that had nothing to wait for. */
  readonly turn: number | null;
  readonly now: number;
  readonly operationalEventIds: OperationalEventIds;
}

export type McpPut =
  | { readonly kind: "created" | "refreshed" }
  | { readonly kind: "superseded" }
  | { readonly kind: "full"; readonly max: number };

export interface EndedMcpSubscription {
  readonly target: McpTarget;
  readonly organizationId: OrganizationId;
  readonly secrets: readonly SigningSecret[];
  /** Null for one that expired. */
  readonly reason: McpEnding | null;
}
