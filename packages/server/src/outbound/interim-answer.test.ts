import { Socket } from "node:net";
import { expect, test } from "vitest";
import { skipContinue } from "./interim-answer.ts";

const proceed = "HTTP/1.1 100 Continue\r\n\r\n";
const hints = "HTTP/1.1 103 Early Hints\r\nlink: </a>\r\n\r\n";
const answer = "HTTP/1.1 200 OK\r\ncontent-length: 25\r\n\r\n";

test("100 Continue vanishes before an answer, in one piece with it or alone, before 103 or after", () => {
  expect(received([{ sent: 10, chunks: [proceed + answer] }])).toBe(answer);
  expect(received([{ sent: 10, chunks: [proceed, proceed + hints, hints + proceed, answer] }])).toBe(
    hints + hints + answer,
  );
});

test("bytes of a body are never taken for an interim answer", () => {
  expect(received([{ sent: 10, chunks: [answer, proceed] }])).toBe(answer + proceed);
  expect(received([{ sent: 10, chunks: [answer + proceed, proceed] }])).toBe(answer + proceed + proceed);
});

test("each request on a connection may be answered with 100 Continue first", () => {
  const exchanges = [10, 20].map((sent) => ({ sent, chunks: [proceed + answer, proceed] }));
  expect(received(exchanges)).toBe((answer + proceed).repeat(2));
});

test("bytes that are no interim answer pass as they came", () => {
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
