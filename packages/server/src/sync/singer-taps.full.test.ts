import { once } from "node:events";
import { rmSync, writeFileSync } from "node:fs";
import { createServer, type IncomingMessage, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, expect, type TestContext, test } from "vitest";
import type { SingerTap } from "../domain/singer-tap.ts";
import type { Reporter } from "../report/reporter.ts";
import { TestDatabases } from "../store/postgres/fixtures/test-databases.ts";
import type { SourceConnectionView } from "../store/source-connections/interface.ts";
import { keyOf, newFolder, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { installTap, type PythonTap } from "./sources/singer/fixtures/python-taps.ts";
import { testTap } from "./sources/singer/fixtures/test-taps.ts";
import { singerSource } from "./sources/singer/singer-source.ts";

const installMs = 400_000;
let folder: string;
let weft: TestWeft | null = null;
let notes: readonly string[] = [];

beforeEach(() => {
  folder = newFolder();
});

afterEach(async () => {
  await weft?.[Symbol.asyncDispose]();
  weft = null;
  rmSync(folder, { recursive: true });
});

/** A connection to an installed tap, which is synced by the result. */
async function connect(
  context: TestContext,
  name: PythonTap,
  { config, settings = {}, tap = {} }: { config: object; settings?: object; tap?: Partial<SingerTap> },
) {
  const installed = await installTap(name);
  if ("why" in installed) return context.skip(installed.why);
  const command = [installed.path];
  const source = singerSource({ taps: new Map([[name, testTap("", { command, ...tap })]]), environment: process.env });
  const syncJobFinished: Reporter["syncJobFinished"] = (fact) => {
    notes = fact.notes;
  };
  weft = await openTestWeft({ sources: [source], reporter: { syncJobFinished } });
  const of = { config: { tap: name, ...settings }, credentials: { config } };
  const connection = await weft.connect("singer", of);
  return { sync: () => syncOf(connection), connection };
}

async function syncOf(connection: SourceConnectionView) {
  if (weft === null) throw new Error("No Weft was opened.");
  const key = keyOf(connection);
  const job = await weft.ended(key, (await weft.connections.run(key)).id);
  const { inserted, updated, deleted, skipped, failed } = job.counts;
  return { error: job.state === "failed" ? job.error : null, inserted, updated, deleted, skipped, failed };
}

async function stored({ id }: SourceConnectionView, entityIds: string[]): Promise<string[]> {
  const found = await weft?.store.readEntityHashes({ sourceConnectionId: id, entityIds });
  return (found ?? []).map(({ entityId }) => entityId).sort();
}

async function serve(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const none = { error: null, inserted: 0, updated: 0, deleted: 0, skipped: 0, failed: 0 };

test("tap-rest-api-msdk reads an API incrementally, and completely where the settings say so", {
  timeout: installMs,
}, async (context) => {
  const birds = [
    { id: 1, name: "Heron", updated_at: "2026-01-01T00:00:00Z" },
    { id: 2, name: "Wren", updated_at: "2026-01-02T00:00:00Z" },
  ];
  const asked: string[] = [];
  await using api = await serve((request, response) => {
    asked.push(`${request.headers.authorization} ${request.url}`);
    response.setHeader("content-type", "application/json");
    response.end(JSON.stringify({ items: birds }));
  });
  const stream = { path: "/birds", records_path: "$.items[*]", primary_keys: ["id"], schema: schemaFile() };
  const config = {
    api_url: api.url,
    headers: { Authorization: "Bearer a-secret-token" },
    streams: [{ name: "birds", ...stream }],
  };
  const { sync, connection } = await connect(context, "tap-rest-api-msdk", {
    config,
    settings: { full_table: ["birds"] },
  });
  expect(await sync()).toEqual({ ...none, inserted: 2 });
  expect(asked.at(-1)).toMatch(/^Bearer a-secret-token \/birds/);
  birds.splice(0, 1);
  expect(await sync()).toEqual({ ...none, skipped: 1, deleted: 1 });
  expect(await stored(connection, ["birds/1", "birds/2"])).toEqual(["birds/2"]);
});

function schemaFile(): object {
  return {
    type: "object",
    properties: { id: { type: "integer" }, name: { type: "string" }, updated_at: { type: "string" } },
  };
}

test("meltanolabs-tap-postgres reads a table from its state, and another completely", {
  timeout: installMs,
}, async (context) => {
  await using databases = new TestDatabases();
  const url = new URL(await databases.empty());
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  await using _ = { [Symbol.asyncDispose]: () => client.end() };
  const run = (text: string) => client.query(text);
  await run("create table orders (id bigint primary key, title text, updated_at timestamptz not null)");
  await run("create table customers (id bigint primary key, name text)");
  await run("insert into orders values (9007199254740993, 'Large', '2026-01-01'), (2, 'Small', '2026-01-02')");
  await run("insert into customers values (1, 'Ada'), (2, 'Grace')");
  const config = {
    ...{ host: url.hostname, port: Number(url.port), database: url.pathname.slice(1) },
    ...{ user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) || "a-secret" },
  };
  const settings = {
    streams: ["public-orders", "public-customers"],
    replication_keys: ["public-orders.updated_at"],
    full_table: ["public-customers"],
  };
  const { sync, connection } = await connect(context, "tap-postgres", { config, settings });
  expect(await sync()).toEqual({ ...none, inserted: 4 });
  await run("delete from orders where id = 2");
  await run("delete from customers where id = 1");
  await run("insert into orders values (3, 'New', '2026-01-03')");
  expect(await sync()).toMatchObject({ error: null, inserted: 1, updated: 0, deleted: 1, failed: 0 });
  const ids = [
    "public-orders/9007199254740993",
    "public-orders/2",
    "public-orders/3",
    "public-customers/1",
    "public-customers/2",
  ];
  expect(await stored(connection, ids)).toEqual([ids[4], ids[1], ids[2], ids[0]]);

  const wrong = { config: { ...config, port: 1, password: "pass/word of the tap" } };
  const unreachable = await weft?.connect("singer", { config: { tap: "tap-postgres" }, credentials: wrong });
  notes = [];
  const { error } = await syncOf(unreachable ?? connection);
  await expect.poll(() => notes.length).toBeGreaterThan(0);
  expect(error).toMatch(/^The tap tap-postgres ended with exit status 1: /);
  expect(JSON.stringify([error, notes])).not.toMatch(/word of the tap|word%20of|pass.word/);
});

test("tap-jsonl reads files from its state, and refuses to read them completely", {
  timeout: installMs,
}, async (context) => {
  const file = join(folder, "birds.jsonl");
  writeFileSync(file, '{"id": 1, "name": "Heron"}\n{"id": 2, "name": "Wren"}\n');
  const config = { path: file, stream_name: "birds", primary_keys: ["id"] };
  const { sync, connection } = await connect(context, "tap-jsonl", { config });
  expect(await sync()).toEqual({ ...none, inserted: 2 });
  writeFileSync(file, '{"id": 1, "name": "Heron"}\n{"id": 3, "name": "Owl"}\n');
  expect(await sync()).toMatchObject({ error: null, inserted: 1, deleted: 0 });
  expect(await stored(connection, ["birds/1", "birds/2", "birds/3"])).toHaveLength(3);
  await weft?.connections.update(keyOf(connection), { config: { tap: "tap-jsonl", full_table: ["birds"] } });
  expect((await sync()).error).toContain("only incrementally");
});

test("tap-github reads the issues of a server that imitates GitHub's API, from its state in the second job", {
  timeout: installMs,
}, async (context) => {
  const issue = (number: number, title: string, updated_at: string) => ({
    ...{
      id: 1_000 + number,
      number,
      title,
      body: "It broke.",
      state: "open",
      comments: 0,
      user: { id: 1, login: "ada" },
    },
    ...{ html_url: `https://github.com/a/b/issues/${number}`, created_at: "2026-01-01T00:00:00Z", updated_at },
  });
  let issues = [issue(1, "Broken nest", "2026-01-02T00:00:00Z"), issue(2, "Lost egg", "2026-01-03T00:00:00Z")];
  const since: (string | null)[] = [];
  await using github = await serve((request: IncomingMessage, response) => {
    const url = new URL(request.url ?? "", "http://localhost");
    response.setHeader("content-type", "application/json");
    response.setHeader("x-ratelimit-remaining", "4000");
    if (request.headers.authorization !== "token a-secret-token") response.statusCode = 401;
    const isRead = url.pathname === "/repos/a/b/issues" && url.searchParams.has("since");
    if (isRead) since.push(url.searchParams.get("since"));
    response.end(JSON.stringify(isRead ? issues : []));
  });
  const config = { access_token: "a-secret-token", repository: "a/b", start_date: "2020-01-01T00:00:00Z" };
  const { sync, connection } = await connect(context, "tap-github", {
    config,
    settings: { streams: ["issues"] },
    tap: { catalogFlag: "properties", config: { base_url: github.url } },
  });
  expect(await sync()).toEqual({ ...none, inserted: 2 });
  issues = [issue(2, "Found egg", "2026-01-04T00:00:00Z")];
  expect(await sync()).toEqual({ ...none, updated: 1 });
  expect(since[0]).toMatch(/^2020-01-01/);
  expect(since.at(-1)).toMatch(/^2026-01-0/);
  expect(await stored(connection, ["issues/1001", "issues/1002"])).toEqual(["issues/1001", "issues/1002"]);
});
