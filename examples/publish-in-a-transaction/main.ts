// An application publishes inside its own PostgreSQL transactions, rolls some back, and is killed in the middle of
// others. In the end exactly the changes in its table have been received. Exits with 0 only then.
//
// node examples/publish-in-a-transaction/main.ts --transactions 10000

import { fork } from "node:child_process";
import { once } from "node:events";
import { setTimeout as sleep } from "node:timers/promises";
import { parseArgs } from "node:util";
import { createClient, type Weft } from "@weft/sdk";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { startWeft } from "../demo/weft-process.ts";
import type { ProcessMessage, Task } from "./application.ts";
import { Receiver } from "./receiver.ts";
import { Tally } from "./tally.ts";

const { values } = parseArgs({ options: { transactions: { type: "string", default: "10000" } } });
const transactions = Number(values.transactions);
const applications = 2;
const connections = 8;
const quietTransactions = Math.min(200, transactions);
const receivedWithinMs = 30_000;

process.exitCode = (await story()) ? 0 : 1;

async function story(): Promise<boolean> {
  await using receiver = await Receiver.start();
  await using postgres = await PostgresServer.start({ isDurable: true });
  const database = await postgres.database();
  await using server = await startWeft(["--database-url", postgres.url(database)], {
    WEFT_MASTER_KEY: "a master key for this example alone",
  });
  const weft = createClient({ url: server.url });
  await weft.webhooks.createSubscription({ url: receiver.url, event_types: ["*"], retry_schedule: [1, 1, 1, 1] });

  // The operator gives an application that may publish nothing but the role.
  await postgres.query("create role shop login in role weft_publisher", database);
  await postgres.query(
    `create schema shop authorization shop;
     create table shop.collection (id uuid primary key, name text not null, message_id uuid);
     alter table shop.collection owner to shop`,
    database,
  );
  const [organization] = await postgres.query("select id from weft.organization order by id limit 1", database);
  const shared = {
    databaseUrl: postgres.url(database).replace("weft@", "shop@"),
    organizationId: String(organization?.id),
  };

  const startedAt = performance.now();
  const busy = new Tally();
  const share = Math.ceil(transactions / applications);
  await Promise.all(
    Array.from({ length: applications }, () =>
      runUntilDone({ ...shared, transactions: share, connections, restMs: 0, diesOften: true }, busy),
    ),
  );
  const tookMs = performance.now() - startedAt;
  await received(receiver, await kept(postgres, database));

  const quiet = new Tally();
  const alone = { ...shared, transactions: quietTransactions, connections: 1, restMs: 40, diesOften: false };
  await runUntilDone(alone, quiet);
  const rows = await kept(postgres, database);
  await received(receiver, rows);

  say(
    `${busy.ended + busy.cutOff} transactions in ${(tookMs / 1000).toFixed(1)} s: ${busy.committedAt.size} committed, ` +
      `${busy.ended - busy.committedAt.size} rolled back, ${busy.cutOff} cut off by ${busy.deaths} deaths.`,
  );
  sayLatency("From commit to receipt, under that load", busy, receiver);
  sayLatency(`From commit to receipt, ${quietTransactions} one by one`, quiet, receiver);
  return await verdict(weft, receiver, rows, [busy, quiet]);
}

/** Starts the application again whenever it died, until it has finished. */
async function runUntilDone(task: Task, tally: Tally): Promise<void> {
  for (let left = task.transactions; left > 0; ) {
    let reported = 0;
    const child = fork(new URL("./application.ts", import.meta.url), [JSON.stringify({ ...task, transactions: left })]);
    child.on("message", (message) => {
      reported += 1;
      tally.add(message as ProcessMessage);
    });
    const [code, signal] = (await once(child, "close")) as [number | null, string | null];
    left -= reported;
    if (code === 0) return;
    if (signal !== "SIGKILL") throw new Error(`The application ended by itself with code ${code}.`);
    const cutOff = Math.min(left, task.connections);
    tally.deaths += 1;
    tally.cutOff += cutOff;
    left -= cutOff;
  }
}

interface Row {
  readonly id: string;
  readonly message_id: string;
}

/** The content of the application's own table, which is the truth. */
async function kept(postgres: PostgresServer, database: string): Promise<Row[]> {
  // Transactions of a dead process stay open until the server has noticed.
  for (;;) {
    const [open] = await postgres.query(
      "select count(*)::int as count from pg_stat_activity where usename = 'shop'",
      database,
    );
    if (open?.count === 0) break;
    await sleep(20);
  }
  return (await postgres.query("select id, message_id from shop.collection", database)) as unknown as Row[];
}

/** Resolves when everything was received, or nothing was for a long time. */
async function received(receiver: Receiver, rows: readonly Row[]): Promise<void> {
  const deadline = performance.now() + receivedWithinMs;
  while (performance.now() < deadline && rows.some(({ id }) => !receiver.receivedAt.has(id))) await sleep(20);
}

async function verdict(
  weft: Weft,
  receiver: Receiver,
  rows: readonly Row[],
  tallies: readonly Tally[],
): Promise<boolean> {
  const ids = new Set(rows.map(({ id }) => id));
  const messageIds = new Set(rows.map(({ message_id }) => message_id));
  const stored = await storedMessages(weft);
  const lost = rows.filter(({ id }) => !receiver.receivedAt.has(id)).length;
  const ghosts = [...receiver.receivedAt.keys()].filter((id) => !ids.has(id)).length;
  const forgotten = tallies.flatMap(({ committedAt }) => [...committedAt.keys()]).filter((id) => !ids.has(id)).length;
  const checks: [string, boolean][] = [
    [`every one of ${rows.length} changes was received: lost ${lost}`, lost === 0],
    [`nothing was received without its change: ghosts ${ghosts}`, ghosts === 0],
    [`every commit that was answered is in the table: missing ${forgotten}`, forgotten === 0],
    [
      "the messages that Weft lists are those that weft.publish answered",
      stored.size === messageIds.size && [...stored].every((id) => messageIds.has(id)),
    ],
    [
      `nothing was received twice: ${receiver.receipts - receiver.receivedAt.size} times`,
      receiver.receipts === ids.size,
    ],
  ];
  for (const [sentence, holds] of checks) say(`${holds ? "✓" : "✗"} ${sentence}`);
  return checks.every(([, holds]) => holds);
}

async function storedMessages(weft: Weft): Promise<Set<string>> {
  const ids = new Set<string>();
  for await (const { id } of weft.webhooks.eachMessage({ limit: 250 })) ids.add(id);
  return ids;
}

function sayLatency(what: string, { committedAt }: Tally, { receivedAt }: Receiver): void {
  const sorted = [...committedAt]
    .map(([id, at]) => Math.max(0, (receivedAt.get(id) ?? Number.POSITIVE_INFINITY) - at))
    .sort((a, b) => a - b);
  const at = (share: number) => (sorted[Math.floor(sorted.length * share)] ?? 0).toFixed(1);
  say(`${what}: p50 ${at(0.5)} ms, p99 ${at(0.99)} ms.`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
