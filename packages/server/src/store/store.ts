// What the rest of Weft may ask of a database, in prose. A store is what passes the suite in promises/.
//
// Every function is one transaction. A write answers after its commit has reached the disk; when the commit fails it
// throws StoreUnavailableError and nothing of it was stored. Writes asked for at the same time may share a commit.
// A write that changes a producer's state carries the messages that announce it, and both commit together or not at
// all: there is no moment in which the change is stored and the event is not.
//
// Times are integer milliseconds since 1970. Every read and write of a tenant's things names the organization; what
// belongs to someone else does not exist.

import type { ClaimedDelivery } from "../domain/delivery.ts";
import type { NodeId, OrganizationId, SubscriptionId } from "../domain/id.ts";
import type { ApiKeyStore } from "./api-keys/interface.ts";
import type { AttemptCountStore } from "./attempt-counts/interface.ts";
import type { AttemptStore } from "./attempts/interface.ts";
import type { AuditStore } from "./audit/interface.ts";
import type { AuthorizationStore } from "./authorizations/interface.ts";
import type { BacklogStore } from "./backlog/interface.ts";
import type { CollectionStore } from "./collections/interface.ts";
import type { DeliveryStore } from "./deliveries/interface.ts";
import type { EntityStore } from "./entities/interface.ts";
import type { EventTypeStore } from "./event-types/interface.ts";
import type { FanOutStore } from "./fan-out/interface.ts";
import type { IdempotencyStore } from "./idempotency/interface.ts";
import type { ListenerStore } from "./listeners/interface.ts";
import type { MessageStore } from "./messages/interface.ts";
import type { NodeStore } from "./nodes/interface.ts";
import type { OrganizationStore } from "./organizations/interface.ts";
import type { OutboxStore } from "./outbox/interface.ts";
import type { RecoveryStore } from "./recoveries/interface.ts";
import type { RevokedTokenStore } from "./revoked-tokens/interface.ts";
import type { SealingStore } from "./sealing/interface.ts";
import type { SourceConnectionStore } from "./source-connections/interface.ts";
import type { StreamStore } from "./streams/interface.ts";
import type { SubscriptionStore } from "./subscriptions/interface.ts";
import type { SyncJobStore } from "./sync-jobs/interface.ts";
import type { TaskStore } from "./tasks/interface.ts";
import type { ThrottleStateStore } from "./throttle-states/interface.ts";

/** Every question and command, by name. Plain data in and out, so that a store may live on a thread of its own. */
export interface StoreOperations
  extends ApiKeyStore,
    AttemptCountStore,
    AttemptStore,
    AuditStore,
    AuthorizationStore,
    BacklogStore,
    CollectionStore,
    DeliveryStore,
    EntityStore,
    EventTypeStore,
    FanOutStore,
    IdempotencyStore,
    ListenerStore,
    MessageStore,
    NodeStore,
    OrganizationStore,
    OutboxStore,
    RecoveryStore,
    RevokedTokenStore,
    SealingStore,
    SourceConnectionStore,
    StreamStore,
    SubscriptionStore,
    SyncJobStore,
    TaskStore,
    ThrottleStateStore {
  /**
   * Writes one row, which takes so many characters: whether an event of that size would be accepted now. Returns
   * "disk_full" when the disk has too little room for the next events, although the row was written.
   */
  checkWrites(params: { length: number }): Promise<"disk_full" | null>;
}

export interface Store extends StoreOperations, AsyncDisposable {
  /** Throws StoreUnavailableError when an event could not be stored now. */
  checkReady(): Promise<void>;
  /**
   * Deliveries that a commit creates are stored already claimed by this node and handed over in memory right after the
   * commit, as far as it has room. What it has no room for waits as due rows, and the lane is told so.
   */
  handOverTo(handOver: HandOver): void;
  /** Calls the listener after the commit of every change to a subscription's target or state. */
  onSubscriptionChange(listener: (subscriptionId: SubscriptionId) => void): void;
  /** Calls the listener after every commit of this node that leaves fan-outs to further commits. */
  onFanOutWaiting(listener: () => void): void;
  /** Calls the listener after every commit of this node that brought an organization's streams something. */
  onStreamEntries(listener: (organizationId: OrganizationId) => void): void;
  /** Resolves when the store can never be used again, with the reason. The process should end; a new one recovers. */
  readonly failed: Promise<Error>;
}

/** The delivery engine, as the store sees it. */
export interface HandOver {
  readonly nodeId: NodeId;
  /** How much this node would take now. */
  room(): HeldRoom;
  /** Subscriptions whose new deliveries must wait behind others of theirs, so that order is kept and memory bounded. */
  backloggedLanes(): readonly SubscriptionId[];
  /** Organizations whose new deliveries must wait, because they use their share of this node's memory. */
  fullOrganizations(): readonly OrganizationId[];
  /**
   * Called after a commit, in commit order, with what it claimed and made. `backlogged`: subscriptions whose new deliveries
   * wait as due rows.
   */
  take(deliveries: readonly ClaimedDelivery[], backlogged: readonly SubscriptionId[]): void;
}

/**
 * Room in a node's memory. `bytes`: for payloads; while any is left, one more delivery is taken, however large it is, so
 * that none is too large for every node.
 */
export interface HeldRoom {
  readonly deliveries: number;
  readonly bytes: number;
}
