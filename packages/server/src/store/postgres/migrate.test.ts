import { afterAll, expect, test } from "vitest";
import type { Clock } from "../../domain/clock.ts";
import { LaterMigration, laterName } from "../fixtures/later-migration.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import { World } from "../fixtures/samples.ts";
import { PostgresDatabase } from "./database.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { migrate } from "./migrate.ts";
import { openPostgresStore, type PostgresSettings } from "./postgres-store.ts";

const breaking = "-- needs programs of schema 9999\n";
const clock: Clock = { now: () => 5, sleep: machineClock.sleep };
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
  const ran = await Promise.all([1, 2, 3].map(() => migrate(database, clock, later.folder)));
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
  await expect(migrate(database, clock, later.folder)).rejects.toThrow(
    `The migration ${laterName} failed and was undone`,
  );
  expect(await database.read((sql) => sql.get("select count(*) as deliveries from delivery"))).toEqual({
    deliveries: 1,
  });
  await database.close();
  await using store = await openPostgresStore(settings, machineClock);
  expect(await store.readMessage(key)).toMatchObject({ id: message.id });
});

test("a database that a newer Weft has extended opens as before, and keeps its newer definitions", async () => {
  const { settings, message, key } = await filled();
  using later = new LaterMigration(migrations, "alter table message add column color text;");
  const database = new PostgresDatabase(settings);
  await migrate(database, clock, later.folder);
  const newer = "update own_event_type set required = '{color}' where name = 'sync.completed'";
  await database.write((sql) => sql.run(newer));
  {
    await using store = await openPostgresStore(settings, machineClock);
    expect(await store.readMessage(key)).toMatchObject({ id: message.id });
  }
  const definition = "select required from own_event_type where name = 'sync.completed'";
  expect(await database.read((sql) => sql.get(definition))).toEqual({ required: ["color"] });
  await database.close();
});

test("a running node continues after a newer Weft has added columns, on every connection", async () => {
  const { settings } = await filled();
  await using store = await openPostgresStore(settings, machineClock);
  const readOnEach = () => Promise.all([1, 2, 3, 4].map(() => store.readEventTypes({})));
  await readOnEach();
  using later = new LaterMigration(migrations, "alter table event_type add column color text;");
  const database = new PostgresDatabase(settings);
  await migrate(database, clock, later.folder);
  expect(await readOnEach()).toEqual([[], [], [], []]);
  expect(await readOnEach()).toEqual([[], [], [], []]);
  await database.close();
});

test("a database that needs a newer Weft is refused with a sentence, and is left as it is", async () => {
  const { settings } = await filled();
  using later = new LaterMigration(migrations, `${breaking}alter table message rename column payload to body;`);
  const database = new PostgresDatabase(settings);
  await migrate(database, clock, later.folder);
  await expect(openPostgresStore(settings, machineClock)).rejects.toThrow(
    /needs a Weft that knows schema 9999, but this Weft knows only up to \d+/,
  );
  expect(await migrate(database, clock, later.folder)).toEqual([]);
  await database.close();
});

test("a migration that running nodes cannot work with is refused until they have stopped", async () => {
  const { settings } = await filled();
  using later = new LaterMigration(migrations, `${breaking}alter table message rename column payload to body;`);
  const database = new PostgresDatabase(settings);
  const world = await World.open(() => openPostgresStore(settings, machineClock));
  const beat = { nodeId: world.newId<"node">(), now: Date.now() };
  await world.store.recordHeartbeat({ ...beat, leaseUntil: Date.now() + 3_600_000, isNew: true });
  await expect(migrate(database, impatientClock(), later.folder)).rejects.toThrow(
    /^1 running nodes or listeners could not use the database after its migration to schema 9999/,
  );
  await world.store.recordHeartbeat({ ...beat, leaseUntil: Date.now() - 1, isNew: true });
  await world[Symbol.asyncDispose]();
  expect(await migrate(database, impatientClock(), later.folder)).toEqual([laterName]);
  await database.close();
});

test("a migration waits for a table that is in use, and does not keep its lock request", async () => {
  const { settings } = await filled();
  using later = new LaterMigration(migrations, "alter table message add column color text;");
  const database = new PostgresDatabase(settings);
  const user = await database.client("user of a table");
  await user.query("begin; select 1 from weft.message limit 1");
  let turns = 0;
  const waiting: Clock = {
    now: () => 0,
    // Between two tries, other transactions use the table as before.
    sleep: async () => {
      turns += 1;
      await database.write((sql) => sql.run("update message set payload = payload"));
      if (turns === 2) await user.query("commit");
    },
  };
  expect(await migrate(database, waiting, later.folder)).toEqual([laterName]);
  expect(turns).toBe(2);
  await user.end();
  await database.close();
});

test("a migration that is in a deadlock with a running node is tried again", async () => {
  const { settings } = await filled();
  const tables = "alter table message add column color text; alter table delivery add column color text;";
  using later = new LaterMigration(migrations, tables);
  const database = new PostgresDatabase(settings);
  const node = await database.client("running node");
  const observer = await database.client("observer");
  // The migration notices the deadlock first.
  await node.query("set deadlock_timeout = '60s'; begin; select 1 from weft.delivery limit 1");
  const blocked = async () => {
    const waits = "select 1 from pg_locks where not granted and relation = 'weft.delivery'::regclass";
    while ((await observer.query(waits)).rowCount === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    await node.query("select 1 from weft.message limit 1; commit");
  };
  let tries = 0;
  const waiting: Clock = {
    now: () => 0,
    sleep: async () => {
      tries += 1;
      await deadlock;
    },
  };
  const migrated = migrate(database, waiting, later.folder);
  const deadlock = blocked();
  expect(await migrated).toEqual([laterName]);
  expect(tries).toBe(1);
  for (const client of [node, observer]) await client.end();
  await database.close();
});

test("a database from before migrations named the programs that they need is migrated", async () => {
  const { settings, message, key } = await filled();
  const database = new PostgresDatabase(settings);
  await database.write((sql) => sql.simply("alter table migration drop column minimum"));
  expect(await migrate(database, clock)).toEqual([]);
  await database.close();
  await using store = await openPostgresStore(settings, machineClock);
  expect(await store.readMessage(key)).toMatchObject({ id: message.id });
});

/** A clock that is past every time limit after a few looks, and never waits. */
function impatientClock(): Clock {
  let time = 0;
  return {
    now: () => {
      time += 5_000;
      return time;
    },
    sleep: async () => {},
  };
}
