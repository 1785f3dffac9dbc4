import { Socket } from "node:net";
import { expect, test } from "vitest";
import { skipContinue } from "./interim-response.ts";

const proceed = "HTTP/1.1 100 Continue\r\n\r\n";
const hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
const response = "HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n";

test("100 Continue is removed before a response, in the same bytes or alone, before or after 103", () => {
  expect(received([{ sent: 10, chunks: [proceed + response] }])).toBe(response);
  expect(received([{ sent: 10, chunks: [proceed, proceed + hints, hints + proceed, response] }])).toBe(
    hints + hints + response,
  );
});

test("bytes of a body never count as an interim response", () => {
  expect(received([{ sent: 10, chunks: [response, proceed] }])).toBe(response + proceed);
  expect(received([{ sent: 10, chunks: [response + proceed, proceed] }])).toBe(response + proceed + proceed);
});

test("each request on a connection may get 100 Continue first", () => {
  const exchanges = [10, 20].map((sent) => ({ sent, chunks: [proceed + response, proceed] }));
  expect(received(exchanges)).toBe((response + proceed).repeat(2));
});

test("bytes that are not an interim response are kept unchanged", () => {
  for (const text of ["", "HTTP/1.1 100 Cont", "123456789100 times\r\n\r\n", "\0".repeat(20)]) {
    expect(received([{ sent: 10, chunks: [text] }])).toBe(text);
  }
});

/** The text that undici reads from a connection when these chunks arrive, each after this many bytes were sent. */
function received(arrivals: { sent: number; chunks: string[] }[]): string {
  const waiting: Buffer[] = [];
  let bytesWritten = 0;
  const socket = Object.defineProperties(new Socket(), {
    read: { value: () => waiting.shift() ?? null, writable: true },
    bytesWritten: { get: () => bytesWritten },
  });
  skipContinue(socket);
  let text = "";
  for (const { sent, chunks } of arrivals) {
    bytesWritten = sent;
    waiting.push(...chunks.map((chunk) => Buffer.from(chunk)));
    for (let chunk = socket.read(); chunk !== null; chunk = socket.read()) text += chunk;
  }
  return text;
}
