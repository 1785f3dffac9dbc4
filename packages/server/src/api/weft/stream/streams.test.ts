import { expect, test } from "vitest";
import { until } from "../../../delivery/fixtures/manual-clock.ts";
import { limits } from "../../../domain/limits.ts";
import { connect, end, entity, makeCollection, startedJob } from "../../../store/fixtures/producer-samples.ts";
import type { SentEvent, StreamReader } from "./fixtures/stream-reader.ts";
import { type StreamWorld, streamWorld } from "./fixtures/stream-world.ts";

/** Advances the clock until an event has arrived, so that waiting reads continue. */
async function soon<Value>(
  { clock }: StreamWorld,
  coming: Promise<Value>,
  stepMs: number = limits.streamRestMs,
): Promise<Value> {
  let isThere = false;
  const come = coming.finally(() => {
    isThere = true;
  });
  // If it never arrives, the test fails with this description.
  come.catch(() => {});
  await until("it has come", () => {
    clock.advance(stepMs);
    return isThere;
  });
  return await come;
}

/** A reader who knows the current position. */
async function opened(it: StreamWorld, query = "", headers: Record<string, string> = {}): Promise<StreamReader> {
  const reader = await it.open(query, headers);
  expect(reader.response.statusCode).toBe(200);
  const greeting = await reader.nextBlock();
  expect(greeting).toMatchObject({ event: null, data: null });
  return reader;
}

const take = (it: StreamWorld, reader: StreamReader, count: number) => soon(it, reader.take(count));

function idsIn(events: readonly SentEvent[]): string[] {
  return events.map(({ data }) => data.id);
}

test("a stream has its media type, is not buffered, and begins with its position", async () => {
  await using it = await streamWorld();
  const reader = await it.open();
  expect(reader.response.headers).toMatchObject({
    "content-type": "text/event-stream; charset=utf-8",
    "cache-control": "no-store",
    "x-accel-buffering": "no",
  });
  expect((await reader.nextBlock())?.id).toMatch(/^s1-/);
});

test("changes arrive in the order of their commits, with the id to resume from", async () => {
  await using it = await streamWorld();
  const reader = await opened(it, "?events=message");
  const begunAt = reader.lastId;
  const messages = [await it.world.accept(), await it.world.accept({ eventId: "e1", tags: ["blue"] })];
  const events = await take(it, reader, 2);
  expect(events[0]).toMatchObject({ event: "message", data: { id: messages[0]?.id, event_type: "sync.completed" } });
  expect(events[1]?.data).toEqual({
    id: messages[1]?.id,
    event_type: "sync.completed",
    timestamp: "2026-01-01T00:00:00.000Z",
    channels: ["sync.completed"],
    event_id: "e1",
    tags: ["blue"],
  });
  expect(reader.lastId).not.toBe(begunAt);
});

test("a reader that reconnects with the last id misses nothing, by header or by query", async () => {
  await using it = await streamWorld();
  const first = await opened(it, "?events=message");
  await it.world.accept();
  await take(it, first, 1);
  first[Symbol.dispose]();
  const missed = [await it.world.accept(), await it.world.accept()];
  const byHeader = await opened(it, "?events=message", { "last-event-id": first.lastId });
  expect(idsIn(await take(it, byHeader, 2))).toEqual(idsOf(missed));
  const byQuery = await opened(it, `?events=message&last_event_id=${first.lastId}`);
  expect(idsIn(await take(it, byQuery, 2))).toEqual(idsOf(missed));
  const live = await it.world.accept();
  expect(idsIn([...(await take(it, byHeader, 1)), ...(await take(it, byQuery, 1))])).toEqual([live.id, live.id]);
});

function idsOf(messages: readonly { readonly id: string }[]): string[] {
  return messages.map(({ id }) => id);
}

test("a reader that is far behind catches up page by page, and then receives new changes without a gap", async () => {
  await using it = await streamWorld();
  const other = await opened(it, "?events=message");
  const from = other.lastId;
  const { organizationId } = it.world;
  const missed = Array.from({ length: 1_234 }, () => it.world.message());
  await it.world.store.acceptMessages({ organizationId, messages: missed, idempotency: null, testOf: null });
  const reader = await opened(it, "?events=message", { "last-event-id": from });
  const [half] = [await take(it, reader, 600)];
  const live = [await it.world.accept(), await it.world.accept()];
  const rest = await take(it, reader, 636);
  expect(idsIn([...half, ...rest])).toEqual(idsOf([...missed, ...live]));
  expect(idsIn(await take(it, other, 1_236))).toEqual(idsOf([...missed, ...live]));
});

test("a reader who disconnects anywhere and reconnects gets everything, with few duplicates", async () => {
  await using it = await streamWorld();
  const start = await opened(it, "?events=message");
  const { organizationId } = it.world;
  const messages = Array.from({ length: 500 }, () => it.world.message());
  await it.world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
  const seen = new Set<string>();
  let lastId = start.lastId;
  for (let connections = 0; seen.size < messages.length; connections++) {
    const reader = await opened(it, "?events=message", { "last-event-id": lastId });
    for (const { data } of await take(it, reader, Math.min(130, messages.length - connections * 100)))
      seen.add(data.id);
    lastId = reader.lastId;
    reader[Symbol.dispose]();
    expect(connections).toBeLessThan(5);
  }
  expect(seen).toEqual(new Set(idsOf(messages)));
});

test("kinds, event types and a subscription filter the stream", async () => {
  await using it = await streamWorld();
  const { world } = it;
  const [one, other] = [await world.subscribe(), await world.subscribe({ eventTypes: ["collection.*"] })];
  const byType = await opened(it, "?events=message&events=attempt&event_types=collection.created");
  const byWildcard = await opened(it, "?events=message&events=attempt&event_types=collection.*");
  const byId = await opened(it, `?events=message&events=attempt&subscription_id=${one.id}`);
  const attempts = await opened(it, "?events=attempt");
  const sync = await world.accept();
  const collection = await world.accept({ eventType: "collection.created" });
  await world.settleAll(one.id, { state: "delivered" });
  await world.settleAll(other.id, { state: "delivered" });
  const received = async (reader: StreamReader, count: number) =>
    (await take(it, reader, count)).map(({ event, data }) => [event, data.message_id ?? data.id]);
  for (const reader of [byType, byWildcard]) {
    expect(await received(reader, 2)).toEqual([
      ["message", collection.id],
      ["attempt", collection.id],
    ]);
  }
  expect(await received(byId, 2)).toEqual([
    ["message", sync.id],
    ["attempt", sync.id],
  ]);
  expect(await received(attempts, 2)).toEqual([
    ["attempt", sync.id],
    ["attempt", collection.id],
  ]);
});

test("payloads are included on request, as JSON or as the accepted text", async () => {
  await using it = await streamWorld();
  const [asJson, asText, without] = [
    await opened(it, "?events=message&payload=true"),
    await opened(it, "?events=message&payload=text"),
    await opened(it, "?events=message"),
  ];
  const payload = '{\r\n  "text": "a\\nb \u2028 é",\n\r "n": 1\r}';
  await it.world.accept({ payload });
  const [json] = await take(it, asJson, 1);
  expect(json?.data.payload).toEqual({ text: "a\nb \u2028 é", n: 1 });
  const [text] = await take(it, asText, 1);
  expect(text?.data.payload_text).toBe(payload);
  const [plain] = await take(it, without, 1);
  expect(Object.keys(plain?.data)).not.toContain("payload");
});

test("an attempt is sent without the response body", async () => {
  await using it = await streamWorld();
  const subscription = await it.world.subscribe();
  const reader = await opened(it, "?events=attempt");
  const message = await it.world.accept();
  await it.world.settleAll(subscription.id, { state: "delivered" });
  const [attempt] = await take(it, reader, 1);
  expect(attempt?.data).toEqual({
    id: expect.stringMatching(/^atmpt_/),
    message_id: message.id,
    event_type: "sync.completed",
    subscription_id: subscription.id,
    url: "https://example.com/hook",
    status: "success",
    response_status_code: 200,
    error: null,
    timestamp: "2026-01-01T00:00:00.000Z",
    duration_ms: 5,
    attempt_number: 1,
    trigger: "scheduled",
    next_attempt_at: null,
  });
});

test("a subscription is sent in its current state, even after its deletion", async () => {
  await using it = await streamWorld();
  const { world } = it;
  const reader = await opened(it, "?events=subscription");
  const { id: subscriptionId, organizationId } = await world.subscribe();
  expect(await take(it, reader, 1)).toMatchObject([
    { data: { id: subscriptionId, deleted: false, health_status: "unknown", disabled: false } },
  ]);
  await world.store.deleteSubscription({
    organizationId,
    subscriptionId,
    now: world.now,
    operationalEventIds: world.operationalEventIds,
  });
  expect(await take(it, reader, 1)).toMatchObject([{ data: { id: subscriptionId, deleted: true } }]);
});

test("a running job's newest counts arrive after its pause, no position skips them, and its end arrives immediately", async () => {
  await using it = await streamWorld();
  const { world } = it;
  const connection = await connect(world, await makeCollection(world));
  const reader = await opened(it, "?events=sync_job&events=message");
  const job = await startedJob(world, connection);
  const [first] = await take(it, reader, 1);
  // One commit creates it and another starts it; the stream may read between them.
  const [running] = first?.data?.status === "pending" ? await take(it, reader, 1) : [first];
  expect(running).toMatchObject({ event: "sync_job", data: { id: job.id, status: "running" } });
  const batch = { jobId: job.id, gone: [], failed: [], cursor: null, now: world.now };
  for (const id of ["a", "b", "c"]) await world.store.storeEntities({ ...batch, entities: [entity(id, id)] });
  // It arrives within the second. The reader cannot resume after it yet, because the job's counts are still waiting.
  const before = reader.lastId;
  await world.accept();
  expect(await soon(it, reader.take(1), limits.streamRestMs / 250)).toMatchObject([{ event: "message", id: null }]);
  expect(reader.lastId).toBe(before);
  expect(await take(it, reader, 1)).toMatchObject([{ event: "sync_job", data: { entities_inserted: 3 } }]);
  expect(reader.lastId).not.toBe(before);
  await end(world, job);
  expect(await take(it, reader, 1)).toMatchObject([{ event: "sync_job", data: { status: "completed" } }]);
});

test("an idle stream sends heartbeats with the current id", async () => {
  await using it = await streamWorld();
  const reader = await opened(it);
  const begunAt = reader.lastId;
  await it.world.subscribe();
  const [event] = await take(it, reader, 1);
  expect(event?.id).not.toBe(begunAt);
  const block = await soon(it, reader.nextBlock());
  expect(block).toMatchObject({ event: null, data: null });
  const again = await opened(it, "", { "last-event-id": reader.lastId });
  const { id } = await it.world.subscribe();
  expect(idsIn(await take(it, again, 1))).toEqual([id]);
});

test("an invalid or expired id causes a gap event, and the stream continues from there", async () => {
  await using it = await streamWorld();
  await it.world.accept();
  const reader = await opened(it, "", { "last-event-id": "s1-1-1-1" });
  const [gap] = await take(it, reader, 1);
  expect(gap).toMatchObject({ event: "gap", id: expect.any(String), data: { from: expect.any(String) } });
  const message = await it.world.accept();
  expect(idsIn(await take(it, reader, 1))).toEqual([message.id]);
});

test("a stream ends with a reason when its caller loses the right to it", async () => {
  await using it = await streamWorld();
  const reader = await opened(it);
  it.caller.isKnown = false;
  const [end] = await take(it, reader, 1);
  expect(end).toMatchObject({ event: "end", data: { code: "unauthenticated" } });
  expect(await reader.next()).toBeNull();
});

test("a reader that reads nothing is disconnected with the reason, never has more than a bound waiting, and loses nothing", async () => {
  await using it = await streamWorld();
  const reader = await opened(it, "?events=message&payload=true");
  const from = reader.lastId;
  const payload = JSON.stringify({ text: "x".repeat(200_000) });
  const messages = [];
  for (let i = 0; i < 120; i++) messages.push(await it.world.accept({ payload }));
  // It reads nothing until its stream has ended.
  await until("the reader was disconnected", () => {
    it.clock.advance(limits.streamRestMs * 10);
    return it.streams.count === 0;
  });
  const events: SentEvent[] = [];
  for (let event = await reader.next(); event !== null; event = await reader.next()) events.push(event);
  expect(events.at(-1)).toMatchObject({ event: "end", data: { code: "too_slow" } });
  expect(events.length).toBeLessThan(messages.length);
  const again = await opened(it, "?events=message", { "last-event-id": reader.lastId || from });
  const received = new Set(events.filter(({ event }) => event === "message").map(({ data }) => data.id));
  const missing = messages.filter(({ id }) => !received.has(id));
  const later = await take(it, again, missing.length);
  expect(new Set([...received, ...idsIn(later)])).toEqual(new Set(idsOf(messages)));
});

test("payloads that do not fit into one read are still sent, byte for byte", async () => {
  await using it = await streamWorld();
  const reader = await opened(it, "?events=message&payload=text");
  const payloads = Array.from({ length: 9 }, (_, at) => `{"n":${at},  "text":"${String(at).repeat(250 * 1024)}"}`);
  const messages = payloads.map((payload) => it.world.message({ payload }));
  const { organizationId } = it.world;
  await it.world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
  const events = await take(it, reader, payloads.length);
  expect(events.map(({ data }) => data.payload_text === payloads[data.payload_text[5]])).toEqual(Array(9).fill(true));
  expect(idsIn(events)).toEqual(idsOf(messages));
});

test("the waiting bytes for all slow readers of an organization have one bound, and a reader who reads continues", async () => {
  await using it = await streamWorld();
  const slow = await Promise.all(
    Array.from({ length: limits.streamsPerOrganizationMax - 1 }, () => it.open("?events=message&payload=true")),
  );
  const reader = await opened(it, "?events=message");
  const payload = JSON.stringify({ text: "x".repeat(250 * 1024) });
  const sent: string[] = [];
  const seen: string[] = [];
  let heldMax = 0;
  // The clock hardly moves: readers are disconnected because of waiting bytes, not time.
  while (it.streams.count === slow.length + 1) {
    for (let count = 0; count < 4; count++) sent.push((await it.world.accept({ payload })).id);
    seen.push(...idsIn(await soon(it, reader.take(4), 1)));
    heldMax = Math.max(heldMax, it.bytesUnderWay.held);
    expect(it.bytesUnderWay.held).toBeLessThanOrEqual(limits.organizationBytesUnderWayMax);
    expect(sent.length).toBeLessThan(200);
  }
  expect(heldMax).toBeGreaterThan(limits.organizationBytesUnderWayMax / 2);
  expect(seen).toEqual(sent);
  for (const one of slow) one[Symbol.dispose]();
  await until("all is given back", () => it.bytesUnderWay.held === 0);
});

test("streams that are opened concurrently do not exceed the bound together", async () => {
  await using it = await streamWorld();
  const readers = await Promise.all(Array.from({ length: 3 * limits.streamsPerOrganizationMax }, () => it.open()));
  const statuses = Map.groupBy(readers, ({ response }) => response.statusCode);
  expect(statuses.get(200)).toHaveLength(limits.streamsPerOrganizationMax);
  expect(statuses.get(429)).toHaveLength(2 * limits.streamsPerOrganizationMax);
});

test("streams end immediately with a reason when the node stops, and none begins", async () => {
  await using it = await streamWorld();
  const reader = await opened(it);
  const stopping = it.streams[Symbol.asyncDispose]();
  expect(await reader.take(1)).toMatchObject([{ event: "end", data: { code: "shutting_down" } }]);
  await stopping;
  expect((await it.open()).response.statusCode).toBe(503);
});

test("the number of streams of an organization is bounded, and an ended one makes room", async () => {
  await using it = await streamWorld();
  const readers = [];
  for (let i = 0; i < limits.streamsPerOrganizationMax; i++) readers.push(await opened(it));
  const refused = await it.open();
  expect(refused.response.statusCode).toBe(429);
  expect(JSON.parse(await refused.text())).toMatchObject({ code: "too_many_streams", detail: expect.any(String) });
  const other = await it.world.addOrganization();
  await opened(it, "", { "x-organization-id": other });
  readers[0]?.[Symbol.dispose]();
  await until("there is room", () => it.streams.count === limits.streamsPerOrganizationMax);
  await opened(it);
});

test("one organization sees no changes of another", async () => {
  await using it = await streamWorld();
  const other = await it.world.addOrganization();
  const reader = await opened(it, "", { "x-organization-id": other });
  await it.world.accept();
  const foreign = await it.world.accept({ organizationId: other });
  expect(idsIn(await take(it, reader, 1))).toEqual([foreign.id]);
});

test.each([
  ["a kind that is none", "?events=nothing", 422],
  ["no wish for payloads", "?payload=maybe", 422],
  ["a subscription that is no id", "?subscription_id=no-id", 404],
  ["an id of any length", `?last_event_id=${"x".repeat(9_000)}`, 422],
])("%s is refused with the reason", async (_, query, status) => {
  await using it = await streamWorld();
  const refused = await it.open(query);
  expect(refused.response.statusCode).toBe(status);
  expect(JSON.parse(await refused.text())).toMatchObject({ detail: expect.any(String) });
});
