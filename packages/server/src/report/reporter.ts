import type { AttemptOutcome } from "../domain/attempt.ts";
import type { DeliveryState } from "../domain/delivery.ts";
import type { MessageId, NodeId, SubscriptionId, SyncJobId } from "../domain/id.ts";
import type { ThrottleStateName } from "../domain/throttle-state.ts";

import type { Stall } from "./stall-watch.ts";

/** The interface through which all parts of Weft report facts. Its implementation decides how they are logged and counted. */
export interface Reporter {
  started(fact: { command: string; url: string; data: string; version: string }): void;
  stopping(fact: { reason: string }): void;
  stopped(fact: { finished: number; handedBack: number }): void;
  responseSent(fact: { method: string; route: string; status: number; tookMs: number; requestId: string }): void;
  requestFailed(fact: { method: string; route: string; requestId: string; error: unknown }): void;
  messagesAccepted(fact: { count: number }): void;
  attemptFinished(fact: {
    messageId: MessageId;
    subscriptionId: SubscriptionId;
    attempt: number;
    outcome: AttemptOutcome;
    became: DeliveryState;
    tookMs: number;
  }): void;
  /** An unexpected error ended an attempt before its request was sent. */
  deliveryFailed(fact: { messageId: MessageId; subscriptionId: SubscriptionId; error: unknown }): void;
  /** An endpoint seems to be down: this node sends it single trials until it responds. */
  circuitOpened(fact: { subscriptionId: SubscriptionId }): void;
  circuitClosed(fact: { subscriptionId: SubscriptionId }): void;
  /** The number of this node's throttled lanes, by reason. */
  lanesHeldBack(fact: Readonly<Record<ThrottleStateName, number>>): void;
  /** The node's lease expired, for example because the machine slept: its deliveries are due again. */
  nodeLeaseLost(fact: { nodeId: NodeId }): void;
  leaseLost(fact: { messageId: MessageId; subscriptionId: SubscriptionId; nodeId: NodeId }): void;
  /** An address that the guard blocked. It is reported only here. */
  addressBlocked(fact: { host: string; address: string; range: string }): void;
  deliveriesRescued(fact: { count: number }): void;
  /** Retention deleted everything from before that time (ms), in this many full steps. */
  messagesForgotten(fact: { before: number; steps: number }): void;
  /** A rotation of the master key encrypted everything again. `ended`: the other key is no longer needed. */
  secretsSealedAnew(fact: { end: "ended" | "left" | "nodes"; sealed: number; unreadable: number }): void;
  syncJobFinished(fact: {
    jobId: SyncJobId;
    status: string;
    tookMs: number;
    error: string | null;
    /** Why entities failed: the count of each reason, with one example. */
    problems: readonly { reason: string; count: number; example: string }[];
  }): void;
  /** A background operation failed and will be retried. */
  internalOperationFailed(fact: { operation: string; error: unknown }): void;
  /** An unhandled error. It ended only the work in which it was thrown. */
  unexpected(fact: { error: unknown }): void;
  /** The event loop was blocked for more than a second. */
  eventLoopStalled(fact: Stall): void;
}
