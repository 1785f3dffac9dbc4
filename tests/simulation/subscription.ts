import type { SubscriptionId } from "../../packages/server/src/domain/id.ts";

/** The possible responses of a receiver to a request. `overload` may ask for a pause, `busy` does not. */
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

/** A receiver behaves in one way until the faults end, and then in another. */
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

/** Its receiver is always fast and healthy, so only Weft itself may delay it. */
export function isHealthy({ receiver }: SimulatedSubscription): boolean {
  return receiver.during.every((response) => response === "ok") && receiver.afterwards === "ok";
}

/** Its receiver refuses one request in five at any rate, and is healthy otherwise. */
export function sharesLoad({ receiver, ordered, rateLimit }: SimulatedSubscription): boolean {
  const busy = receiver.during.filter((response) => response === "busy").length;
  const ok = receiver.during.filter((response) => response === "ok").length;
  return (
    !ordered &&
    rateLimit === null &&
    busy > 0 &&
    busy * 5 === receiver.during.length &&
    busy + ok === receiver.during.length
  );
}
