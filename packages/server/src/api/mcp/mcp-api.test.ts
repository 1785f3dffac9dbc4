import { Client, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";
import { completed } from "../fixtures/weft-and-receiver.ts";

const adminKey = "admin-key-of-the-tests-of-agents-0123456789";
const admin = { headers: { "x-api-key": adminKey } };
const eras = ["2026-07-28", "legacy"] as const;
type Era = (typeof eras)[number];

let weft: RunningWeft;
let receiver: Receiver;
const opened: Client[] = [];

beforeAll(async () => {
  const env = {
    WEFT_ADMIN_KEY: adminKey,
    WEFT_ALLOW_HTTP: "true",
    WEFT_ALLOW_NETWORKS: "127.0.0.0/8",
    WEFT_MCP_WRITE: "true",
    WEFT_TEST_SOURCES: "true",
  };
  [weft, receiver] = await Promise.all([RunningWeft.start(env, "serve"), Receiver.start()]);
});

afterAll(async () => {
  for (const client of opened) await client.close();
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

async function keyWith(...scopes: string[]): Promise<string> {
  return (await weft.post("/api-keys", { name: scopes.join(), scopes }, admin)).body.key;
}

async function connected(key: string, era: Era = "2026-07-28", url = weft.url): Promise<Client> {
  const versionNegotiation = era === "legacy" ? { mode: "legacy" as const } : { mode: { pin: era } };
  const client = new Client({ name: "a test", version: "1" }, { versionNegotiation });
  const transport = new StreamableHTTPClientTransport(new URL("/mcp", url), {
    requestInit: { headers: { authorization: `Bearer ${key}` } },
  });
  await client.connect(transport);
  opened.push(client);
  return client;
}

// biome-ignore lint/suspicious/noExplicitAny: tests read results of every shape.
async function called(client: Client, name: string, args: object = {}): Promise<any> {
  const result = await client.callTool({ name, arguments: { ...args } });
  const [text] = result.content as { text: string }[];
  if (result.isError === true) return text?.text;
  expect(JSON.parse(text?.text ?? "")).toEqual(result.structuredContent);
  return result.structuredContent;
}

async function subscribed(more: object = {}): Promise<string> {
  const body = { url: receiver.url(), event_types: ["sync.completed"], ...more };
  const made = await weft.post("/webhooks/subscriptions", body, admin);
  expect(made.status).toBe(200);
  return made.body.id;
}

/** Waits until no delivery of a message is on its way for the first time. */
async function settled(message: string): Promise<void> {
  await expect
    .poll(async () => {
      const deliveries = (await weft.get(`/webhooks/messages/${message}/deliveries`, admin)).body;
      return deliveries.some(
        ({ attempts, outcome }: { attempts: number; outcome: string }) => attempts === 0 && outcome === "waiting",
      );
    })
    .toBe(false);
}

async function published(): Promise<string> {
  const id = (await weft.post("/events", completed(), admin)).body.id;
  await settled(id);
  return id;
}

describe.each(eras)("in the protocol %s,", (era) => {
  test("an agent lists the tools that its key allows, and calls them", async () => {
    const client = await connected(await keyWith("read"), era);
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toEqual([
      "search_collection",
      "list_collections",
      "list_subscriptions",
      "list_messages",
      "get_message",
      "explain_delivery",
      "preview_recovery",
      "list_syncs",
    ]);
    for (const { annotations, outputSchema } of tools) {
      expect(annotations).toMatchObject({ readOnlyHint: true, destructiveHint: false, openWorldHint: false });
      expect(outputSchema).toMatchObject({ type: "object" });
    }
    receiver.respond = status(500);
    const subscription = await subscribed();
    const message = await published();
    receiver.respond = status(204);
    const explained = await called(client, "explain_delivery", { message_id: message, subscription_id: subscription });
    expect(explained.deliveries).toMatchObject([
      {
        outcome: "waiting",
        reason: "retry",
        explanation: "Attempt 1 failed. The retry schedule decides when the next one starts.",
        attempts: [{ number: 1, response_status_code: 500 }],
      },
    ]);
    expect((await called(client, "list_messages", { limit: 1 })).items).toMatchObject([{ message_id: message }]);
    const listed = await called(client, "list_subscriptions", { limit: 100 });
    expect(listed.items).toContainEqual(expect.objectContaining({ subscription_id: subscription, kind: "endpoint" }));
  });

  test("resources are event types, messages, subscriptions and collections, and an unknown one is an error", async () => {
    const client = await connected(await keyWith("read"), era);
    const { resources } = await client.listResources();
    expect(resources.map(({ uri }) => uri)).toContain("weft://event-types/sync.completed");
    const { resourceTemplates } = await client.listResourceTemplates();
    expect(resourceTemplates).toHaveLength(4);
    const [read] = (await client.readResource({ uri: "weft://event-types/sync.completed" })).contents;
    expect(JSON.parse((read as { text: string }).text)).toMatchObject({ name: "sync.completed" });
    const unknown = client.readResource({ uri: "weft://messages/msg_unknown" });
    await expect(unknown).rejects.toMatchObject({ code: -32_602 });
  });
});

test("a payload arrives as its accepted text, with numbers that JavaScript cannot hold", async () => {
  const client = await connected(await keyWith("read"));
  const payload = '{"n": 12345678901234567890, "n": 1.10}';
  await weft.post("/webhooks/event-types", { name: "agent.exact", description: "" }, admin);
  const text = `{"event_type": "agent.exact", "payload": ${payload}}`;
  const made = await weft.call("POST", "/events", { text, ...admin });
  expect((await called(client, "get_message", { message_id: made.body.id })).payload).toBe(payload);
});

test("write tools need the scope and the setting, and a preview that fits", async () => {
  const readOnly = await connected(await keyWith("read"));
  const call = readOnly.callTool({ name: "resend_message", arguments: { message_id: "x" } });
  await expect(call).rejects.toMatchObject({ code: -32_602 });
  const key = await keyWith("read", "write");
  const client = await connected(key);
  const subscription = await subscribed();
  const message = await published();
  const resend = { message_id: message, subscription_id: subscription, idempotency_key: "once" };
  const before = receiver.received.length;
  const first = await called(client, "resend_message", resend);
  expect(first).toEqual({ message_id: message, subscription_ids: [subscription] });
  expect(await called(client, "resend_message", resend)).toEqual(first);
  await expect.poll(() => receiver.received.length).toBe(before + 1);
  expect((await weft.get("/audit-log?kind=replay", admin)).body[0]).toMatchObject({ operation: "resendMessage" });

  const window = {
    subscription_id: subscription,
    since: new Date(Date.now() - 3_600_000).toISOString(),
    scope: "everything",
  };
  const preview = await called(client, "preview_recovery", window);
  expect(preview).toMatchObject({ deliveries: 1, is_exact: true });
  const wanted = { ...window, until: preview.until, confirm: preview.confirm };
  const other = await connected(await keyWith("read", "write"));
  const foreign = "The confirmation belongs to another recovery. Call preview_recovery with these arguments.";
  expect(await called(other, "recover_subscription", wanted)).toBe(foreign);
  expect(await called(client, "recover_subscription", { ...wanted, scope: "never_sent" })).toBe(foreign);
  const unknown = "The confirmation is unknown or has expired. Call preview_recovery.";
  expect(await called(client, "recover_subscription", { ...wanted, confirm: "x.y.z" })).toBe(unknown);
  expect(await called(client, "recover_subscription", wanted)).toMatchObject({ status: "running" });
  const log = (await weft.get("/audit-log", admin)).body;
  const changes = log.filter(({ actor }: { actor: { kind: string } }) => actor.kind === "api_key");
  expect(changes[0]).toMatchObject({ operation: "recoverMessages", fields: ["since", "until", "scope"] });

  const test = await called(client, "send_test_event", { subscription_id: subscription, event_type: "sync.completed" });
  expect(test).toMatchObject({ status: "success", response_status_code: 204 });
});

test("a refusal of the API is a result that the model can read", async () => {
  const client = await connected(await keyWith("read"));
  expect(await called(client, "get_message", { message_id: "msg_unknown" })).toBe("Message not found");
  const collection = await called(client, "search_collection", { collection: "none", query: "x" });
  expect(collection).toMatch(/not found/);
  expect(await called(client, "list_messages", { limit: 0 })).toMatch(/limit/);
});

test("a synced text is found, with its source", async () => {
  const client = await connected(await keyWith("read", "write"));
  const collection = (await weft.post("/collections", { name: "Agents" }, admin)).body;
  const connection = await weft.post(
    "/source-connections",
    {
      short_name: "stub",
      readable_collection_id: collection.readable_id,
      authentication: { credentials: { stub_key: "k" } },
      sync_immediately: false,
    },
    admin,
  );
  expect(connection.status).toBe(200);
  expect(await called(client, "run_sync", { source_connection_id: connection.body.id })).toMatchObject({
    status: "pending",
  });
  await expect
    .poll(
      async () =>
        (await called(client, "list_syncs", { collection: collection.readable_id })).items[0].last_job?.status,
    )
    .toBe("completed");
  expect((await called(client, "list_collections")).items[0]).toMatchObject({ readable_id: collection.readable_id });
});

describe("a plain request", () => {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const headers = (method: string) => ({
    accept: "application/json, text/event-stream",
    "mcp-protocol-version": "2026-07-28",
    "mcp-method": method,
  });

  async function sent(method: string, more: { params?: object; headers?: Record<string, string>; text?: string } = {}) {
    const body = { jsonrpc: "2.0", id: 1, method, params: { _meta: meta, ...more.params } };
    const response = await fetch(`${weft.url}/mcp`, {
      method: "POST",
      headers: { "content-type": "application/json", "x-api-key": adminKey, ...headers(method), ...more.headers },
      body: more.text ?? JSON.stringify(body),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === "" ? null : JSON.parse(text) };
  }

  test("without a key is a 401 that names the scheme, before its body is read", async () => {
    const refused = await sent("tools/list", { headers: { "x-api-key": "" }, text: "not JSON" });
    expect(refused).toMatchObject({ status: 401, body: { error: { data: { reason: "unauthenticated" } } } });
    expect(refused.headers.get("www-authenticate")).toBe("Bearer");
  });

  test("of a page on another host is refused", async () => {
    expect(await sent("tools/list", { headers: { origin: "https://evil.example" } })).toMatchObject({ status: 403 });
    expect(await sent("tools/list", { headers: { origin: weft.url } })).toMatchObject({ status: 200 });
  });

  test("discovers the server, whose results are complete", async () => {
    const { status, body } = await sent("server/discover");
    expect(status).toBe(200);
    expect(body.result).toMatchObject({ resultType: "complete", supportedVersions: ["2026-07-28"] });
  });

  test.each([
    [
      "with an unknown version",
      {
        headers: { "mcp-protocol-version": "2030-01-01" },
        params: { _meta: { ...meta, "io.modelcontextprotocol/protocolVersion": "2030-01-01" } },
      },
      400,
      -32_022,
    ],
    ["whose method differs from its header", { headers: { "mcp-method": "tools/call" } }, 400, -32_020],
    [
      "without its required fields",
      { params: { _meta: { "io.modelcontextprotocol/protocolVersion": "2026-07-28" } } },
      400,
      -32_602,
    ],
  ])("%s is refused", async (_, more, status, code) => {
    expect(await sent("tools/list", more)).toMatchObject({ status, body: { error: { code } } });
  });

  test("to a method that does not exist is a 404", async () => {
    for (const method of ["nothing/here", "subscriptions/listen"]) {
      expect(await sent(method)).toMatchObject({ status: 404, body: { error: { code: -32_601 } } });
    }
  });

  test("with a body that is invalid JSON, too deep or too large is refused", async () => {
    expect(await sent("x", { text: "{" })).toMatchObject({ status: 400, body: { error: { code: -32_700 } } });
    expect(await sent("x", { text: `${"[".repeat(30)}${"]".repeat(30)}` })).toMatchObject({ status: 422 });
    expect(await sent("x", { text: JSON.stringify("x".repeat(200_000)) })).toMatchObject({ status: 413 });
  });

  test("with another method of HTTP is a 405", async () => {
    for (const method of ["GET", "DELETE"]) {
      const response = await fetch(`${weft.url}/mcp`, { method, headers: { "x-api-key": adminKey } });
      expect(response.status).toBe(405);
    }
  });

  test("with a batch is refused, also of a client that supports only older versions", async () => {
    const text = JSON.stringify([{ jsonrpc: "2.0", id: 1, method: "tools/list", params: {} }]);
    const refused = { status: 400, body: { error: { code: -32_600 } } };
    expect(await sent("tools/list", { text })).toMatchObject(refused);
    const version = { "mcp-protocol-version": "2025-03-26", "mcp-method": "" };
    expect(await sent("tools/list", { text, headers: version })).toMatchObject(refused);
  });
});
