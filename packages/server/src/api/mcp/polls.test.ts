import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";
import { completed } from "../fixtures/weft-and-receiver.ts";

const adminKey = "admin-key-of-the-tests-of-polls-0123456789";
const admin = { headers: { "x-api-key": adminKey } };
const opened: Client[] = [];

let weft: RunningWeft;

beforeAll(async () => {
  weft = await RunningWeft.start({ WEFT_ADMIN_KEY: adminKey }, "serve");
});

afterAll(async () => {
  for (const client of opened) await client.close();
  await weft[Symbol.asyncDispose]();
});

async function keyWith(...scopes: string[]): Promise<{ id: string; key: string }> {
  return (await weft.post("/api-keys", { name: scopes.join(), scopes }, admin)).body;
}

async function connected(key: string, isModern = true): Promise<Client> {
  const mode = isModern ? { pin: "2026-07-28" } : ("legacy" as const);
  const client = new Client({ name: "a test", version: "1" }, { versionNegotiation: { mode } });
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", weft.url), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  opened.push(client);
  return client;
}

interface Polled {
  readonly events: { eventId: string; name: string; timestamp: string; data: { collection_readable_id: string } }[];
  readonly cursor: string;
  readonly truncated: boolean;
  readonly hasMore: boolean;
  readonly nextPollMs: number;
}

async function poll(client: Client, params: object = {}): Promise<Polled> {
  const request = { method: "events/poll", params: { name: "sync.completed", ...params } };
  return (await client.request(request, z.looseObject({}))) as unknown as Polled;
}

async function published(collection = "sales-data-ab123"): Promise<string> {
  const event = completed();
  const payload = { ...event.payload, collection_readable_id: collection };
  return (await weft.post("/events", { ...event, payload }, admin)).body.id;
}

const meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

/** The response to a request, of a client that supports the newer version or only the older ones. */
async function textOf(key: string, params: object, isModern = true): Promise<string> {
  const versions = isModern ? { "mcp-protocol-version": "2026-07-28", "mcp-method": "events/poll" } : {};
  const response = await fetch(`${weft.url}/mcp`, {
    method: "POST",
    headers: {
      ...{ "content-type": "application/json", accept: "application/json, text/event-stream" },
      ...{ "x-api-key": key, ...versions },
    },
    body: JSON.stringify({
      ...{ jsonrpc: "2.0", id: 1, method: "events/poll" },
      params: { ...(isModern && { _meta: meta }), ...params },
    }),
  });
  return await response.text();
}

describe.each([true, false])("a client of the newer protocol: %s", (isModern) => {
  test("polls from now on, gets matching events once, and reads the rest at once", async () => {
    const client = await connected((await keyWith("subscribe")).key, isModern);
    const wanted = { arguments: { collection_readable_id: ["wanted-1", "wanted-2"] } };
    await published("wanted-1");
    const first = await poll(client, { ...wanted, cursor: null });
    expect(first).toMatchObject({ events: [], truncated: false, hasMore: false });
    expect(first.nextPollMs).toBe(limits.mcpPollRestMs);
    const ids = [await published("wanted-1")];
    await published("unwanted");
    ids.push(await published("wanted-2"), await published("wanted-1"));
    const second = await poll(client, { ...wanted, cursor: first.cursor, maxEvents: 2 });
    expect(second).toMatchObject({ truncated: false, hasMore: true });
    const third = await poll(client, { ...wanted, cursor: second.cursor });
    expect(third.hasMore).toBe(false);
    const events = [...second.events, ...third.events];
    expect(events.map(({ data }) => data.collection_readable_id)).toEqual(["wanted-1", "wanted-2", "wanted-1"]);
    const shown = await Promise.all(
      events.map(async ({ eventId }) => (await weft.get(`/webhooks/messages/${eventId}`, admin)).body.id),
    );
    expect(shown).toEqual(ids);
    expect(events[0]).toMatchObject({ name: "sync.completed", timestamp: "2026-01-15T14:30:00.000Z" });
    expect(events[0]).not.toHaveProperty("cursor");
    expect((await poll(client, { ...wanted, cursor: third.cursor })).events).toEqual([]);
  });

  test("gets the payload byte for byte, with line breaks as the transport writes them", async () => {
    const name = `polls.exact_${isModern}`;
    await weft.post("/webhooks/event-types", { name, description: "" }, admin);
    const { key } = await keyWith("subscribe");
    const at = await textOf(key, { name, cursor: null }, isModern);
    const [, cursor] = /"cursor":"([^"]+)"/.exec(at) ?? [];
    const payload = '{"n": 12345678901234567890,\r\n "n": 1.10,\n "2": "weft-result-$&", "1": "\\u00e9"}';
    await weft.call("POST", "/events", { text: `{"event_type": "${name}", "payload": ${payload}}`, ...admin });
    const text = await textOf(key, { name, cursor }, isModern);
    const shown = isModern ? payload : payload.replaceAll(/\r?\n/g, "\ndata: ");
    expect(text).toContain(`"data":${shown}}],"cursor":"`);
    const whole = isModern ? text : text.replaceAll(/^(event: .*|data: )/gm, "");
    expect(JSON.parse(whole).result.events[0].data).toEqual({ n: 1.1, 1: "é", 2: "weft-result-$&" });
  });
});

test("events are listed with both ways of delivery, and poll is no mode of a subscription", async () => {
  const client = await connected((await keyWith("subscribe")).key);
  const { events } = (await client.request({ method: "events/list", params: {} }, z.looseObject({}))) as unknown as {
    events: { delivery: string[] }[];
  };
  expect(new Set(events.map(({ delivery }) => delivery.join()))).toEqual(new Set(["webhook,poll"]));
});

const invalidRequests: [string, object, object][] = [
  ["an unknown event", { name: "no.such" }, { code: -32_011, data: { kind: "event" } }],
  ["an unknown argument", { arguments: { nothing: 1 } }, { code: -32_602, data: { field: "arguments.nothing" } }],
  ["a cursor that is no text", { cursor: 1 }, { code: -32_602, data: { field: "cursor" } }],
  ["a cursor that is too long", { cursor: "x".repeat(9_000) }, { code: -32_602, data: { field: "cursor" } }],
  ["no events", { maxEvents: 0 }, { code: -32_602, data: { field: "maxEvents" } }],
  ["a negative age", { maxAgeMs: -1 }, { code: -32_602, data: { field: "maxAgeMs" } }],
];

test.each(invalidRequests)("a poll with %s is refused", async (_, params, error) => {
  const client = await connected((await keyWith("subscribe")).key);
  await expect(poll(client, params)).rejects.toMatchObject(error);
});

test("a poll returns at most the largest number of events, however many were requested", async () => {
  const client = await connected((await keyWith("write")).key);
  const { cursor } = await poll(client);
  const events = Array.from({ length: limits.mcpPollEventsMax + 1 }, completed);
  expect((await weft.post("/events", events, admin)).status).toBe(200);
  const polled = await poll(client, { cursor, maxEvents: 1_000_000 });
  expect(polled.events).toHaveLength(limits.mcpPollEventsMax);
  expect((await poll(client, { cursor: polled.cursor })).events).toHaveLength(1);
});

test("a cursor that is not known starts now and says so, and the cursor of another organization shows nothing of it", async () => {
  const organization = (await weft.post("/organizations", { name: "Other" }, admin)).body.id;
  const inOther = { headers: { ...admin.headers, "x-organization-id": organization } };
  const other = (await weft.post("/api-keys", { name: "other", scopes: ["subscribe"] }, inOther)).body.key;
  const client = await connected((await keyWith("subscribe")).key);
  const { cursor } = await poll(client);
  await published();
  expect(await poll(client, { cursor: "lost" })).toMatchObject({ events: [], truncated: true });
  const stranger = await connected(other);
  expect((await poll(stranger, { cursor })).events).toEqual([]);
});

test("a poll needs the scope of a subscription, and a key that can be revoked", async () => {
  const scope = { code: -32_012, data: { reason: "scope_missing" } };
  await expect(poll(await connected((await keyWith("read")).key))).rejects.toMatchObject(scope);
  const principal = { code: -32_012, data: { reason: "no_principal" } };
  await expect(poll(await connected(adminKey))).rejects.toMatchObject(principal);
});

test("a deleted key polls no more", async () => {
  const { id, key } = await keyWith("subscribe");
  const client = await connected(key);
  const { cursor } = await poll(client);
  await weft.delete(`/api-keys/${id}`, admin);
  await expect(poll(client, { cursor })).rejects.toThrow();
});
