import { once } from "node:events";
import { connect, type Socket } from "node:net";
import Fastify from "fastify";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import { ManualClock, until } from "../delivery/fixtures/manual-clock.ts";
import { limits } from "../domain/limits.ts";
import { TestDatabases } from "../store/postgres/fixtures/test-databases.ts";
import { endStalledConnections } from "./stalled-connections.ts";

/** A connection that sends a request and does not read the response until it is asked to. */
async function unreadCall(url: string, path: string, headers: Record<string, string> = {}, times = 1): Promise<Socket> {
  const socket = connect({ port: Number(new URL(url).port), host: "127.0.0.1" }).pause();
  await once(socket, "connect");
  const lines = Object.entries({ host: "127.0.0.1", ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
  socket.write(`GET ${path} HTTP/1.1\r\n${lines.join("")}\r\n`.repeat(times));
  socket.on("error", () => {});
  return socket;
}

describe("a connection whose peer does not read", () => {
  // It is more than any kernel buffers for a peer.
  const large = "x".repeat(64 * 1024 * 1024);

  async function serving() {
    const clock = new ManualClock(0);
    const server = Fastify();
    endStalledConnections(server, clock);
    const sockets: Socket[] = [];
    server.server.on("connection", (socket) => sockets.push(socket));
    server.get("/large", async () => large);
    const released = Promise.withResolvers<void>();
    server.get("/slow", async () => {
      await released.promise;
      return "at last";
    });
    const url = await server.listen({ host: "127.0.0.1", port: 0 });
    const pass = async (ms: number) => {
      for (let passed = 0; passed < ms; passed += limits.responseLookMs) {
        clock.advance(limits.responseLookMs);
        await new Promise((resolve) => setImmediate(resolve));
      }
    };
    return { url, sockets, pass, release: released.resolve, [Symbol.asyncDispose]: () => server.close() };
  }

  test("is closed when a response has waited for a minute", async () => {
    await using server = await serving();
    const socket = await unreadCall(server.url, "/large");
    const [seen] = (await until(
      "the response waits",
      () => server.sockets.some((one) => one.writableLength > 0) && server.sockets,
    )) as Socket[];
    await server.pass(limits.responseStalledMsMax - 2 * limits.responseLookMs);
    expect(seen?.destroyed).toBe(false);
    await server.pass(4 * limits.responseLookMs);
    expect(seen?.destroyed).toBe(true);
    socket.destroy();
  });

  test("is closed even when another response waits behind the first", async () => {
    await using server = await serving();
    const socket = await unreadCall(server.url, "/large");
    socket.write("GET /large HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n");
    const [seen] = (await until(
      "the response waits",
      () => server.sockets.some((one) => one.writableLength > 0) && server.sockets,
    )) as Socket[];
    await server.pass(2 * limits.responseStalledMsMax);
    expect(seen?.destroyed).toBe(true);
    socket.destroy();
  });

  test("stays open while its handler takes long, and while it has nothing to read", async () => {
    await using server = await serving();
    const socket = await unreadCall(server.url, "/slow");
    await until("the server has the connection", () => server.sockets.length === 1);
    await server.pass(10 * limits.responseStalledMsMax);
    expect(server.sockets[0]?.destroyed).toBe(false);
    server.release();
    const [text] = await once(socket.setEncoding("utf8").resume(), "data");
    expect(text).toContain("at last");
    await server.pass(10 * limits.responseStalledMsMax);
    expect(server.sockets[0]?.destroyed).toBe(false);
    socket.destroy();
  });
});

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const settings = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }),
};

describe.each(["SQLite", "PostgreSQL"] as const)("large lists over %s", (database) => {
  let weft: RunningWeft;
  const key = { "x-api-key": adminKey };
  beforeAll(async () => {
    weft = await startWeft(await settings[database]());
    await weft.post("/api/v1/app", { name: "Acme", uid: "acme" }, { headers: key });
    for (let count = 0; count < 24; count++) {
      const text = String(count).padEnd(255 * 1024, "x");
      const sent = { eventType: "a.b", eventId: `event-${count}`, payload: { text } };
      expect((await weft.post("/api/v1/app/acme/msg", sent, { headers: key })).status).toBe(202);
    }
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  const newestFirst = Array.from({ length: 24 }, (_, count) => `event-${23 - count}`);

  async function organizationHeaders() {
    const { body } = await weft.get("/v1/organizations", { headers: key });
    const acme = (body as { id: string; name: string }[]).find(({ name }) => name === "Acme");
    return { ...key, "x-organization-id": acme?.id ?? "" };
  }

  test("a page of messages ends before a mebibyte, and its Link header leads to all others", async () => {
    const headers = await organizationHeaders();
    const found: string[] = [];
    for (let path: string | null = "/v1/webhooks/messages?limit=250"; path !== null; ) {
      const page = await weft.get(path, { headers });
      expect(page.text.length).toBeLessThan(limits.pageBytesMax + 8 * 1024);
      found.push(...(page.body as { event_id: string }[]).map(({ event_id }) => event_id));
      path = /<(.*)>; rel="next"/.exec(page.headers.get("link") ?? "")?.[1] ?? null;
    }
    expect(found).toEqual(newestFirst);
  });

  test("a page of Svix' API does too, forwards and backwards, and its iterators lead on", async () => {
    const found: string[] = [];
    const before: string[] = [];
    let prevIterator = "";
    for (let iterator = "", done = false; !done; ) {
      const page = await weft.get(`/api/v1/app/acme/msg?limit=250&iterator=${iterator}`, { headers: key });
      expect(page.text.length).toBeLessThan(limits.pageBytesMax + 8 * 1024);
      found.push(...page.body.data.map(({ eventId }: { eventId: string }) => eventId));
      ({ iterator, prevIterator, done } = page.body);
    }
    for (let iterator = prevIterator, done = false; !done; ) {
      const page = await weft.get(`/api/v1/app/acme/msg?limit=250&iterator=${iterator}`, { headers: key });
      before.unshift(...page.body.data.map(({ eventId }: { eventId: string }) => eventId));
      ({ prevIterator: iterator, done } = page.body);
    }
    expect(found).toEqual(newestFirst);
    expect(before).toEqual(newestFirst.slice(0, before.length));
    expect(before.length).toBeGreaterThan(16);
  });

  test("an organization that does not read its responses is refused at a bound, and its bytes are released", async () => {
    const headers = await organizationHeaders();
    const neighbour = { "x-api-key": adminKey };
    const unread: Socket[] = [];
    // Each connection has more responses than the kernel takes, so one of each waits in Weft. A few connections more than
    // the bound has pages are enough: before that, the database reads several pages for each.
    const connections = limits.organizationBytesUnderWayMax / limits.pageBytesMax + 16;
    for (let count = 0; count < connections; count++) {
      unread.push(await unreadCall(weft.url, "/v1/webhooks/messages?limit=250", headers, 64));
    }
    const refused = await until("a call is refused", async () => {
      // Each reserves a page while it is read. Together they need more than the rejected requests have left.
      const probes = Array.from({ length: 16 }, () => weft.get("/v1/webhooks/messages?limit=1", { headers }));
      return (await Promise.all(probes)).find(({ status }) => status === 429) ?? null;
    });
    expect(refused.body).toMatchObject({ code: "too_many_bytes" });
    expect(refused.headers.get("retry-after")).toBe("1");
    expect(weft.weft.bytesUnderWay.held).toBeLessThanOrEqual(limits.organizationBytesUnderWayMax);
    expect((await weft.get("/v1/webhooks/messages?limit=250", { headers: neighbour })).status).toBe(200);
    for (const socket of unread) socket.destroy();
    await expect.poll(() => weft.weft.bytesUnderWay.held).toBe(0);
    expect((await weft.get("/v1/webhooks/messages?limit=1", { headers })).status).toBe(200);
  });
});
