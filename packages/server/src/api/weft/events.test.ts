import { afterAll, beforeAll, expect, test } from "vitest";
import { limits } from "../../domain/limits.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await RunningWeft.start();
});
afterAll(() => weft[Symbol.asyncDispose]());

function collectionCreated(more: Record<string, unknown> = {}) {
  return {
    event_type: "collection.created",
    collection_id: "770e8400-e29b-41d4-a716-446655440002",
    collection_name: "Sales Data",
    collection_readable_id: "sales-data-ab123",
    timestamp: "2026-01-15T14:30:00.123Z",
    ...more,
  };
}

const event = { event_type: "collection.created", payload: collectionCreated() };

test("an accepted event can be read immediately", async () => {
  const accepted = await weft.post("/events", { ...event, event_id: "one" });
  expect(accepted).toMatchObject({
    status: 200,
    body: { event_type: "collection.created", event_id: "one", duplicate: false },
  });
  const message = await weft.get(`/webhooks/messages/${accepted.body.id}`);
  expect(message.body).toEqual({
    id: accepted.body.id,
    event_type: "collection.created",
    payload: event.payload,
    timestamp: accepted.body.timestamp,
    channels: ["collection.created"],
    event_id: "one",
    tags: null,
    excerpt: "collection_name: Sales Data, collection_readable_id: sales-data-ab123",
    deliveries: { due: 0, delivered: 0, failed: 0, skipped: 0, cancelled: 0 },
    delivery_attempts: null,
  });
});

test("a payload keeps its text: large numbers, key order, spaces and duplicate keys", async () => {
  const payload = `{ "z":1, "n": 12345678901234567890123.10, ${JSON.stringify(collectionCreated()).slice(1, -1)}, "z" : 2 }`;
  const accepted = await weft.call("POST", "/events", {
    text: `{"payload": ${payload} ,"event_type":"collection.created"}`,
  });
  expect(accepted.status).toBe(200);
  const message = await weft.get(`/webhooks/messages/${accepted.body.id}`);
  expect(message.text).toContain(`"payload":${payload},`);
});

test("a batch is accepted in order, completely or not at all", async () => {
  const ids = ["b1", "b2", "b3"];
  const batch = await weft.post(
    "/events",
    ids.map((event_id) => ({ ...event, event_id })),
  );
  expect(batch.body.map((item: { event_id: string }) => item.event_id)).toEqual(ids);
  const before = await countMessages();
  const refused = await weft.post("/events", [event, { event_type: "sync.finished", payload: {} }]);
  expect(refused).toMatchObject({
    status: 422,
    body: { errors: [{ loc: ["body", 1, "event_type"], type: "event_type_unknown" }] },
  });
  expect(await countMessages()).toBe(before);
});

test("an event id is accepted once, and with another payload it is a 409", async () => {
  const first = await weft.post("/events", { ...event, event_id: "same" });
  const again = await weft.post("/events", { ...event, event_id: "same" });
  expect(again.body).toEqual({ ...first.body, duplicate: true });
  const other = await weft.post("/events", {
    event_type: event.event_type,
    event_id: "same",
    payload: collectionCreated({ x: 1 }),
  });
  expect(other.status).toBe(409);
});

test("the same Idempotency-Key and body return the same response and store one message, and another body is a 409", async () => {
  const headers = { "idempotency-key": "publish-1" };
  const before = await countMessages();
  const first = await weft.post("/events", event, { headers });
  const again = await weft.post("/v1/events/", event, { headers });
  expect(again.body).toEqual(first.body);
  expect(await countMessages()).toBe(before + 1);
  expect((await weft.post("/events", { ...event, event_id: "x" }, { headers })).status).toBe(409);
});

test("concurrent publishes under one Idempotency-Key store one message", async () => {
  const before = await countMessages();
  const calls = Array.from({ length: 20 }, () =>
    weft.post("/events", event, { headers: { "idempotency-key": "race" } }),
  );
  const ids = (await Promise.all(calls)).map(({ body }) => body.id);
  expect(new Set(ids).size).toBe(1);
  expect(await countMessages()).toBe(before + 1);
});

test.each([
  ["an unknown event type", { ...event, event_type: "sync.finished" }, ["body", "event_type"]],
  [
    "%s is a 422 with a location, and nothing is stored",
    { ...event, payload: { event_type: "collection.created" } },
    ["body", "payload", "collection_id"],
  ],
  [
    "a payload of another event type",
    { event_type: "collection.updated", payload: collectionCreated() },
    ["body", "payload", "event_type"],
  ],
  ["a payload that is a list", { ...event, payload: [] }, ["body", "payload"]],
  ["no payload", { event_type: "collection.created" }, ["body", "payload"]],
  ["an unknown field", { ...event, payloads: 1 }, ["body", "payloads"]],
  ["an empty event id", { ...event, event_id: "" }, ["body", "event_id"]],
])("%s is a 422 with a location, and nothing is stored", async (_, body, loc) => {
  const before = await countMessages();
  const refused = await weft.post("/events", body);
  expect(refused.status).toBe(422);
  expect(refused.body.errors.map((mistake: { loc: unknown }) => mistake.loc)).toContainEqual(loc);
  expect(await countMessages()).toBe(before);
});

test("an empty batch and one that is too long are a 422", async () => {
  expect((await weft.post("/events", [])).status).toBe(422);
  const tooMany = Array.from({ length: limits.eventsPerBatchMax + 1 }, () => event);
  expect((await weft.post("/events", tooMany)).status).toBe(422);
  expect((await weft.post("/events", tooMany.slice(1))).status).toBe(200);
});

test.each([
  ["bad JSON", { text: '{"event_type":' }, 400],
  ["no JSON at all", { text: "event_type=x", headers: { "content-type": "application/x-www-form-urlencoded" } }, 415],
  ["an empty body", { text: "", headers: { "content-type": "application/json" } }, 422],
  [
    "a payload of more than 256 KiB",
    { body: { ...event, payload: collectionCreated({ x: "y".repeat(limits.payloadBytesMax) }) } },
    413,
  ],
  ["a body of more than 2 MiB", { text: `"${"x".repeat(limits.requestBodyBytesMax)}"` }, 413],
])("%s is refused", async (_, call, status) => {
  const before = await countMessages();
  expect((await weft.call("POST", "/events", call)).status).toBe(status);
  expect(await countMessages()).toBe(before);
});

test("a body that is not UTF-8 is a 400", async () => {
  const response = await fetch(`${weft.url}/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: new Uint8Array([0x22, 0xff, 0xfe, 0x22]),
  });
  expect(response.status).toBe(400);
});

test("JSON with extreme nesting is refused and crashes nothing", async () => {
  const deep = "[".repeat(200_000) + "]".repeat(200_000);
  const answered = await weft.call("POST", "/events", {
    text: `{"event_type":"collection.created","payload":${deep}}`,
  });
  expect([400, 413, 422]).toContain(answered.status);
  expect((await weft.get("/health")).status).toBe(200);
});

test("the catalogue lists the 25 events of Airweave's SDKs, each with a schema and an example that is accepted", async () => {
  const { body } = await weft.get("/webhooks/event-types");
  expect(body).toHaveLength(25);
  const isPublished = Map.groupBy(body, (type: { published_by_weft: boolean }) => type.published_by_weft);
  expect([isPublished.get(true)?.length, isPublished.get(false)?.length]).toEqual([16, 9]);
  for (const { name, example } of body) {
    expect((await weft.post("/events", { event_type: name, payload: example })).status, name).toBe(200);
  }
});

async function countMessages(): Promise<number> {
  let count = 0;
  let path: string | undefined = "/webhooks/messages?limit=250";
  while (path !== undefined) {
    const page: Awaited<ReturnType<RunningWeft["get"]>> = await weft.get(path);
    count += page.body.length;
    path = /<([^>]+)>/.exec(page.headers.get("link") ?? "")?.[1];
  }
  return count;
}

test("event types are listed in pages, and a page of large schemas ends before a mebibyte", async () => {
  const padding = Array.from({ length: 4 }, () => "x".repeat(50_000));
  for (let index = 0; index < 8; index++) {
    const schemas = { 1: { type: "object", examples: [{ padding }] } };
    const made = await weft.post("/api/v1/event-type", { name: `large.number${index}`, description: "Large", schemas });
    expect(made.status).toBe(201);
  }
  const names: string[] = [];
  let pages = 0;
  for (let path: string | null = "/webhooks/event-types?limit=5"; path !== null; pages++) {
    const page = await weft.get(path);
    expect(Buffer.byteLength(page.text)).toBeLessThan(limits.pageBytesMax + 1_024);
    names.push(...page.body.map(({ name }: { name: string }) => name));
    path = /<(.*)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1] ?? null;
  }
  expect(pages).toBeGreaterThan(3);
  expect(names).toEqual([...new Set(names)]);
  expect(names.filter((name) => name.startsWith("large."))).toHaveLength(8);
  expect(await weft.get("/webhooks/event-types?cursor=never.defined")).toMatchObject({
    status: 422,
    body: { errors: [{ loc: ["query", "cursor"], type: "cursor_invalid" }] },
  });
});
