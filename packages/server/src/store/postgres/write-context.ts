import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { CommitEffects } from "../commit/commit-effects.ts";
import type { Route } from "../fan-out/route.ts";
import type { WriteContext } from "../sql.ts";
import type { ChangeLog } from "../streams/change-log.ts";
import type { Vault } from "../vault.ts";
import { deliver, insertMessages } from "./new-messages.ts";
import type { PostgresSql } from "./postgres-sql.ts";
import type { Routes } from "./routes.ts";

export interface WriteContextParts {
  readonly vault: Vault;
  readonly routes: Routes;
  readonly effects: CommitEffects;
  /** Called with a change of this node, so that the database need not notify it. */
  readonly onChange: (subscriptionId: SubscriptionId, changedAt: string) => void;
}

/** The context of a command. It lasts for one transaction. */
export class PostgresWriteContext implements WriteContext {
  readonly sql: PostgresSql;
  readonly vault: Vault;
  readonly effects: CommitEffects;
  readonly #routes: Routes;
  readonly #onChange: WriteContextParts["onChange"];

  constructor(sql: PostgresSql, parts: WriteContextParts) {
    this.sql = sql;
    this.vault = parts.vault;
    this.effects = parts.effects;
    this.#routes = parts.routes;
    this.#onChange = parts.onChange;
  }

  get changeLog(): ChangeLog {
    return this.effects.changeLog;
  }

  async announce(messages: readonly Message[], after: MessageId | null = null): Promise<void> {
    const routes = await this.#routes.load(this.sql, messages);
    const made = messages.map((message) => ({ message, testOf: null, after }));
    await insertMessages(this.sql, this.effects, made, routes);
  }

  async routesFor(messages: readonly Message[]): Promise<(message: Message) => readonly Route[]> {
    return (await this.#routes.load(this.sql, messages)).routesFor;
  }

  async deliver(message: Message, routes: readonly Route[], after: MessageId | null): Promise<void> {
    await deliver(this.sql, this.effects, message, { routes, after });
  }

  noteFanOut(_organizationId: OrganizationId, waits: boolean): void {
    this.effects.fanOutWaits ||= waits;
  }

  async subscriptionChanged(subscriptionId: SubscriptionId): Promise<void> {
    this.effects.changed.add(subscriptionId);
    this.changeLog.subscription(subscriptionId);
    const [changed] = await Promise.all([
      this.sql.get<{ changed_at: string }>(
        "update subscription set changed_at = clock_timestamp() where id = ? returning cast(changed_at as text)",
        subscriptionId,
      ),
      this.sql.run(
        `update organization set routes_version = routes_version + 1
         where id = (select organization_id from subscription where id = ?)`,
        subscriptionId,
      ),
    ]);
    if (changed !== null) this.#onChange(subscriptionId, changed.changed_at);
  }

  deliveriesDue(subscriptionId: SubscriptionId): void {
    this.effects.leaveInBacklog(subscriptionId);
  }

  /** Nothing is cached that a transaction does not check. */
  forget(): void {}
}
