import type { Health } from "../../domain/health.ts";
import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { Room } from "../commit/batch.ts";
import { CommitEffects } from "../commit/commit-effects.ts";
import type { Route } from "../fan-out/route.ts";
import type { ChangeLog } from "../streams/change-log.ts";
import type { Vault } from "../vault.ts";
import { announce } from "./accept-messages.ts";
import type { Database } from "./database.ts";
import { deliver, routesFor } from "./fan-out.ts";
import { SqliteSql } from "./sqlite-sql.ts";
import type { SqliteWriteContext } from "./write-context.ts";

/**
 * The write context of the writer thread, for one transaction after another. Its caches are dropped after each
 * rollback.
 */
export class SqliteTransactions implements SqliteWriteContext {
  readonly db: Database;
  readonly sql: SqliteSql;
  readonly vault: Vault;
  /** Subscriptions that match an event type, by organization and event type. */
  readonly routes = new Map<string, readonly Route[]>();
  readonly health = new Map<SubscriptionId, Health>();
  effects = new CommitEffects(null);
  /** Organizations with waiting fan-outs; null when they must be read. */
  #fanOutWaiting: Set<OrganizationId> | null = null;

  constructor(db: Database, vault: Vault) {
    this.db = db;
    this.sql = new SqliteSql(db);
    this.vault = vault;
  }

  get changeLog(): ChangeLog {
    return this.effects.changeLog;
  }

  begin(room: Room | null): void {
    this.effects = new CommitEffects(room);
  }

  /** Runs one command inside the open transaction. A command that throws is undone. */
  async atomically<Result>(command: () => Result | Promise<Result>): Promise<Result> {
    const { mark } = this.effects;
    this.db.run("savepoint command");
    try {
      const result = await command();
      this.db.run("release command");
      return result;
    } catch (error) {
      this.forget();
      this.effects.backTo(mark);
      // On a full disk SQLite may undo the whole transaction by itself; then there is no savepoint to return to.
      if (this.db.inTransaction) this.db.exec("rollback to command; release command");
      throw error;
    }
  }

  forget(): void {
    this.routes.clear();
    this.health.clear();
    this.#fanOutWaiting = null;
  }

  hasFanOutWaiting(organizationId: OrganizationId): boolean {
    this.#fanOutWaiting ??= this.#readFanOutWaiting();
    return this.#fanOutWaiting.has(organizationId);
  }

  noteFanOut(organizationId: OrganizationId, waits: boolean): void {
    if (waits) this.#fanOutWaiting?.add(organizationId);
    else this.#fanOutWaiting?.delete(organizationId);
    this.effects.fanOutWaits ||= waits;
  }

  #readFanOutWaiting(): Set<OrganizationId> {
    const found = new Set<OrganizationId>();
    const next = "select min(organization_id) as id from fan_out where organization_id > ?";
    for (let last = ""; ; ) {
      const { id } = this.db.get<{ id: OrganizationId | null }>(next, last) ?? { id: null };
      if (id === null) return found;
      found.add(id);
      last = id;
    }
  }

  async routesFor(): Promise<(message: Message) => readonly Route[]> {
    return (message) => routesFor(this, message);
  }

  async deliver(message: Message, routes: readonly Route[], after: MessageId | null): Promise<void> {
    deliver(this, message, routes, after);
  }

  async announce(messages: readonly Message[], after: MessageId | null = null): Promise<void> {
    announce(this, messages, after);
  }

  async subscriptionChanged(subscriptionId: SubscriptionId): Promise<void> {
    this.routes.clear();
    this.health.delete(subscriptionId);
    this.effects.changed.add(subscriptionId);
    this.changeLog.subscription(subscriptionId);
  }

  deliveriesDue(subscriptionId: SubscriptionId): void {
    this.effects.leaveInBacklog(subscriptionId);
  }
}
