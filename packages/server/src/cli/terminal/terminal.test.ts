import { expect, test } from "vitest";
import { keysIn } from "./terminal.ts";

test("keys are told apart however many a terminal sends at once, and what is no key is left out", () => {
  expect(keysIn("\x1b[A\x1b[Bq")).toEqual(["up", "down", "q"]);
  expect(keysIn("\x1bOA\x1b[5~\x1b[6~\x1b[H\x1b[F")).toEqual(["up", "pageup", "pagedown", "home", "end"]);
  expect(keysIn("\r\x7f\x1b\x03")).toEqual(["enter", "backspace", "escape", "quit"]);
  expect(keysIn("日👍")).toEqual(["日", "👍"]);
  expect(keysIn("\x1b[1;5C\x01\x00")).toEqual([]);
});
