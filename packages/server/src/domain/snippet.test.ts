import fc from "fast-check";
import { expect, test } from "vitest";
import { snippetOf } from "./snippet.ts";

function marked(text: string, query: string[], lengthMax = 60): string {
  const { text: shown, matches } = snippetOf(text, query, lengthMax);
  return matches.reduceRight(
    (all, [from, to]) => `${all.slice(0, from)}[${all.slice(from, to)}]${all.slice(to)}`,
    shown,
  );
}

test("a short text is shown completely, with the words of the query", () => {
  expect(marked("The heron ran along the river.", ["heron", "river"])).toBe("The [heron] ran along the [river].");
});

test("other forms of a word match, with or without accents and capitals; other words do not", () => {
  expect(marked("Herons, running. Cafés, RIVERS, carries", ["heron", "run", "cafe", "river", "carry"])).toBe(
    "[Herons], [running]. [Cafés], [RIVERS], [carries]",
  );
  expect(marked("The sea is not seamless; here is no heron", ["sea", "heron"])).toBe(
    "The [sea] is not seamless; here is no [heron]",
  );
});

test("a long text is shortened to the part with the most different words, at word boundaries", () => {
  const filler = "nothing of note stands in these words here ".repeat(20);
  const text = `${filler}the heron, the heron, the heron ${filler}a heron at the river ${filler}`;
  const shown = marked(text, ["heron", "river"], 80);
  expect(shown).toContain("a [heron] at the [river]");
  expect(shown).toMatch(/^…\S/);
  expect(shown).toMatch(/\w…$/);
});

test("a text without a word of the query is shown from its beginning", () => {
  expect(marked("one two three four five", ["zzz"], 12)).toBe("one two…");
});

test("in languages without spaces, the words of the query and pairs of their characters are shown", () => {
  expect(marked("我们在北京大学研究机器学习的方法", ["机器学习", "大学"])).toBe("我们在北京[大学]研究[机器学习]的方法");
  expect(marked("東京は天気がいい。猫", ["東京の天気", "猫"])).toBe("[東京]は[天気]がいい。[猫]");
  expect(marked("ภาษาไทยเป็นภาษา", ["ภาษา"])).toBe("[ภาษา]ไทยเป็น[ภาษา]");
  expect(marked("고양이를 좋아합니다", ["고양이"])).toBe("[고양이]를 좋아합니다");
  expect(marked("the 𠮷野家", ["𠮷野"])).toBe("the [𠮷野]家");
});

test("line breaks become spaces, and positions stay correct", () => {
  expect(marked("a\nheron\r\n\tflies", ["heron"])).toBe("a [heron]   flies");
});

test("an excerpt of any text is a part of it, within the requested length, with correct positions", () => {
  const word = fc.constantFrom(
    "heron",
    "Herons",
    "river",
    "a",
    "é",
    "😀😀",
    "\n",
    "-",
    "mmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmmm",
  );
  const texts = fc.array(word, { maxLength: 200 }).chain((words) => fc.constantFrom(words.join(" "), words.join("")));
  fc.assert(
    fc.property(texts, fc.uniqueArray(fc.constantFrom("heron", "river", "e"), { maxLength: 3 }), (text, query) => {
      const { text: shown, matches } = snippetOf(text, query, 50);
      const stretch = shown.replace(/^…/, "").replace(/…$/, "");
      expect(text.replaceAll(/\s/g, " ")).toContain(stretch);
      expect(stretch.length).toBeLessThanOrEqual(50);
      expect(shown.isWellFormed()).toBe(true);
      let before = 0;
      for (const [from, to] of matches) {
        expect(from).toBeGreaterThanOrEqual(before);
        expect(shown.slice(from, to)).toMatch(/^[\p{L}\p{N}\p{M}]+$/u);
        before = to;
      }
    }),
  );
});
