import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { Health } from "../../domain/health.ts";
import type { NodeId, SubscriptionId } from "../../domain/id.ts";
import type { Vault } from "../vault.ts";
import type { Database } from "./database.ts";
import type { Route } from "./fan-out.ts";

/** What this node would take of the deliveries that a commit makes, as it stood when the commit was asked for. */
export interface Room {
  readonly nodeId: NodeId;
  readonly room: number;
  readonly closedLanes: readonly SubscriptionId[];
}

/** What a read needs. */
export interface Reading {
  readonly db: Database;
  readonly vault: Vault;
}

/**
 * What a write needs: the connection, and what the commit will tell the rest of this node. One of these lives as long
 * as the writer. Its memories are exact, since nobody else writes, and are dropped whenever something is rolled back.
 */
export class Writing implements Reading {
  readonly db: Database;
  readonly vault: Vault;
  /** Subscriptions that want an event type, by organization and event type. */
  readonly routes = new Map<string, readonly Route[]>();
  readonly health = new Map<SubscriptionId, Health>();

  nodeId: NodeId | null = null;
  room = 0;
  closedLanes = new Set<SubscriptionId>();
  /** Deliveries of this commit handed over, by lane. */
  readonly handedOver = new Map<SubscriptionId, number>();
  claimed: ClaimedDelivery[] = [];
  spilled = new Set<SubscriptionId>();
  changed = new Set<SubscriptionId>();

  constructor(db: Database, vault: Vault) {
    this.db = db;
    this.vault = vault;
  }

  begin(room: Room | null): void {
    this.nodeId = room?.nodeId ?? null;
    this.room = room?.room ?? 0;
    this.closedLanes = new Set(room?.closedLanes);
    this.handedOver.clear();
    this.claimed = [];
    this.spilled = new Set();
    this.changed = new Set();
  }

  /** Runs one command inside the open transaction; when it throws, nothing of it is left. */
  atomically<Result>(command: () => Result): Result {
    const { room } = this;
    const claimed = this.claimed.length;
    this.db.run("savepoint command");
    try {
      const result = command();
      this.db.run("release command");
      return result;
    } catch (error) {
      this.forget();
      this.room = room;
      this.claimed.length = claimed;
      // A full disk makes SQLite undo the whole transaction by itself; then there is no savepoint to go back to.
      if (this.db.inTransaction) this.db.exec("rollback to command; release command");
      throw error;
    }
  }

  forget(): void {
    this.routes.clear();
    this.health.clear();
  }

  subscriptionChanged(subscriptionId: SubscriptionId): void {
    this.routes.clear();
    this.changed.add(subscriptionId);
  }
}
