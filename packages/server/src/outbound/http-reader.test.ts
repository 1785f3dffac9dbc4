import { expect, test } from "vitest";
import { createAddressGuard } from "./address-guard.ts";
import { gone, receiver } from "./fixtures/local-receiver.ts";
import { HttpReader, type HttpReaderOptions } from "./http-reader.ts";

function openReader(options: Partial<HttpReaderOptions> = {}): HttpReader {
  const guard = createAddressGuard({ allowNetworks: ["127.0.0.0/8"] });
  return new HttpReader({ guard, timeoutMs: 20_000, ...options });
}

function requestTo(port: number) {
  const { signal } = new AbortController();
  return { url: `http://127.0.0.1:${port}/a?b=1#c`, headers: { accept: "text/plain" }, bytesMax: 100, signal };
}

test("a response has its status, its headers and the bytes of its body", async () => {
  const port = await receiver((request, response) => {
    response.writeHead(201, { "x-path": request.url, link: ["<a>", "<b>"], "x-accept": request.headers.accept });
    response.end(Buffer.from([0, 255, 1]));
  });
  await using reader = openReader();
  expect(await reader.read(requestTo(port))).toMatchObject({
    kind: "answered",
    status: 201,
    headers: { "x-path": "/a?b=1", link: "<a>, <b>", "x-accept": "text/plain" },
    body: Buffer.from([0, 255, 1]),
    cut: null,
  });
});

test("the rest of a body that is too large or unneeded is not read, and its connection ends", async () => {
  const ended: Promise<void>[] = [];
  const port = await receiver((request, response) => {
    ended.push(gone(request.socket));
    response.on("error", () => {});
    if (request.headers.accept === "length") response.setHeader("content-length", 1_000);
    response.write("x".repeat(101));
  });
  await using reader = openReader();
  const large = await reader.read(requestTo(port));
  expect(large).toMatchObject({ kind: "answered", cut: "too_large", body: Buffer.from("x".repeat(100)) });
  const declared = await reader.read({ ...requestTo(port), headers: { accept: "length" } });
  expect(declared).toMatchObject({ cut: "too_large", body: Buffer.alloc(0) });
  const unread = await reader.read({ ...requestTo(port), readsBody: ({ status }) => status !== 200 });
  expect(unread).toMatchObject({ status: 200, cut: "unwanted" });
  await Promise.all(ended);
  expect(ended).toHaveLength(3);
});

test("a blocked address is never connected to, and the operator sees it", async () => {
  const blocked: string[] = [];
  const guard = createAddressGuard({ allowNetworks: [] });
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  let requests = 0;
  const port = await receiver((_, response) => {
    requests += 1;
    response.end();
  });
  await using reader = openReader({ guard, lookup, onBlocked: ({ address }) => blocked.push(address) });
  const reply = await reader.read({ ...requestTo(port), url: `http://site.test:${port}/` });
  expect(reply).toMatchObject({ kind: "unanswered", reason: "blocked_address" });
  expect(await reader.read(requestTo(port))).toMatchObject({ reason: "blocked_address" });
  expect({ requests, blocked }).toEqual({ requests: 0, blocked: ["127.0.0.1", "127.0.0.1"] });
});

test("an exchange that is too long, or is aborted, ends with that reason", async () => {
  const port = await receiver(() => {});
  await using reader = openReader({ timeoutMs: 100 });
  expect(await reader.read(requestTo(port))).toMatchObject({ kind: "unanswered", reason: "timeout" });
  const aborted = await reader.read({ ...requestTo(port), signal: AbortSignal.abort() });
  expect(aborted).toMatchObject({ kind: "unanswered", reason: "aborted" });
});

test("a connection that ends within a response is distinguished from a response", async () => {
  const port = await receiver((_, response) => {
    response.writeHead(200, { "content-length": 50 });
    response.write("half", () => response.destroy());
  });
  await using reader = openReader();
  expect(await reader.read(requestTo(port))).toMatchObject({ kind: "unanswered", reason: "closed" });
});
