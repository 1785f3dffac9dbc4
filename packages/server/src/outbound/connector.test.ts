import { once } from "node:events";
import { createSecureContext, createServer as createTlsServer } from "node:tls";
import { Agent } from "undici";
import { expect, test } from "vitest";
import { createAddressGuard } from "./address-guard.ts";
import { type BlockedAddressError, createConnector } from "./connector.ts";
import {
  listening,
  localSender,
  okResponse,
  post,
  rawReceiver,
  receiver,
  requestBody,
  selfSigned,
} from "./fixtures/local-receiver.ts";
import type { Lookup } from "./lookup.ts";

const blocked = {
  kind: "unanswered",
  reason: "blocked_address",
  detail: "Requests to this address are not allowed.",
  durationMs: expect.any(Number),
};

test("a name is resolved once for a connection, so a second DNS answer cannot lead elsewhere", async () => {
  const port = await receiver((_request, response) => response.setHeader("connection", "close").end("first"));
  const responses = ["127.0.0.1", "169.254.169.254"];
  const lookup = lookupOf(() => [responses.shift() ?? "never"]);
  const sender = localSender({ lookup });

  expect(await sender.send(post(`http://rebind.test:${port}`))).toMatchObject({ kind: "answered", body: "first" });
  expect(responses).toEqual(["169.254.169.254"]);
  expect(await sender.send(post(`http://rebind.test:${port}`))).toEqual(blocked);
});

test("one blocked address among allowed ones blocks the name, at any position", async () => {
  let requests = 0;
  const port = await receiver((_request, response) => response.end(String(++requests)));
  for (const addresses of [
    ["127.0.0.1", "10.0.0.1"],
    ["10.0.0.1", "127.0.0.1"],
    ["127.0.0.1", "::ffff:10.0.0.1"],
    ["127.0.0.1", "fe80::1%lo"],
  ]) {
    const sender = localSender({ lookup: lookupOf(() => addresses) });
    expect(await sender.send(post(`http://mixed.test:${port}`))).toEqual(blocked);
  }
  expect(requests).toBe(0);
});

test.each([
  "10.0.0.1",
  "[fd00::1]",
  "[::ffff:10.0.0.1]",
  "0x0a000001",
  "012.1",
  "167772161",
  "10.0.0.1.",
  "[64:ff9b::a00:1]",
])("the address %s in a URL is blocked without a lookup", async (host) => {
  const sender = localSender({ lookup: () => Promise.reject(new Error("looked up")) });
  expect(await sender.send(post(`http://${host}/`))).toEqual(blocked);
  expect(await sender.send(post(`https://${host}/`))).toEqual(blocked);
});

test("the operator sees the blocked address, and the tenant does not", async () => {
  const refusals: BlockedAddressError[] = [];
  const sender = localSender({ lookup: lookupOf(() => ["10.9.8.7"]), onBlocked: (error) => refusals.push(error) });
  const exchange = await sender.send(post("http://inside.test/"));
  expect(JSON.stringify(exchange)).not.toMatch(/10\.9|private/);
  expect(refusals).toMatchObject([{ host: "inside.test", address: "10.9.8.7", range: "private (10.0.0.0/8)" }]);
  expect(refusals[0]?.message).not.toMatch(/10\.9|private|inside/);
});

test("a name without addresses, and one that the resolver does not know, are dns failures", async () => {
  const unknown = localSender({
    lookup: () => Promise.reject(Object.assign(new Error("no 10.0.0.53"), { code: "ENOTFOUND" })),
  });
  expect(await unknown.send(post("http://unknown.test/"))).toMatchObject({
    reason: "dns",
    detail: "The host name could not be resolved (ENOTFOUND).",
  });
  const empty = localSender({ lookup: lookupOf(() => []) });
  expect(await empty.send(post("http://unknown.test/"))).toMatchObject({ reason: "dns" });
});

test("all checked addresses are tried, so one that does not listen does no harm", async () => {
  const port = await receiver((_request, response) => response.end("reached"));
  for (const addresses of [
    ["::1", "127.0.0.1"],
    ["127.0.0.2", "::1", "127.0.0.1"],
  ]) {
    const sender = localSender({ lookup: lookupOf(() => addresses) });
    expect(await sender.send(post(`http://two.test:${port}`))).toMatchObject({ kind: "answered", body: "reached" });
  }
});

test("a burst of connections to one host resolves its name once", async () => {
  const port = await receiver((_request, response) => response.end());
  let lookups = 0;
  const sender = localSender({ lookup: lookupOf(() => [`127.0.0.${++lookups}`]) });
  await Promise.all(Array.from({ length: 10 }, () => sender.send(post(`http://burst.test:${port}`))));
  expect(lookups).toBe(1);
});

test("the receiver's certificate is checked against the host's name", async () => {
  const names: string[] = [];
  const server = createTlsServer({
    SNICallback: (name, done) => {
      names.push(name);
      done(null, createSecureContext(selfSigned));
    },
  });
  const port = await listening(server);
  const sender = localSender({ lookup: lookupOf(() => ["127.0.0.1"]) });
  await sender.send(post(`https://receiver.test:${port}`));
  expect(names).toEqual(["receiver.test"]);
});

test("undici forgets an origin with its last connection, and one that could not be connected", async () => {
  const { port } = await rawReceiver((socket) => socket.write(okResponse));
  const guard = createAddressGuard({ allowNetworks: ["127.0.0.0/8"] });
  const agent = new Agent({
    connect: createConnector({ guard, timeoutMs: 5_000, readBytesMax: 1_000_000 }),
    keepAliveTimeout: 10,
  });
  const disconnected = once(agent, "disconnect");
  const options = { path: "/", method: "POST", body: requestBody } as const;
  const { body } = await agent.request({ ...options, origin: `http://127.0.0.1:${port}` });
  await body.dump();
  await disconnected;
  for (const origin of ["http://10.0.0.1", "http://127.0.0.1:1"]) {
    await expect(agent.request({ ...options, origin })).rejects.toThrow();
  }
  expect(Object.keys(agent.stats)).toEqual([]);
  await agent.close();
});

function lookupOf(addresses: () => string[]): Lookup {
  return async () => addresses().map((address) => ({ address, family: address.includes(":") ? 6 : 4 }));
}
