import fc from "fast-check";
import { expect, test } from "vitest";
import { indexedPairs, pairsOfQuery } from "./character-pairs.ts";

test("texts with spaces between words have no pairs", () => {
  for (const text of ["", "The heron.", "Füße, 12 €", "Привет мир", "مرحبا بالعالم", "😀"]) {
    expect(indexedPairs(text)).toBeNull();
    expect(pairsOfQuery(text)).toEqual([]);
  }
});

test("every part of a run is found, from one character on, in any width", () => {
  const character = fc.constantFrom(
    "北",
    "京",
    "々",
    "あ",
    "ｱ",
    "ア",
    "한",
    "글",
    "ก",
    "ี",
    "ខ",
    "က",
    "𠮷",
    "\u304b\u3099",
  );
  fc.assert(
    fc.property(fc.array(character, { minLength: 1, maxLength: 12 }), fc.nat(), fc.nat(), (all, one, other) => {
      const [from, to] = [one % all.length, (other % all.length) + 1].sort((a, b) => a - b) as [number, number];
      const part = all.slice(from, to).join("");
      const indexed = new Set(indexedPairs(`a ${all.join("")} b`)?.split(" "));
      // A mark may belong to the character before the part.
      if (!/^[\u0e31-\u0e4e\u3099]/.test(part))
        expect(pairsOfQuery(part).filter((word) => !indexed.has(word))).toEqual([]);
    }),
  );
});

test("characters on both sides of a space or a point do not form a pair", () => {
  expect(pairsOfQuery("北 京")).not.toContain(pairsOfQuery("北京")[0]);
  expect(indexedPairs("北。京")?.split(" ")).not.toContain(pairsOfQuery("北京")[0]);
});
