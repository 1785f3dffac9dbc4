import { createServer, type Socket } from "node:net";
import { expect, test } from "vitest";
import { gone, listening, localSender, post } from "../fixtures/local-receiver.ts";
import { proxyAt } from "../fixtures/through-proxy.ts";

/** Sends one request through a proxy with this behaviour, which must not reach anything. */
async function through(scheme: string, act: (socket: Socket) => void, timeoutMs = 20_000) {
  const sockets: Socket[] = [];
  const port = await listening(
    createServer((socket) => {
      sockets.push(socket);
      socket.on("error", () => {});
      act(socket);
    }),
  );
  const sender = localSender({ proxy: proxyAt(`${scheme}://weft:secret@127.0.0.1:${port}`), timeoutMs });
  const exchange = await sender.send(post("http://127.0.0.1:9/"));
  // The failed connection is closed, even if the proxy keeps it open.
  await Promise.all(sockets.map((socket) => (socket.destroyed ? null : gone(socket.resume()))));
  return exchange;
}

/** Writes these bytes in answer to the first bytes that arrive. */
function writes(bytes: string | Buffer): (socket: Socket) => void {
  return (socket) => socket.once("data", () => socket.write(bytes));
}

function floods(begin: string, more: string): (socket: Socket) => void {
  return (socket) => {
    const go = () => {
      while (socket.writable && socket.write(more));
    };
    socket.on("drain", go);
    socket.once("data", () => {
      socket.write(begin);
      go();
    });
  };
}

test.each([
  ["never responds", () => {}, "opened no connection to the endpoint within 0.2 seconds"],
  ["closes the connection", (socket: Socket) => socket.once("data", () => socket.destroy()), "ended the connection"],
  ["does not speak HTTP", writes("220 mail.example.com ESMTP\r\n"), "did not respond with HTTP"],
  ["sends endless headers", floods("HTTP/1.1 200 OK\r\n", `x: ${"a".repeat(1_000)}\r\n`), "headers .* too large"],
  ["sends an endless status line", floods("HTTP/1.1 200 ", "a".repeat(1_000)), "headers .* too large"],
  ["refuses the credentials", writes("HTTP/1.1 407 No\r\n\r\n"), "refused its credentials"],
  ["forbids the connection", writes("HTTP/1.1 403 No\r\n\r\n"), "does not allow connections to this endpoint"],
  ["returns 502", writes("HTTP/1.1 502 Bad Gateway\r\ncontent-length: 4\r\n\r\noops"), "returned 502 instead"],
  ["returns 504", writes("HTTP/1.1 504 Gateway Timeout\r\n\r\n"), "returned 504 instead"],
  ["continues endlessly", floods("", "HTTP/1.1 100 Continue\r\n\r\n"), "returned 100 instead"],
  ["sends an endless body", floods("HTTP/1.1 500 No\r\n\r\n", "a".repeat(1_000)), "returned 500 instead"],
])("an HTTP proxy that %s is a failure of the proxy", async (_name, act, detail) => {
  const isSilent = detail.includes("within");
  const exchange = await through("http", act, isSilent ? 401 : 20_000);
  expect(exchange).toMatchObject({ kind: "unanswered", reason: "proxy", detail: expect.stringMatching(detail) });
  expect(JSON.stringify(exchange)).not.toMatch(/127\.0\.0\.1|secret/);
});

test("a proxy over TLS that does not speak TLS is a failure of the proxy", async () => {
  const exchange = await through("https", writes("HTTP/1.1 200 OK\r\n\r\n"));
  expect(exchange).toMatchObject({
    reason: "proxy",
    detail: expect.stringMatching(/^The TLS handshake with the outb/),
  });
});

const zeros = Buffer.alloc(100_000);
const bytes = (...start: number[]) => Buffer.concat([Buffer.from(start), zeros]);

/** Selects a method, and replies to the next bytes with these. */
function replies(reply: Buffer, method = 0): (socket: Socket) => void {
  return (socket) =>
    socket.once("data", () => {
      socket.write(Buffer.from([5, method]));
      socket.once("data", () => socket.write(reply));
    });
}

test.each([
  ["never responds", () => {}, "opened no connection to the endpoint within 0.2 seconds"],
  ["closes the connection", (socket: Socket) => socket.once("data", () => socket.destroy()), "ended the connection"],
  ["speaks another version", writes(bytes(4)), "did not respond with SOCKS5"],
  ["speaks HTTP", writes("HTTP/1.1 400 Bad Request\r\n\r\n"), "did not respond with SOCKS5"],
  ["accepts no method", writes(bytes(5, 255)), "refused its credentials"],
  ["selects an unknown method", writes(bytes(5, 77)), "refused its credentials"],
  ["refuses the credentials", replies(Buffer.from([1, 1]), 2), "refused its credentials"],
  ["replies before it is asked", writes(bytes(5, 2, 1, 1)), "did not respond with SOCKS5"],
  ["fails", replies(bytes(5, 1, 0, 1)), "failed to connect"],
  ["forbids the connection", replies(bytes(5, 2, 0, 1)), "does not allow connections to this endpoint"],
  ["replies with an unknown code", replies(bytes(5, 99, 0, 1)), "failed to connect"],
])("a SOCKS proxy that %s is a failure of the proxy", async (_name, act, detail) => {
  const isSilent = detail.includes("within");
  const exchange = await through("socks5", act, isSilent ? 401 : 20_000);
  expect(exchange).toMatchObject({ kind: "unanswered", reason: "proxy", detail: expect.stringMatching(detail) });
  expect(JSON.stringify(exchange)).not.toMatch(/127\.0\.0\.1|secret/);
});

test.each([
  [3, "ENETUNREACH"],
  [4, "EHOSTUNREACH"],
  [5, "ECONNREFUSED"],
  [6, "EHOSTUNREACH"],
])("a SOCKS proxy that replies with %d reports a failure of the receiver", async (code, expected) => {
  const exchange = await through("socks5", replies(Buffer.from([5, code, 0, 1, 0, 0, 0, 0, 0, 0])));
  expect(exchange).toMatchObject({ reason: "connect", detail: `The connection could not be made (${expected}).` });
});
