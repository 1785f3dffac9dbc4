// The four patterns of docs/receive/patterns/, in one receiver of a real Weft: a cache that is cleared when data changes,
// alerts when a source fails and recovers, a pipeline that waits for two sources, and an audit trail. Exits with 0 only
// when each kept its promise.

import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { setTimeout as sleep } from "node:timers/promises";
import { collectionTag, freshnessTimeline } from "@weft/receiver/patterns";
import { createClient, type Weft } from "@weft/sdk";
import { startWeft } from "../demo/weft-process.ts";
import { listen, PatternReceiver, urlOf } from "./receiver.ts";

const expectedWithinMs = 20_000;

process.exitCode = (await story()) ? 0 : 1;

async function story(): Promise<boolean> {
  const folder = await mkdtemp(join(tmpdir(), "weft-patterns-"));
  const slackTexts: string[] = [];
  const slackServer = await listen((request, response) => {
    let body = "";
    request.on("data", (part: Buffer) => {
      body += part.toString();
    });
    request.on("end", () => {
      slackTexts.push((JSON.parse(body) as { text: string }).text);
      response.end("ok");
    });
  });
  try {
    await using server = await startWeft(["--data", join(folder, "data")]);
    const weft = createClient({ url: server.url });
    const database = new DatabaseSync(join(folder, "receiver.db"));
    const receiver = new PatternReceiver(database, urlOf(slackServer));
    await using _ = await receiver.listen(weft);
    const checks = await demonstrate(weft, receiver, folder, slackTexts);
    say("");
    for (const [sentence, holds] of checks) say(`${holds ? "✓" : "✗"} ${sentence}`);
    return checks.every(([, holds]) => holds);
  } finally {
    slackServer.close();
    await rm(folder, { recursive: true, force: true });
  }
}

async function demonstrate(
  weft: Weft,
  receiver: PatternReceiver,
  folder: string,
  slackTexts: readonly string[],
): Promise<[string, boolean][]> {
  const { readable_id: collection } = await weft.collections.createCollection({ name: "Handbook" });
  const [code, tickets] = [join(folder, "code"), join(folder, "tickets")];
  await Promise.all([code, tickets].map((path) => mkdir(path)));
  await writeFile(join(code, "readme.md"), "How to sail a boat.");
  await writeFile(join(tickets, "1.md"), "The boat leaks.");
  const connect = (name: string, path: string) =>
    weft.sourceConnections.createSourceConnection({
      name,
      short_name: "directory",
      readable_collection_id: collection,
      config: { path },
      sync_immediately: false,
    });
  const [first, second] = [await connect("code", code), await connect("tickets", tickets)];
  receiver.waitFor([first.id, second.id]);
  const search = (query: string) =>
    receiver.cache.read(`${collection} ${query}`, [collectionTag(collection)], async () => {
      const { results } = await weft.collections.searchCollection(collection, { query });
      return results.map(({ name }) => name);
    });
  const sync = async (id: string) => {
    const { id: jobId } = await weft.sourceConnections.runSourceConnection(id);
    await until(() => receiver.trail.syncs().some((known) => known.jobId === jobId && known.outcome !== null));
  };

  say("1. The first source syncs; the pipeline waits for the second.");
  await sync(first.id);
  const ranTooEarly = receiver.runs.length > 0;
  await sync(second.id);
  await until(() => receiver.runs.length > 0);

  say("2. A search is kept until its collection changes.");
  const before = await search("lighthouse");
  await writeFile(join(code, "lights.md"), "Where the lighthouse stands.");
  const kept = await search("lighthouse");
  await sync(first.id);
  await until(async () => (await search("lighthouse")).length > 0);

  say("3. A source fails, and recovers.");
  await rename(code, `${code}-away`);
  await sync(first.id);
  await until(() => slackTexts.length === 1);
  const stale = await receiver.alerts.staleness(collection);
  const failedAt = new Date();
  await rename(`${code}-away`, code);
  await sync(first.id);
  await until(() => slackTexts.length === 2);

  say("4. What the trail shows.");
  const { trail } = receiver;
  const svg = freshnessTimeline(trail.syncs(), { from: new Date(Date.now() - 60_000), until: new Date() });
  for (const text of slackTexts) say(`   ${text}`);
  return [
    ["the pipeline ran once both sources were fresh, and not before", !ranTooEarly && receiver.runs.length >= 1],
    ["no set of inputs was run twice", new Set(receiver.runs).size === receiver.runs.length],
    [
      "the kept answer was given until the sync completed, and then a new one",
      before.length === 0 && kept.length === 0,
    ],
    ["people were told once of the failure and once of its end", slackTexts.length === 2],
    [
      "the collection counted as stale meanwhile, and no longer",
      stale !== null && (await receiver.alerts.staleness(collection)) === null,
    ],
    ["the trail knows when the source last synced", trail.lastSuccess({ sourceConnection: first.id }) !== null],
    [
      "it shows that the context was not current while the source failed",
      !trail.wasCurrent(collection, failedAt).isCurrent,
    ],
    ["and that it is now", trail.wasCurrent(collection, new Date()).isCurrent],
    ["every sync has its duration and its bar", (svg.match(/<rect /g) ?? []).length === trail.syncs().length],
  ];
}

async function until(holds: () => boolean | Promise<boolean>): Promise<void> {
  const deadline = performance.now() + expectedWithinMs;
  while (performance.now() < deadline) {
    if (await holds()) return;
    await sleep(20);
  }
  throw new Error(`What was waited for did not happen within ${expectedWithinMs / 1_000} s.`);
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
