import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { migrationsIn, readMigration } from "../migrations.ts";
import { openVault } from "../vault.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const folderOfMigrations = new URL("./migrations/", import.meta.url);
const id = (last: number) => `019b76da-a800-7000-8000-00000000000${last}`;

test("a recovery from before recoveries had scopes is kept, and goes on", async () => {
  const folder = mkdtempSync(join(tmpdir(), "weft-earlier-"));
  const path = join(folder, "weft.db");
  const db = new DatabaseSync(path);
  db.exec("create table migration (number integer primary key, name text not null, ran_at integer not null)");
  for (const migration of migrationsIn(folderOfMigrations).filter(({ number }) => number < 12)) {
    db.exec(readMigration(folderOfMigrations, migration));
    db.exec(`insert into migration values (${migration.number}, '${migration.name}', 0)`);
  }
  const headers = openVault("a master key").seal("{}");
  db.exec(`insert into organization (id, name, created_at, modified_at) values ('${id(1)}', 'Acme', 0, 0);
    insert into subscription (id, organization_id, url, event_types, headers, created_at, updated_at)
      values ('${id(2)}', '${id(1)}', 'https://example.com', '["*"]', '${headers}', 0, 0);
    insert into recovery values ('${id(3)}', '${id(1)}', '${id(2)}', 'running', 1, 2, 3, 4, '${id(4)}', 5);`);
  db.close();
  const holder = { pid: process.pid, description: "a test", since: "now" };
  const store = await openSqliteStore({ path, masterKey: "a master key", holder, now: 0 });
  const key = { organizationId: id(1) as OrganizationId, subscriptionId: id(2) as SubscriptionId };
  const [recovery] = await store.listRecoveries({ ...key, limit: 9, cursor: null });
  expect(recovery).toEqual({
    ...{ id: id(3), ...key, status: "running", scope: { kind: "undelivered" } },
    ...{ since: 1, until: 2, total: 3, counted: 3, recovered: 4, cursor: id(4), createdAt: 5, updatedAt: 5 },
  });
  expect(await store.findRunningRecoveries({ after: null, limit: 9 })).toMatchObject([{ recoveryId: id(3) }]);
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});
