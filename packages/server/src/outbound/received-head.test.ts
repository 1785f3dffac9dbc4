import fc from "fast-check";
import { expect, test } from "vitest";
import { localSender, post, rawReceiver } from "./fixtures/local-receiver.ts";
import { readHead } from "./received-head.ts";

// tests/receivers/behaviours.ts has the responses that are accepted, and those that are not.

test("Retry-After counts in a response that the parser refuses", async () => {
  const response = "HTTP/1.1 503 X\r\nRetry-After: 7\r\nContent-Length: 0\r\nContent-Length: 0\r\n\r\n";
  const { port } = await rawReceiver((socket) => socket.end(response));
  const exchange = await localSender().send(post(`http://127.0.0.1:${port}`));
  expect(exchange).toMatchObject({ status: 503, headers: { "retry-after": "7" } });
});

test("reading any bytes ends with a status or without one", () => {
  const part = fc.constantFrom("HTTP/1.1 200 OK", "HTTP/1.1 100 Continue", "\r\n", "\n", "a: b", ":", " ", "\0");
  const text = fc.array(fc.oneof(part, fc.string({ maxLength: 5 })), { maxLength: 40 }).map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, (bytes) => {
      const head = readHead(Buffer.from(bytes, "latin1"));
      if (head !== null) expect(head.status).toBeGreaterThanOrEqual(200);
    }),
  );
});
