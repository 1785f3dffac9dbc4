import { expect, test } from "vitest";
import { startWeft, temporaryFolder } from "../packages/server/src/cli/fixtures/weft-process.ts";
import { until } from "../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../packages/server/src/delivery/fixtures/receiver.ts";
import { parseId } from "../packages/server/src/domain/id.ts";
import { limits } from "../packages/server/src/domain/limits.ts";

const kills = 20;
const publishers = 12;
const lifeMsMax = 400;

test(`nothing answered with success is lost over ${kills} kill -9 at random moments under load`, {
  timeout: 300_000,
}, async () => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  const accepted = new Set<string>();
  await inLife(folder.path, (url) => subscribe(url, receiver.url()));

  for (let kill = 0; kill < kills; kill++) {
    const lifeMs = Math.random() * lifeMsMax;
    await using weft = await startWeft(["dev", "--data", folder.path], { WEFT_LOG_LEVEL: "error" });
    const dying = new AbortController();
    const load = Array.from({ length: publishers }, () => publishUntil(dying.signal, weft.url, accepted));
    await new Promise((resolve) => setTimeout(resolve, lifeMs));
    weft.send("SIGKILL");
    await weft.ended;
    dying.abort();
    await Promise.all(load);
  }

  expect(accepted.size).toBeGreaterThan(kills * publishers);
  await inLife(folder.path, async (url) => {
    await until("every accepted message arrived", () => missing(receiver, accepted).length === 0);
    expect(await storedIds(url)).toEqual(expect.arrayContaining([...accepted]));
    await until("nothing waits any more", async () => (await list(url, "status=pending&limit=1")).length === 0);
  });
  const receipts = receiver.received.length;
  const duplicates = receipts - new Set(receiver.received.map(({ id }) => id)).size;
  expect(duplicates).toBeLessThanOrEqual(kills * limits.laneConcurrencyMax);
});

test("a graceful stop under load loses nothing and delivers nothing twice", async () => {
  using folder = temporaryFolder();
  await using receiver = await Receiver.start();
  const accepted = new Set<string>();
  await inLife(folder.path, (url) => subscribe(url, receiver.url()));
  await using weft = await startWeft(["dev", "--data", folder.path], { WEFT_LOG_LEVEL: "error" });
  const stopping = new AbortController();
  const load = Array.from({ length: publishers }, () => publishUntil(stopping.signal, weft.url, accepted));
  await until("there is load", () => accepted.size > 200);
  weft.send("SIGTERM");
  expect((await weft.ended).exitCode).toBe(0);
  stopping.abort();
  await Promise.all(load);
  await inLife(folder.path, () => until("the rest arrived", () => missing(receiver, accepted).length === 0));
  const ids = receiver.received.map(({ id }) => id);
  expect(ids).toHaveLength(new Set(ids).size);
});

async function inLife(folder: string, work: (url: string) => Promise<unknown>): Promise<void> {
  await using weft = await startWeft(["dev", "--data", folder], { WEFT_LOG_LEVEL: "error" });
  await work(weft.url);
  weft.send("SIGTERM");
  expect((await weft.ended).exitCode).toBe(0);
}

async function subscribe(url: string, receiverUrl: string): Promise<void> {
  const created = await post(`${url}/webhooks/subscriptions`, { url: receiverUrl, event_types: ["collection.*"] });
  expect(created.status).toBe(200);
}

/** Publishes as fast as it is answered; every id that came with success goes into `accepted`. */
async function publishUntil(signal: AbortSignal, url: string, accepted: Set<string>): Promise<void> {
  const payload = {
    event_type: "collection.updated",
    collection_id: "770e8400-e29b-41d4-a716-446655440002",
    collection_name: "Sales Data",
    collection_readable_id: "sales-data-ab123",
    timestamp: "2026-01-15T14:30:00.123Z",
  };
  while (!signal.aborted) {
    try {
      const answer = await post(`${url}/events`, { event_type: "collection.updated", payload });
      if (answer.status === 200) accepted.add(((await answer.json()) as { id: string }).id);
    } catch {
      return; // Killed before it answered: nothing was promised.
    }
  }
}

function post(url: string, body: unknown): Promise<Response> {
  return fetch(url, { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) });
}

function missing(receiver: Receiver, accepted: ReadonlySet<string>): string[] {
  const received = new Set(receiver.received.map(({ id }) => parseId<"message">("msg", id)));
  return [...accepted].filter((id) => !received.has(id as never));
}

async function storedIds(url: string): Promise<string[]> {
  const ids: string[] = [];
  for (let cursor = ""; ; ) {
    const page = await list(url, `limit=250${cursor}`);
    ids.push(...page);
    if (page.length < 250) return ids;
    cursor = `&cursor=${page.at(-1)}`;
  }
}

async function list(url: string, query: string): Promise<string[]> {
  const answer = await fetch(`${url}/webhooks/messages?${query}`);
  return ((await answer.json()) as { id: string }[]).map(({ id }) => id);
}
