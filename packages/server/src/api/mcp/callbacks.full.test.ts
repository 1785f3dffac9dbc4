import type { RequestListener } from "node:http";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { limits } from "../../domain/limits.ts";
import { TestAuthority } from "../../outbound/fixtures/certificates.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";
import { completed } from "../fixtures/weft-and-receiver.ts";

const adminKey = "admin-key-of-the-tests-of-callbacks-0123456789";
const admin = { headers: { "x-api-key": adminKey } };
const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;

let weft: RunningWeft;
let receiver: Receiver;
let key: string;

beforeAll(async () => {
  const env = { WEFT_ADMIN_KEY: adminKey, WEFT_ALLOW_HTTP: "true", WEFT_ALLOW_NETWORKS: "127.0.0.0/8" };
  [weft, receiver] = await Promise.all([RunningWeft.start(env, "serve"), Receiver.start()]);
});

beforeEach(async () => {
  receiver.received.length = 0;
  receiver.respond = agent;
  key = (await weft.post("/api-keys", { name: "agent", scopes: ["subscribe"] }, admin)).body.key;
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

/** A receiver that returns challenges and accepts events. */
function agent(...[response, { body }]: Parameters<Receiver["respond"]>): void {
  const { challenge } = JSON.parse(body) as { challenge?: string };
  response.writeHead(200).end(JSON.stringify({ challenge }));
}

interface Given {
  readonly url?: string;
  readonly source?: string;
}

// biome-ignore lint/suspicious/noExplicitAny: tests read responses of every shape.
async function subscribe({ url = receiver.url(), source }: Given = {}): Promise<any> {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const given = source === undefined ? {} : { source_type: source };
  const params = { _meta: meta, name: "sync.completed", arguments: given, delivery: { url, secret } };
  const response = await fetch(`${weft.url}/mcp`, {
    method: "POST",
    headers: {
      ...{ "content-type": "application/json", accept: "application/json, text/event-stream", "x-api-key": key },
      ...{ "mcp-protocol-version": "2026-07-28", "mcp-method": "events/subscribe" },
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "events/subscribe", params }),
  });
  return await response.json();
}

async function subscriptions(): Promise<number> {
  return (await weft.get("/webhooks/subscriptions?limit=250", admin)).body.length;
}

async function secureServer(expired: boolean, listener: RequestListener) {
  using authority = new TestAuthority("an authority that Weft does not know");
  const { certificate: cert, privateKey } = authority.issue("localhost", { expired });
  const server = createServer({ cert, key: privateKey }, listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `https://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

test("a callback that never responds to the challenge is a timeout, and stores no subscription", async () => {
  receiver.respond = () => {};
  const { error } = await subscribe();
  expect(error).toMatchObject({ code: -32_015, data: { reason: "timeout" } });
  expect([receiver.received.length, await subscriptions()]).toEqual([1, 0]);
});

test("a callback that sends its response too slowly is a timeout as well", async () => {
  receiver.respond = (response) => {
    response.writeHead(200);
    const trickle = setInterval(() => response.write(" "), 500);
    response.on("close", () => clearInterval(trickle));
  };
  const { error } = await subscribe();
  expect(error).toMatchObject({ code: -32_015, data: { reason: "timeout" } });
  expect(await subscriptions()).toBe(0);
});

test("a callback that redirects is not followed, even to a receiver that would return the challenge", async () => {
  await using target = await Receiver.start();
  target.respond = agent;
  for (const code of [301, 302, 307, 308]) {
    receiver.respond = status(code, { location: target.url() });
    expect((await subscribe()).error).toMatchObject({ code: -32_015, data: { reason: "http_4xx" } });
  }
  expect([target.received.length, await subscriptions()]).toEqual([0, 0]);
});

test.each([
  ["of an unknown authority", false],
  ["that has expired", true],
])("a callback with a certificate %s gets no challenge", async (_, expired) => {
  let requests = 0;
  await using server = await secureServer(expired, (_request, response) => {
    requests += 1;
    response.end("{}");
  });
  const { error } = await subscribe({ url: server.url });
  expect(error).toMatchObject({ code: -32_015, data: { reason: "tls_error" } });
  expect([requests, await subscriptions()]).toEqual([0, 0]);
});

test("events to a verified callback that hangs or redirects are retried, and a refresh shows the category alone", async () => {
  await using target = await Receiver.start();
  const { result } = await subscribe({ source: "git" });
  const failing = async (reason: string) => {
    const event = completed();
    await weft.post("/events", { ...event, payload: { ...event.payload, source_type: "git" } }, admin);
    const lastError = async () => (await subscribe({ source: "git" })).result.deliveryStatus.lastError;
    await expect.poll(lastError, { timeout: 30_000, interval: 500 }).toBe(reason);
  };
  receiver.respond = status(302, { location: target.url() }, "leaked words");
  await failing("http_4xx");
  receiver.respond = () => {};
  await failing("timeout");
  const refreshed = await subscribe({ source: "git" });
  expect(refreshed.result.id).toBe(result.id);
  expect(JSON.stringify(refreshed)).not.toContain("leaked");
  expect(target.received).toEqual([]);
});

test("an agent at a limit of subscriptions is refused before its callback is challenged", {
  timeout: 240_000,
}, async () => {
  const { mcpSubscriptionsOfPrincipalMax: ofPrincipal, mcpSubscriptionsOfOrganizationMax: ofOrganization } = limits;
  const before = (await weft.get("/webhooks/subscriptions?limit=250", admin)).body.length;
  const fill = async (count: number) => {
    // The first one verifies the callback, and the others need no challenge.
    expect((await subscribe({ source: "source-0" })).result.id).toMatch(/^sub_/);
    const rest = Array.from({ length: count - 1 }, (_, index) => subscribe({ source: `source-${index + 1}` }));
    for (const { result } of await Promise.all(rest)) expect(result.id).toMatch(/^sub_/);
  };
  await fill(ofPrincipal);
  const refusal = { code: -32_013, data: { limit: "subscriptions", max: ofPrincipal } };
  receiver.received.length = 0;
  expect((await subscribe({ url: receiver.url("/another") })).error).toMatchObject(refusal);
  expect(receiver.received).toEqual([]);
  expect((await subscribe({ source: "source-0" })).result).toHaveProperty("deliveryStatus");
  for (let total = before + ofPrincipal; total < ofOrganization; total += ofPrincipal) {
    key = (await weft.post("/api-keys", { name: "agent", scopes: ["subscribe"] }, admin)).body.key;
    await fill(Math.min(ofPrincipal, ofOrganization - total));
  }
  key = (await weft.post("/api-keys", { name: "agent", scopes: ["subscribe"] }, admin)).body.key;
  receiver.received.length = 0;
  const { error } = await subscribe({ url: receiver.url("/another") });
  expect(error).toMatchObject({ code: -32_013, data: { limit: "subscriptions", max: ofOrganization } });
  expect(receiver.received).toEqual([]);
});
