import fc from "fast-check";
import { expect, test } from "vitest";
import { matchesPattern, patternsMatching } from "./event-pattern.ts";

test("an event type is matched by its name, by a wildcard of its group, and by the wildcard for all", () => {
  expect(patternsMatching("sync.completed")).toEqual(["sync.completed", "sync.*", "*"]);
  expect(patternsMatching("a.b.c")).toEqual(["a.b.c", "a.b.*", "a.*", "*"]);
  expect(patternsMatching("ping")).toEqual(["ping", "*"]);
});

test("a name that begins with a dot has no group", () => {
  expect(patternsMatching(".completed")).toEqual([".completed", "*"]);
});

test("a wildcard matches its group, and no other name with the same beginning", () => {
  expect(matchesPattern("sync.*", "sync.completed")).toBe(true);
  expect(matchesPattern("sync.*", "synchronized.completed")).toBe(false);
  expect(matchesPattern("sync.*", "sync")).toBe(false);
  expect(matchesPattern("sync.completed", "sync.completed.twice")).toBe(false);
});

test("the look-up uses exactly the patterns that match", () => {
  const name = fc
    .array(fc.constantFrom("a", "b", "sync"), { minLength: 1, maxLength: 4 })
    .map((parts) => parts.join("."));
  const pattern = fc.oneof(
    name,
    name.map((text) => `${text}.*`),
    fc.constant("*"),
  );
  fc.assert(
    fc.property(pattern, name, (eventPattern, eventType) => {
      expect(patternsMatching(eventType).includes(eventPattern)).toBe(matchesPattern(eventPattern, eventType));
    }),
  );
});
