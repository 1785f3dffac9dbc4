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
    answerBytesMax: 1_000,
    ...options,
  });
  onTestFinished(() => fetch[Symbol.asyncDispose]());
  return fetch;
}

test("a request arrives with its headers and body, and the answer comes back with its own", async () => {
  const port = await receiver(async (request, response) => {
    const body = (await request.toArray()).join("");
    response.writeHead(201, { "content-type": "text/plain", "x-more": ["a", "b"] });
    response.end(`${request.method} ${request.url} ${request.headers.authorization} ${body}`);
  });
  const answer = await localFetch().fetch(`http://127.0.0.1:${port}/token?a=1`, {
    method: "POST",
    headers: { authorization: "Bearer t" },
    body: "x=1",
  });
  expect([answer.status, answer.headers.get("content-type"), answer.headers.get("x-more")]).toEqual([
    201,
    "text/plain",
    "a, b",
  ]);
  expect(await answer.text()).toBe("POST /token?a=1 Bearer t x=1");
});

test("a redirect is an answer and is not followed, and an answer without a body is one", async () => {
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
  let asked = 0;
  const port = await receiver((_request, response) => response.end(String(++asked)));
  const blocked: string[] = [];
  const guard = createAddressGuard({ allowNetworks: [] });
  const fetch = localFetch({ guard, onBlocked: ({ address }) => blocked.push(address) });
  await expect(fetch.fetch(`http://localhost:${port}`)).rejects.toThrow("Requests to this address are not allowed.");
  await expect(fetch.fetch(`http://127.0.0.1:${port}`)).rejects.toThrow("Requests to this address are not allowed.");
  expect(blocked).toHaveLength(2);
  expect(asked).toBe(0);
});

test("without leave for http only https is asked, and nothing but the two ever", async () => {
  let asked = 0;
  const port = await receiver((_request, response) => response.end(String(++asked)));
  const fetch = localFetch({ allowHttp: false });
  await expect(fetch.fetch(`http://127.0.0.1:${port}`)).rejects.toThrow("Only https is allowed here.");
  await expect(localFetch().fetch("file:///etc/passwd")).rejects.toThrow("The URL is no http(s) URL.");
  await expect(localFetch().fetch("nonsense")).rejects.toThrow("The URL is no http(s) URL.");
  expect(asked).toBe(0);
});

test("an answer that is too large is refused while it comes, by the smaller of the limits", async () => {
  const port = await receiver((request, response) => {
    if (request.url === "/endless") setInterval(() => response.write("x".repeat(300)), 1).unref();
    else response.end("x".repeat(Number(request.url?.slice(1))));
  });
  const fetch = localFetch();
  const url = (path: string) => `http://127.0.0.1:${port}/${path}`;
  expect(await (await fetch.fetch(url("1000"))).text()).toHaveLength(1_000);
  await expect(fetch.fetch(url("1001"))).rejects.toThrow("more than 1000 bytes");
  await expect(fetch.fetch(url("endless"))).rejects.toThrow("more than 1000 bytes");
  await expect(fetch.fetch(url("11"), { answerBytesMax: 10 })).rejects.toThrow("more than 10 bytes");
});

test("a compressed answer is not blown up", async () => {
  const zipped = gzipSync("x".repeat(1_000_000));
  const port = await receiver((_request, response) => {
    response.writeHead(200, { "content-encoding": "gzip" }).end(zipped);
  });
  const answer = await localFetch({ answerBytesMax: zipped.length }).fetch(`http://127.0.0.1:${port}`);
  expect((await answer.arrayBuffer()).byteLength).toBe(zipped.length);
});

test("an answer that does not come, or does not end, in time is none", async () => {
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
  const asked = localFetch().fetch(`http://127.0.0.1:${port}`, { signal: stop.signal });
  await expect(asked).rejects.toThrow("The request was cancelled before an answer came.");
});

test("a broken connection is reported in a sentence", async () => {
  const { port } = await rawReceiver((socket) => socket.destroy());
  const body = '{"event_type":"sync.completed"}';
  const asked = localFetch().fetch(`http://127.0.0.1:${port}`, { method: "POST", body });
  await expect(asked).rejects.toThrow("closed the connection before it answered");
  const closed = createServer();
  const gonePort = await listening(closed);
  await new Promise((resolve) => closed.close(resolve));
  await expect(localFetch().fetch(`http://127.0.0.1:${gonePort}`)).rejects.toThrow("ECONNREFUSED");
});
