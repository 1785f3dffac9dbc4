import { expect, test } from "vitest";
import { limits } from "./limits.ts";
import { disabledSentence, secretsAt } from "./subscription.ts";

test("a disabled subscription has its reason as a sentence, and an enabled one has none", () => {
  expect(disabledSentence(null)).toBeNull();
  expect(disabledSentence("gone")).toBe("The endpoint returned 410 Gone.");
  expect(disabledSentence("failing")).toBe("Every delivery failed for five days.");
  expect(disabledSentence("by_request")).toBe("Disabled by request.");
});

const minute = 60_000;
const numbered = (position: number, createdAt: number, expiresAt: number | null) => ({
  secret: `s${position}`,
  position,
  createdAt,
  expiresAt,
});
const names = (kept: Parameters<typeof secretsAt>[0], at: number) =>
  secretsAt(kept, at)?.map(({ secret }) => secret) ?? null;

test("the secrets that signed at a time are those created before it that had not expired, newest first", () => {
  const kept = [numbered(1, 0, 20 * minute), numbered(2, 10 * minute, null)];
  expect(names(kept, 0)).toEqual(["s1"]);
  expect(names(kept, 15 * minute)).toEqual(["s2", "s1"]);
  expect(names(kept, 20 * minute)).toEqual(["s2"]);
});

test("secrets from before the last rotation are not returned when one of them may have been removed", () => {
  const kept = [numbered(3, 20 * minute, 30 * minute), numbered(4, 25 * minute, null)];
  expect(names(kept, 22 * minute)).toBeNull();
  expect(names(kept, 26 * minute)).toEqual(["s4", "s3"]);
  expect(names(kept, 40 * minute)).toEqual(["s4"]);
});

test("signing secrets are not returned while none is kept, none existed, or a rotation may not have been noticed", () => {
  expect(names([], 0)).toBeNull();
  expect(names([numbered(1, 10, null)], 9)).toBeNull();
  const kept = [numbered(1, 0, null), numbered(2, 10 * minute, null)];
  expect(names(kept, 10 * minute + limits.changesHeardMsMax - 1)).toBeNull();
  expect(names(kept, 10 * minute + limits.changesHeardMsMax)).toEqual(["s2", "s1"]);
  expect(names(kept, 10 * minute - 1)).toEqual(["s1"]);
});
