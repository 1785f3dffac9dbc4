import type { Health } from "../../domain/health.ts";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import type { CommitEffects } from "../commit/commit-effects.ts";
import type { Route } from "../fan-out/route.ts";
import type { WriteContext } from "../sql.ts";
import type { Database } from "./database.ts";

/** The context of a write on SQLite: the connection, and caches that are exact because no other process writes. */
export interface SqliteWriteContext extends WriteContext {
  readonly db: Database;
  /** Subscriptions that match an event type, by organization and event type. */
  readonly routes: Map<string, readonly Route[]>;
  readonly health: Map<SubscriptionId, Health>;
  /** The effects of the open transaction. */
  readonly effects: CommitEffects;
  /** Whether fan-outs of an organization wait for further commits. */
  hasFanOutWaiting(organizationId: OrganizationId): boolean;
}
