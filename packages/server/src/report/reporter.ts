import type { Attempt, AttemptOutcome } from "../domain/attempt.ts";
import type { ClaimedDelivery, DeliveryState } from "../domain/delivery.ts";
import type { MessageId, NodeId, OrganizationId, SubscriptionId } from "../domain/id.ts";
import type { Message } from "../domain/message.ts";
import type { FinishedJob } from "../domain/sync-job.ts";
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
  /** The messages of one publish are stored. `storedMs`: the part of the time that the store took. */
  published(fact: {
    messages: readonly Message[];
    accepted: readonly { readonly duplicate: boolean }[];
    /** The trace context of the request. */
    parent: string | null;
    at: number;
    tookMs: number;
    storedMs: number;
  }): void;
  /** Further commits completed the fan-out of these messages. Only messages with a trace context are reported. */
  fannedOut(fact: {
    messages: readonly Pick<Message, "id" | "organizationId" | "eventType" | "createdAt" | "traceContext">[];
    at: number;
  }): void;
  /** The store committed a batch of this many commands. */
  committed(fact: { commands: number }): void;
  attemptFinished(fact: {
    delivery: ClaimedDelivery;
    attempt: Attempt;
    outcome: AttemptOutcome;
    became: DeliveryState;
  }): void;
  /** Attempts are stored. */
  attemptsRecorded(fact: { records: readonly { readonly attempt: Attempt }[]; at: number }): void;
  /** This node looked for due deliveries. `oldestMs`: how long the oldest one has been due; 0 without any. */
  backlogObserved(fact: { oldestMs: number }): void;
  /** An unexpected error ended an attempt before its request was sent. */
  deliveryFailed(fact: { messageId: MessageId; subscriptionId: SubscriptionId; error: unknown }): void;
  /** An endpoint seems to be down: this node sends it single trials until it responds. */
  circuitOpened(fact: { subscriptionId: SubscriptionId }): void;
  circuitClosed(fact: { subscriptionId: SubscriptionId }): void;
  /** The number of this node's throttled lanes, by reason. */
  lanesHeldBack(fact: Readonly<Record<ThrottleStateName, number>>): void;
  /** The node's lease expired, for example because the machine slept: its deliveries are due again. */
  nodeLeaseLost(fact: { nodeId: NodeId }): void;
  /** This node uses another server of PostgreSQL from now on, after a failover. */
  primaryReplaced(fact: { server: string }): void;
  leaseLost(fact: { messageId: MessageId; subscriptionId: SubscriptionId; nodeId: NodeId }): void;
  /** An address that the guard blocked. It is reported only here. */
  addressBlocked(fact: { host: string; address: string; range: string }): void;
  /** A person could not sign in at the identity provider. */
  signInFailed(fact: { person: string | null; detail: string }): void;
  /** The outbound proxy, named by host and port, opened no connection. */
  proxyFailed(fact: { proxy: string; detail: string }): void;
  deliveriesRescued(fact: { count: number }): void;
  /** Retention deleted everything from before that time (ms), in this many full steps. */
  messagesForgotten(fact: { before: number; steps: number }): void;
  /** Messages of an organization, with their deliveries and attempts, were written to the archive and read back. */
  messagesArchived(fact: { organizationId: OrganizationId; messages: number; files: number; bytes: number }): void;
  /** Messages of an organization were deleted by the retention of the organization or their event type, or after the archive. */
  messagesExpired(fact: { organizationId: OrganizationId; messages: number }): void;
  /** The archive could not be written, so messages were kept that have expired. */
  archiveFailed(fact: { error: Error }): void;
  /** A rotation of the master key encrypted everything again. `ended`: the other key is no longer needed. */
  secretsSealedAnew(fact: { end: "ended" | "left" | "nodes"; sealed: number; unreadable: number }): void;
  syncJobFinished(fact: {
    job: FinishedJob;
    /** Why entities failed: the count of each reason, with one example. */
    problems: readonly { reason: string; count: number; example: string }[];
    /** The newest lines that the source wrote about the job, without credentials. */
    notes: readonly string[];
  }): void;
  /** A background operation failed and will be retried. */
  internalOperationFailed(fact: { operation: string; error: unknown }): void;
  /** An unhandled error. It ended only the work in which it was thrown. */
  unexpected(fact: { error: unknown }): void;
  /** How much later than planned a timer of the event loop ran. It is measured ten times per second. */
  eventLoopDelayed(fact: { delayMs: number }): void;
  /** Spans or metrics that were not exported: the queue was full, or the collector did not accept them. */
  telemetryDropped(fact: { signal: "traces" | "metrics"; reason: "queue_full" | "export_failed"; count: number }): void;
  /** The event loop was blocked for more than a second. */
  eventLoopStalled(fact: Stall): void;
}
