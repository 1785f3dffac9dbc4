import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import {
  experimental_createMCPClient as createMCPClient,
  experimental_createMCPEventWebhook as createMCPEventWebhook,
  type Experimental_MCPEventStore as EventStore,
  type Experimental_MCPEventSubscription as EventSubscription,
} from "@ai-sdk/mcp";
import { Webhook } from "standardwebhooks";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Received, Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { limits } from "../../domain/limits.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";
import { completed } from "../fixtures/weft-and-receiver.ts";

const adminKey = "admin-key-of-the-tests-of-events-0123456789";
const admin = { headers: { "x-api-key": adminKey } };
const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const otherSecret = `whsec_${Buffer.alloc(32, 2).toString("base64")}`;

let weft: RunningWeft;
let receiver: Receiver;

beforeAll(async () => {
  const env = { WEFT_ADMIN_KEY: adminKey, WEFT_ALLOW_HTTP: "true", WEFT_ALLOW_NETWORKS: "127.0.0.0/8" };
  [weft, receiver] = await Promise.all([RunningWeft.start(env, "serve"), Receiver.start()]);
});

beforeEach(() => {
  receiver.received.length = 0;
  receiver.respond = agent;
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

/** A receiver that returns challenges and accepts events. */
function agent(...[response, { body }]: Parameters<Receiver["respond"]>): void {
  const { type, challenge } = JSON.parse(body) as { type?: string; challenge?: string };
  if (type === "verification") response.writeHead(200).end(JSON.stringify({ challenge }));
  else response.writeHead(204).end();
}

async function keyWith(...scopes: string[]): Promise<{ id: string; key: string }> {
  return (await weft.post("/api-keys", { name: scopes.join(), scopes }, admin)).body;
}

const meta = {
  "io.modelcontextprotocol/protocolVersion": "2026-07-28",
  "io.modelcontextprotocol/clientCapabilities": {},
};

// biome-ignore lint/suspicious/noExplicitAny: tests read responses of every shape.
async function sent(key: string, method: string, params: object): Promise<{ status: number; result: any; error: any }> {
  const response = await fetch(`${weft.url}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "x-api-key": key,
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { _meta: meta, ...params } }),
  });
  return { status: response.status, ...((await response.json()) as { result: unknown; error: unknown }) };
}

function request(path = "/hook", more: object = {}) {
  const delivery = { mode: "webhook", url: receiver.url(path), secret };
  return { name: "sync.completed", arguments: {}, delivery, ...more };
}

async function published(collection = "sales-data-ab123"): Promise<string> {
  const event = completed();
  const payload = { ...event.payload, collection_readable_id: collection };
  return (await weft.post("/events", { ...event, payload }, admin)).body.id;
}

function events(path = "/hook"): Received[] {
  return receiver.received.filter((one) => one.path === path && "eventId" in JSON.parse(one.body));
}

async function ended(id: string): Promise<void> {
  const listed = async () =>
    (await weft.get("/webhooks/subscriptions?limit=100", admin)).body as { mcp: { subscription_id: string } | null }[];
  await expect
    .poll(async () => (await listed()).some(({ mcp }) => mcp?.subscription_id === id), { timeout: 15_000 })
    .toBe(false);
}

describe.each([true, false])("the client of the AI SDK, with discovery of the protocol version: %s,", (discovers) => {
  test("lists, subscribes, receives matching events, refreshes with another secret, and unsubscribes", async () => {
    const records = new Map<string, EventSubscription>();
    const store: EventStore = {
      get: async (key) => records.get(key),
      getById: async (id) => [...records.values()].find((record) => record.id === id),
      set: async (record) => void records.set(record.key, record),
      update: async (key, patch) => void records.set(key, { ...(records.get(key) as EventSubscription), ...patch }),
      delete: async (key) => void records.delete(key),
    };
    const received: { data: unknown; eventId: string }[] = [];
    const webhook = createMCPEventWebhook({
      store,
      onEvent: async ({ event }: { event: { data: unknown; eventId: string } }) => void received.push(event),
    });
    const server = createServer(async (incoming, outgoing) => {
      const chunks: Buffer[] = [];
      for await (const chunk of incoming) chunks.push(chunk as Buffer);
      const headers = new Headers(Object.entries(incoming.headers).map(([name, value]) => [name, String(value)]));
      const url = `http://127.0.0.1${incoming.url}`;
      const response = await webhook(new Request(url, { method: "POST", headers, body: Buffer.concat(chunks) }));
      outgoing.writeHead(response.status, Object.fromEntries(response.headers)).end(await response.text());
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { key } = await keyWith("subscribe");
    const client = await createMCPClient({
      transport: { type: "http", url: `${weft.url}/mcp`, headers: { authorization: `Bearer ${key}` } },
      experimental_events: { store },
      ...(discovers ? {} : { protocolVersionDiscovery: false }),
    });
    const { experimental_events: mcpEvents } = client;
    expect((await mcpEvents.list()).events.map(({ name }) => name)).toContain("sync.completed");
    const callback = `http://127.0.0.1:${(server.address() as AddressInfo).port}/agent`;
    const made = await mcpEvents.subscribe({
      name: "sync.completed",
      arguments: { collection_readable_id: ["wanted-1", "wanted-2"] },
      delivery: { mode: "webhook", url: callback, allowInsecureLocalhost: true },
    });
    expect(made.id).toMatch(/^sub_[0-9a-f]{32}$/);
    await published("unwanted");
    const first = await published("wanted-1");
    await expect.poll(() => received).toHaveLength(1);
    expect(received[0]?.data).toMatchObject({ collection_readable_id: "wanted-1" });
    const [record] = records.values();
    if (record === undefined) throw new Error("The client stored no subscription.");
    await store.update(record.key, { delivery: { ...record.delivery, secret: otherSecret } });
    expect((await mcpEvents.refresh({ id: made.id })).id).toBe(made.id);
    const second = await published("wanted-2");
    await expect.poll(() => received).toHaveLength(2);
    expect(received[1]?.eventId).not.toBe(received[0]?.eventId);
    await mcpEvents.unsubscribe({ id: made.id });
    const third = await published("wanted-1");
    const deliveries = async (id: string) => (await weft.get(`/webhooks/messages/${id}/deliveries`, admin)).body;
    await expect.poll(async () => (await deliveries(second))[0]?.outcome).toBe("delivered");
    expect((await deliveries(third)).filter(({ outcome }: { outcome: string }) => outcome !== "not_matched")).toEqual(
      [],
    );
    expect(first).not.toBe(third);
    expect(received).toHaveLength(2);
    await client.close();
    await new Promise((resolve) => server.close(resolve));
  });
});

test("the events are the catalogue's and the operator's, with schemas of arguments and payloads, on pages", async () => {
  const name = "agents.own";
  const schema = {
    type: "object",
    properties: { level: { type: "integer" }, kind: { enum: ["a", "b"] }, nested: { type: "object" } },
  };
  const made = await weft.post("/webhooks/event-types", { name, description: "", schemas: { "1": schema } }, admin);
  expect(made.status).toBe(200);
  const { key } = await keyWith("read");
  const { result } = await sent(key, "events/list", {});
  expect(result.resultType).toBe("complete");
  const own = result.events.find((event: { name: string }) => event.name === name);
  expect(Object.keys(own.inputSchema.properties)).toEqual(["level", "kind"]);
  expect(own).toMatchObject({ delivery: ["webhook", "poll"], payloadSchema: { type: "object" } });
  const sync = result.events.find((event: { name: string }) => event.name === "sync.completed");
  expect(Object.keys(sync.inputSchema.properties).sort()).toEqual([
    "collection_readable_id",
    "source_connection_id",
    "source_type",
  ]);
  const after = await sent(key, "events/list", { cursor: "sync.completed" });
  expect(after.result.events.every((event: { name: string }) => event.name > "sync.completed")).toBe(true);
  const discovered = await sent(key, "server/discover", {});
  expect(discovered.result.capabilities).toMatchObject({
    events: {},
    extensions: { "io.modelcontextprotocol/events": {} },
  });
  expect(await sent((await keyWith("publish")).key, "events/list", {})).toMatchObject({ error: { code: -32_012 } });
});

test("each request is signed as Standard Webhooks prescribe, and the payload arrives byte for byte", async () => {
  await weft.post("/webhooks/event-types", { name: "agents.exact", description: "" }, admin);
  const { key } = await keyWith("subscribe");
  const params = { ...request("/exact"), name: "agents.exact" };
  const { result } = await sent(key, "events/subscribe", params);
  const payload = '{"n": 12345678901234567890, "n": 1.10, "timestamp": "2026-11-29T21:03:00.127Z"}';
  await weft.call("POST", "/events", { text: `{"event_type": "agents.exact", "payload": ${payload}}`, ...admin });
  await expect.poll(() => events("/exact")).toHaveLength(1);
  const [challenge] = receiver.received;
  const [event] = events("/exact");
  for (const one of [challenge, event]) {
    expect(() => new Webhook(secret).verify(one?.body ?? "", one?.headers as Record<string, string>)).not.toThrow();
    expect(one?.headers["x-mcp-subscription-id"]).toBe(result.id);
    expect(Object.keys(one?.headers ?? {}).filter((name) => name.startsWith("svix"))).toEqual([]);
  }
  expect(challenge?.headers["webhook-id"]).toMatch(/^msg_verification_/);
  expect(event?.body).toContain(`"data":${payload},"cursor":null}`);
  const { eventId, name, timestamp } = JSON.parse(event?.body ?? "");
  expect({ eventId, name, timestamp }).toEqual({
    eventId: event?.headers["webhook-id"],
    name: "agents.exact",
    timestamp: "2026-11-29T21:03:00.127Z",
  });
});

test("the identity of a subscription is the caller, the URL, the name and the arguments in any order", async () => {
  const [one, two] = [(await keyWith("subscribe")).key, (await keyWith("write")).key];
  const given = { source_type: "git", collection_readable_id: "x" };
  const subscribe = (key: string, more: object) => sent(key, "events/subscribe", { ...request("/identity"), ...more });
  const { result: first } = await subscribe(one, { arguments: given });
  expect(first).toMatchObject({ truncated: false, cursor: null });
  expect(first).not.toHaveProperty("deliveryStatus");
  const { result: again } = await subscribe(one, { arguments: { collection_readable_id: "x", source_type: "git" } });
  expect(again).toMatchObject({ id: first.id, deliveryStatus: { active: true, lastError: null } });
  const { result: others } = await subscribe(two, { arguments: given });
  expect(others.id).not.toBe(first.id);
  expect(await sent(two, "events/unsubscribe", { ...request("/identity"), arguments: given })).toMatchObject({
    result: { resultType: "complete" },
  });
  expect((await subscribe(one, { arguments: given })).result).toHaveProperty("deliveryStatus");
  expect((await subscribe(two, { arguments: given })).result).not.toHaveProperty("deliveryStatus");
  const unknown = await sent(one, "events/unsubscribe", { ...request("/never"), name: "no.such" });
  expect(unknown).toMatchObject({ result: { resultType: "complete" } });
});

test.each([
  ["undefined", 3_600_000],
  ["0", 60_000],
  ["7200000", 7_200_000],
  ["999999999999", 86_400_000],
  ["null", 86_400_000],
])("a lifetime of %s is granted as %i ms", async (ttl, granted) => {
  const { key } = await keyWith("subscribe");
  const ttlMs = ttl === "undefined" ? undefined : (JSON.parse(ttl) as number | null);
  const before = Date.now();
  const { result } = await sent(key, "events/subscribe", { ...request(), ttlMs });
  const until = Date.parse(result.refreshBefore);
  expect(until).toBeGreaterThanOrEqual(before + granted);
  expect(until).toBeLessThanOrEqual(Date.now() + granted);
});

const invalidRequests: [string, (valid: ReturnType<typeof request>) => object, object][] = [
  ["an unknown event", () => ({ name: "no.such" }), { code: -32_011, data: { kind: "event" } }],
  [
    "an unknown argument",
    () => ({ arguments: { nothing: 1 } }),
    { code: -32_602, data: { field: "arguments.nothing" } },
  ],
  ["an argument named __proto__", () => ({ arguments: JSON.parse('{"__proto__": "x"}') }), { code: -32_602 }],
  ["an argument of another type", () => ({ arguments: { source_type: 1 } }), { code: -32_602 }],
  ["too many values", () => ({ arguments: { source_type: Array(101).fill("x") } }), { code: -32_602 }],
  [
    "another mode",
    ({ delivery }) => ({ delivery: { ...delivery, mode: "poll" } }),
    { code: -32_014, data: { feature: "deliveryMode", value: "poll" } },
  ],
  [
    "a URL with a fragment",
    ({ delivery }) => ({ delivery: { ...delivery, url: "https://example.com/#x" } }),
    { code: -32_602, data: { field: "delivery.url" } },
  ],
  [
    "a URL with credentials",
    ({ delivery }) => ({ delivery: { ...delivery, url: "https://a:b@example.com/" } }),
    { code: -32_602 },
  ],
  [
    "a short secret",
    ({ delivery }) => ({ delivery: { ...delivery, secret: `whsec_${Buffer.alloc(23).toString("base64")}` } }),
    { code: -32_602, data: { field: "delivery.secret" } },
  ],
  [
    "a long secret",
    ({ delivery }) => ({ delivery: { ...delivery, secret: `whsec_${Buffer.alloc(65).toString("base64")}` } }),
    { code: -32_602 },
  ],
  ["a negative lifetime", () => ({ ttlMs: -1 }), { code: -32_602, data: { field: "ttlMs" } }],
  ["half a millisecond", () => ({ ttlMs: 1.5 }), { code: -32_602 }],
  ["no delivery", () => ({ delivery: undefined }), { code: -32_602, data: { field: "delivery" } }],
];

test.each(invalidRequests)("a subscription with %s is refused", async (_, change, error) => {
  const { key } = await keyWith("subscribe");
  const valid = request();
  expect(await sent(key, "events/subscribe", { ...valid, ...change(valid) })).toMatchObject({ status: 200, error });
  expect(receiver.received).toEqual([]);
});

test("a callback that does not return the challenge gets no subscription, and none of its words are shown", async () => {
  const { key } = await keyWith("subscribe");
  const answers: [Receiver["respond"], string][] = [
    [status(200, {}, '{"challenge": "leaked words"}'), "challenge_failed"],
    [status(200, {}, "leaked words"), "challenge_failed"],
    [status(404, {}, "leaked words"), "http_4xx"],
    [status(302, { location: "http://127.0.0.1:1/" }), "http_4xx"],
    [status(503, {}, "leaked words"), "http_5xx"],
  ];
  for (const [respond, reason] of answers) {
    receiver.respond = respond;
    const { error } = await sent(key, "events/subscribe", request("/refuses"));
    expect(error).toMatchObject({ code: -32_015, data: { reason } });
    expect(JSON.stringify(error)).not.toContain("leaked");
  }
  for (const url of ["http://127.0.0.1:1/", "http://10.0.0.1/"]) {
    const params = { ...request(), delivery: { url, secret } };
    const { error } = await sent(key, "events/subscribe", params);
    expect(error).toMatchObject({ code: -32_015, data: { reason: "connection_refused" } });
  }
  const { body } = await weft.get("/webhooks/subscriptions?search=refuses", admin);
  expect(body).toEqual([]);
});

test("a principal may cause ten challenges in a minute, and a verified callback needs no further one", async () => {
  const { key } = await keyWith("subscribe");
  for (const index of Array(limits.mcpChallengesPerMinute).keys()) {
    expect((await sent(key, "events/subscribe", request(`/many-${index}`))).result.id).toMatch(/^sub_/);
  }
  const { error } = await sent(key, "events/subscribe", request("/many-more"));
  expect(error).toMatchObject({
    code: -32_013,
    data: { limit: "verification_rate", retryAfterMs: expect.any(Number) },
  });
  const more = { ...request("/many-0"), name: "sync.failed" };
  expect((await sent(key, "events/subscribe", more)).result.id).toMatch(/^sub_/);
});

test("an unsubscribe beats a subscribe that still verifies its callback, and so does a later subscribe", async () => {
  const { key } = await keyWith("subscribe");
  let release = () => {};
  const isAsked = new Promise<void>((asked) => {
    receiver.respond = (response, received) => {
      release = () => agent(response, received);
      asked();
    };
  });
  const slow = sent(key, "events/subscribe", request("/slow"));
  await isAsked;
  await sent(key, "events/unsubscribe", request("/slow"));
  release();
  expect(await slow).toMatchObject({ error: { code: -32_013, data: { limit: "concurrent_requests" } } });
  expect((await weft.get("/webhooks/subscriptions?search=/slow", admin)).body).toEqual([]);
});

test("410 and 413 fail an event permanently and keep the subscription, and 503 is retried soon", async () => {
  const { key } = await keyWith("subscribe");
  await sent(key, "events/subscribe", request("/outcomes"));
  for (const code of [410, 413]) {
    receiver.respond = status(code);
    const message = await published();
    const state = async () => {
      const all = (await weft.get(`/webhooks/messages/${message}/deliveries`, admin)).body;
      return all.find(({ url }: { url: string }) => url.endsWith("/outcomes"))?.state;
    };
    await expect.poll(state).toBe("failed");
  }
  receiver.respond = agent;
  const { result } = await sent(key, "events/subscribe", request("/outcomes"));
  expect(result.deliveryStatus).toMatchObject({ active: true, lastError: "http_4xx" });
  let answers = 0;
  receiver.respond = (response, { path }) =>
    void response.writeHead(path === "/outcomes" && answers++ === 0 ? 503 : 204).end();
  receiver.received.length = 0;
  await published();
  await expect.poll(() => events("/outcomes").length, { timeout: 15_000 }).toBe(2);
  const [first, second] = events("/outcomes");
  expect(second?.body).toBe(first?.body);
  expect(second?.headers["webhook-id"]).toBe(first?.headers["webhook-id"]);
});

test("an envelope of the largest size is sent, and a larger one fails permanently without a request", async () => {
  await weft.post("/webhooks/event-types", { name: "agents.large", description: "" }, admin);
  const { key } = await keyWith("subscribe");
  await sent(key, "events/subscribe", { ...request("/large"), name: "agents.large" });
  const publish = async (length: number) => {
    const payload = { text: "x".repeat(length) };
    return (await weft.post("/events", { event_type: "agents.large", payload }, admin)).body.id as string;
  };
  await publish(10);
  await expect.poll(() => events("/large")).toHaveLength(1);
  const overhead = Buffer.byteLength(events("/large")[0]?.body ?? "") - 10;
  const fits = limits.mcpBodyBytesMax - overhead;
  await publish(fits);
  await expect.poll(() => events("/large")).toHaveLength(2);
  expect(Buffer.byteLength(events("/large")[1]?.body ?? "")).toBe(limits.mcpBodyBytesMax);
  const tooLarge = await publish(fits + 1);
  const found = async () => (await weft.get(`/webhooks/messages/${tooLarge}?include_attempts=true`, admin)).body;
  await expect.poll(async () => (await found()).delivery_attempts[0]?.status).toBe("failed");
  expect((await found()).delivery_attempts[0]).toMatchObject({
    response_status_code: 0,
    error: expect.stringMatching(/^too_large/),
  });
  expect(events("/large")).toHaveLength(2);
});

test("a deleted key ends its subscriptions: the receiver is notified once, and a refresh is a 401", async () => {
  const { id, key } = await keyWith("subscribe");
  const { result } = await sent(key, "events/subscribe", request("/revoked"));
  await weft.delete(`/api-keys/${id}`, admin);
  const notices = () => receiver.received.filter(({ body }) => JSON.parse(body).type === "terminated");
  await expect.poll(() => notices().length, { timeout: 15_000 }).toBe(1);
  const [notice] = notices();
  const verified = new Webhook(secret).verify(notice?.body ?? "", notice?.headers as Record<string, string>);
  expect(verified).toEqual({
    type: "terminated",
    error: { code: -32_012, message: expect.any(String), data: { reason: "access_revoked" } },
  });
  expect(notice?.headers["webhook-id"]).toMatch(/^msg_terminated_/);
  await ended(result.id);
  const message = await published();
  const { body } = await weft.get(`/webhooks/messages/${message}/deliveries`, admin);
  expect(body.filter(({ url }: { url: string }) => url.endsWith("/revoked"))).toEqual([]);
  expect((await sent(key, "events/subscribe", request("/revoked"))).status).toBe(401);
});

test("the API shows a subscription of an agent without its secret, cannot change it, and can end it", async () => {
  const { key } = await keyWith("subscribe");
  const { result } = await sent(key, "events/subscribe", { ...request("/shown"), arguments: { source_type: "git" } });
  const [shown] = (await weft.get("/webhooks/subscriptions?search=/shown", admin)).body;
  expect(shown).toMatchObject({
    kind: "mcp",
    filter_types: ["sync.completed"],
    mcp: { subscription_id: result.id, arguments: { source_type: "git" } },
  });
  const path = `/webhooks/subscriptions/${shown.id}`;
  const refused = [
    await weft.patch(path, { disabled: true }, admin),
    await weft.post(`${path}/rotate-secret`, undefined, admin),
    await weft.get(`${path}?include_secret=true`, admin),
  ];
  for (const one of refused) expect(one).toMatchObject({ status: 409, body: { code: "subscription_of_agent" } });
  const texts = [shown, ...refused.map(({ text }) => text), (await weft.get("/audit-log", admin)).text];
  expect(JSON.stringify(texts)).not.toContain(secret.slice(6));
  const log = (await weft.get("/audit-log?operation=subscribeToMcpEvents", admin)).body;
  expect(log[0]).toMatchObject({ kind: "change", status: 200, actor: { kind: "api_key" } });
  expect((await weft.delete(path, admin)).status).toBe(200);
  await ended(result.id);
});

test("keys without the scope, and credentials that cannot be revoked, do not subscribe", async () => {
  const refused = request("/refused");
  const readOnly = await sent((await keyWith("read")).key, "events/subscribe", refused);
  expect(readOnly.error).toMatchObject({ code: -32_012, data: { reason: "scope_missing" } });
  const ofSettings = await sent(adminKey, "events/subscribe", refused);
  expect(ofSettings.error).toMatchObject({ code: -32_012, data: { reason: "no_principal" } });
  // The receiver may still be notified of the end of another subscription.
  expect(receiver.received.filter(({ path }) => path === "/refused")).toEqual([]);
});

test("a Weft without events has none of the methods, and the codes of the later design are a setting", async () => {
  await using none = await RunningWeft.start({ WEFT_MCP_EVENTS: "false" });
  const call = async (url: string, method: string, params: object) => {
    const headers = {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": method,
    };
    const body = JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { _meta: meta, ...params } });
    // biome-ignore lint/suspicious/noExplicitAny: tests read responses of every shape.
    return (await (await fetch(`${url}/mcp`, { method: "POST", headers, body })).json()) as any;
  };
  expect(await call(none.url, "events/list", {})).toMatchObject({ error: { code: -32_601 } });
  expect((await call(none.url, "server/discover", {})).result.capabilities).not.toHaveProperty("events");
  await using later = await RunningWeft.start({ WEFT_MCP_ERROR_CODES: "sep-3415" });
  const unknown = await call(later.url, "events/subscribe", { ...request(), name: "no.such" });
  expect(unknown).toMatchObject({ error: { code: -32_023, data: { kind: "event" } } });
});

test("a subscription ends with the API key that made it, at the latest", async () => {
  const expiresAt = new Date(Date.now() + 120_000).toISOString();
  const made = await weft.post("/api-keys", { name: "short", scopes: ["subscribe"], expires_at: expiresAt }, admin);
  const { result } = await sent(made.body.key, "events/subscribe", { ...request("/short-key"), ttlMs: null });
  expect(result.refreshBefore).toBe(expiresAt);
});
