import fc from "fast-check";
import { expect, test } from "vitest";
import { localSender, post, rawReceiver } from "./fixtures/local-receiver.ts";
import { readHead } from "./received-head.ts";

const tolerated: [name: string, response: string, expected: { status: number; body?: string }][] = [
  [
    "Content-Length twice",
    "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nok",
    { status: 200, body: "ok" },
  ],
  ["Content-Length as a list", "HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nok", { status: 200, body: "ok" }],
  [
    "Content-Length beside Transfer-Encoding",
    "HTTP/1.1 202 Accepted\r\nContent-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n",
    { status: 202 },
  ],
  ["lines that end in LF alone", "HTTP/1.1 204 No Content\nServer: x\n\n", { status: 204 }],
  ["no reason phrase", "HTTP/1.1 200\r\nContent-Length: 2\r\n\r\nok", { status: 200, body: "ok" }],
  [
    "a reason phrase of other characters",
    "HTTP/1.1 503 Überlastet\r\nRetry-After: 7\r\nContent-Length: 0\r\n\r\n",
    { status: 503 },
  ],
  ["a space before a colon", "HTTP/1.1 200 OK\r\nServer : x\r\nContent-Length: 2\r\n\r\nok", { status: 200 }],
  ["a folded field", "HTTP/1.1 200 OK\r\nX-Long: a\r\n b\r\nContent-Length: 2\r\n\r\nok", { status: 200 }],
  ["an empty line before the status line", "\r\nHTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok", { status: 200 }],
  ["HTTP/1.0", "HTTP/1.0 200 OK\r\n\r\nok", { status: 200, body: "ok" }],
  ["a chunk that is not one", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", { status: 200 }],
  ["a control character in a value", "HTTP/1.1 410 Gone\r\nX: a\u0001b\r\nContent-Length: 0\r\n\r\n", { status: 410 }],
];

test.each(tolerated)("a response with %s has its status", async (_, response, expected) => {
  const { port } = await rawReceiver((socket) => socket.end(Buffer.from(response, "latin1")));
  expect(await localSender().send(post(`http://127.0.0.1:${port}`))).toMatchObject({ kind: "answered", ...expected });
});

test("Retry-After counts in such a response as well", async () => {
  const response = "HTTP/1.1 503 X\r\nRetry-After: 7\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n";
  const { port } = await rawReceiver((socket) => socket.end(response));
  const exchange = await localSender().send(post(`http://127.0.0.1:${port}`));
  expect(exchange).toMatchObject({ status: 503, headers: { retryAfter: "7" } });
});

test.each([
  "this is no HTTP\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Len",
  "HTTP/1.1 2000 OK\r\n\r\n",
  "HTTP/2 200\r\n\r\n",
  "HTTP/1.1 20x OK\r\n\r\n",
  "SSH-2.0-OpenSSH_9.6\r\n",
])("%j is no response", async (response) => {
  const { port } = await rawReceiver((socket) => socket.end(response));
  expect(await localSender().send(post(`http://127.0.0.1:${port}`))).toMatchObject({ kind: "unanswered" });
});

test("whatever the bytes are, reading them ends with a status or with none", () => {
  const part = fc.constantFrom("HTTP/1.1 200 OK", "HTTP/1.1 100 Continue", "\r\n", "\n", "a: b", ":", " ", "\0");
  const text = fc.array(fc.oneof(part, fc.string({ maxLength: 5 })), { maxLength: 40 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (bytes) => {
      const head = readHead(Buffer.from(bytes, "latin1"));
      if (head !== null) expect(head.status).toBeGreaterThanOrEqual(200);
    }),
  );
});
