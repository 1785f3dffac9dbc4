import { expect, test } from "vitest";
import { passesChannels } from "./channels.ts";

test("who named no channels takes messages of every channel and of none", () => {
  expect(passesChannels(null, null)).toBe(true);
  expect(passesChannels(null, ["a"])).toBe(true);
});

test("who named channels takes messages that were published to one of them", () => {
  expect(passesChannels(["a", "b"], ["c", "b"])).toBe(true);
  expect(passesChannels(["a", "b"], ["c"])).toBe(false);
  expect(passesChannels(["a"], [])).toBe(false);
  expect(passesChannels(["a"], null)).toBe(false);
});
