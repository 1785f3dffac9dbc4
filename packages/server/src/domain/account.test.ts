import { expect, test } from "vitest";
import { hasScope, scopes } from "./api-key.ts";

test("a key may do the things that its scopes name, and an admin key may do everything", () => {
  for (const needed of scopes) {
    expect(hasScope(["admin"], needed)).toBe(true);
    expect(hasScope([], needed)).toBe(false);
    for (const granted of scopes) {
      const isIncluded = granted === "write" && needed === "subscribe";
      expect(hasScope([granted], needed)).toBe(granted === needed || granted === "admin" || isIncluded);
    }
  }
});
