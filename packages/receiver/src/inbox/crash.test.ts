import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterAll, afterEach, beforeEach, expect, test } from "vitest";
import { TestDatabases } from "../../../server/src/store/postgres/fixtures/test-databases.ts";
import { eventually } from "../promises/eventually.ts";
import { signedHeaders } from "../signature.ts";
import { postgresInboxSchema } from "./postgres.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const program = new URL("../fixtures/inbox-program.ts", import.meta.url).pathname;
const body = '{"event_type":"sync.completed"}';
const kills = 4;
const messagesBetweenKills = 60;
const concurrency = 8;

const databases = new TestDatabases();
let folder: string;
let child: ChildProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-inbox-"));
});
afterEach(async () => {
  await kill();
  rmSync(folder, { recursive: true, force: true });
});
afterAll(async () => await databases[Symbol.asyncDispose]());

/** Starts the receiver and returns its URL. */
async function start(database: string, journal: string): Promise<string> {
  child = spawn(process.execPath, [program, database, journal, secret], { stdio: ["ignore", "pipe", "inherit"] });
  const [port] = (await once(child.stdout as NodeJS.ReadableStream, "data")) as [Buffer];
  return `http://127.0.0.1:${String(port).trim()}/`;
}

async function kill(): Promise<void> {
  if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const closed = once(child, "close");
  child.kill("SIGKILL");
  await closed;
}

/** Sends one delivery. True when it was accepted. */
async function deliver(url: string, id: string): Promise<boolean> {
  const headers = { ...(await signedHeaders(body, { id, timestamp: new Date(), secret })) };
  return fetch(url, { method: "POST", headers, body }).then(
    (response) => response.status === 204,
    () => false,
  );
}

function journalLines(journal: string, word: string): string[] {
  const lines = readFileSync(journal, "utf8").split("\n");
  return lines.filter((line) => line.startsWith(`${word} `)).map((line) => line.slice(word.length + 1));
}

async function openSqlite(): Promise<string> {
  return join(folder, "inbox.db");
}

async function openPostgres(): Promise<string> {
  const url = await databases.empty();
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(postgresInboxSchema);
  await client.end();
  return url;
}

test.each([
  ["SQLite", openSqlite],
  ["PostgreSQL", openPostgres],
])("an inbox in %s that is killed repeatedly loses nothing and repeats only unfinished work", async (_name, open) => {
  const database = await open();
  const journal = join(folder, "journal");
  writeFileSync(journal, "");
  const accepted = new Set<string>();
  for (let round = 0; round < kills; round++) {
    const url = await start(database, journal);
    const ids = Array.from({ length: messagesBetweenKills }, (_, number) => `msg_${round}_${number}`);
    const before = accepted.size;
    const deliveries = ids.map(async (id) => (await deliver(url, id)) && accepted.add(id));
    await eventually(() => expect(accepted.size - before).toBeGreaterThanOrEqual(messagesBetweenKills / 3));
    await kill();
    await Promise.all(deliveries);
  }
  await start(database, journal);
  await eventually(() => {
    const ended = new Set(journalLines(journal, "ended"));
    expect([...accepted].filter((id) => !ended.has(id))).toEqual([]);
  });
  const begun = journalLines(journal, "begun");
  expect(begun.length - new Set(begun).size).toBeLessThanOrEqual(kills * concurrency);
});
