import { readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { verify } from "@weft/receiver";
import { type Weft as Client, createClient } from "@weft/sdk";
import pg from "pg";
import { afterAll, expect, test } from "vitest";
import { Receiver } from "../delivery/fixtures/receiver.ts";
import { TestDatabases } from "../store/postgres/fixtures/test-databases.ts";
import { keyIdOf } from "../store/vault.ts";
import { runWeft, startCommand, startUntil, startWeft, temporaryFolder } from "./fixtures/weft-process.ts";

const adminKey = "an-admin-key-of-at-least-32-characters";
const old = "the-old-master-key-of-32-characters-and-more";
const fresh = "the-new-master-key-of-32-characters-and-more";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

type Variables = Record<string, string>;

const open: Variables = {
  WEFT_ADMIN_KEY: adminKey,
  WEFT_ALLOW_HTTP: "true",
  WEFT_ALLOW_NETWORKS: "127.0.0.0/8",
  WEFT_VERIFY_ENDPOINTS: "false",
};

function keys(current: string, previous?: string): Variables {
  return { WEFT_MASTER_KEY: current, ...(previous !== undefined && { WEFT_MASTER_KEY_PREVIOUS: previous }) };
}

const secretsMade = 400;

/** Many subscriptions, so that a rotation takes several steps. Returns the secret of the one that the receiver has. */
async function fill(client: Client, receiver: Receiver): Promise<string> {
  const headers = { authorization: "Bearer t0ken" };
  const { id } = await client.webhooks.createSubscription({
    url: receiver.url(),
    event_types: ["collection.created"],
    headers,
  });
  for (let made = 0; made < secretsMade / 2; made += 20) {
    await Promise.all(
      Array.from({ length: 20 }, () =>
        client.webhooks.createSubscription({
          url: "http://127.0.0.1:9/",
          event_types: ["collection.deleted"],
          headers,
        }),
      ),
    );
  }
  const { secret } = await client.webhooks.getSubscription(id, { include_secret: true });
  return secret ?? "";
}

const payload = {
  event_type: "collection.created",
  collection_id: "42",
  collection_name: "Handbook",
  collection_readable_id: "handbook-ab12cd",
  timestamp: "2026-01-15T14:30:00.000Z",
};

/** Whether an event arrives signed with the secret, and with the header that was sealed. */
async function expectDelivery(client: Client, receiver: Receiver, secret: string): Promise<void> {
  const before = receiver.received.length;
  await client.events.publishEvents({ event_type: "collection.created", payload });
  await expect.poll(() => receiver.received.length, { timeout: 20_000 }).toBeGreaterThan(before);
  const request = receiver.received.at(-1);
  if (request === undefined) throw new Error("Nothing arrived.");
  expect(request.headers.authorization).toBe("Bearer t0ken");
  await verify(request.body, request.headers as Record<string, string>, secret);
}

/** Every text of every table. */
async function allTexts(database: { path: string } | { url: string }): Promise<string[]> {
  if ("path" in database) {
    using db = new DatabaseSync(database.path, { readOnly: true });
    const tables = db.prepare("select name from sqlite_schema where type = 'table' and sql not like '%virtual%'").all();
    return tables
      .filter(({ name }) => !/_fts|chunk_/.test(String(name)))
      .flatMap(({ name }) =>
        db
          .prepare(`select * from ${name}`)
          .all()
          .flatMap((row) => Object.values(row).map(String)),
      );
  }
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  try {
    const { rows } = await client.query("select table_name from information_schema.tables where table_schema = 'weft'");
    const found = [];
    for (const { table_name } of rows) {
      const { rows: all } = await client.query({ text: `select * from weft.${table_name}`, rowMode: "array" });
      found.push(...all.flat().map(String));
    }
    return found;
  } finally {
    await client.end();
  }
}

function sealedWith(texts: readonly string[], masterKey: string): number {
  return texts.filter((text) => text.startsWith(`v2:${keyIdOf(masterKey)}:`)).length;
}

async function eachDatabase(kind: "sqlite" | "postgres", folder: string) {
  const url = kind === "sqlite" ? `sqlite:${join(folder, "weft.db")}` : await databases.fresh();
  const location = kind === "sqlite" ? { path: join(folder, "weft.db") } : { url };
  return { database: { WEFT_DATABASE_URL: url }, location };
}

test.each(["sqlite", "postgres"] as const)(
  "on %s a rotation that is killed repeatedly continues, and in the end the new key alone opens everything",
  async (kind) => {
    using folder = temporaryFolder();
    await using receiver = await Receiver.start();
    const { database, location } = await eachDatabase(kind, folder.path);
    let secret = "";
    {
      await using weft = await startWeft(["serve"], { ...open, ...database, ...keys(old) });
      const client = createClient({ url: weft.url, apiKey: adminKey });
      secret = await fill(client, receiver);
      await expectDelivery(client, receiver, secret);
      weft.send("SIGTERM");
      await weft.ended;
    }
    const rotate = ["keys", "rotate-master", "--json"];
    const rotating = { ...database, ...keys(fresh, old) };
    for (let kills = 0; kills < 3; kills++) {
      await using running = startCommand(rotate, rotating);
      // The first step is committed when it is reported.
      await running.wroteError("sealed");
      running.send("SIGKILL");
      await running.ended;
      const texts = await allTexts(location);
      expect(sealedWith(texts, fresh)).toBeGreaterThan(0);
    }
    const { exitCode, stdout, stderr } = await runWeft(rotate, rotating);
    expect(exitCode, stdout + stderr).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ end: "ended", unreadable: 0 });
    const texts = await allTexts(location);
    expect(sealedWith(texts, fresh)).toBeGreaterThan(secretsMade);
    expect([sealedWith(texts, old), texts.filter((text) => text.startsWith("v1:")).length]).toEqual([0, 0]);
    for (const refused of [keys(old), keys(old, fresh)]) {
      const ended = await runWeft(["serve", "--port", "0"], { ...database, ...refused });
      expect([ended.exitCode, ended.stderr]).toEqual([1, expect.stringMatching(/master key/)]);
    }
    await using weft = await startWeft(["serve"], { ...open, ...database, ...keys(fresh) });
    await expectDelivery(createClient({ url: weft.url, apiKey: adminKey }), receiver, secret);
  },
  120_000,
);

test.each(["sqlite", "postgres"] as const)(
  "on %s a Weft that runs with both keys rotates by itself while it delivers, and reports when it is done",
  async (kind) => {
    using folder = temporaryFolder();
    await using receiver = await Receiver.start();
    const { database, location } = await eachDatabase(kind, folder.path);
    let secret = "";
    {
      await using weft = await startWeft(["serve"], { ...open, ...database, ...keys(old) });
      secret = await fill(createClient({ url: weft.url, apiKey: adminKey }), receiver);
      weft.send("SIGTERM");
      await weft.ended;
    }
    {
      await using weft = await startUntil(["serve"], { ...open, ...database, ...keys(fresh, old) }, (output) => {
        const url = /"url":"([^"]+)"/.exec(output)?.[1] ?? null;
        return url !== null && output.includes("secrets sealed with the new master key") ? url : null;
      });
      await expectDelivery(createClient({ url: weft.found, apiKey: adminKey }), receiver, secret);
      weft.send("SIGTERM");
      await weft.ended;
    }
    expect(sealedWith(await allTexts(location), old)).toBe(0);
    await using weft = await startWeft(["serve"], { ...open, ...database, ...keys(fresh) });
    await expectDelivery(createClient({ url: weft.url, apiKey: adminKey }), receiver, secret);
  },
  120_000,
);

test("a fleet is rotated node by node: a node with a key that another node lacks waits and is refused, and delivery never stops", async () => {
  await using receiver = await Receiver.start();
  const database = { ...open, WEFT_DATABASE_URL: await databases.fresh() };
  let secret = "";
  {
    await using first = await startWeft(["serve"], { ...database, ...keys(old) });
    secret = await fill(createClient({ url: first.url, apiKey: adminKey }), receiver);
    const tooEarly = await runWeft(["serve", "--port", "0"], { ...database, ...keys(fresh, old) });
    expect([tooEarly.exitCode, tooEarly.stderr]).toEqual([1, expect.stringMatching(/do not have this master key/)]);
    first.send("SIGTERM");
    await first.ended;
  }
  {
    await using first = await startWeft(["serve"], { ...database, ...keys(old, fresh) });
    await using second = await startWeft(["serve"], { ...database, ...keys(fresh, old) });
    for (const { url } of [first, second]) {
      const client = createClient({ url, apiKey: adminKey });
      await expectDelivery(client, receiver, secret);
      // Each of the two keys opens the texts that the other sealed.
      const made = await client.webhooks.createSubscription({
        url: "http://127.0.0.1:9/",
        event_types: ["*"],
        headers: { "x-key": "1" },
      });
      for (const other of [first, second]) {
        const reader = createClient({ url: other.url, apiKey: adminKey });
        expect((await reader.webhooks.getSubscription(made.id, { include_secret: true })).secret).toMatch(/^whsec_/);
      }
    }
    const early = await runWeft(["keys", "rotate-master"], { ...database, ...keys(fresh, old) });
    expect([early.exitCode, early.stderr]).toEqual([1, expect.stringMatching(/still encrypt with the old key/)]);
    first.send("SIGTERM");
    await first.ended;
    const done = await runWeft(["keys", "rotate-master"], { ...database, ...keys(fresh, old) });
    expect([done.exitCode, done.stderr, done.stdout]).toEqual([
      0,
      expect.anything(),
      expect.stringMatching(/no longer accepted/),
    ]);
    await expectDelivery(createClient({ url: second.url, apiKey: adminKey }), receiver, secret);
  }
  await using last = await startWeft(["serve"], { ...database, ...keys(fresh) });
  await expectDelivery(createClient({ url: last.url, apiKey: adminKey }), receiver, secret);
}, 180_000);

test("if Weft keeps the key itself, it creates the new one, and a rotation that is killed continues with it", async () => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  const data = join(folder.path, "data");
  const keyFile = join(data, "master.key");
  let secret = "";
  {
    await using weft = await startWeft(["dev", "--data", data], { WEFT_VERIFY_ENDPOINTS: "false" });
    secret = await fill(createClient({ url: weft.url }), receiver);
    const held = await runWeft(["keys", "rotate-master", "--data", data]);
    expect([held.exitCode, held.stderr]).toEqual([1, expect.stringMatching(/is in use by process/)]);
    weft.send("SIGTERM");
    await weft.ended;
  }
  const before = readFileSync(keyFile, "utf8").trim();
  {
    await using running = startCommand(["keys", "rotate-master", "--json", "--data", data]);
    await running.wroteError("sealed");
    running.send("SIGKILL");
    await running.ended;
  }
  const made = readFileSync(keyFile, "utf8").trim();
  expect(made).not.toBe(before);
  const backup = join(folder.path, "backup");
  expect((await runWeft(["backup", "--to", backup, "--data", data])).exitCode).toBe(0);
  {
    // Texts that are only partly sealed with the new key are still delivered.
    await using weft = await startWeft(["dev", "--data", data], { WEFT_VERIFY_ENDPOINTS: "false" });
    await expectDelivery(createClient({ url: weft.url }), receiver, secret);
    weft.send("SIGKILL");
    await weft.ended;
  }
  const done = await runWeft(["keys", "rotate-master", "--data", data]);
  expect([done.exitCode, done.stderr]).toEqual([0, expect.anything()]);
  const texts = await allTexts({ path: join(data, "weft.db") });
  expect(sealedWith(texts, before)).toBe(0);
  const restored = join(folder.path, "restored");
  expect((await runWeft(["restore", "--from", backup, "--data", restored])).exitCode).toBe(0);
  rmSync(data, { recursive: true });
  await using weft = await startWeft(["dev", "--data", restored]);
  await expectDelivery(createClient({ url: weft.url }), receiver, secret);
}, 120_000);

test("a rotation without the old key names the settings that it needs", async () => {
  using folder = temporaryFolder();
  const ended = await runWeft(["keys", "rotate-master", "--data", folder.path], keys(fresh));
  expect([ended.exitCode, ended.stderr]).toEqual([
    2,
    expect.stringMatching(/WEFT_MASTER_KEY_PREVIOUS: needed to rotate/),
  ]);
});
