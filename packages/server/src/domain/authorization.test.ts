import { expect, test } from "vitest";
import { type AuthorizationProgress, authorizationState, isUsable } from "./authorization.ts";

const now = 1_000_000;
const renewable = { accessToken: "a", refreshToken: "r", expiresAt: now + 60_000 };

test("a token that can be renewed is used until a minute before it expires", () => {
  expect(isUsable(renewable, { refused: null, now })).toBe(true);
  expect(isUsable(renewable, { refused: null, now: now + 1 })).toBe(false);
});

test("a token that cannot be renewed is used until it expires", () => {
  const last = { ...renewable, refreshToken: null };
  expect(isUsable(last, { refused: null, now: now + 59_999 })).toBe(true);
  expect(isUsable(last, { refused: null, now: now + 60_000 })).toBe(false);
});

test("a token without an expiry is used until it is refused, and a refused one is never used", () => {
  const endless = { ...renewable, expiresAt: null };
  expect(isUsable(endless, { refused: null, now })).toBe(true);
  expect(isUsable(endless, { refused: "another", now })).toBe(true);
  expect(isUsable(endless, { refused: "a", now })).toBe(false);
  expect(isUsable(renewable, { refused: "a", now })).toBe(false);
});

test("the state of an authorization is the last step that it reached, and only an unused one expires", () => {
  const stateOf = (changes: Partial<AuthorizationProgress>) =>
    authorizationState({ usedAt: null, grantedAt: null, claimedAt: null, expiresAt: now + 1, ...changes }, now);
  expect(stateOf({})).toBe("pending");
  expect(stateOf({ expiresAt: now })).toBe("expired");
  expect(stateOf({ usedAt: now, expiresAt: now })).toBe("failed");
  expect(stateOf({ usedAt: now, grantedAt: now, expiresAt: now })).toBe("in_progress");
  expect(stateOf({ usedAt: now, grantedAt: now, claimedAt: now, expiresAt: now })).toBe("completed");
});
