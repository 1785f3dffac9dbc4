import type { SqliteDatabase } from "../sqlite-database.ts";
import {
  inProgress,
  type OnceHold,
  type OnceOutcome,
  type OnceStore,
  onceDefaults,
  type SharedOnceStoreOptions,
} from "./once.ts";

/** A store for `once` in an SQLite database, for all processes that open its file. */
export interface SqliteOnce extends OnceStore {
  /**
   * Runs `work` and remembers the id in one transaction: after a crash both are stored, or neither. `work` must use the same
   * database and must not be asynchronous. Throws the error of `work`, and nothing was changed.
   */
  within<Result>(id: string, work: () => Result): OnceOutcome<Result>;
}

const schema = `
  create table if not exists weft_once (
    scope text not null,
    id text not null,
    token text not null,
    is_done integer not null,
    -- When the lease ends, or a message that is done is forgotten.
    until_ms integer not null,
    primary key (scope, id)
  ) strict, without rowid;
  create index if not exists weft_once_until on weft_once (until_ms);
`;
const forgottenAtOnceMax = 100;

/** Its table is `weft_once`, which it creates if it is missing. */
export function sqliteOnce(database: SqliteDatabase, options: SharedOnceStoreOptions = {}): SqliteOnce {
  const { leaseMs = onceDefaults.leaseMs, keepMs = onceDefaults.keepMs, scope = "", now = () => new Date() } = options;
  database.exec(schema);
  const begin = database.prepare(
    `insert into weft_once (scope, id, token, is_done, until_ms) values (?, ?, ?, 0, ?)
     on conflict (scope, id) do update set token = excluded.token, is_done = 0, until_ms = excluded.until_ms
     where until_ms <= ?
     returning token`,
  );
  const look = database.prepare("select is_done, until_ms from weft_once where scope = ? and id = ?");
  const finish = database.prepare(
    "update weft_once set is_done = 1, until_ms = ? where scope = ? and id = ? and token = ? and is_done = 0",
  );
  const release = database.prepare("delete from weft_once where scope = ? and id = ? and token = ? and is_done = 0");
  const forget = database.prepare("delete from weft_once where scope = ? and id = ? and is_done = 1");
  const forgetOld = database.prepare(
    `delete from weft_once where (scope, id) in
     (select scope, id from weft_once where until_ms <= ? and (is_done = 1 or until_ms <= ?)
      order by until_ms limit ${forgottenAtOnceMax})`,
  );

  function beginNow(id: string): OnceHold {
    const nowMs = now().getTime();
    const token = crypto.randomUUID();
    if (begin.get(scope, id, token, nowMs + leaseMs, nowMs) !== undefined) return { state: "begun", token };
    const row = look.get(scope, id) as { is_done: number; until_ms: number } | undefined;
    if (row?.is_done === 1) return { state: "done" };
    return { state: "in_progress", leaseLeftMs: (row?.until_ms ?? nowMs) - nowMs };
  }

  function finishNow(id: string, token: string): void {
    const nowMs = now().getTime();
    finish.run(nowMs + keepMs, scope, id, token);
    // An expired lease still counts when its work is done, unless another process has begun the work again.
    forgetOld.run(nowMs, nowMs - keepMs);
  }

  return {
    begin: async (id) => beginNow(id),
    finish: async (id, token) => finishNow(id, token),
    release: async (id, token) => void release.run(scope, id, token),
    forget: async (id) => void forget.run(scope, id),
    within(id, work) {
      database.exec("begin immediate");
      try {
        const outcome = runClaimed(beginNow(id), work, (token) => finishNow(id, token));
        database.exec("commit");
        return outcome;
      } catch (error) {
        database.exec("rollback");
        throw error;
      }
    },
  };
}

function runClaimed<Result>(hold: OnceHold, work: () => Result, finish: (token: string) => void): OnceOutcome<Result> {
  if (hold.state === "done") return { state: "duplicate" };
  if (hold.state === "in_progress") return inProgress(hold.leaseLeftMs);
  const result = work();
  if (result instanceof Promise) {
    // The waiting caller no longer exists.
    result.catch(() => {});
    throw new TypeError("The work within a transaction of SQLite must not be asynchronous; it has been rolled back.");
  }
  finish(hold.token);
  return { state: "ran", result };
}
