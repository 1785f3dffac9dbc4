import { expect, test } from "vitest";
import { createAddressGuard } from "./address-guard.ts";
import { gone, receiver } from "./fixtures/local-receiver.ts";
import { HttpReader, type HttpReaderOptions } from "./http-reader.ts";

function openReader(options: Partial<HttpReaderOptions> = {}): HttpReader {
  const guard = createAddressGuard({ allowNetworks: ["127.0.0.0/8"] });
  return new HttpReader({ guard, timeoutMs: 20_000, ...options });
}

function wanted(port: number) {
  const { signal } = new AbortController();
  return { url: `http://127.0.0.1:${port}/a?b=1#c`, headers: { accept: "text/plain" }, bytesMax: 100, signal };
}

test("an answer comes with its status, its headers and the bytes of its body", async () => {
  const port = await receiver((request, response) => {
    response.writeHead(201, { "x-path": request.url, link: ["<a>", "<b>"], "x-accept": request.headers.accept });
    response.end(Buffer.from([0, 255, 1]));
  });
  await using reader = openReader();
  expect(await reader.read(wanted(port))).toMatchObject({
    kind: "answered",
    status: 201,
    headers: { "x-path": "/a?b=1", link: "<a>, <b>", "x-accept": "text/plain" },
    body: Buffer.from([0, 255, 1]),
    cut: null,
  });
});

test("a body that is too large or not wanted is not read on, and its connection ends", async () => {
  const ended: Promise<void>[] = [];
  const port = await receiver((request, response) => {
    ended.push(gone(request.socket));
    response.on("error", () => {});
    if (request.headers.accept === "length") response.setHeader("content-length", 1_000);
    response.write("x".repeat(101));
  });
  await using reader = openReader();
  const large = await reader.read(wanted(port));
  expect(large).toMatchObject({ kind: "answered", cut: "too_large", body: Buffer.from("x".repeat(100)) });
  const told = await reader.read({ ...wanted(port), headers: { accept: "length" } });
  expect(told).toMatchObject({ cut: "too_large", body: Buffer.alloc(0) });
  const unwanted = await reader.read({ ...wanted(port), wantsBody: ({ status }) => status !== 200 });
  expect(unwanted).toMatchObject({ status: 200, cut: "unwanted" });
  await Promise.all(ended);
  expect(ended).toHaveLength(3);
});

test("a blocked address is never connected to, and the operator sees it", async () => {
  const blocked: string[] = [];
  const guard = createAddressGuard({ allowNetworks: [] });
  const lookup = async () => [{ address: "127.0.0.1", family: 4 }];
  let asked = 0;
  const port = await receiver((_, response) => {
    asked += 1;
    response.end();
  });
  await using reader = openReader({ guard, lookup, onBlocked: ({ address }) => blocked.push(address) });
  const answer = await reader.read({ ...wanted(port), url: `http://site.test:${port}/` });
  expect(answer).toMatchObject({ kind: "unanswered", reason: "blocked_address" });
  expect(await reader.read(wanted(port))).toMatchObject({ reason: "blocked_address" });
  expect({ asked, blocked }).toEqual({ asked: 0, blocked: ["127.0.0.1", "127.0.0.1"] });
});

test("an exchange that is too long, or is aborted, ends with that reason", async () => {
  const port = await receiver(() => {});
  await using reader = openReader({ timeoutMs: 100 });
  expect(await reader.read(wanted(port))).toMatchObject({ kind: "unanswered", reason: "timeout" });
  const aborted = await reader.read({ ...wanted(port), signal: AbortSignal.abort() });
  expect(aborted).toMatchObject({ kind: "unanswered", reason: "aborted" });
});

test("a connection that ends within an answer is told apart from an answer", async () => {
  const port = await receiver((_, response) => {
    response.writeHead(200, { "content-length": 50 });
    response.write("half", () => response.destroy());
  });
  await using reader = openReader();
  expect(await reader.read(wanted(port))).toMatchObject({ kind: "unanswered", reason: "closed" });
});
