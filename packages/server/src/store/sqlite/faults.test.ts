import { spawnSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterEach, beforeEach, expect, test } from "vitest";
import { StoreUnavailableError } from "../../domain/errors.ts";
import type { OrganizationId } from "../../domain/id.ts";
import { newOrganization } from "../../domain/organization.ts";
import { World } from "../fixtures/samples.ts";
import { keptMasterKey } from "../master-key.ts";
import { anyMessage } from "../messages/interface.ts";
import { openVault } from "../vault.ts";
import { Database } from "./database.ts";
import { DatabaseInUseError, lockDatabase } from "./lock.ts";
import { migrate } from "./migrate.ts";
import { openSqliteStore } from "./sqlite-store.ts";
import { SqliteTransactions } from "./transaction.ts";
import { runBatch } from "./writer.ts";

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-faults-"));
});
afterEach(() => rmSync(folder, { recursive: true }));

const masterKey = "a master key of 32 characters ......";
const holder = { pid: 4711, description: "weft serve", since: "2026-01-01T00:00:00.000Z" };
const path = () => join(folder, "weft.db");
const open = () => openSqliteStore({ path: path(), masterKey, holder, now: 0 });

function writing(): SqliteTransactions {
  const db = new Database(path(), { readOnly: false });
  migrate(db, 0);
  return new SqliteTransactions(db, openVault(masterKey));
}

function createOrganization(id: string, name = "x") {
  const organization = newOrganization(id as OrganizationId, 0, { name });
  return { name: "createOrganization" as const, params: { organization } };
}

test("a second program that opens the same data is refused with a sentence that names the process using it", async () => {
  await using _store = await open();
  await expect(open()).rejects.toThrow(DatabaseInUseError);
  await expect(open()).rejects.toThrow(/process 4711 \(weft serve, since 2026-01-01T00:00:00.000Z\)/);
});

test("another process is refused too, and can open the data after the first one has died in any way", () => {
  const script = `
    const { lockDatabase } = await import(${JSON.stringify(new URL("./lock.ts", import.meta.url).href)});
    try { lockDatabase(${JSON.stringify(path())}, { pid: process.pid, description: "other", since: "later" }); }
    catch (error) { console.log(error.message); process.exit(3); }
    process.kill(process.pid, "SIGKILL");`;
  const run = () => spawnSync(process.execPath, ["--input-type=module", "-e", script], { encoding: "utf8" });
  const held = lockDatabase(path(), holder);
  expect(run()).toMatchObject({ status: 3, stdout: expect.stringContaining("process 4711") });
  held[Symbol.dispose]();
  expect(run().signal).toBe("SIGKILL");
  lockDatabase(path(), holder)[Symbol.dispose]();
});

test("on a full disk every command of the commit fails as unavailable, and nothing of it is stored", async () => {
  const writer = writing();
  const pages = writer.db.get<{ page_count: number }>("pragma page_count")?.page_count ?? 0;
  writer.db.exec(`pragma max_page_count = ${pages + 2}`);
  const big = "x".repeat(100_000);
  const response = await runBatch(writer, {
    room: null,
    commands: [createOrganization("a"), createOrganization("b", big)],
  });
  expect(response.results).toMatchObject([
    { ok: false, unavailable: true },
    { ok: false, unavailable: true },
  ]);
  expect(count(writer)).toBe(0);
  writer.db.exec("pragma max_page_count = 1000000");
  const again = await runBatch(writer, { room: null, commands: [createOrganization("a")] });
  expect(again.results).toMatchObject([{ ok: true }]);
  writer.db.close();
});

test("a command that fails does not affect the others of its commit", async () => {
  const writer = writing();
  const nameless = createOrganization("c", null as never);
  const commands = [createOrganization("a"), nameless, createOrganization("b")];
  const { results } = await runBatch(writer, { room: null, commands });
  expect(results).toMatchObject([{ ok: true }, { ok: false, unavailable: false }, { ok: true }]);
  expect(count(writer)).toBe(2);
  writer.db.close();
});

test("while another program locks the database, a write is refused as unavailable; afterwards it succeeds", async () => {
  await using world = await World.open(open);
  const other = new DatabaseSync(path());
  other.exec("begin immediate");
  await expect(world.accept()).rejects.toThrow(StoreUnavailableError);
  other.exec("rollback");
  other.close();
  const message = await world.accept();
  const list = {
    limit: 9,
    cursor: null,
    ...anyMessage,
  };
  const { items: stored } = await world.store.listMessages({ organizationId: world.organizationId, ...list });
  expect(stored).toEqual([message]);
});

test("no file contains a secret, a header or an idempotent response as plain text", async () => {
  await using world = await World.open(open);
  const [secret, token, response] = [
    "whsec_c3VwZXItc2VjcmV0LXN1cGVyLXNlY3JldA==",
    "Bearer t0k3n-0f-mine",
    "weft_the-key-itself",
  ];
  await world.subscribe({ headers: { authorization: token } }, secret);
  const request = { organizationId: world.organizationId, key: "k", requestHash: "h", createdAt: 0, now: 0 };
  await world.store.beginIdempotent(request);
  await world.store.finishIdempotent({ ...request, response: { status: 200, body: response } });
  const files = ["weft.db", "weft.db-wal"].map((name) => readFileSync(join(folder, name), "latin1")).join();
  for (const text of [secret, token, response, "super-secret"]) expect(files).not.toContain(text);
});

test("a secret that was sealed under another master key, or altered, is reported as such", () => {
  const sealed = openVault(masterKey).seal("hush");
  expect(openVault(masterKey).open(sealed)).toBe("hush");
  expect(() => openVault("another key").open(sealed)).toThrow(/WEFT_MASTER_KEY/);
  expect(() => openVault(masterKey).open(`${sealed.slice(0, -6)}AAAA==`)).toThrow(/cannot be decrypted/);
  expect(openVault(masterKey).seal("hush")).not.toBe(sealed);
});

test("only the owner may read or write the data files", async () => {
  await using _store = await open();
  for (const name of readdirSync(folder).filter((file) => file !== "weft.db.lock")) {
    expect(statSync(join(folder, name)).mode & 0o077, name).toBe(0);
  }
});

test("a data folder that cannot be created is reported with a sentence", async () => {
  writeFileSync(join(folder, "file"), "");
  const inFile = openSqliteStore({ path: join(folder, "file", "weft.db"), masterKey, holder, now: 0 });
  await expect(inFile).rejects.toThrow(/cannot be created or written/);
});

test("the master key is created once, readable by its owner only, and a damaged one is refused", () => {
  const key = keptMasterKey(path());
  expect(keptMasterKey(path())).toBe(key);
  expect(Buffer.from(key, "base64")).toHaveLength(32);
  writeFileSync(join(folder, "master.key"), "cut");
  expect(() => keptMasterKey(path())).toThrow(/is damaged/);
});

function count(writer: SqliteTransactions): number {
  return writer.db.get<{ n: number }>("select count(*) as n from organization")?.n ?? -1;
}
