import type { SqliteDatabase } from "../sqlite-database.ts";
import {
  type InboxStore,
  type InboxStoreOptions,
  type MessageRow,
  pageFrom,
  seqAfter,
  type TakenMessage,
  takenFrom,
} from "./inbox-store.ts";

const schema = `
  create table if not exists weft_inbox (
    seq integer primary key,
    scope text not null,
    message_id text not null,
    order_key text,
    state text not null check (state in ('waiting', 'taken', 'done', 'dead')),
    -- When it may be taken, its lease ends, it is forgotten, or it was buried, by its state.
    due_ms integer not null,
    attempts integer not null default 0,
    takes integer not null default 0,
    signed_ms integer not null,
    body text not null,
    error text,
    unique (scope, message_id)
  ) strict;
  create index if not exists weft_inbox_due on weft_inbox (scope, due_ms) where state in ('waiting', 'taken');
  create index if not exists weft_inbox_order on weft_inbox (scope, order_key, seq)
    where state in ('waiting', 'taken') and order_key is not null;
  create unique index if not exists weft_inbox_one_of_a_key on weft_inbox (scope, order_key)
    where state = 'taken' and order_key is not null;
  create index if not exists weft_inbox_dead on weft_inbox (scope, seq) where state = 'dead';
  create index if not exists weft_inbox_done on weft_inbox (scope, due_ms) where state = 'done';
`;
const forgottenAtOnceMax = 2000;

/**
 * A store for an inbox in an SQLite database. Its table is `weft_inbox`, which it creates if it is missing. With `pragma
 * synchronous = full`, SQLite's default, accepted messages also survive a power cut.
 */
export function sqliteInbox(database: SqliteDatabase, options: InboxStoreOptions = {}): InboxStore {
  const { scope = "", now = () => new Date() } = options;
  const nowMs = () => now().getTime();
  database.exec(schema);
  const statements = prepareStatements(database);
  const isOneChanged = ({ changes }: { changes: number | bigint }) => Number(changes) === 1;

  return {
    async accept({ messageId, timestamp, text, key }) {
      return isOneChanged(statements.accept.run(scope, messageId, key, nowMs(), timestamp.getTime(), text));
    },
    async take({ countMax, leaseMs }) {
      const at = nowMs();
      return takenFrom(statements.take.all(at + leaseMs, scope, at, countMax) as MessageRow[]);
    },
    async renew(messages, leaseMs) {
      const untilMs = nowMs() + leaseMs;
      for (const message of messages) statements.renew.run(untilMs, ...proofOf(message));
    },
    async finish(message, keepMs) {
      return isOneChanged(statements.finish.run(nowMs() + keepMs, ...proofOf(message)));
    },
    async retry(message, delayMs) {
      return isOneChanged(statements.retry.run(nowMs() + delayMs, ...proofOf(message)));
    },
    async bury(message, error) {
      return isOneChanged(statements.bury.run(error, nowMs(), ...proofOf(message)));
    },
    async countHeld(max) {
      return (statements.countHeld.get(scope, scope, max) as { held: number }).held;
    },
    async deadLetters({ limit, after }) {
      return pageFrom(statements.deadLetters.all(scope, seqAfter(after), limit + 1) as MessageRow[], limit);
    },
    async revive(messageId) {
      return isOneChanged(statements.revive.run(nowMs(), scope, messageId));
    },
    async discard(messageId, keepMs) {
      return isOneChanged(statements.discard.run(nowMs() + keepMs, scope, messageId));
    },
    async forgetOld() {
      statements.forgetOld.run(scope, nowMs());
    },
  };

  function proofOf({ messageId, take }: TakenMessage): [string, string, number] {
    return [scope, messageId, take];
  }
}

function prepareStatements(database: SqliteDatabase) {
  const isTakenStill = "scope = ? and message_id = ? and takes = ? and state = 'taken'";
  const isDead = "scope = ? and message_id = ? and state = 'dead'";
  return {
    accept: database.prepare(
      `insert into weft_inbox (scope, message_id, order_key, state, due_ms, signed_ms, body)
       values (?, ?, ?, 'waiting', ?, ?, ?) on conflict (scope, message_id) do nothing`,
    ),
    take: database.prepare(
      `update weft_inbox set state = 'taken', due_ms = ?, attempts = attempts + 1, takes = takes + 1
       where seq in (
         select seq from weft_inbox as own
         where scope = ? and state in ('waiting', 'taken') and due_ms <= ?
           and (order_key is null or not exists (
             select 1 from weft_inbox as other
             where other.scope = own.scope and other.order_key = own.order_key and other.seq <> own.seq
               and other.state in ('waiting', 'taken') and (other.seq < own.seq or other.state = 'taken')))
         order by due_ms, seq limit ?)
       returning seq, message_id, signed_ms, body, attempts, takes, error, due_ms`,
    ),
    renew: database.prepare(`update weft_inbox set due_ms = ? where ${isTakenStill}`),
    finish: database.prepare(
      `update weft_inbox set state = 'done', due_ms = ?, body = '', error = null where ${isTakenStill}`,
    ),
    retry: database.prepare(`update weft_inbox set state = 'waiting', due_ms = ? where ${isTakenStill}`),
    bury: database.prepare(`update weft_inbox set state = 'dead', error = ?, due_ms = ? where ${isTakenStill}`),
    countHeld: database.prepare(
      `select count(*) as held from (
         select 1 from weft_inbox where scope = ? and state in ('waiting', 'taken')
         union all select 1 from weft_inbox where scope = ? and state = 'dead' limit ?)`,
    ),
    deadLetters: database.prepare(
      `select seq, message_id, signed_ms, body, attempts, takes, error, due_ms from weft_inbox
       where scope = ? and state = 'dead' and seq > ? order by seq limit ?`,
    ),
    revive: database.prepare(
      `update weft_inbox set state = 'waiting', due_ms = ?, attempts = 0, error = null where ${isDead}`,
    ),
    discard: database.prepare(
      `update weft_inbox set state = 'done', due_ms = ?, body = '', error = null where ${isDead}`,
    ),
    forgetOld: database.prepare(
      `delete from weft_inbox where seq in (
         select seq from weft_inbox where scope = ? and state = 'done' and due_ms <= ? limit ${forgottenAtOnceMax})`,
    ),
  };
}
