import { clockOf, type PostgresConnection } from "../postgres-connection.ts";
import { type OnceStore, onceDefaults, type SharedOnceStoreOptions } from "./once.ts";

/**
 * The table of `postgresOnce`, for a migration or for `pool.query(…)` at every start. It changes nothing if the table exists,
 * and programs that start at the same time wait for each other.
 */
export const postgresOnceSchema = `
select pg_advisory_xact_lock(7203311986112701);
create table if not exists weft_once (
  scope text not null,
  id text not null,
  token text not null,
  is_done boolean not null,
  -- When the lease ends, or a message that is done is forgotten.
  until_ms bigint not null,
  primary key (scope, id)
);
create index if not exists weft_once_until on weft_once (until_ms);
`;
const forgottenAtOnceMax = 100;

/**
 * A store for `once` in PostgreSQL, with the database's clock. `postgresOnceSchema` creates its table. With a client in a
 * transaction, the id is remembered in that transaction: the work's changes there happen once or not at all.
 */
export function postgresOnce(connection: PostgresConnection, options: SharedOnceStoreOptions = {}): OnceStore {
  const { leaseMs = onceDefaults.leaseMs, keepMs = onceDefaults.keepMs, scope = "", now } = options;
  const given = () => now?.().getTime() ?? null;

  return {
    async begin(id) {
      const token = crypto.randomUUID();
      const begun = await connection.query(
        `insert into weft_once (scope, id, token, is_done, until_ms)
         values ($1, $2, $3, false, ${clockOf(5)} + $4::bigint)
         on conflict (scope, id) do update set token = excluded.token, is_done = false, until_ms = excluded.until_ms
         where weft_once.until_ms <= ${clockOf(5)}
         returning token`,
        [scope, id, token, leaseMs, given()],
      );
      if (begun.rows.length > 0) return { state: "begun", token };
      const held = await connection.query(
        `select is_done, until_ms - ${clockOf(3)} as left_ms from weft_once where scope = $1 and id = $2`,
        [scope, id, given()],
      );
      const [row] = held.rows as { is_done: boolean; left_ms: string | number }[];
      if (row?.is_done === true) return { state: "done" };
      return { state: "in_progress", leaseLeftMs: Number(row?.left_ms ?? 0) };
    },
    async finish(id, token) {
      await connection.query(
        `update weft_once set is_done = true, until_ms = ${clockOf(5)} + $4::bigint
         where scope = $1 and id = $2 and token = $3 and not is_done`,
        [scope, id, token, keepMs, given()],
      );
      // An expired lease still counts when its work is done, unless another process has begun the work again.
      await connection.query(
        `delete from weft_once where (scope, id) in (
           select scope, id from weft_once
           where until_ms <= ${clockOf(1)} and (is_done or until_ms <= ${clockOf(1)} - $2::bigint)
           order by until_ms limit ${forgottenAtOnceMax} for update skip locked)`,
        [given(), keepMs],
      );
    },
    async release(id, token) {
      await connection.query("delete from weft_once where scope = $1 and id = $2 and token = $3 and not is_done", [
        scope,
        id,
        token,
      ]);
    },
    async forget(id) {
      await connection.query("delete from weft_once where scope = $1 and id = $2 and is_done", [scope, id]);
    },
  };
}
