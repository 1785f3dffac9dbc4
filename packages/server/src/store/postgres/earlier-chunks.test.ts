import pg from "pg";
import { expect, test } from "vitest";
import { migrationsIn, readMigration } from "../migrations.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { openPostgresStore } from "./postgres-store.ts";

const folderOfMigrations = new URL("./migrations/", import.meta.url);
const id = (last: number) => `019b76da-a800-7000-8000-00000000000${last}`;

test("what was indexed without character pairs is read again by the next sync, and nothing else is", async () => {
  await using databases = new TestDatabases();
  const url = await databases.empty();
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  await db.query("create schema weft; set search_path to weft");
  await db.query("create table migration (number integer primary key, name text not null, ran_at bigint not null)");
  for (const migration of migrationsIn(folderOfMigrations).filter(({ number }) => number < 22)) {
    await db.query(readMigration(folderOfMigrations, migration));
    await db.query("insert into migration values ($1, $2, 0)", [migration.number, migration.name]);
  }
  await db.query(`insert into organization (id, name, created_at, modified_at) values ('${id(1)}', 'Acme', 0, 0);
    insert into collection (id, organization_id, readable_id, name, created_at, modified_at)
      values ('${id(2)}', '${id(1)}', 'docs', 'Docs', 0, 0);
    insert into source_connection (id, organization_id, collection_id, name, source, config, auth_method, sync_cursor, created_at, modified_at)
      values ('${id(3)}', '${id(1)}', '${id(2)}', 'A', 'stub', '{}', 'direct', 'c', 0, 0),
        ('${id(4)}', '${id(1)}', '${id(2)}', 'B', 'stub', '{}', 'direct', 'c', 0, 0);
    insert into entity (source_connection_id, id, type, name, hash, updated_at, seen_by)
      values ('${id(3)}', 'ja', 'file', 'ja', 'h', 0, '${id(5)}'), ('${id(3)}', 'en', 'file', 'en', 'h', 0, '${id(5)}'),
        ('${id(3)}', 'th', 'file', 'th', 'h', 0, '${id(5)}'), ('${id(4)}', 'ru', 'file', 'ru', 'h', 0, '${id(5)}');
    insert into chunk (source_connection_id, entity_id, position, text)
      values ('${id(3)}', 'ja', 0, 'a 東京'), ('${id(3)}', 'en', 0, 'heron – "x" 12 €'), ('${id(3)}', 'th', 0, 'ไทย'),
        ('${id(4)}', 'ru', 0, 'Привет, café');`);
  const settings = { retentionMs: 90 * 86_400_000, connectionsMax: 4, preparesStatements: true };
  const store = await openPostgresStore({ url, masterKey: "a master key", ...settings });
  await store[Symbol.asyncDispose]();
  expect((await db.query("select id, hash from entity order by id")).rows).toEqual([
    { id: "en", hash: "h" },
    { id: "ja", hash: "" },
    { id: "ru", hash: "h" },
    { id: "th", hash: "" },
  ]);
  expect((await db.query("select sync_cursor from source_connection order by id")).rows).toEqual([
    { sync_cursor: null },
    { sync_cursor: "c" },
  ]);
  await db.end();
});
