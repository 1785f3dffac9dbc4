import { afterAll, expect, test } from "vitest";
import { LaterMigration, laterName } from "../fixtures/later-migration.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import { World } from "../fixtures/samples.ts";
import { PostgresDatabase } from "./database.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { migrate } from "./migrate.ts";
import { openPostgresStore, type PostgresSettings } from "./postgres-store.ts";

const migrations = new URL("./migrations/", import.meta.url);

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

/** A database with a message for a subscription. */
async function filled() {
  const url = await databases.fresh();
  const settings: PostgresSettings = {
    ...{ url, masterKey: "a master key", retentionMs: 90 * 86_400_000 },
    ...{ connectionsMax: 4, preparesStatements: true },
  };
  await using world = await World.open(() => openPostgresStore(settings, machineClock));
  await world.subscribe();
  const message = await world.accept();
  return { settings, message, key: { organizationId: world.organizationId, messageId: message.id } };
}

test("a database with data opens again", async () => {
  const { settings, message, key } = await filled();
  await using store = await openPostgresStore(settings, machineClock);
  expect(await store.readMessage(key)).toMatchObject({ id: message.id, payload: message.payload });
});

test("a later migration runs once, however many nodes start, and keeps the data", async () => {
  const { settings, message } = await filled();
  using later = new LaterMigration(migrations, "alter table message add column color text not null default 'red';");
  const database = new PostgresDatabase(settings);
  const ran = await Promise.all([1, 2, 3].map(() => migrate(database, 5, later.folder)));
  expect(ran.flat()).toEqual([laterName]);
  expect(await database.read((sql) => sql.all("select id, payload, color from message"))).toEqual([
    { id: message.id, payload: message.payload, color: "red" },
  ]);
  expect(await database.read((sql) => sql.get("select count(*) as deliveries from delivery"))).toEqual({
    deliveries: 1,
  });
  expect(
    await database.read((sql) => sql.all("select number, name, ran_at from migration where number = 9999")),
  ).toEqual([{ number: 9999, name: laterName, ran_at: 5 }]);
  await database.close();
});

test("a later migration that fails is undone, and the database opens as before", async () => {
  const { settings, message, key } = await filled();
  using later = new LaterMigration(migrations, "delete from delivery; select no_such_column from message;");
  const database = new PostgresDatabase(settings);
  await expect(migrate(database, 5, later.folder)).rejects.toThrow(`The migration ${laterName} failed and was undone`);
  expect(await database.read((sql) => sql.get("select count(*) as deliveries from delivery"))).toEqual({
    deliveries: 1,
  });
  await database.close();
  await using store = await openPostgresStore(settings, machineClock);
  expect(await store.readMessage(key)).toMatchObject({ id: message.id });
});

test("a database that a newer Weft has migrated is refused with a sentence, and is left as it is", async () => {
  const { settings } = await filled();
  using later = new LaterMigration(migrations, "create table color (name text);");
  const database = new PostgresDatabase(settings);
  await migrate(database, 5, later.folder);
  await expect(openPostgresStore(settings, machineClock)).rejects.toThrow(
    /has schema 9999, but this Weft knows only up to \d+/,
  );
  expect(await migrate(database, 6, later.folder)).toEqual([]);
  await database.close();
});
