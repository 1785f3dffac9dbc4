import fc from "fast-check";
import { expect, test } from "vitest";
import { inColumns, printable, printableLines, widthOf, wrapped } from "./printable.ts";

const hostile = "\x1b]0;title\x07 a\x1b[2J\x1b[31mred\x9b5A\u202eabc\x00\r\nnext";

test("no text from outside reaches the terminal as a command, or reverses the text around it", () => {
  expect(printable(hostile)).not.toMatch(/[\p{Cc}\u202e]/u);
  expect(printable(hostile)).toContain("red");
  expect(printableLines(hostile)).toHaveLength(2);
  fc.assert(fc.property(fc.string({ unit: "binary" }), (text) => !/\p{Cc}/u.test(printable(text))));
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => printableLines(text).every((line) => !/\p{Cc}/u.test(line))),
  );
});

test("a text is truncated or padded to exact columns, even with double-width characters", () => {
  expect(inColumns("abc", 5)).toBe("abc  ");
  expect(inColumns("abcdef", 4)).toBe("abc…");
  expect(inColumns("日本語", 4)).toBe("日… ");
  expect(widthOf("e\u0301👍")).toBe(3);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 0, max: 40 }), (text, width) => {
      expect(widthOf(inColumns(printable(text), width))).toBe(width);
    }),
  );
});

test("a long text is wrapped into lines that fit, without losing any of it", () => {
  expect(wrapped("", 5)).toEqual([""]);
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.integer({ min: 8, max: 40 }), (text, width) => {
      const lines = wrapped(printable(text), width);
      expect(lines.join("")).toBe(printable(text));
      expect(Math.max(...lines.map(widthOf))).toBeLessThanOrEqual(width);
    }),
  );
});
