import { createServer as createHttpsServer } from "node:https";
import { createServer, type Socket } from "node:net";
import { getCACertificates, setDefaultCACertificates } from "node:tls";
import { gzipSync } from "node:zlib";
import { expect, onTestFinished, test } from "vitest";
import {
  gone,
  listening,
  localSender,
  okResponse,
  post,
  rawReceiver,
  receiver,
  requestBody,
  selfSigned,
} from "./fixtures/local-receiver.ts";

test("a request is sent byte for byte, and its response is returned", async () => {
  const { port, received } = await rawReceiver((socket) =>
    socket.write("HTTP/1.1 429 Slow down\r\nRetry-After: 17\r\ncontent-length: 5\r\n\r\nlater"),
  );
  const headers = ["content-type", "application/json", "svix-id", "msg_1"];
  expect(await localSender().send(post(`http://127.0.0.1:${port}/hook?a=%20b`, { headers }))).toEqual({
    kind: "answered",
    status: 429,
    headers: { "retry-after": "17", "content-length": "5" },
    body: "later",
    truncated: null,
    durationMs: expect.any(Number),
  });
  expect(received).toEqual([
    [
      "POST /hook?a=%20b HTTP/1.1",
      `host: 127.0.0.1:${port}`,
      "connection: keep-alive",
      "content-type: application/json",
      "svix-id: msg_1",
      `content-length: ${requestBody.length}`,
      "",
      requestBody,
    ].join("\r\n"),
  ]);
});

test("a connection is used again", async () => {
  const { port, received } = await rawReceiver((socket) => socket.write(okResponse));
  const sender = localSender({ connectionsPerOrigin: 1 });
  for (let count = 0; count < 3; count++) await sender.send(post(`http://127.0.0.1:${port}`));
  expect(received).toHaveLength(1);
});

test("a redirect is a response and is not followed", async () => {
  let followed = 0;
  const elsewhere = await receiver((_request, response) => response.end(String(++followed)));
  const port = await receiver((_request, response) =>
    response.writeHead(307, { location: `http://127.0.0.1:${elsewhere}/` }).end(),
  );
  expect(await localSender().send(post(`http://127.0.0.1:${port}`))).toMatchObject({ kind: "answered", status: 307 });
  expect(followed).toBe(0);
});

test("compression is not requested, and compressed bytes stay unchanged", async () => {
  const bomb = gzipSync(Buffer.alloc(4 * 1024 * 1024));
  let acceptEncoding: unknown = "nothing";
  const port = await receiver((request, response) => {
    acceptEncoding = request.headers["accept-encoding"];
    response.setHeader("content-encoding", "gzip").end(bomb);
  });
  const exchange = await localSender().send(post(`http://127.0.0.1:${port}`));
  expect(acceptEncoding).toBeUndefined();
  expect(exchange).toMatchObject({ kind: "answered", status: 200 });
  expect(exchange.kind === "answered" && exchange.body.length).toBeLessThanOrEqual(bomb.length);
});

test("interim responses are skipped", async () => {
  const interim = "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
  const { port, received } = await rawReceiver((socket) =>
    socket.write(interim, () => socket.write(interim + okResponse)),
  );
  const sender = localSender({ connectionsPerOrigin: 1 });
  for (let count = 0; count < 2; count++) {
    expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({ status: 200, body: "ok" });
  }
  expect(received).toHaveLength(1);
});

test("a body longer than the kept part is truncated, and the connection is reused", async () => {
  const { port, received } = await rawReceiver((socket) =>
    socket.write(okResponse.replace(/2\r\n\r\nok/, `60000\r\n\r\n${"é".repeat(30_000)}`)),
  );
  const sender = localSender({ responseBytesKept: 101, connectionsPerOrigin: 1 });
  for (let count = 0; count < 2; count++) {
    expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({
      body: "é".repeat(50),
      truncated: "too_large",
    });
  }
  expect(received).toHaveLength(1);
});

test("an endless body is a response, read up to the limit and then aborted", async () => {
  const flooding: Socket[] = [];
  const port = await receiver((_request, response) => {
    if (response.socket !== null) flooding.push(response.socket);
    const flood = () => {
      while (!response.destroyed && response.write("x".repeat(64 * 1024)));
      response.once("drain", flood);
    };
    flood();
  });
  const exchange = await localSender().send(post(`http://127.0.0.1:${port}`));
  expect(exchange).toMatchObject({
    kind: "answered",
    status: 200,
    body: "x".repeat(16 * 1024),
    truncated: "too_large",
  });
  expect(flooding).toHaveLength(1);
  await Promise.all(flooding.map(gone));
});

test.each([
  ["closed", "content-length: 99\r\n\r\npart"],
  ["reset", "content-length: 99\r\n\r\npart"],
  ["closed", "transfer-encoding: chunked\r\n\r\n4\r\npart\r\nno chunk"],
])("a status counts although the body is %s half way (%j)", async (how, rest) => {
  const { port } = await rawReceiver((socket) => {
    socket.write(`HTTP/1.1 200 OK\r\n${rest}`, () =>
      setImmediate(() => (how === "reset" ? socket.resetAndDestroy() : socket.end())),
    );
  });
  const exchange = await localSender().send(post(`http://127.0.0.1:${port}`));
  expect(exchange).toMatchObject({ kind: "answered", status: 200, truncated: "closed" });
});

test("TLS is spoken with a receiver whose certificate is trusted", async () => {
  const trusted = getCACertificates("default");
  setDefaultCACertificates([...trusted, selfSigned.cert]);
  onTestFinished(() => setDefaultCACertificates(trusted));
  const port = await listening(createHttpsServer(selfSigned, (_request, response) => response.end("secret")));
  const sender = localSender({ lookup: async () => [{ address: "127.0.0.1", family: 4 }] });
  expect(await sender.send(post(`https://receiver.test:${port}`))).toMatchObject({ status: 200, body: "secret" });
  expect(await sender.send(post(`https://other.test:${port}`))).toMatchObject({
    reason: "tls",
    detail: "The TLS handshake failed (ERR_TLS_CERT_ALTNAME_INVALID).",
  });
});

test("closing waits for running requests and starts no more", async () => {
  const { port } = await rawReceiver((socket) => {
    closed = sender.close();
    late = sender.send(post(`http://127.0.0.1:${port}`));
    socket.write(okResponse);
  });
  let closed: Promise<void> | undefined;
  let late: Promise<unknown> | undefined;
  const sender = localSender();
  expect(await sender.send(post(`http://127.0.0.1:${port}`))).toMatchObject({ status: 200 });
  await closed;
  expect(await late).toMatchObject({ kind: "unanswered", reason: "aborted" });
  await sender.close();
});

test("destroying ends everything immediately, including requests that wait for a connection", async () => {
  const port = await listening(createServer(() => {}));
  const sender = localSender({
    lookup: (name) => (name === "stuck.test" ? new Promise(() => {}) : Promise.resolve([loopback])),
  });
  const exchanges = [sender.send(post(`http://here.test:${port}`)), sender.send(post(`http://stuck.test:${port}`))];
  await sender.destroy();
  for (const exchange of exchanges) expect(await exchange).toMatchObject({ kind: "unanswered", reason: "aborted" });
});

const loopback = { address: "127.0.0.1", family: 4 };
