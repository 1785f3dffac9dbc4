import { expect, test } from "vitest";
import { disabledSentence } from "./subscription.ts";

test("a disabled subscription says why in a sentence, an enabled one nothing", () => {
  expect(disabledSentence(null)).toBeNull();
  expect(disabledSentence("gone")).toBe("The endpoint answered 410 Gone.");
  expect(disabledSentence("failing")).toBe("Every delivery failed for five days.");
  expect(disabledSentence("by_request")).toBe("Disabled by request.");
});
