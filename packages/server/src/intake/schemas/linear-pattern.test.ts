import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../../domain/limits.ts";
import { linearPattern } from "./linear-pattern.ts";

test.each([
  ["^[a-z]+$", ["abc", "ABC", "abc\n", ""]],
  ["^.$", ["a", "\n", "\r", "\u2028", "\u2029", "\u0085", "😀", "\ud800"]],
  ["^\\s$", [" ", "\u00a0", "\ufeff", "\u3000", "\u0085", "\v", "x"]],
  ["^\\S$", [" ", "\u00a0", "x", "😀"]],
  ["^[^\\S\\n]+$", [" \t", " \n", "x"]],
  ["^[\\d\\-_]+$", ["1-_", "١"]],
  ["^\\w\\W$", ["a-", "é-", "aé"]],
  ["\\bfoo\\b", ["a foo b", "afoo", "éfoo"]],
  ["\\Boo", ["foo", "oo"]],
  ["^\\p{L}+$", ["Ärger", "日本語", "a1", "𝒳"]],
  ["^\\P{Lu}$", ["a", "A", "1"]],
  ["^\\p{Script=Greek}+$", ["αβγ", "abc"]],
  ["^\\p{Script_Extensions=Greek}$", ["α", "a"]],
  ["^\\p{Emoji}$", ["😀", "1", "a"]],
  ["^[[:alpha:]+$", ["a", ":", "[", "x"]],
  ["^[a&&b]$", ["a", "&", "c"]],
  ["^[]$", ["", "a"]],
  ["^[^]$", ["a", "\n", ""]],
  ["^\\u0041\\u{1F600}\\x42\\cJ$", ["A😀B\n", "A"]],
  ["^\\ud83d\\ude00$", ["😀"]],
  ["^(?<year>\\d{4})-(\\d\\d)$", ["2026-11", "26-11"]],
  ["^a{0}b{2,}c{1,3}?d*$", ["bbcc", "abbc", "bcd", "bbbbccccd"]],
  ["^x{0,1500}$", ["x".repeat(1_500), "x".repeat(1_501), ""]],
  ["^x{1200,2300}$", ["x".repeat(1_199), "x".repeat(1_200), "x".repeat(2_300), "x".repeat(2_301)]],
  ["^(a{20}){30}$", ["a".repeat(600), "a".repeat(599)]],
  ["a|^$|b+?", ["", "c", "xb"]],
  ["^(?:|a)$", ["", "a", "b"]],
  ["^[\\^\\]\\\\-]+$", ["^]\\-", "a"]],
  ["\\/\\.\\$\\{", ["/.${", "/x${"]],
])("%s matches as ECMA-262 specifies", (source, texts) => {
  const pattern = linearPattern(source);
  const native = new RegExp(source, "u");
  for (const text of texts) expect(pattern.test(text), JSON.stringify(text)).toBe(native.test(text));
});

const piece = fc.constantFrom(
  ..."ab1_- \n".split(""),
  "é",
  "😀",
  "\\d",
  "\\w",
  "\\s",
  "\\S",
  ".",
  "[a-c]",
  "[^\\d]",
  "\\b",
);
const pattern = fc.letrec<{ node: string }>((tie) => ({
  node: fc.oneof(
    { depthSize: "small" },
    piece,
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => `${a}${b}`),
    fc.tuple(tie("node"), tie("node")).map(([a, b]) => `(${a}|${b})`),
    fc.tuple(tie("node"), fc.constantFrom("*", "+?", "?", "{2}", "{1,3}")).map(([a, times]) => `(?:${a})${times}`),
  ),
})).node;

test("every generated pattern matches the same texts as the engine's own", () => {
  const text = fc.string({ unit: fc.constantFrom(..."ab1_- \n".split(""), "é", "😀", "c"), maxLength: 12 });
  fc.assert(
    fc.property(pattern, fc.boolean(), fc.array(text, { minLength: 5, maxLength: 5 }), (inner, isWhole, texts) => {
      const source = isWhole ? `^${inner}$` : inner;
      const [linear, native] = [linearPattern(source), new RegExp(source, "u")];
      for (const one of texts) expect(linear.test(one)).toBe(native.test(one));
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["(?=a)b", "look-ahead"],
  ["(?!a)b", "look-ahead"],
  ["(?<=a)b", "look-behind"],
  ["(?<!a)b", "look-behind"],
  ["(a)\\1", "a back-reference"],
  ["(?<x>a)\\k<x>", "a back-reference"],
  ["(?i:a)", "a group with modifiers"],
  ["(a", "not a regular expression"],
  ["a{2,1}", "not a regular expression"],
  ["\\p{Nonsense}", "not a regular expression"],
  ["(a{1000}){1000}", "too large"],
  ["((((a{9}){9}){9}){9}){9}", "too large"],
  ["a{1,4294967295}", "too large"],
  ["(((a*)*)*){20000}", "too large"],
])("%s is refused", (source, reason) => {
  expect(() => linearPattern(source)).toThrow(reason);
});

test("a pattern has a bounded length", () => {
  expect(() => linearPattern("a".repeat(limits.schemaPatternLengthMax))).not.toThrow();
  expect(() => linearPattern("a".repeat(limits.schemaPatternLengthMax + 1))).toThrow("at most");
});

test.each(["^(a+)+$", "^(a|a)*$", "(x+x+)+y", "^([a-z]+)*[0-9]$", "(.*){10}c"])(
  "%s is matched in linear time against a long text",
  (source) => {
    expect(linearPattern(source).test(`${"a".repeat(200_000)}!`)).toBe(false);
  },
);
