import { expect, test } from "vitest";
import { hasScope, scopes } from "./api-key.ts";

test("a key may do what its scopes say, and an admin key everything", () => {
  for (const needed of scopes) {
    expect(hasScope(["admin"], needed)).toBe(true);
    expect(hasScope([], needed)).toBe(false);
    for (const granted of scopes) expect(hasScope([granted], needed)).toBe(granted === needed || granted === "admin");
  }
});
