import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import { expect, onTestFinished, test } from "vitest";
import { createAddressGuard } from "./address-guard.ts";
import { GuardedFetch } from "./guarded-fetch.ts";
import { HttpReader } from "./http-reader.ts";
import { HttpSender } from "./http-sender.ts";
import { MailSender } from "./mail-sender.ts";

const guard = createAddressGuard({ allowNetworks: ["127.0.0.0/8"] });
const timeoutMs = 2_000;
const mebibyte = 1024 * 1024;

interface Hostile {
  readonly port: number;
  readonly sentBytes: () => number;
}

/** A server with complete control over every connection. */
async function serve(act: (socket: Socket) => void): Promise<Hostile> {
  const sockets = new Set<Socket>();
  let closedBytes = 0;
  const server = createServer((socket) => {
    sockets.add(socket);
    socket
      .on("error", () => {})
      .on("close", () => {
        sockets.delete(socket);
        closedBytes += socket.bytesWritten;
      });
    act(socket);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  onTestFinished(async () => {
    for (const socket of sockets) socket.destroy();
    server.close();
    await once(server, "close");
  });
  const { port } = server.address() as AddressInfo;
  return { port, sentBytes: () => closedBytes + [...sockets].reduce((sum, { bytesWritten }) => sum + bytesWritten, 0) };
}

function endlessly(begin: string, bytes: Buffer | string) {
  return (socket: Socket) => {
    const more = () => {
      while (!socket.destroyed && socket.write(bytes));
    };
    socket.on("drain", more);
    socket.once("data", () => {
      socket.write(begin);
      more();
    });
    socket.on("data", () => {});
  };
}

function sendOnce(bytes: Buffer | string, after: (socket: Socket) => void = () => {}) {
  return (socket: Socket) => void socket.once("data", () => socket.write(bytes, () => after(socket)));
}

const random = Buffer.from(Array.from({ length: 4_096 }, (_, n) => (n * 7_919 + 13) % 256));
const close = (socket: Socket) => void socket.destroy();
const head = "HTTP/1.1 200 OK\r\n";

const http: Record<string, (socket: Socket) => void> = {
  "sends random bytes": sendOnce(random, close),
  "sends random bytes for ever": endlessly("", random),
  "closes at once": close,
  resets: (socket) => void socket.resetAndDestroy(),
  "says nothing": () => {},
  "sends a header without end": endlessly(`${head}x: `, "y".repeat(16_384)),
  "sends headers without end": endlessly(head, "x: y\r\n".repeat(1_000)),
  "sends interim answers without end": endlessly("", "HTTP/1.1 103 Early Hints\r\nlink: <x>\r\n\r\n".repeat(100)),
  "sends continue without end": endlessly("", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)),
  "sends a status line without end": endlessly("HTTP/1.1 200 ", "O".repeat(16_384)),
  "sends a body without end": endlessly(`${head}content-type: text/html\r\n\r\n`, "x".repeat(16_384)),
  "sends chunks without end": endlessly(`${head}transfer-encoding: chunked\r\n\r\n`, "1\r\nx\r\n".repeat(1_000)),
  "sends a chunk's extension without end": endlessly(`${head}transfer-encoding: chunked\r\n\r\n1;`, "x".repeat(16_384)),
  "sends trailers without end": endlessly(`${head}transfer-encoding: chunked\r\n\r\n0\r\n`, "x: y\r\n".repeat(1_000)),
  "says a length that is not true": sendOnce(`${head}content-length: 99999999999\r\n\r\nshort`, close),
  "switches protocols": endlessly(
    "HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
    random,
  ),
  "answers more than it was asked": endlessly(
    `${head}content-length: 0\r\n\r\n`,
    `${head}content-length: 0\r\n\r\n`.repeat(500),
  ),
};

// The system's buffers on both sides add to the bytes that are read.
const sentMax = 64 * mebibyte;

test.each(Object.entries(http))(
  "a receiver that %s gets an attempt that ends, and little of it is read",
  async (_, act) => {
    const server = await serve(act);
    await using sender = new HttpSender({ guard, timeoutMs, responseBytesMax: 65_536, responseBytesKept: 16_384 });
    const exchange = await sender.send({
      url: { origin: `http://127.0.0.1:${server.port}`, path: "/", name: null },
      method: "POST",
      headers: ["content-type", "application/json"],
      body: "{}",
    });
    expect(["answered", "unanswered"]).toContain(exchange.kind);
    await sender.destroy();
    expect(server.sentBytes()).toBeLessThan(sentMax);
  },
);

test.each(Object.entries(http))("a site that %s is read to an end, with little memory", async (_, act) => {
  const server = await serve(act);
  const url = `http://127.0.0.1:${server.port}/`;
  const { signal } = new AbortController();
  await using reader = new HttpReader({ guard, timeoutMs });
  const response = await reader.read({ url, headers: {}, bytesMax: mebibyte, signal });
  if (response.kind === "answered") expect(response.body.length).toBeLessThanOrEqual(mebibyte);
  await using fetch = new GuardedFetch({ guard, allowHttp: true, timeoutMs, readBytesMax: mebibyte });
  await fetch.fetch(url).catch((error: Error) => expect(error.name).toBe("FetchError"));
  expect(server.sentBytes()).toBeLessThan(4 * sentMax);
});

const greeted = (begin: string, bytes: Buffer | string) => (socket: Socket) => {
  const more = () => {
    while (!socket.destroyed && socket.write(bytes));
  };
  socket.on("drain", more).on("data", () => {});
  socket.write(begin);
  more();
};

test.each<[string, (socket: Socket) => void]>([
  ["sends random bytes for ever", greeted("", random)],
  ["greets without end", greeted("220 ", "x".repeat(16_384))],
  ["greets on line after line without end", greeted("", "220-x\r\n".repeat(1_000))],
  ["closes at once", close],
  ["says nothing", () => {}],
  ["sends what it was not asked for", greeted("220 mail.test\r\n", "250 ok\r\n".repeat(1_000))],
])("a mail server that %s gets an attempt that ends, and little of it is read", async (_, act) => {
  const server = await serve(act);
  const url = `smtp://127.0.0.1:${server.port}`;
  const sender = new MailSender({ url, from: "Weft <weft@example.com>", timeoutMs, responseLengthMax: 16_384 });
  onTestFinished(() => sender.destroy());
  const mail = { to: "a@example.com", subject: "s", text: "t", id: "1", thread: "1" };
  expect((await sender.send(mail)).kind).toMatch(/^(un)?answered$/);
  expect(server.sentBytes()).toBeLessThan(sentMax);
});
