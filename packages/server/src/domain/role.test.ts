import { expect, test } from "vitest";
import { roleMappingIn, roleMappingText, roles, scopesOf, scopesOfAll } from "./role.ts";

const organization = "0195c0de-0000-7000-8000-00000000acae";

test.each([
  ["support=support", { group: "support", role: "support", organization: "first" }],
  ["ops=admin@*", { group: "ops", role: "admin", organization: "all" }],
  [`acme=viewer@${organization}`, { group: "acme", role: "viewer", organization }],
  ["a=b=developer", { group: "a=b", role: "developer", organization: "first" }],
  ["/team/ops@example=admin", { group: "/team/ops@example", role: "admin", organization: "first" }],
])("%s maps a group to a role", (text, expected) => {
  const mapping = roleMappingIn(text);
  expect(mapping).toEqual(expected);
  expect(mapping === null ? null : roleMappingText(mapping)).toBe(text);
});

test.each(["", "ops", "=admin", "ops=", "ops=owner", "ops=constructor", "ops=admin@", "ops=admin@acme", "ops=Admin"])(
  "%j is no mapping",
  (text) => {
    expect(roleMappingIn(text)).toBeNull();
  },
);

test("each role has the scopes of the role before it, and more", () => {
  const sizes = roles.map((role) => scopesOf(role).length);
  expect(sizes).toEqual([1, 2, 5, 6]);
  for (const [index, role] of roles.entries()) {
    for (const smaller of roles.slice(0, index))
      expect(scopesOf(role)).toEqual(expect.arrayContaining([...scopesOf(smaller)]));
  }
});

test("several roles together have the scopes of each", () => {
  expect(scopesOfAll(["viewer", "support"])).toEqual(["read", "write"]);
  expect(scopesOfAll([])).toEqual([]);
});
