import type { SubscriptionId } from "../../domain/id.ts";
import type { ReceiverToken } from "../../domain/receiver-access.ts";

/** The access tokens of subscriptions whose receivers accept OAuth tokens, encrypted at rest. All nodes share them. */
export interface ReceiverTokenStore {
  /** Returns the token of a subscription, or null. */
  readReceiverToken(params: { subscriptionId: SubscriptionId }): Promise<ReceiverToken | null>;
  /**
   * Reserves the replacement of a token for the caller until `until`. `obtainedAt` names the token to replace; null for none.
   * False if another node has reserved it or replaced the token already.
   */
  claimTokenRenewal(params: {
    subscriptionId: SubscriptionId;
    obtainedAt: number | null;
    now: number;
    until: number;
  }): Promise<boolean>;
  /** Stores a token and ends the reservation. False if the subscription's settings changed since the reservation. */
  putReceiverToken(params: { subscriptionId: SubscriptionId; token: ReceiverToken }): Promise<boolean>;
  /** Ends a reservation without a token. */
  releaseTokenRenewal(params: { subscriptionId: SubscriptionId }): Promise<null>;
}
