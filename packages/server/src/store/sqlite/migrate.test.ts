import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { LaterMigration, laterName } from "../fixtures/later-migration.ts";
import { World } from "../fixtures/samples.ts";
import { Database } from "./database.ts";
import { copyMigratedFile } from "./fixtures/migrated-file.ts";
import { lockDatabase } from "./lock.ts";
import { migrate } from "./migrate.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const migrations = new URL("./migrations/", import.meta.url);
const holder = { pid: 4711, description: "weft serve", since: "2026-01-01T00:00:00.000Z" };

let folder: string;
const path = () => join(folder, "weft.db");
const open = () => openSqliteStore({ path: path(), masterKey: "a master key", holder, now: 0 });

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-migrate-"));
  copyMigratedFile(path());
});
afterEach(() => rmSync(folder, { recursive: true }));

/** Stores a message for a subscription, and returns how to read it. */
async function fill() {
  await using world = await World.open(open);
  await world.subscribe();
  const message = await world.accept();
  return { message, key: { organizationId: world.organizationId, messageId: message.id } };
}

test("a database with data opens again", async () => {
  const { message, key } = await fill();
  await using store = await open();
  expect(await store.readMessage(key)).toMatchObject({ id: message.id, payload: message.payload });
});

test("a later migration runs once and keeps the data", async () => {
  const { message } = await fill();
  using later = new LaterMigration(migrations, "alter table message add column color text not null default 'red';");
  const db = new Database(path(), { readOnly: false });
  expect(migrate(db, 5, later.folder)).toEqual([laterName]);
  expect(migrate(db, 6, later.folder)).toEqual([]);
  expect(db.all("select id, payload, color from message")).toEqual([
    { id: message.id, payload: message.payload, color: "red" },
  ]);
  expect(db.get("select count(*) as deliveries from delivery")).toEqual({ deliveries: 1 });
  expect(db.all("select number, name, ran_at from migration where number = 9999")).toEqual([
    { number: 9999, name: laterName, ran_at: 5 },
  ]);
  db.close();
});

test("a later migration that fails is undone, and the database opens as before", async () => {
  const { message, key } = await fill();
  using later = new LaterMigration(migrations, "delete from delivery; select no_such_column from message;");
  const db = new Database(path(), { readOnly: false });
  expect(() => migrate(db, 5, later.folder)).toThrow(`The migration ${laterName} failed and was undone`);
  expect(db.get("select count(*) as deliveries from delivery")).toEqual({ deliveries: 1 });
  db.close();
  await using store = await open();
  expect(await store.readMessage(key)).toMatchObject({ id: message.id });
});

test("a database that a newer Weft has migrated is refused with a sentence, and is left as it is", async () => {
  await fill();
  using later = new LaterMigration(migrations, "create table color (name text);");
  const db = new Database(path(), { readOnly: false });
  migrate(db, 5, later.folder);
  await expect(open()).rejects.toThrow(/has schema 9999, but this Weft knows only up to \d+/);
  expect(migrate(db, 6, later.folder)).toEqual([]);
  db.close();
  lockDatabase(path(), holder)[Symbol.dispose]();
});
