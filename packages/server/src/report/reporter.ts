import type { AttemptOutcome } from "../domain/attempt.ts";
import type { DeliveryState } from "../domain/delivery.ts";
import type { MessageId, NodeId, SubscriptionId, SyncJobId } from "../domain/id.ts";
import type { ThrottleStateName } from "../domain/throttle-state.ts";

import type { Stall } from "./stall-watch.ts";

/** The one seam through which the rest of Weft states facts. What becomes of them is decided behind it. */
export interface Reporter {
  started(fact: { command: string; url: string; data: string; version: string }): void;
  stopping(fact: { reason: string }): void;
  stopped(fact: { finished: number; handedBack: number }): void;
  requestAnswered(fact: { method: string; route: string; status: number; tookMs: number; requestId: string }): void;
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
  /** An endpoint seems to be down: it gets single trials from this node, until it answers. */
  circuitOpened(fact: { subscriptionId: SubscriptionId }): void;
  circuitClosed(fact: { subscriptionId: SubscriptionId }): void;
  /** How many of this node's lanes are held back now, by what. */
  lanesHeldBack(fact: Readonly<Record<ThrottleStateName, number>>): void;
  /** The node was not heard of in time, as after the machine slept: what it held is due again. */
  nodeLeaseLost(fact: { nodeId: NodeId }): void;
  leaseLost(fact: { messageId: MessageId; subscriptionId: SubscriptionId; nodeId: NodeId }): void;
  /** An address that the guard refused; the only place where it is told which. */
  addressBlocked(fact: { host: string; address: string; range: string }): void;
  deliveriesRescued(fact: { count: number }): void;
  /** Retention: what was made before that time (ms) went, in so many steps that were full. */
  messagesForgotten(fact: { before: number; steps: number }): void;
  /** A rotation of the master key went through everything. `ended`: the other key is not needed any more. */
  secretsSealedAnew(fact: { end: "ended" | "left" | "nodes"; sealed: number; unreadable: number }): void;
  syncJobFinished(fact: {
    jobId: SyncJobId;
    status: string;
    tookMs: number;
    error: string | null;
    /** Why entities failed, how many for each reason, and one that did. */
    problems: readonly { reason: string; count: number; example: string }[];
  }): void;
  /** Something that goes on by itself failed and will be tried again. */
  choreFailed(fact: { chore: string; error: unknown }): void;
  /** An error that no part of Weft has handled. It ended the work that it was thrown in, and nothing else. */
  unexpected(fact: { error: unknown }): void;
  /** The event loop was blocked for more than a second. */
  eventLoopStalled(fact: Stall): void;
}
