import { createServer, type Socket } from "node:net";
import { createServer as createTlsServer } from "node:tls";
import { expect, test } from "vitest";
import { gone, listening, localSender, post, rawReceiver, selfSigned } from "./fixtures/local-receiver.ts";

test("a receiver that hangs times out, and its connection is closed", async () => {
  const ended: Promise<unknown>[] = [];
  const { port } = await rawReceiver((socket) => ended.push(gone(socket)));
  expect(await localSender().send(post(`http://127.0.0.1:${port}`, { timeoutMs: 50 }))).toMatchObject({
    kind: "unanswered",
    reason: "timeout",
    detail: "No response arrived within 0.05 seconds.",
  });
  await Promise.all(ended);
  expect(ended).toHaveLength(1);
});

test("a receiver that trickles bytes endlessly times out", async () => {
  const { port } = await rawReceiver((socket) => {
    socket.write("HTTP/1.1 200 OK\r\ncontent-length: 60000\r\n\r\n");
    const trickle = setInterval(() => socket.write("x"), 5);
    socket.on("close", () => clearInterval(trickle));
  });
  const exchange = await localSender().send(post(`http://127.0.0.1:${port}`, { timeoutMs: 100 }));
  expect(exchange).toMatchObject({
    reason: "timeout",
    detail: "The response began but did not end within 0.1 seconds.",
  });
  expect(exchange.durationMs).toBeGreaterThanOrEqual(99);
});

test("a name that is never resolved, and a handshake that never ends, time out", async () => {
  const port = await listening(createServer(() => {}));
  const sender = localSender({ timeoutMs: 50, lookup: () => new Promise(() => {}) });
  for (const url of ["http://stuck.test", `https://127.0.0.1:${port}`]) {
    expect(await sender.send(post(url))).toMatchObject({
      reason: "timeout",
      detail: "No connection could be made within 0.05 seconds.",
    });
  }
});

test("nothing is sent after the time limit, even if a connection opens later", async () => {
  const { port, received } = await rawReceiver(() => {});
  let resolveName = () => {};
  const sender = localSender({
    lookup: () => new Promise((resolve) => (resolveName = () => resolve([{ address: "127.0.0.1", family: 4 }]))),
  });
  expect(await sender.send(post(`http://late.test:${port}`, { timeoutMs: 20 }))).toMatchObject({ reason: "timeout" });
  resolveName();
  // The late connection is opened, and closed without a byte; another exchange shows that its time has passed.
  expect(await sender.send(post(`http://127.0.0.1:${port}`, { timeoutMs: 100 }))).toMatchObject({ reason: "timeout" });
  expect(received.filter((text) => text !== "")).toHaveLength(1);
});

test.each(["end", "resetAndDestroy"] as const)(
  "a new connection that is closed before a response (%s) is not tried again",
  async (how) => {
    const { port, received } = await rawReceiver((socket) => socket[how]());
    expect(await localSender().send(post(`http://127.0.0.1:${port}`))).toMatchObject({
      kind: "unanswered",
      reason: "closed",
      detail: "The receiver closed the connection before it responded.",
    });
    expect(received).toHaveLength(1);
  },
);

test("a response that ends before its status is complete does not count", async () => {
  const { port } = await rawReceiver((socket) => socket.end("HTTP/1.1 200 OK\r\ncontent-le"));
  expect(await localSender().send(post(`http://127.0.0.1:${port}`))).toMatchObject({ reason: "closed" });
});

test.each([
  "%j is not an HTTP response",
  "HTTP/1.1 OK\r\n\r\n",
  "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n",
  "\0\0\0",
])("%j is not an HTTP response", async (garbage) => {
  const { port } = await rawReceiver((socket) => socket.end(garbage));
  expect(await localSender().send(post(`http://127.0.0.1:${port}`))).toMatchObject({
    kind: "unanswered",
    reason: "protocol",
  });
});

test("endless response headers are too large, and the connection is closed", async () => {
  const flooding: Socket[] = [];
  const { port } = await rawReceiver((socket) => {
    flooding.push(socket);
    const flood = () => {
      while (!socket.destroyed && socket.write(`x-filler: ${"x".repeat(1000)}\r\n`));
      socket.once("drain", flood);
    };
    socket.write("HTTP/1.1 200 OK\r\n");
    flood();
  });
  expect(await localSender().send(post(`http://127.0.0.1:${port}`))).toMatchObject({ reason: "too_large" });
  expect(flooding).toHaveLength(1);
  await Promise.all(flooding.map(gone));
});

test("a closed port is a connect failure without an address in its sentence", async () => {
  for (const lookup of [["127.0.0.1"], ["127.0.0.1", "::1"]]) {
    const sender = localSender({
      lookup: async () => lookup.map((address) => ({ address, family: address.includes(":") ? 6 : 4 })),
    });
    expect(await sender.send(post("http://closed.test:1"))).toMatchObject({
      reason: "connect",
      detail: "The connection could not be made (ECONNREFUSED).",
    });
    expect(await sender.send(post("https://closed.test:1"))).toMatchObject({ reason: "connect" });
  }
});

test("an untrusted certificate is a tls failure, before anything is sent", async () => {
  let received = "";
  const server = createTlsServer(selfSigned, (socket) => socket.on("data", (bytes) => (received += bytes)));
  const port = await listening(server);
  expect(await localSender().send(post(`https://127.0.0.1:${port}`))).toMatchObject({
    reason: "tls",
    detail: "The TLS handshake failed (DEPTH_ZERO_SELF_SIGNED_CERT).",
  });
  expect(received).toBe("");
});

test("a connection closed during the handshake, and a plain port spoken to in TLS, are tls failures", async () => {
  const closing = await listening(createServer((socket) => void socket.once("data", () => socket.destroy())));
  expect(await localSender().send(post(`https://127.0.0.1:${closing}`))).toMatchObject({ reason: "tls" });
  const plain = await listening(
    createServer((socket) => void socket.once("data", () => socket.end("HTTP/1.1 400 Bad\r\n\r\n"))),
  );
  expect(await localSender().send(post(`https://127.0.0.1:${plain}`))).toMatchObject({ reason: "tls" });
});

test("plain HTTP from a TLS port is not a response", async () => {
  const port = await listening(createTlsServer(selfSigned));
  const exchange = await localSender().send(post(`http://127.0.0.1:${port}`));
  expect(exchange).toMatchObject({ kind: "unanswered", reason: expect.stringMatching(/^(closed|protocol)$/) });
});

test("a signal cancels a request, before and during", async () => {
  const controller = new AbortController();
  const { port } = await rawReceiver(() => controller.abort());
  const sender = localSender();
  for (let count = 0; count < 2; count++) {
    expect(await sender.send(post(`http://127.0.0.1:${port}`, { signal: controller.signal }))).toMatchObject({
      reason: "aborted",
    });
  }
});

test("a request that cannot be written is data too, not an exception", async () => {
  const sender = localSender();
  expect(await sender.send(post("http://127.0.0.1:1", { headers: ["x-bad", "a\r\nb"] }))).toMatchObject({
    reason: "protocol",
    detail: "The request is not valid HTTP: invalid x-bad header.",
  });
  expect(
    await sender.send({ ...post("http://127.0.0.1:1"), url: { origin: "null", path: "/", name: null } }),
  ).toMatchObject({
    reason: "protocol",
  });
});
