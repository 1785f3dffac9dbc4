import type { SubscriptionId } from "../../packages/server/src/domain/id.ts";

/** What a receiver may do with a request. `overload` may ask for a rest, `busy` does not. */
export type ReceiverBehaviour =
  | "ok"
  | "slow"
  | "hang"
  | "refuse"
  | "broken"
  | "unreachable"
  | "overload"
  | "busy"
  | "close";

/** A receiver answers in one way until its trouble ends with the faults, and then in another. */
export interface ReceiverPlan {
  readonly during: readonly [ReceiverBehaviour, ...ReceiverBehaviour[]];
  readonly afterwards: ReceiverBehaviour;
}

export interface SimulatedSubscription {
  readonly id: SubscriptionId;
  /** Short, for the trace. */
  readonly name: string;
  readonly url: string;
  readonly eventTypes: readonly string[];
  readonly ordered: boolean;
  readonly rateLimit: number | null;
  readonly retryDelaysMs: readonly number[];
  readonly receiver: ReceiverPlan;
}

/** Its receiver is quick and well all along, so nothing but Weft itself may delay it. */
export function isHealthy({ receiver }: SimulatedSubscription): boolean {
  return receiver.during.every((answer) => answer === "ok") && receiver.afterwards === "ok";
}

/** Its receiver refuses one request of five, whatever their rate, and is well otherwise. */
export function sharesLoad({ receiver, ordered, rateLimit }: SimulatedSubscription): boolean {
  const busy = receiver.during.filter((answer) => answer === "busy").length;
  const ok = receiver.during.filter((answer) => answer === "ok").length;
  return (
    !ordered &&
    rateLimit === null &&
    busy > 0 &&
    busy * 5 === receiver.during.length &&
    busy + ok === receiver.during.length
  );
}
