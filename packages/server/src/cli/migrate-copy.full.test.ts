import { existsSync, readFileSync } from "node:fs";
import { DatabaseSync } from "node:sqlite";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { until } from "../delivery/fixtures/manual-clock.ts";
import { Receiver } from "../delivery/fixtures/receiver.ts";
import type { OrganizationId } from "../domain/id.ts";
import { TestDatabases } from "../store/postgres/fixtures/test-databases.ts";
import { PublishingApplication } from "../store/sqlite/fixtures/publishing-application.ts";
import {
  jsonLines,
  runWeft,
  startCommand,
  startWeft,
  temporaryFolder,
  type WeftProcess,
} from "./fixtures/weft-process.ts";

const adminKey = "an-admin-key-of-at-least-32-characters";
const variables = {
  WEFT_ADMIN_KEY: adminKey,
  WEFT_ALLOW_HTTP: "true",
  WEFT_ALLOW_NETWORKS: "127.0.0.0/8",
  WEFT_DIRECTORY_ROOTS: import.meta.dirname,
  WEFT_LOG_LEVEL: "error",
};

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

async function call<Body>(weft: WeftProcess, path: string, body?: unknown): Promise<Body> {
  const response = await fetch(`${weft.url}${path}`, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization: `Bearer ${adminKey}`, "content-type": "application/json" },
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Body;
}

const payload = {
  event_type: "collection.updated",
  collection_id: "770e8400-e29b-41d4-a716-446655440002",
  collection_name: "Sales Data",
  collection_readable_id: "sales-data-ab123",
  timestamp: "2026-01-15T14:30:00.123Z",
};

/** One of each kind: a subscription, messages with attempts, a collection that was synced. */
async function fill(weft: WeftProcess, receiver: Receiver): Promise<void> {
  await call(weft, "/webhooks/subscriptions", {
    url: receiver.url(),
    event_types: ["*"],
    headers: { "X-Team": "search" },
  });
  for (let n = 0; n < 20; n++) {
    await call(weft, "/events", { event_type: "collection.updated", event_id: `event-${n}`, payload });
  }
  const { readable_id } = await call<{ readable_id: string }>(weft, "/collections", { name: "Sources" });
  const connection = await call<{ id: string }>(weft, "/source-connections", {
    name: "This folder",
    short_name: "directory",
    readable_collection_id: readable_id,
    config: { path: import.meta.dirname, include: ["*.ts"] },
    authentication: { credentials: {} },
    sync_immediately: true,
  });
  await until("the folder is synced", async () => {
    const [job] = await call<{ status: string }[]>(weft, `/source-connections/${connection.id}/jobs`);
    return job?.status === "completed";
  });
  const application = "/api/v1/app/00000000-0000-7000-8000-000000000001";
  const [endpoint] = (await call<{ data: { id: string }[] }>(weft, `${application}/endpoint`)).data;
  const replay = { since: new Date(Date.now() - 3_600_000), eventTypes: ["collection.updated"], status: 0 };
  await call(weft, `${application}/endpoint/${endpoint?.id}/bulk-replay`, { ...replay, channel: "unknown" });
  await call(weft, "/api/v1/stats/usage/app", { since: replay.since, until: new Date() });
  await until("the deliveries are counted", async () => {
    return (await call<{ data: unknown[] }>(weft, "/api/v1/background-task?status=running")).data.length === 0;
  });
  await until("nothing is pending", async () => {
    return (await call<unknown[]>(weft, "/webhooks/messages?status=pending")).length === 0;
  });
}

/** The data that an operator would compare before and after. */
async function seen(weft: WeftProcess) {
  const [collection] = await call<{ readable_id: string }[]>(weft, "/collections");
  const [subscription] = await call<{ id: string }[]>(weft, "/webhooks/subscriptions");
  const messages = await call<{ id: string }[]>(weft, "/webhooks/messages?limit=250");
  return {
    messages,
    subscription: await call(weft, `/webhooks/subscriptions/${subscription?.id}?include_secret=true`),
    message: await call(weft, `/webhooks/messages/${messages[0]?.id}?include_attempts=true`),
    connections: await call(weft, "/source-connections"),
    tasks: await call(weft, "/api/v1/background-task"),
    found: await call(weft, `/collections/${collection?.readable_id}/search?query=temporaryFolder&limit=1`).then(texts),
  };
}

type InstallationData = Awaited<ReturnType<typeof seen>>;

/** Each database has its own order of equal matches. */
function expectSame({ found: _, ...before }: InstallationData, { found, ...after }: InstallationData): void {
  expect(after).toEqual(before);
  expect(found).toEqual([expect.stringContaining("temporaryFolder")]);
}

function texts(response: unknown): string[] {
  return (response as { results: { text: string }[] }).results.map(({ text }) => text);
}

test("an installation moves to Postgres with all its history, secrets and search, and continues there", async () => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  const from = `sqlite:${folder.path}/weft.db`;
  const to = await databases.empty();
  const before = await (async () => {
    await using weft = await startWeft(["serve", "--database-url", from], variables);
    await fill(weft, receiver);
    const state = await seen(weft);
    weft.send("SIGTERM");
    await weft.ended;
    return state;
  })();

  const masterKey = readFileSync(`${folder.path}/master.key`, "utf8").trim();
  const copy = (key: string) => runWeft(["migrate", "copy", "--from", from, "--to", to], { WEFT_MASTER_KEY: key });
  const withAnother = await copy("another master key of 32 characters");
  expect([withAnother.exitCode, withAnother.stderr]).toEqual([1, expect.stringContaining("master.key")]);
  const copied = await copy(masterKey);
  expect([copied.exitCode, copied.stdout]).toEqual([
    0,
    expect.stringMatching(/^[0-9a-f]{16} {2}organization {2}2 rows\n(?:.*\n)*Copied \d+ rows\. .* match\.\n$/),
  ]);
  const again = await copy(masterKey);
  expect([again.exitCode, again.stderr]).toEqual([1, expect.stringContaining("already")]);

  await using weft = await startWeft(["serve", "--database-url", to], { ...variables, WEFT_MASTER_KEY: masterKey });
  expectSame(before, await seen(weft));
  const repeated = await call(weft, "/events", { event_type: "collection.updated", event_id: "event-3", payload });
  expect(repeated).toMatchObject({ duplicate: true });
  const count = receiver.received.length;
  await call(weft, "/events", { event_type: "collection.updated", payload });
  await until("it is delivered from Postgres", () => receiver.received.length === count + 1);
});

test("an installation moves back to SQLite, and continues there", async () => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  const from = await databases.empty();
  const to = `sqlite:${folder.path}/small/weft.db`;
  const key = { WEFT_MASTER_KEY: "a master key of at least 32 characters" };
  const before = await (async () => {
    await using weft = await startWeft(["serve", "--database-url", from], { ...variables, ...key });
    await fill(weft, receiver);
    const state = await seen(weft);
    weft.send("SIGTERM");
    await weft.ended;
    return state;
  })();
  const copied = await runWeft(["migrate", "copy", "--from", from, "--to", to], key);
  expect(copied.exitCode, copied.stderr).toBe(0);
  await using weft = await startWeft(["serve", "--database-url", to], { ...variables, ...key });
  expectSame(before, await seen(weft));
  const repeated = await call(weft, "/events", { event_type: "collection.updated", event_id: "event-3", payload });
  expect(repeated).toMatchObject({ duplicate: true });
  const count = receiver.received.length;
  await call(weft, "/events", { event_type: "collection.updated", payload });
  await until("it is delivered from SQLite", () => receiver.received.length === count + 1);
});

test.each(["SQLite", "PostgreSQL"])(
  "a copy to %s that was killed continues, and no Weft starts on it before",
  async (kind) => {
    using folder = temporaryFolder();
    const key = { WEFT_MASTER_KEY: "a master key of at least 32 characters" };
    const [embedded, server] = [`sqlite:${folder.path}/weft.db`, await databases.empty()];
    const [from, to] = kind === "SQLite" ? [server, embedded] : [embedded, server];
    const environment = { ...variables, ...key };
    const ids = new Set<string>();
    {
      await using weft = await startWeft(["serve", "--database-url", from], environment);
      for (let n = 0; n < 40; n++) {
        const events = Array.from({ length: 100 }, () => ({ event_type: "collection.updated", payload }));
        for (const { id } of await call<{ id: string }[]>(weft, "/events", events)) ids.add(id);
      }
      weft.send("SIGTERM");
      await weft.ended;
    }
    const args = ["migrate", "copy", "--from", from, "--to", to];
    {
      await using copying = startCommand(args, key);
      await until("a part is copied", () => copiedMessages(to).then((count) => count > 100 && count < ids.size));
      copying.send("SIGKILL");
      await copying.ended;
    }
    const refused = await runWeft(["serve", "--database-url", to, "--port", "0"], environment);
    expect([refused.exitCode, refused.stderr]).toEqual([1, expect.stringContaining("incomplete copy")]);
    const before = await copiedMessages(to);
    const { exitCode, stdout, stderr } = await runWeft([...args, "--json"], key);
    expect(exitCode, stderr).toBe(0);
    expect(jsonLines(stdout)).toMatchObject([{ copied: { message: { rows: ids.size } } }]);
    expect(before).toBeLessThan(ids.size);
    await using weft = await startWeft(["serve", "--database-url", to], environment);
    const [last] = [...ids].slice(-1);
    expect(await call(weft, `/webhooks/messages/${last}`)).toMatchObject({ id: last });
  },
);

/** The number of messages in a database that a copy fills. Zero before its schema exists. */
async function copiedMessages(url: string): Promise<number> {
  try {
    if (url.startsWith("sqlite:")) {
      const database = new DatabaseSync(url.slice("sqlite:".length), { readOnly: true });
      const row = database.prepare("select count(*) as count from message").get() as { count: number };
      database.close();
      return row.count;
    }
    const client = new pg.Client({ connectionString: url });
    await client.connect();
    try {
      const { rows } = await client.query<{ count: string }>("select count(*) as count from weft.message");
      return Number(rows[0]?.count);
    } finally {
      await client.end();
    }
  } catch {
    return 0;
  }
}

test("events in the outbox are copied, and delivered by the new installation", async () => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  const path = `${folder.path}/weft.db`;
  const to = await databases.empty();
  {
    await using weft = await startWeft(["serve", "--database-url", `sqlite:${path}`], variables);
    await call(weft, "/webhooks/subscriptions", { url: receiver.url(), event_types: ["*"] });
    weft.send("SIGTERM");
    await weft.ended;
  }
  const application = new PublishingApplication(path);
  const organizationId = "00000000-0000-7000-8000-000000000001" as OrganizationId;
  const text = JSON.stringify(payload);
  const waiting = { organizationId, eventType: "collection.updated", payload: text, eventId: "event-1" };
  const [id] = await application.publish([waiting], "commit");
  const key = { WEFT_MASTER_KEY: readFileSync(`${folder.path}/master.key`, "utf8").trim() };
  const copied = await runWeft(["migrate", "copy", "--from", `sqlite:${path}`, "--to", to], key);
  expect(copied.exitCode, copied.stderr).toBe(0);
  await using weft = await startWeft(["serve", "--database-url", to], { ...variables, ...key });
  await until("it is delivered from Postgres", () => receiver.received.length === 1);
  const again = await call(weft, "/events", { event_type: "collection.updated", event_id: "event-1", payload });
  expect(again).toMatchObject({ id, duplicate: true });
});

test("a text that PostgreSQL cannot store exactly stops the copy, with the row's id", async () => {
  using folder = temporaryFolder();
  const path = `${folder.path}/weft.db`;
  const to = await databases.empty();
  const key = { WEFT_MASTER_KEY: "a master key of at least 32 characters" };
  {
    await using weft = await startWeft(["serve", "--database-url", `sqlite:${path}`], { ...variables, ...key });
    await call(weft, "/collections", { name: "Sources" });
    weft.send("SIGTERM");
    await weft.ended;
  }
  const application = new PublishingApplication(path);
  const organizationId = "00000000-0000-7000-8000-000000000001" as OrganizationId;
  const event = { organizationId, eventType: "collection.updated", payload: JSON.stringify(payload) };
  const [id] = await application.publish([{ ...event, eventId: "order\0seven" }], "commit");
  const copy = () => runWeft(["migrate", "copy", "--from", `sqlite:${path}`, "--to", to], key);
  const stopped = await copy();
  expect([stopped.exitCode, stopped.stderr]).toEqual([
    1,
    expect.stringContaining(`outbox ${id}: its event_id has a NUL`),
  ]);
  const database = new DatabaseSync(path);
  database.exec("update outbox set event_id = 'order seven'");
  database.close();
  expect((await copy()).exitCode).toBe(0);
});

test("an impossible copy is reported with a sentence, and the source stays unchanged", async () => {
  using folder = temporaryFolder();
  const key = { WEFT_MASTER_KEY: "a master key of at least 32 characters" };
  const copy = (...args: string[]) => runWeft(["migrate", "copy", ...args], key);
  await runWeft(["migrate", "--data", folder.path], key);
  const away = await copy("--from", `sqlite:${folder.path}/weft.db`, "--to", "postgres://nobody@127.0.0.1:1/weft");
  expect([away.exitCode, away.stderr]).toEqual([1, expect.stringContaining("Check that the database is running")]);
  const alike = await copy("--from", "postgres://a:secret@b/c", "--to", "postgres://d:secret@e/f");
  expect([alike.exitCode, alike.stderr]).toEqual([2, expect.stringContaining("postgres://a:***@b/c")]);
  const nothing = await copy("--from", `sqlite:${folder.path}/none.db`, "--to", "postgres://nobody@127.0.0.1:1/weft");
  expect([nothing.exitCode, nothing.stderr]).toEqual([1, expect.stringContaining("none.db")]);
  expect(existsSync(`${folder.path}/none.db`)).toBe(false);
});
