import type { SqliteDatabase } from "../sqlite-database.ts";

/** The persistent state of a pattern: a text under a key, with one change at a time. */
export interface StateStore {
  /**
   * Reads the text under a key (null without one), passes it to `change`, and stores the result. No other change to the
   * key runs at the same time. `change` must be synchronous.
   */
  update(key: string, change: (before: string | null) => string | null): Promise<void>;
  read(key: string): Promise<string | null>;
}

/** Keeps the state in memory, until the process ends. */
export function memoryState(): StateStore {
  const kept = new Map<string, string>();
  return {
    async update(key, change) {
      const after = change(kept.get(key) ?? null);
      if (after === null) kept.delete(key);
      else kept.set(key, after);
    },
    read: async (key) => kept.get(key) ?? null,
  };
}

/** Keeps the state in a table of a SQLite database, which several processes may share. */
export function sqliteState(database: SqliteDatabase, table = "weft_pattern_state"): StateStore {
  if (!/^[A-Za-z_]\w*$/.test(table)) throw new TypeError(`"${table}" is no name of a table.`);
  database.exec(`create table if not exists ${table} (key text primary key, value text not null) strict`);
  const select = database.prepare(`select value from ${table} where key = ?`);
  const upsert = database.prepare(
    `insert into ${table} (key, value) values (?, ?) on conflict (key) do update set value = excluded.value`,
  );
  const remove = database.prepare(`delete from ${table} where key = ?`);
  function textUnder(key: string): string | null {
    return (select.get(key) as { value: string } | undefined)?.value ?? null;
  }
  return {
    async update(key, change) {
      // The write lock is taken first: two transactions that read first and then write would wait for each other.
      database.exec("begin immediate");
      try {
        const after = change(textUnder(key));
        if (after === null) remove.run(key);
        else upsert.run(key, after);
        database.exec("commit");
      } catch (error) {
        database.exec("rollback");
        throw error;
      }
    },
    read: async (key) => textUnder(key),
  };
}

/** A store with values of one type, which are stored as JSON. */
export function typedState<Value>(store: StateStore, key: string) {
  return {
    async update(change: (before: Value | null) => Value | null): Promise<void> {
      await store.update(key, (before) => {
        const after = change(before === null ? null : (JSON.parse(before) as Value));
        return after === null ? null : JSON.stringify(after);
      });
    },
    async read(): Promise<Value | null> {
      const text = await store.read(key);
      return text === null ? null : (JSON.parse(text) as Value);
    },
  };
}
