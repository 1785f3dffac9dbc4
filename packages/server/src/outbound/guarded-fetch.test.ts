import { createServer } from "node:net";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import { createAddressGuard } from "./address-guard.ts";
import { listening, rawReceiver, receiver } from "./fixtures/local-receiver.ts";
import { GuardedFetch, type GuardedFetchOptions } from "./guarded-fetch.ts";

function localFetch(options: Partial<GuardedFetchOptions> = {}): GuardedFetch {
  const fetch = new GuardedFetch({
    guard: createAddressGuard({ allowNetworks: ["127.0.0.0/8"] }),
    allowHttp: true,
    timeoutMs: 20_000,
    readBytesMax: 1_000,
    ...options,
  });
  onTestFinished(() => fetch[Symbol.asyncDispose]());
  return fetch;
}

test("a request is sent with its headers and body, and its response is returned with headers and body", async () => {
  const port = await receiver(async (request, response) => {
    const body = (await request.toArray()).join("");
    response.writeHead(201, { "content-type": "text/plain", "x-more": ["a", "b"] });
    response.end(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
  });
  const reply = await localFetch().fetch(`http://127.0.0.1:${port}/token?a=1`, {
    method: "POST",
    headers: { authorization: "Bearer t" },
    body: "x=1",
  });
  expect([reply.status, reply.headers.get("content-type"), reply.headers.get("x-more")]).toEqual([
    201,
    "text/plain",
    "a, b",
  ]);
  expect(await reply.text()).toBe("POST /token?a=1 Bearer t x=1");
});

test("a redirect is a response and is not followed, and a response without a body is one too", async () => {
  let followed = 0;
  const elsewhere = await receiver((_request, response) => response.end(String(++followed)));
  const port = await receiver((request, response) => {
    if (request.url === "/none") response.writeHead(204).end();
    else response.writeHead(302, { location: `http://127.0.0.1:${elsewhere}/` }).end();
  });
  expect((await localFetch().fetch(`http://127.0.0.1:${port}`)).status).toBe(302);
  expect((await localFetch().fetch(`http://127.0.0.1:${port}/none`)).status).toBe(204);
  expect(followed).toBe(0);
});

test("an address that the guard refuses is not reached, and the error does not name it", async () => {
  let requests = 0;
  const port = await receiver((_request, response) => response.end(String(++requests)));
  const blocked: string[] = [];
  const guard = createAddressGuard({ allowNetworks: [] });
  const fetch = localFetch({ guard, onBlocked: ({ address }) => blocked.push(address) });
  await expect(fetch.fetch(`http://localhost:${port}`)).rejects.toThrow("Requests to this address are not allowed.");
  await expect(fetch.fetch(`http://127.0.0.1:${port}`)).rejects.toThrow("Requests to this address are not allowed.");
  expect(blocked).toHaveLength(2);
  expect(requests).toBe(0);
});

test("without permission for http only https is requested, and never any other scheme", async () => {
  let requests = 0;
  const port = await receiver((_request, response) => response.end(String(++requests)));
  const fetch = localFetch({ allowHttp: false });
  await expect(fetch.fetch(`http://127.0.0.1:${port}`)).rejects.toThrow("Only https is allowed here.");
  await expect(localFetch().fetch("file:///etc/passwd")).rejects.toThrow("The URL is not an http(s) URL.");
  await expect(localFetch().fetch("nonsense")).rejects.toThrow("The URL is not an http(s) URL.");
  expect(requests).toBe(0);
});

test("a response that is too large is refused while it arrives, by the smaller of the limits", async () => {
  const port = await receiver((request, response) => {
    if (request.url === "/endless") setInterval(() => response.write("x".repeat(300)), 1).unref();
    else response.end("x".repeat(Number(request.url?.slice(1))));
  });
  const fetch = localFetch();
  const url = (path: string) => `http://127.0.0.1:${port}/${path}`;
  expect(await (await fetch.fetch(url("1000"))).text()).toHaveLength(1_000);
  await expect(fetch.fetch(url("1001"))).rejects.toThrow("more than 1000 bytes");
  await expect(fetch.fetch(url("endless"))).rejects.toThrow("more than 1000 bytes");
  await expect(fetch.fetch(url("11"), { readBytesMax: 10 })).rejects.toThrow("more than 10 bytes");
});

test("a compressed response is not decompressed", async () => {
  const zipped = gzipSync("x".repeat(1_000_000));
  const port = await receiver((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(zipped);
  });
  const reply = await localFetch({ readBytesMax: zipped.length }).fetch(`http://127.0.0.1:${port}`);
  expect((await reply.arrayBuffer()).byteLength).toBe(zipped.length);
});

test("a response that does not arrive or end in time is an error", async () => {
  const port = await receiver((request, response) => {
    if (request.url === "/begun") response.write("so far");
  });
  const fetch = localFetch({ timeoutMs: 50 });
  await expect(fetch.fetch(`http://127.0.0.1:${port}`)).rejects.toThrow("within 0.05 seconds");
  await expect(fetch.fetch(`http://127.0.0.1:${port}/begun`)).rejects.toThrow("within 0.05 seconds");
});

test("a request ends with its signal", async () => {
  const stop = new AbortController();
  const port = await receiver(() => stop.abort());
  const requests = localFetch().fetch(`http://127.0.0.1:${port}`, { signal: stop.signal });
  await expect(requests).rejects.toThrow("The request was cancelled before a response arrived.");
});

test("a broken connection is reported in a sentence", async () => {
  const { port } = await rawReceiver((socket) => socket.destroy());
  const body = '{"event_type":"sync.completed"}';
  const requests = localFetch().fetch(`http://127.0.0.1:${port}`, { method: "POST", body });
  await expect(requests).rejects.toThrow("closed the connection before it answered");
  const closed = createServer();
  const gonePort = await listening(closed);
  await new Promise((resolve) => closed.close(resolve));
  await expect(localFetch().fetch(`http://127.0.0.1:${gonePort}`)).rejects.toThrow("ECONNREFUSED");
});
