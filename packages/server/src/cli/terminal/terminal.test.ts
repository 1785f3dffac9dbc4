import { once } from "node:events";
import { emitKeypressEvents, type Key as KeyPress } from "node:readline";
import { PassThrough } from "node:stream";
import { expect, test } from "vitest";
import { keyOf, styled } from "./terminal.ts";

test.each([
  ["\u001b[A", "up"],
  ["\u001bOB", "down"],
  ["\u001b[5~", "pageup"],
  ["\u001b[6~", "pagedown"],
  ["\u001b[H", "home"],
  ["\u001b[4~", "end"],
  ["\r", "enter"],
  ["\n", "enter"],
  ["\u007f", "backspace"],
  ["\u001b", "escape"],
  ["\u0003", "quit"],
  ["\u001b\u0003", "quit"],
  ["\u0001", null],
  ["q", "q"],
  ["A", "A"],
  ["é", "é"],
  ["\u{1f600}", "\u{1f600}"],
])("the bytes %j of a terminal are the key %j", async (bytes, key) => {
  const input = new PassThrough();
  emitKeypressEvents(input);
  const pressed = once(input, "keypress") as Promise<[string | undefined, KeyPress]>;
  input.write(bytes);
  expect(keyOf(...(await pressed))).toBe(key);
});

test("a styled text ends its style", () => {
  expect(styled.red("text")).toBe("\u001b[31mtext\u001b[39m");
});
