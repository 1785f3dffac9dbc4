import { expect, test } from "vitest";
import { EventLines, type ServerEvent } from "./event-lines.ts";

const encoder = new TextEncoder();

function readIn(parts: readonly Uint8Array[], id = ""): { events: ServerEvent[]; lines: EventLines } {
  const lines = new EventLines(id);
  return { events: parts.flatMap((part) => [...lines.read(part)]), lines };
}

function read(text: string): ServerEvent[] {
  return readIn([encoder.encode(text)]).events;
}

const mixed = [
  "\uFEFF: a comment\nretry: 250\n\n",
  'event: message\nid: 1\ndata: {"text":"grüße 👋 日本"}\n\n',
  "event: attempt\r\nid: 2\r\ndata: one\r\ndata: two\r\n\r\n",
  "data:  led by a space\rid: 3\r\r",
  ": alive\nid: 4\n\n",
  "data\ndata:\n\n",
  "event: only a name\n\n",
  "id: 5\nunknown: field\ndata: last\n\n",
].join("");

const expected = [
  { event: "message", id: "1", data: '{"text":"grüße 👋 日本"}' },
  { event: "attempt", id: "2", data: "one\ntwo" },
  { event: "message", id: "3", data: " led by a space" },
  { event: "message", id: "4", data: "\n" },
  { event: "message", id: "5", data: "last" },
];

test("events are parsed with any line endings", () => {
  expect(read(mixed)).toEqual(expected);
});

test("the events are the same wherever the bytes are split, even into single ones", () => {
  const bytes = encoder.encode(mixed);
  for (let at = 0; at <= bytes.length; at++) {
    expect(readIn([bytes.subarray(0, at), bytes.subarray(at)]).events, `cut at ${at}`).toEqual(expected);
  }
  expect(readIn([...bytes].map((byte) => Uint8Array.of(byte))).events).toEqual(expected);
});

test("an incomplete event is not returned, and its id does not count", () => {
  const { events, lines } = readIn([encoder.encode("id: 1\ndata: a\n\nid: 2\ndata: b\n")]);
  expect([events.length, lines.id]).toEqual([1, "1"]);
});

test("the id of an earlier connection counts until another one arrives", () => {
  const { events, lines } = readIn([encoder.encode("data: a\n\n: alive\nid: 8\n\n")], "7");
  expect([events[0]?.id, lines.id]).toEqual(["7", "8"]);
});

test("an id with NUL is ignored, and an empty one counts", () => {
  expect(read("id: 1\ndata: a\n\nid: 2\0\ndata: b\n\nid\ndata: c\n\n").map(({ id }) => id)).toEqual(["1", "1", ""]);
});

test("only digits are a reconnection time", () => {
  expect(readIn([encoder.encode("retry: 1500\nretry: soon\n")]).lines.retryMs).toBe(1_500);
});

test("an endless event is an error instead of filling the memory", () => {
  const lines = new EventLines("");
  const part = encoder.encode("data: x".padEnd(1024 * 1024, "x"));
  expect(() => {
    for (let i = 0; i < 20; i++) for (const _ of lines.read(part)) throw new Error("It has no end.");
  }).toThrow(RangeError);
});
