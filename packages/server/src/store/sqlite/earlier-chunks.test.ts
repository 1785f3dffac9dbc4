import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import { migrationsIn, readMigration } from "../migrations.ts";
import { Database } from "./database.ts";
import { migrate } from "./migrate.ts";

const folderOfMigrations = new URL("./migrations/", import.meta.url);
const id = (last: number) => `019b76da-a800-7000-8000-00000000000${last}`;

test("what was indexed without character pairs is read again by the next sync, and nothing else is", () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-earlier-"));
  const path = join(folder, "weft.db");
  const before = new DatabaseSync(path);
  before.exec("create table migration (number integer primary key, name text not null, ran_at integer not null)");
  for (const migration of migrationsIn(folderOfMigrations).filter(({ number }) => number < 25)) {
    before.exec(readMigration(folderOfMigrations, migration));
    before.exec(`insert into migration values (${migration.number}, '${migration.name}', 0)`);
  }
  before.exec(`insert into organization (id, name, created_at, modified_at) values ('${id(1)}', 'Acme', 0, 0);
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
  before.close();
  const db = new Database(path, { readOnly: false });
  migrate(db, 0);
  expect(db.all("select id, hash from entity order by id")).toEqual([
    { id: "en", hash: "h" },
    { id: "ja", hash: "" },
    { id: "ru", hash: "h" },
    { id: "th", hash: "" },
  ]);
  expect(db.all("select sync_cursor from source_connection order by id")).toEqual([
    { sync_cursor: null },
    { sync_cursor: "c" },
  ]);
  db.close();
  rmSync(folder, { recursive: true });
});
