// The interface of a database to the rest of Weft. Each noun has its part in `<noun>/interface.ts`. `<noun>/promises.test.ts`
// tests it on both databases.
//
// Every method is one transaction. A write resolves after its commit has reached the disk. If the commit fails, it
// throws StoreUnavailableError and nothing of it was stored. Concurrent writes may share a commit. A write that changes
// the state of a producer carries the messages that announce the change, and both commit together or not at all.
//
// Times are integer milliseconds since 1970. Every read and write of tenant data names the organization; a store finds
// no data of other organizations.

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
import type { McpSubscriptionStore } from "./mcp-subscriptions/interface.ts";
import type { MessageStore } from "./messages/interface.ts";
import type { NodeStore } from "./nodes/interface.ts";
import type { OrganizationStore } from "./organizations/interface.ts";
import type { OutboxStore } from "./outbox/interface.ts";
import type { ReceiverTokenStore } from "./receiver-tokens/interface.ts";
import type { RecordStore } from "./records/interface.ts";
import type { RecoveryStore } from "./recoveries/interface.ts";
import type { RetentionStore } from "./retention/interface.ts";
import type { RevokedTokenStore } from "./revoked-tokens/interface.ts";
import type { SealingStore } from "./sealing/interface.ts";
import type { SourceConnectionStore } from "./source-connections/interface.ts";
import type { StreamStore } from "./streams/interface.ts";
import type { SubscriptionStore } from "./subscriptions/interface.ts";
import type { SyncJobStore } from "./sync-jobs/interface.ts";
import type { TaskStore } from "./tasks/interface.ts";
import type { ThrottleStateStore } from "./throttle-states/interface.ts";

/** Every query and command. Parameters and results are plain data, so that a store may run on a thread of its own. */
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
    McpSubscriptionStore,
    MessageStore,
    NodeStore,
    OrganizationStore,
    OutboxStore,
    ReceiverTokenStore,
    RecordStore,
    RecoveryStore,
    RetentionStore,
    RevokedTokenStore,
    SealingStore,
    SourceConnectionStore,
    StreamStore,
    SubscriptionStore,
    SyncJobStore,
    TaskStore,
    ThrottleStateStore {
  /**
   * Writes one row of `length` characters, to test whether an event of that size would be accepted now. Returns "disk_full"
   * if the row was written but the disk has too little room for the next events.
   */
  checkWrites(params: { length: number }): Promise<"disk_full" | null>;
}

export interface Store extends StoreOperations, AsyncDisposable {
  /** Throws StoreUnavailableError if an event could not be stored now. */
  checkReady(): Promise<void>;
  /**
   * Registers the delivery engine of this node. While the engine has room, new deliveries are stored as claimed by this
   * node and handed over in memory right after the commit. The rest wait as due rows, and the engine learns that their
   * lanes are backlogged.
   */
  handOverTo(handOver: HandOver): void;
  /** Calls the listener after the commit of every change to a subscription's target or state, for some changes twice. */
  onSubscriptionChange(listener: (subscriptionId: SubscriptionId) => void): void;
  /** Calls the listener after every group commit of this node, with the number of its commands. */
  onCommit(listener: (commands: number) => void): void;
  /** Calls the listener after every commit of this node that leaves fan-outs to further commits. */
  onFanOutWaiting(listener: () => void): void;
  /**
   * Calls back when an application may have written to the outbox, until disposed. Null if the database cannot be watched:
   * only `outboxWaits` finds such writes then.
   */
  watchOutbox(onChange: () => void): Disposable | null;
  /** Calls the listener after every commit of this node that added entries to an organization's streams. */
  onChangeLogEntries(listener: (organizationId: OrganizationId) => void): void;
  /** Resolves with the reason when the store can never be used again. The process should end; a new one recovers. */
  readonly failed: Promise<Error>;
}

/** The delivery engine, as the store sees it. */
export interface HandOver {
  readonly nodeId: NodeId;
  /** The room that this node has now. */
  room(): NodeRoom;
  /** Subscriptions whose new deliveries must wait in the database, to keep their order and to bound memory. */
  backloggedLanes(): readonly SubscriptionId[];
  /** Organizations whose new deliveries must wait, because they use their share of this node's memory. */
  fullOrganizations(): readonly OrganizationId[];
  /**
   * Called after each commit, in commit order, with the deliveries that it claimed and created. `backlogged`: subscriptions
   * whose new deliveries wait as due rows.
   */
  take(deliveries: readonly ClaimedDelivery[], backlogged: readonly SubscriptionId[]): void;
}

/**
 * Room in the memory of a node. `bytes` is for payloads. While any is left, one more delivery of any size is taken, so that no
 * delivery is too large for every node.
 */
export interface NodeRoom {
  readonly deliveries: number;
  readonly bytes: number;
}
