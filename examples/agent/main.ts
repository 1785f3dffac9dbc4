// An agent that sleeps until Weft wakes it: it subscribes to an event through MCP, a folder is synced, the signed event
// arrives, and the agent searches the synced texts with a tool. Exits with 0 only when all of this has happened.

import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createMCPClient } from "@ai-sdk/mcp";
import { createClient, type Weft } from "@weft/sdk";
import { startWeft } from "../demo/weft-process.ts";
import { AgentCallback, type WakingEvent } from "./agent-callback.ts";

const wokenWithinMs = 30_000;

process.exitCode = (await demo()) ? 0 : 1;

async function demo(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "weft-agent-"));
  try {
    await using callback = await AgentCallback.start();
    await using server = await startWeft(["--data", join(folder, "data")], { WEFT_DIRECTORY_ROOTS: folder });
    return await story(server.url, callback, join(folder, "docs"));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function story(url: string, callback: AgentCallback, docs: string): Promise<boolean> {
  const weft = createClient({ url });
  await cp(new URL("../../docs", import.meta.url), docs, { recursive: true });
  const collection = await weft.collections.createCollection({ name: "Handbook" });

  say(`1. The agent connects to ${url}/mcp, and subscribes to sync.completed of ${collection.readable_id}.`);
  const client = await createMCPClient({
    transport: { type: "http", url: `${url}/mcp` },
    experimental_events: { store: callback.store },
  });
  const subscription = await client.experimental_events.subscribe({
    name: "sync.completed",
    arguments: { collection_readable_id: collection.readable_id },
    delivery: { mode: "webhook", url: callback.url, allowInsecureLocalhost: true },
  });
  say(`   Its callback returned the challenge. Subscription ${subscription.id} ends at ${subscription.refreshBefore}.`);

  say("\n2. A folder is synced into the collection. The agent sleeps.");
  await sync(weft, collection.readable_id, docs);
  const event = await callback.woken(wokenWithinMs);
  say(`   The agent was woken by the verified event ${event.eventId}:\n   ${JSON.stringify(event)}`);

  say('\n3. The awake agent calls the tool search_collection for "signing secret".');
  const { search_collection: search } = await client.tools();
  const found = await search?.execute?.(
    { collection: collection.readable_id, query: "signing secret", limit: 3 },
    { toolCallId: "demo", messages: [], context: undefined },
  );
  const { results } = (found as { structuredContent: { results: { name: string }[] } }).structuredContent;
  for (const { name } of results) say(`   - ${name}`);

  await client.experimental_events.unsubscribe({ id: subscription.id });
  const left = (await weft.webhooks.listSubscriptions()).items.length;
  await client.close();
  return verdict(event, collection.readable_id, { found: results.length, left });
}

async function sync(weft: Weft, collection: string, path: string): Promise<void> {
  await weft.sourceConnections.createSourceConnection({
    name: "docs",
    short_name: "directory",
    readable_collection_id: collection,
    config: { path },
    authentication: { credentials: {} },
  });
}

function verdict(event: WakingEvent, collection: string, { found, left }: { found: number; left: number }): boolean {
  const checks: [string, boolean][] = [
    ["the event is about the collection", event.data.collection_readable_id === collection],
    ["the agent found texts", found > 0],
    ["the subscription has ended", left === 0],
  ];
  say("");
  for (const [sentence, holds] of checks) say(`${holds ? "✓" : "✗"} ${sentence}`);
  return checks.every(([, holds]) => holds);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
