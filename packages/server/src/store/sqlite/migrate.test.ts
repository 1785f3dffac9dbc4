import { cpSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
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

const names = readdirSync(migrations).sort();

test.each(names.slice(1))(
  "a database from before %s is migrated, and keeps its subscriptions and their secrets",
  (name) => {
    const earlier = join(folder, "earlier");
    for (const one of names.slice(0, names.indexOf(name))) cpSync(new URL(one, migrations), join(earlier, one));
    const db = new Database(join(folder, "earlier.db"), { readOnly: false });
    migrate(db, 0, pathToFileURL(`${earlier}/`));
    const [organization, subscription] = [
      "0195c0de-0000-7000-8000-00000000000a",
      "0195c0de-0000-7000-8000-00000000000b",
    ];
    db.run("insert into organization (id, name, created_at, modified_at) values (?, 'Acme', 0, 0)", organization);
    db.run(
      `insert into subscription (id, organization_id, target, url, event_types, headers, created_at, updated_at)
     values (?, ?, 'webhook', 'https://a.b/', '["*"]', '', 0, 0)`,
      ...[subscription, organization],
    );
    db.run(
      "insert into signing_secret (subscription_id, position, secret, created_at) values (?, 1, 'x', 0)",
      subscription,
    );
    migrate(db, 1);
    expect(db.all("select id, target, url, mcp_id from subscription")).toEqual([
      { id: subscription, target: "webhook", url: "https://a.b/", mcp_id: null },
    ]);
    expect(db.get("select count(*) as secrets from signing_secret")).toEqual({ secrets: 1 });
    expect(db.all("pragma foreign_key_check")).toEqual([]);
    expect(() => db.run("delete from organization where id = ?", organization)).toThrow(/FOREIGN KEY/);
    db.close();
  },
);

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

test("a database that a newer Weft has extended opens as before", async () => {
  const { message, key } = await fill();
  using later = new LaterMigration(migrations, "alter table message add column color text;");
  const db = new Database(path(), { readOnly: false });
  migrate(db, 5, later.folder);
  db.close();
  await using store = await open();
  expect(await store.readMessage(key)).toMatchObject({ id: message.id });
});

test("a database that needs a newer Weft is refused with a sentence, and is left as it is", async () => {
  await fill();
  using later = new LaterMigration(
    migrations,
    "-- needs programs of schema 9999\nalter table message rename column payload to body;",
  );
  const db = new Database(path(), { readOnly: false });
  migrate(db, 5, later.folder);
  await expect(open()).rejects.toThrow(/needs a Weft that knows schema 9999, but this Weft knows only up to \d+/);
  expect(migrate(db, 6, later.folder)).toEqual([]);
  db.close();
  lockDatabase(path(), holder)[Symbol.dispose]();
});

test("a database from before migrations named the programs that they need is migrated", async () => {
  const { message, key } = await fill();
  const db = new Database(path(), { readOnly: false });
  db.exec("alter table migration drop column minimum");
  expect(migrate(db, 5)).toEqual([]);
  expect(db.get("select max(minimum) as minimum from migration")).toEqual({ minimum: 0 });
  db.close();
  await using store = await open();
  expect(await store.readMessage(key)).toMatchObject({ id: message.id });
});
