import { expect, test } from "vitest";
import { matchesChannels } from "./channels.ts";

test("a subscription without channels gets messages of every channel and of none", () => {
  expect(matchesChannels(null, null)).toBe(true);
  expect(matchesChannels(null, ["a"])).toBe(true);
});

test("a subscription with channels gets messages that were published to one of them", () => {
  expect(matchesChannels(["a", "b"], ["c", "b"])).toBe(true);
  expect(matchesChannels(["a", "b"], ["c"])).toBe(false);
  expect(matchesChannels(["a"], [])).toBe(false);
  expect(matchesChannels(["a"], null)).toBe(false);
});
