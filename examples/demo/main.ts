// Weft's main job on real input: a folder is synced, and a receiver gets its events. Exits with 0 only when every
// expected event has arrived, once for each attempt, and verified.

import { appendFile, cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import type { ReceivedEvent, WeftEvent } from "@weft/receiver";
import { createClient, type Weft } from "@weft/sdk";
import { type Arrival, DemoReceiver } from "./receiver.ts";
import { startWeft } from "./weft-process.ts";

const expectedWithinMs = 15_000;

process.exitCode = (await demo()) ? 0 : 1;

async function demo(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "weft-demo-"));
  try {
    await using receiver = await DemoReceiver.start(show);
    await using server = await startWeft(["--data", join(folder, "data")]);
    const weft = createClient({ url: server.url });
    say(`Weft listens on ${server.url}, and the receiver on ${receiver.url}.\n`);
    return await story(weft, receiver, join(folder, "docs"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function story(weft: Weft, receiver: DemoReceiver, docs: string): Promise<boolean> {
  await cp(new URL("../../docs", import.meta.url), docs, { recursive: true });

  say("1. A subscription to every event, made through the API.");
  const subscription = await weft.webhooks.createSubscription({
    url: receiver.url,
    event_types: ["*"],
    retry_schedule: [2, 5, 30],
  });
  receiver.secret = await secretOf(weft, subscription.id);

  say("\n2. A collection, and a first sync of a copy of this repository's docs/.");
  const collection = await weft.collections.createCollection({ name: "Weft's documentation" });
  const connection = await weft.sourceConnections.createSourceConnection({
    name: "docs",
    short_name: "directory",
    readable_collection_id: collection.readable_id,
    config: { path: docs },
    authentication: { credentials: {} },
  });
  const first = await arrival(receiver, 1, "sync.completed");

  say("\n3. One file changed, and the receiver out of order: watch the second attempt.");
  await appendFile(join(docs, "ARCHITECTURE.md"), "\nThe demo was here.\n");
  receiver.isFailing = true;
  await weft.sourceConnections.runSourceConnection(connection.id);
  await arrival(receiver, 1, "sync.completed", 503);
  receiver.isFailing = false;
  const second = await arrival(receiver, 2, "sync.completed");

  say("\n4. What was synced can be found.");
  const found = await weft.collections.searchCollection(collection.readable_id, { query: "address guard" });
  const names = new Set(found.results.map((result) => result.name));
  say(`   "address guard" is in ${[...names].slice(0, 3).join(", ")}`);

  return verdict(weft, receiver, { first, second, subscriptionId: subscription.id });
}

async function secretOf(weft: Weft, subscriptionId: string): Promise<string> {
  const { secret } = await weft.webhooks.getSubscription(subscriptionId, { include_secret: true });
  if (secret === null) throw new Error("The subscription has no secret.");
  return secret;
}

/** The nth receipt of an event of this type with this response status. */
async function arrival(receiver: DemoReceiver, nth: number, eventType: string, responded = 204): Promise<Arrival> {
  const deadline = performance.now() + expectedWithinMs;
  while (performance.now() < deadline) {
    const matching = receiver.arrivals.filter(
      (candidate) => candidate.event.event_type === eventType && candidate.responded === responded,
    );
    const found = matching[nth - 1];
    if (found !== undefined) return found;
    await sleep(10);
  }
  throw new Error(`No ${eventType} with the response ${responded} arrived within ${expectedWithinMs / 1000} s.`);
}

interface DemoOutcome {
  readonly first: Arrival;
  readonly second: Arrival;
  readonly subscriptionId: string;
}

/** Compares the received requests with Weft's own records, and with the files themselves. */
async function verdict(weft: Weft, receiver: DemoReceiver, outcome: DemoOutcome): Promise<boolean> {
  await allDelivered(weft);
  const attempts = await weft.webhooks.listAttempts(outcome.subscriptionId, { limit: 250 });
  const [first, second] = [countsOf(outcome.first), countsOf(outcome.second)];
  const checks: [string, boolean][] = [
    ["every signature verified", receiver.arrivals.every((arrival) => arrival.verified)],
    ["every attempt that Weft recorded arrived, and no other", attempts.items.length === receiver.arrivals.length],
    [
      "failed deliveries were retried",
      receiver.arrivals.some((arrival) => arrival.attempt === 2 && arrival.responded === 204),
    ],
    ["both syncs published pending, running and completed in this order", ordersAreKept(receiver.arrivals)],
    [
      `the counts are true: ${first.inserted} files, then one of them changed`,
      first.inserted > 0 && second.updated === 1 && second.inserted === 0 && second.skipped === first.inserted - 1,
    ],
  ];
  say("");
  for (const [sentence, holds] of checks) say(`${holds ? "✓" : "✗"} ${sentence}`);
  return checks.every(([, holds]) => holds);
}

function countsOf({ event }: Arrival): { inserted: number; updated: number; skipped: number } {
  if (event.event_type !== "sync.completed") throw new Error(`A ${event.event_type} has no counts.`);
  return {
    inserted: event.entities_inserted ?? 0,
    updated: event.entities_updated ?? 0,
    skipped: event.entities_skipped ?? 0,
  };
}

async function allDelivered(weft: Weft): Promise<void> {
  const deadline = performance.now() + expectedWithinMs;
  while (performance.now() < deadline) {
    const all = await weft.webhooks.listMessages({ limit: 250 });
    const delivered = await weft.webhooks.listMessages({ limit: 250, status: "success" });
    if (all.items.length > 0 && all.items.length === delivered.items.length) return;
    await sleep(50);
  }
  throw new Error(`Not every message was delivered within ${expectedWithinMs / 1000} s.`);
}

function ordersAreKept(arrivals: readonly Arrival[]): boolean {
  const firstAttempts = arrivals.filter((arrival) => arrival.attempt === 1 && isOfSync(arrival.event));
  const jobs = Map.groupBy(firstAttempts, ({ event }) => (isOfSync(event) ? event.sync_job_id : undefined));
  return [...jobs.values()].every(
    (job) => job.map((arrival) => arrival.event.event_type).join() === "sync.pending,sync.running,sync.completed",
  );
}

function isOfSync(event: ReceivedEvent): event is Extract<WeftEvent, { event_type: `sync.${string}` }> {
  return event.event_type.startsWith("sync.");
}

function show({ event, attempt, verified, responded, afterMs }: Arrival): void {
  const counts =
    event.event_type === "sync.completed"
      ? `  inserted ${event.entities_inserted}, updated ${event.entities_updated}, deleted ${event.entities_deleted}, ` +
        `skipped ${event.entities_skipped}, chunks ${event.chunks_written}`
      : "";
  say(
    `   ${event.event_type.padEnd(26)} attempt ${attempt}  ${verified ? "verified" : "NOT VERIFIED"}  ` +
      `${String(afterMs).padStart(5)} ms after it happened  responded ${responded}${counts}`,
  );
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
