import pg from "pg";
import { expect, test } from "vitest";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { migrationsIn, readMigration } from "../migrations.ts";
import { openVault } from "../vault.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { openPostgresStore } from "./postgres-store.ts";

const folderOfMigrations = new URL("./migrations/", import.meta.url);
const id = (last: number) => `019b76da-a800-7000-8000-00000000000${last}`;

test("a recovery from before recoveries had scopes is kept, and goes on", async () => {
  await using databases = new TestDatabases();
  const url = await databases.empty();
  const db = new pg.Client({ connectionString: url });
  await db.connect();
  await db.query("create schema weft; set search_path to weft");
  await db.query("create table migration (number integer primary key, name text not null, ran_at bigint not null)");
  for (const migration of migrationsIn(folderOfMigrations).filter(({ number }) => number < 10)) {
    await db.query(readMigration(folderOfMigrations, migration));
    await db.query("insert into migration values ($1, $2, 0)", [migration.number, migration.name]);
  }
  const masterKey = "a master key";
  const headers = openVault(masterKey).seal("{}");
  await db.query(`insert into organization (id, name, created_at, modified_at) values ('${id(1)}', 'Acme', 0, 0);
    insert into subscription (id, organization_id, url, event_types, headers, created_at, updated_at)
      values ('${id(2)}', '${id(1)}', 'https://example.com', '["*"]', '${headers}', 0, 0);
    insert into recovery values ('${id(3)}', '${id(1)}', '${id(2)}', 'running', 1, 2, 3, 4, '${id(4)}', 5);`);
  await db.end();
  const settings = { retentionMs: 90 * 86_400_000, connectionsMax: 4, preparesStatements: true };
  const store = await openPostgresStore({ url, masterKey, ...settings });
  const key = { organizationId: id(1) as OrganizationId, subscriptionId: id(2) as SubscriptionId };
  const [recovery] = await store.listRecoveries({ ...key, limit: 9, cursor: null });
  expect(recovery).toEqual({
    ...{ id: id(3), ...key, status: "running", scope: { kind: "undelivered" } },
    ...{ since: 1, until: 2, total: 3, counted: 3, recovered: 4, cursor: id(4), createdAt: 5, updatedAt: 5 },
  });
  expect(await store.findRunningRecoveries({ after: null, limit: 9 })).toMatchObject([{ recoveryId: id(3) }]);
  await store[Symbol.asyncDispose]();
});
