import { chmodSync, chownSync, copyFileSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import { hostAddresses } from "../outbound/connector.ts";
import { ProxyProgram, whyNoProxy } from "../outbound/fixtures/proxy-program.ts";
import { proxyAt } from "../outbound/fixtures/through-proxy.ts";
import { parseNoProxy } from "../outbound/proxy/no-proxy.ts";
import { PostgresServer } from "../store/postgres/fixtures/postgres-server.ts";
import type { SourceConnectionView } from "../store/source-connections/interface.ts";
import { keyOf, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import type { SourceItem } from "./source.ts";
import { DatabaseReading } from "./sources/postgresql/open-database.ts";
import type { PostgresqlSourceParts } from "./sources/postgresql/postgresql-settings.ts";
import { postgresqlSource } from "./sources/postgresql/postgresql-source.ts";
import { hostResolver } from "./sources/resolve-host.ts";

let server: PostgresServer;
/** A database for the test. */
let database: string;

beforeAll(async () => {
  server = await PostgresServer.start({ isDurable: false });
});

afterAll(() => server[Symbol.asyncDispose]());

beforeEach(async () => {
  database = await server.database();
});

const credentials = { user: "weft" };

/** Every name resolves to loopback, which is allowed unless the test says otherwise. */
function resolver(allowNetworks: readonly string[] = ["127.0.0.0/8"]) {
  const guard = createAddressGuard({ allowNetworks });
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  return hostResolver((host) => hostAddresses(host, { guard, lookup }));
}

function run(text: string): Promise<Record<string, unknown>[]> {
  return server.query(text, database);
}

function settings(config: Record<string, unknown>): Record<string, unknown> {
  return { host: "db.test", port: server.port, database, ssl: "disable", ...config };
}

function open(parts: Partial<PostgresqlSourceParts> = {}): Promise<TestWeft> {
  return openTestWeft({ sources: [postgresqlSource({ resolveHost: resolver(), ...parts })] });
}

async function sync(weft: TestWeft, connection: SourceConnectionView) {
  const key = keyOf(connection);
  const job = await weft.ended(key, (await weft.connections.run(key)).id);
  return { state: job.state, ...job.counts, error: job.state === "failed" ? job.error : null };
}

/** Runs one job with these settings, and returns its outcome. */
async function syncOnce(
  config: Record<string, unknown>,
  {
    login = credentials as Record<string, unknown>,
    ...parts
  }: Partial<PostgresqlSourceParts> & { login?: object } = {},
) {
  await using weft = await open(parts);
  const connection = await weft.connect("postgresql", { config: settings(config), credentials: { ...login } });
  return await sync(weft, connection);
}

/** The items that the source yields. */
async function itemsOf(config: Record<string, unknown>, cursor: string | null = null): Promise<SourceItem[]> {
  const source = postgresqlSource({ resolveHost: resolver() });
  const { signal } = new AbortController();
  const items: SourceItem[] = [];
  for await (const item of source.entities({
    owner: "test",
    config: settings(config),
    credentials,
    cursor,
    storedHash: async () => null,
    signal,
  }))
    items.push(item);
  return items;
}

test("added, changed, removed and unchanged rows are counted correctly", async () => {
  await run("create table page (id int primary key, title text, body text)");
  await run("insert into page values (1, 'Herons', 'stand'), (2, 'Trout', 'swim'), (3, 'Otters', null)");
  await using weft = await open();
  const connection = await weft.connect("postgresql", { config: settings({ tables: ["page"] }), credentials });
  expect(await sync(weft, connection)).toMatchObject({ inserted: 3, updated: 0, deleted: 0, skipped: 0 });
  await run("update page set body = 'swim upstream' where id = 2; delete from page where id = 1");
  await run("insert into page values (4, 'Swifts', 'sleep')");
  expect(await sync(weft, connection)).toMatchObject({ inserted: 1, updated: 1, deleted: 1, skipped: 1 });
});

test("an entity is a row: its id is the table with the key, its type the table, its text a line for each column", async () => {
  await run(`create schema "Sales"`);
  await run(`create table "Sales"."Order.Line" (part text, "no" int, note text, paid date, raw bytea, empty text,
    primary key ("no", part))`);
  await run(`insert into "Sales"."Order.Line" values ('a/b%', 7, E'two\\nlines', '2026-01-15', '\\x00ff', null)`);
  expect(await itemsOf({ tables: ['Sales."Order.Line"'] })).toEqual([
    {
      kind: "entity",
      id: "Sales.Order.Line/7/a%2Fb%25",
      type: "Order.Line",
      name: "Order.Line 7, a/b%",
      text: "part: a/b%\nno: 7\nnote: two\nlines\npaid: 2026-01-15",
    },
  ]);
  const chosen = await itemsOf({ tables: ['Sales."Order.Line"'], columns: ["note", "raw"] });
  expect(chosen).toMatchObject([{ text: "note: two\nlines\nraw: \\x00ff" }]);
});

test("several tables, and views with a given key, are read into one connection", async () => {
  await run("create table a (id int, x text, primary key (id) include (x)); insert into a values (1, 'in a')");
  await run("create table b (id int primary key, x text); insert into b values (1, 'in b')");
  await run("create view c as select id, x || ' too' as x from a");
  const items = await itemsOf({ tables: ["a", "public.b", "c"], key: ["id"] });
  expect(items.map((item) => (item.kind === "entity" ? item.id : item.kind))).toEqual([
    "public.a/1",
    "public.b/1",
    "public.c/1",
  ]);
});

test("a table without a primary key is an error that says what to do, unless a key is given", async () => {
  await run("create table log (at int, line text); insert into log values (1, 'one'), (2, 'two'), (null, 'none')");
  expect((await syncOnce({ tables: ["log"] })).error).toBe(
    "The table public.log has no primary key. Name the columns that identify its rows in `key`.",
  );
  expect(await syncOnce({ tables: ["log"], key: ["at"] })).toMatchObject({ inserted: 2, failed: 1 });
});

test("the error names missing tables, columns and keys", async () => {
  await run("create table page (id int primary key, raw bytea)");
  expect((await syncOnce({ tables: ["nowhere"] })).error).toMatch(/^The table public\.nowhere does not exist/);
  expect((await syncOnce({ tables: ["page"], columns: ["body"] })).error).toBe("public.page has no column body.");
  expect((await syncOnce({ tables: ["page"], cursor_column: "raw" })).error).toMatch(
    /^The column raw .* is of type bytea/,
  );
  expect((await syncOnce({ query: "select 1 as a", key: ["b"] })).error).toBe("row has no column b.");
});

test("a query is read like a table, with any ending", async () => {
  await run("create table page (id int primary key, title text); insert into page values (1, 'Herons'), (2, 'Trout')");
  const query = "select id, upper(title) as title from page where id > 1 -- the others are secret;";
  const items = await itemsOf({ query: `${query}\n ; `, key: ["id"], entity_type: "fish" });
  expect(items).toMatchObject([{ id: "fish/2", type: "fish", text: "id: 2\ntitle: TROUT" }]);
});

test("no query can write", async () => {
  await run("create table page (id int primary key)");
  await run("create function write() returns int language sql as 'insert into page values (1) returning id'");
  for (const query of [
    "insert into page values (1) returning id",
    "with x as (insert into page values (1) returning id) select id from x",
    "select write() as id",
    "select 1 as id) as x; commit; insert into page values (1); select 1 from (select 1 as id",
    "select set_config('transaction_read_only', 'off', false)::text as id, write()",
    "select 1 as id) as x; set session characteristics as transaction read write; --",
  ]) {
    expect(await syncOnce({ query, key: ["id"] }), query).toMatchObject({ state: "failed", inserted: 0 });
  }
  expect((await syncOnce({ query: "select write() as id", key: ["id"] })).error).toBe(
    "The query writes, and only reading is allowed.",
  );
  expect(await run("select * from page")).toEqual([]);
});

test("with a cursor column later jobs read from its last value on, without missing rows of the same value", async () => {
  await run("create table page (id int primary key, body text, changed timestamptz(3))");
  await run(
    "insert into page values (1, 'one', '2026-01-01 10:00'), (2, 'two', '2026-01-01 11:00'), (3, 'none', null)",
  );
  await using weft = await open();
  const config = settings({ tables: ["page"], cursor_column: "changed" });
  const connection = await weft.connect("postgresql", { config, credentials });
  expect(await sync(weft, connection)).toMatchObject({ inserted: 3 });
  expect(await sync(weft, connection)).toMatchObject({ inserted: 0, skipped: 1, deleted: 0 });
  await run("insert into page values (4, 'late, at the same time', '2026-01-01 11:00')");
  await run("update page set body = 'changed', changed = '2026-01-01 12:00' where id = 1");
  await run("update page set body = 'unnoticed' where id = 3");
  expect(await sync(weft, connection)).toMatchObject({ inserted: 1, updated: 1, skipped: 1, deleted: 0 });
  await run("delete from page where id = 2");
  expect(await sync(weft, connection)).toMatchObject({ deleted: 0, skipped: 1 });
  expect((await weft.store.readSourceConnection(keyOf(connection)))?.entityCount).toBe(4);
});

test.each([
  ["int", "1", "2"],
  ["bigint", "9007199254740993", "9007199254740994"],
  ["date", "'2026-01-01'", "'2026-01-02'"],
  ["timestamp", "'2026-01-01 00:00:00.000001'", "'2026-01-01 00:00:00.000002'"],
  ["timestamptz", "'2026-01-01 00:00:00.000001+02'", "'2026-01-01 00:00:00.000002+02'"],
])("a cursor column of type %s is compared exactly", async (type, before, after) => {
  await run(`create table page (id int primary key, changed ${type})`);
  await run(`insert into page values (1, ${before})`);
  await run(`alter database ${database} set timezone to 'Asia/Tokyo'`);
  await run(`alter database ${database} set datestyle to 'German'`);
  const config = { tables: ["page"], cursor_column: "changed" };
  const first = await itemsOf(config);
  await run(`insert into page values (2, ${after})`);
  const second = await itemsOf(config, cursorIn(first));
  expect(second.flatMap((item) => (item.kind === "entity" ? [item.id] : []))).toEqual([
    "public.page/1",
    "public.page/2",
  ]);
  const third = await itemsOf(config, cursorIn(second));
  expect(third.flatMap((item) => (item.kind === "entity" ? [item.id] : []))).toEqual(["public.page/2"]);
});

test.each(["cursor", "key_0", "text", "weft_row", "weft_table"])(
  "rows are read in the order of a number, even if its column is called %s",
  async (name) => {
    await run(`create table page (id int primary key, "${name}" bigint)`);
    await run("insert into page select n, n from generate_series(8, 12) as n");
    const config = { tables: ["page"], cursor_column: name };
    const ids = (items: readonly SourceItem[]) =>
      items.flatMap((item) => (item.kind === "entity" ? [item.id.replace("public.page/", "")] : []));
    const first = await itemsOf(config);
    expect(ids(first).toSorted((a, b) => Number(a) - Number(b))).toEqual(["8", "9", "10", "11", "12"]);
    await run("delete from page where id < 12");
    await run("insert into page select n, n from generate_series(98, 102) as n");
    expect(ids(await itemsOf(config, cursorIn(first)))).toEqual(["12", "98", "99", "100", "101", "102"]);
  },
);

test.each(["date", "timestamp", "timestamptz"])(
  "an infinite value of a cursor column of type %s hides no later change",
  async (type) => {
    await run(`create table page (id int primary key, changed ${type})`);
    const config = { tables: ["page"], cursor_column: "changed" };
    const ids = (items: SourceItem[]) => items.flatMap((item) => (item.kind === "entity" ? [item.id.slice(12)] : []));
    await run("insert into page values (1, 'infinity'), (2, '-infinity')");
    const onlyInfinite = await itemsOf(config);
    await run("insert into page values (3, '2026-01-01'), (4, '2026-01-02')");
    const later = await itemsOf(config, cursorIn(onlyInfinite));
    expect(ids(later)).toEqual(["2", "3", "4", "1"]);
    await run("insert into page values (5, '2026-01-03')");
    for (const before of [await itemsOf(config), later]) {
      const changes = await itemsOf(config, cursorIn(before));
      expect(ids(changes).at(-1)).toBe("1");
      expect(ids(changes)).toContain("5");
      expect(ids(changes)).not.toContain("3");
    }
  },
);

test("a large first change that fails in the middle continues after the rows that were read", async () => {
  await run("create table page (id int primary key, changed int)");
  await run("create view risky as select id, changed, 100 / (id - 200) as x from page");
  await using weft = await open();
  const config = settings({ tables: ["risky"], key: ["id"], cursor_column: "changed" });
  const connection = await weft.connect("postgresql", { config, credentials });
  expect(await sync(weft, connection)).toMatchObject({ inserted: 0 });
  // They are stored in reverse order of their values.
  await run("insert into page select n, n from generate_series(300, 1, -1) n");
  expect(await sync(weft, connection)).toMatchObject({ state: "failed" });
  await run("update page set id = 1000 where id = 200");
  expect(await sync(weft, connection)).toMatchObject({ state: "completed" });
  expect((await weft.store.readSourceConnection(keyOf(connection)))?.entityCount).toBe(300);
});

test("everything is read again after the configured time, which finds deleted rows", async () => {
  await run("create table page (id int primary key, changed int); insert into page values (1, 1), (2, 2)");
  const config = { tables: ["page"], cursor_column: "changed", full_every_hours: 2 };
  const { fullAt, last } = JSON.parse(cursorIn(await itemsOf(config)) ?? "") as { fullAt: number; last: object };
  const hours = (count: number) => JSON.stringify({ fullAt: fullAt - count * 3_600_000, last });
  const ids = (items: SourceItem[]) => items.map((item) => (item.kind === "entity" ? item.id : item.kind));
  expect(ids(await itemsOf(config, hours(1)))).toEqual(["rest_stays", "public.page/2", "cursor"]);
  expect(ids(await itemsOf(config, hours(2)))).toEqual(["public.page/1", "public.page/2", "cursor"]);
});

test("a job that fails among changes keeps those until then, and the next one continues after them", async () => {
  await run("create table page (id int primary key, changed int); insert into page values (0, 0)");
  await run("create view risky as select id, changed, 100 / (id - 200) as x from page");
  await using weft = await open();
  const config = settings({ tables: ["risky"], key: ["id"], cursor_column: "changed" });
  const connection = await weft.connect("postgresql", { config, credentials });
  await sync(weft, connection);
  await run("insert into page select n, n from generate_series(1, 300) n");
  const failed = await sync(weft, connection);
  expect(failed).toMatchObject({ state: "failed", error: "The database returned an error: division by zero" });
  expect(failed.inserted).toBe(191);
  await run("update page set id = 1000 where id = 200");
  const next = await sync(weft, connection);
  expect(next).toMatchObject({ state: "completed", inserted: 300 - 191, updated: 0, deleted: 0 });
  expect(next.skipped).toBeLessThan(limits.postgresRowsPerStep);
});

test("many rows are read in steps from one snapshot, regardless of changes meanwhile", async () => {
  await run("create table page (id int primary key, body text)");
  await run("insert into page select n, 'text' from generate_series(1, 1000) n");
  const source = postgresqlSource({ resolveHost: resolver() });
  const { signal } = new AbortController();
  const config = settings({ tables: ["page"] });
  const ids = new Set<string>();
  for await (const item of source.entities({
    owner: "test",
    config,
    credentials,
    cursor: null,
    storedHash: async () => null,
    signal,
  })) {
    if (item.kind !== "entity") throw new Error("Only entities were expected.");
    if (ids.size === 0) await run("delete from page where id > 500; insert into page values (2000, 'new')");
    ids.add(item.id);
  }
  expect(ids.size).toBe(1000);
  expect(ids.has("public.page/2000")).toBe(false);
});

test("a row whose text is too long counts as failed, and never leaves the database", async () => {
  await run("create table page (id int primary key, body text)");
  const most = limits.entityTextBytesMax - "id: 1\nbody: \n".length;
  await run(
    `insert into page values (1, repeat('x', ${most})), (2, repeat('x', ${most + 1})), (3, repeat('ü', 30000000))`,
  );
  expect(await syncOnce({ tables: ["page"], columns: ["id", "body"] })).toMatchObject({ inserted: 1, failed: 2 });
});

test("an unknown user, a wrong password and a missing database fail with their sentences", async () => {
  const [row] = await server.query("show hba_file");
  const file = String(row?.hba_file);
  const rules = readFileSync(file, "utf8");
  writeFileSync(file, `host all reader all scram-sha-256\n${rules}`);
  await server.query("create role reader login password 'right-password'; select pg_reload_conf()");
  await run("create table page (id int primary key); grant select on page to reader; insert into page values (1)");
  await run("create table secret (id int primary key)");
  const as = (password: string) => ({ login: { user: "reader", password } });
  const tables = { tables: ["page"] };
  expect(await syncOnce(tables, as("right-password"))).toMatchObject({ inserted: 1 });
  const refused = "The database refused the user or the password.";
  expect((await syncOnce(tables, as("wrong-password"))).error).toBe(refused);
  process.env.PGPASSWORD = "right-password";
  const lent = await syncOnce(tables, as(""));
  delete process.env.PGPASSWORD;
  expect(lent).toMatchObject({ state: "failed", inserted: 0 });
  expect((await syncOnce({ tables: ["secret"] }, as("right-password"))).error).toBe(
    "The database returned an error: permission denied for table secret",
  );
  expect((await syncOnce({ ...tables, database: "nowhere" })).error).toBe("The database does not exist.");
  expect((await syncOnce({ ...tables, port: 1 })).error).toMatch(/could not be reached/);
});

test("a host at a blocked address is never connected to", async () => {
  await run("create table page (id int primary key)");
  const blocked = await syncOnce({ tables: ["page"] }, { resolveHost: resolver([]) });
  expect(blocked.error).toBe("The host db.test is at an address that this Weft may not connect to.");
  const local = await syncOnce(
    { tables: ["page"], host: "/tmp" },
    { resolveHost: hostResolver((host) => hostAddresses(host, { guard: createAddressGuard({ allowNetworks: [] }) })) },
  );
  expect(local.error).toBe("The host /tmp was not found.");
});

test("a connection is encrypted to the host's own certificate, at the checked address", async () => {
  await run("create table page (id int primary key); insert into page values (1)");
  const tables = { tables: ["page"], ssl: "verify" };
  const plain = await syncOnce(tables);
  expect(plain.error).toMatch(/^The database does not encrypt connections/);
  await encrypt();
  const ca = readFileSync(certificate("cert"), "utf8");
  const host = "receiver.test";
  expect(await syncOnce({ ...tables, host, ssl_ca: ca })).toMatchObject({ state: "completed", inserted: 1 });
  expect((await syncOnce({ ...tables, host })).error).toMatch(/^The certificate of the database could not be verified/);
  expect((await syncOnce({ ...tables, host: "other.test", ssl_ca: ca })).error).toMatch(/could not be verified/);
  expect(await syncOnce({ ...tables, host: "other.test", ssl: "require" })).toMatchObject({ inserted: 1 });
});

test("a database is read through a proxy, which is named when it fails", async ({ skip }) => {
  const missing = whyNoProxy("microsocks");
  skip(missing !== null, missing ?? "");
  await run("create table page (id int primary key); insert into page values (1)");
  await encrypt();
  const program = await ProxyProgram.start("microsocks");
  const proxy = proxyAt(`socks5://127.0.0.1:${program.port}`);
  const served = await syncOnce({ tables: ["page"], ssl: "require" }, { proxy });
  expect(served).toMatchObject({ state: "completed", inserted: 1 });
  const direct = proxyAt("socks5://127.0.0.1:1", { noProxy: parseNoProxy(["db.test"]) });
  expect(await syncOnce({ tables: ["page"] }, { proxy: direct })).toMatchObject({ inserted: 1 });
  await program[Symbol.asyncDispose]();
  await expect(
    DatabaseReading.open(
      {
        host: "db.test",
        port: server.port,
        database,
        user: "weft",
        password: "",
        ssl: "disable",
        sslAuthority: undefined,
      },
      {
        ...{ owner: "", resolveHost: resolver(), proxy, signal: new AbortController().signal },
        limits: { connectMs: 10_000, statementMs: 10_000 },
      },
    ),
  ).rejects.toThrow("The outbound proxy of this Weft could not be reached (ECONNREFUSED).");
});

test("a query that takes too long is stopped, and a running one ends when its job is cancelled", async () => {
  const query = "select 1 as id, pg_sleep(60)::text as slept";
  const slow = await syncOnce({ query, key: ["id"] }, { limits: { connectMs: 5_000, statementMs: 200 } });
  expect(slow.error).toBe("One statement in the database took too long and was stopped.");
  await using weft = await open();
  const connection = await weft.connect("postgresql", { config: settings({ query, key: ["id"] }), credentials });
  const { id } = await weft.connections.run(keyOf(connection));
  const sleeping = () => server.query("select 1 from pg_stat_activity where wait_event = 'PgSleep'");
  await expect.poll(sleeping, { timeout: 10_000 }).toHaveLength(1);
  await weft.connections.cancel(keyOf(connection), id);
  expect(await weft.ended(keyOf(connection), id)).toMatchObject({ state: "cancelled" });
});

test("settings that cannot work are refused with their mistakes", async () => {
  const { config } = postgresqlSource({ resolveHost: resolver() });
  const base = { host: "db.test", database: "docs" };
  const isFit = (changes: object) => config.safeParse({ ...base, ...changes }).success;
  expect([{ tables: ["a"] }, { tables: ['b."c.d"'] }, { query: "select 1 as id", key: ["id"] }].map(isFit)).toEqual([
    true,
    true,
    true,
  ]);
  for (const changes of [
    {},
    { tables: [] },
    { tables: ["a"], query: "select 1", key: ["id"] },
    { query: "select 1 as id" },
    { query: " ", key: ["id"] },
    { query: "select '\0'", key: ["id"] },
    { tables: ["a.b.c"] },
    { tables: ["a\0"] },
    { tables: ["a"], columns: ["x\0"] },
    { tables: ["a"], ssl: "no" },
    { tables: ["a"], port: 0 },
    { tables: ["a"], ssl_ca: "none" },
    { tables: ["a"], full_every_hours: 0 },
    { tables: ["a"], more: 1 },
  ]) {
    expect(isFit(changes), JSON.stringify(changes)).toBe(false);
  }
});

function cursorIn(items: readonly SourceItem[]): string | null {
  const last = items.findLast((item) => item.kind === "cursor");
  return last?.kind === "cursor" ? last.value : null;
}

function certificate(kind: "cert" | "key"): string {
  return new URL(`../outbound/fixtures/receiver-test.${kind}.pem`, import.meta.url).pathname;
}

/** Enables encryption on the server, with the certificate of receiver.test. */
async function encrypt(): Promise<void> {
  const [row] = await server.query("show data_directory");
  const folder = String(row?.data_directory);
  const owner = statSync(folder);
  for (const kind of ["cert", "key"] as const) {
    const file = join(folder, `${kind}.pem`);
    copyFileSync(certificate(kind), file);
    chmodSync(file, 0o600);
    chownSync(file, owner.uid, owner.gid);
    await server.query(`alter system set ssl_${kind}_file = '${kind}.pem'`);
  }
  await server.query("alter system set ssl = on");
  await server.query("select pg_reload_conf()");
  await expect.poll(() => server.query("show ssl")).toEqual([{ ssl: "on" }]);
}
