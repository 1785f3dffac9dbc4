import { realpathSync } from "node:fs";
import type { MessageId } from "../../domain/id.ts";
import type { PublishedEvent } from "../../domain/message.ts";

/** An application's own connection: `DatabaseSync` of `node:sqlite`, or anything with its `prepare`, as better-sqlite3 is. */
export interface ApplicationDatabase {
  prepare(text: string): {
    run(...values: (string | number | null)[]): { readonly changes: number | bigint };
    get(...values: (string | number | null)[]): unknown;
  };
  /** Whether a transaction is open, as `node:sqlite` calls it, and as better-sqlite3 does. */
  readonly isTransaction?: boolean;
  readonly inTransaction?: boolean;
}

interface KnownEvent {
  readonly id: MessageId;
  readonly event_type: string;
  readonly payload: string;
}

/**
 * Puts a message into the outbox of the database at `path`, within the transaction that is open on the application's
 * connection. Returns its id, or that of the same event published before; null when its event id belongs to an event
 * with different content. Throws when no transaction is open, or the connection is to another file.
 */
export function publishWithin(database: ApplicationDatabase, path: string, message: PublishedEvent): MessageId | null {
  if (database.isTransaction === false || database.inTransaction === false) {
    throw new Error("publishWithin: no transaction is open on this connection. Begin one, and commit it afterwards.");
  }
  checkFile(database, path);
  // The insert is first: it locks the database for writing, so the rows that are read next do not change.
  const { changes } = database
    .prepare(
      `insert into outbox (id, organization_id, event_type, event_id, payload, created_at)
       select ?, ?, ?, ?, ?, ? where not exists (select 1 from message where organization_id = ? and event_id = ?)
       on conflict (organization_id, event_id) where event_id is not null do nothing`,
    )
    .run(
      message.id,
      message.organizationId,
      message.eventType,
      message.eventId,
      message.payload,
      message.createdAt,
      message.organizationId,
      message.eventId,
    );
  if (Number(changes) > 0) return message.id;
  const known = database
    .prepare(
      `select id, event_type, payload from message where organization_id = ? and event_id = ?
       union all select id, event_type, payload from outbox where organization_id = ? and event_id = ?`,
    )
    .get(message.organizationId, message.eventId, message.organizationId, message.eventId) as KnownEvent;
  const isSame = known.event_type === message.eventType && known.payload === message.payload;
  return isSame ? known.id : null;
}

const checked = new WeakMap<ApplicationDatabase, string>();

function checkFile(database: ApplicationDatabase, path: string): void {
  if (checked.get(database) === path) return;
  const row = database.prepare("select file from pragma_database_list where name = 'main'").get() as { file: string };
  if (row.file === "" || realpathSync(row.file) !== realpathSync(path)) {
    throw new Error(
      `publishWithin: the connection is to ${row.file === "" ? "a database in memory" : row.file}, and Weft's database is ${path}. One transaction needs one file.`,
    );
  }
  checked.set(database, path);
}
