import { clockOf, type PostgresConnection } from "../postgres-connection.ts";
import {
  type InboxStore,
  type InboxStoreOptions,
  type MessageRow,
  pageFrom,
  seqAfter,
  type TakenMessage,
  takenFrom,
} from "./inbox-store.ts";

/**
 * The table of `postgresInbox`, for a migration or for `pool.query(…)` at every start. It changes nothing if the table exists,
 * and programs that start at the same time wait for each other.
 */
export const postgresInboxSchema = `
select pg_advisory_xact_lock(7203311986112702);
create table if not exists weft_inbox (
  seq bigint generated always as identity primary key,
  scope text not null,
  message_id text not null,
  order_key text,
  state text not null check (state in ('waiting', 'taken', 'done', 'dead')),
  -- When it may be taken, its lease ends, it is forgotten, or it was buried, by its state.
  due_ms bigint not null,
  attempts integer not null default 0,
  takes integer not null default 0,
  signed_ms bigint not null,
  body text not null,
  error text,
  unique (scope, message_id)
);
create index if not exists weft_inbox_due on weft_inbox (scope, due_ms) where state in ('waiting', 'taken');
create index if not exists weft_inbox_order on weft_inbox (scope, order_key, seq)
  where state in ('waiting', 'taken') and order_key is not null;
create unique index if not exists weft_inbox_one_of_a_key on weft_inbox (scope, order_key)
  where state = 'taken' and order_key is not null;
create index if not exists weft_inbox_dead on weft_inbox (scope, seq) where state = 'dead';
create index if not exists weft_inbox_done on weft_inbox (scope, due_ms) where state = 'done';
`;
const forgottenAtOnceMax = 2000;
const uniqueViolation = "23505";
const columns = "seq, message_id, signed_ms, body, attempts, takes, error, due_ms";
const isTakenStill = "scope = $1 and message_id = $2 and takes = $3 and state = 'taken'";
const isDead = "scope = $1 and message_id = $2 and state = 'dead'";

/** A store for an inbox in PostgreSQL, with the database's clock. `postgresInboxSchema` creates its table. */
export function postgresInbox(connection: PostgresConnection, options: InboxStoreOptions = {}): InboxStore {
  const { scope = "", now } = options;
  const given = () => now?.().getTime() ?? null;
  type Values = Parameters<PostgresConnection["query"]>[1];

  async function rowsOf(text: string, ...values: Values): Promise<MessageRow[]> {
    return (await connection.query(text, values)).rows as MessageRow[];
  }

  async function changesOne(text: string, ...values: Values): Promise<boolean> {
    return (await rowsOf(`${text} returning seq`, ...values)).length === 1;
  }

  function proofOf({ messageId, take }: TakenMessage): [string, string, number] {
    return [scope, messageId, take];
  }

  return {
    accept({ messageId, timestamp, text, key }) {
      return changesOne(
        `insert into weft_inbox (scope, message_id, order_key, state, due_ms, signed_ms, body)
         values ($1, $2, $3, 'waiting', ${clockOf(6)}, $4::bigint, $5) on conflict (scope, message_id) do nothing`,
        ...[scope, messageId, key, timestamp.getTime(), text, given()],
      );
    },
    async take({ countMax, leaseMs }) {
      try {
        return takenFrom(await rowsOf(takeStatement, scope, countMax, leaseMs, given()));
      } catch (error) {
        // Another process took a message with the same key at this moment: the next check sees it.
        if ((error as { code?: unknown }).code === uniqueViolation) return [];
        throw error;
      }
    },
    async renew(messages, leaseMs) {
      const renewing = `update weft_inbox set due_ms = ${clockOf(5)} + $4::bigint where ${isTakenStill}`;
      for (const message of messages) await changesOne(renewing, ...proofOf(message), leaseMs, given());
    },
    finish(message, keepMs) {
      const done = `state = 'done', due_ms = ${clockOf(5)} + $4::bigint, body = '', error = null`;
      return changesOne(`update weft_inbox set ${done} where ${isTakenStill}`, ...proofOf(message), keepMs, given());
    },
    retry(message, delayMs) {
      const waiting = `state = 'waiting', due_ms = ${clockOf(5)} + $4::bigint`;
      return changesOne(
        `update weft_inbox set ${waiting} where ${isTakenStill}`,
        ...proofOf(message),
        delayMs,
        given(),
      );
    },
    bury(message, error) {
      const dead = `state = 'dead', error = $4, due_ms = ${clockOf(5)}`;
      return changesOne(`update weft_inbox set ${dead} where ${isTakenStill}`, ...proofOf(message), error, given());
    },
    async countHeld(max) {
      const { rows } = await connection.query(
        `select count(*)::integer as held from (
           select 1 from weft_inbox where scope = $1 and state in ('waiting', 'taken')
           union all select 1 from weft_inbox where scope = $1 and state = 'dead' limit $2) as counted`,
        [scope, max],
      );
      return (rows[0] as { held: number }).held;
    },
    async deadLetters({ limit, after }) {
      const rows = await rowsOf(
        `select ${columns} from weft_inbox where scope = $1 and state = 'dead' and seq > $2::bigint order by seq limit $3`,
        ...[scope, seqAfter(after), limit + 1],
      );
      return pageFrom(rows, limit);
    },
    revive(messageId) {
      const waiting = `state = 'waiting', due_ms = ${clockOf(3)}, attempts = 0, error = null`;
      return changesOne(`update weft_inbox set ${waiting} where ${isDead}`, scope, messageId, given());
    },
    discard(messageId, keepMs) {
      const done = `state = 'done', due_ms = ${clockOf(4)} + $3::bigint, body = '', error = null`;
      return changesOne(`update weft_inbox set ${done} where ${isDead}`, scope, messageId, keepMs, given());
    },
    async forgetOld() {
      await connection.query(
        `delete from weft_inbox where seq in (
           select seq from weft_inbox where scope = $1 and state = 'done' and due_ms <= ${clockOf(2)}
           limit ${forgottenAtOnceMax} for update skip locked)`,
        [scope, given()],
      );
    },
  };
}

const takeStatement = `
  with due as materialized (
    select seq from weft_inbox as own
    where scope = $1 and state in ('waiting', 'taken') and due_ms <= ${clockOf(4)}
      and (order_key is null or not exists (
        select 1 from weft_inbox as other
        where other.scope = own.scope and other.order_key = own.order_key and other.seq <> own.seq
          and other.state in ('waiting', 'taken') and (other.seq < own.seq or other.state = 'taken')))
    order by due_ms, seq limit $2 for update skip locked
  )
  update weft_inbox
  set state = 'taken', due_ms = ${clockOf(4)} + $3::bigint, attempts = attempts + 1, takes = takes + 1
  where seq in (select seq from due)
  returning ${columns}`;
