import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { chunkText } from "./chunk-text.ts";

test("a short text is one chunk", async () => {
  expect(await chunkText("Herons stand still.\n\nThen they do not.\n")).toEqual([
    "Herons stand still.\n\nThen they do not.",
  ]);
});

test("paragraphs stay whole if they fit", async () => {
  const paragraph = "word ".repeat(limits.chunkWordsMax * 0.4).trim();
  const chunks = await chunkText([paragraph, paragraph, paragraph].join("\n\n"));
  expect(chunks).toEqual([`${paragraph}\n\n${paragraph}`, paragraph]);
});

test("a blank text has no chunks", async () => {
  expect(await chunkText("")).toEqual([]);
  expect(await chunkText(" \n\t\r\n ".repeat(1_000))).toEqual([]);
});

test("no character except spaces is lost or repeated, and no chunk is too long", async () => {
  const text = fc.string({
    unit: fc.constantFrom("a", "ß", "漢", "😀", " ", "\u00a0a", "\u2003b", "\n", "\n\n", "word "),
    maxLength: 3_000,
  });
  const lengthMax = limits.chunkWordsMax * limits.chunkWordLengthMax * 4;
  await fc.assert(
    fc.asyncProperty(text, async (whole) => {
      const chunks = await chunkText(whole);
      expect(withoutSpace(chunks.join(""))).toBe(withoutSpace(whole));
      for (const chunk of chunks) {
        expect(chunk.length).toBeLessThanOrEqual(lengthMax);
        expect(chunk.match(/\S{1,32}/gu)?.length).toBeLessThanOrEqual(limits.chunkWordsMax);
        expect(chunk.isWellFormed()).toBe(true);
        expect(chunk.trim()).not.toBe("");
      }
    }),
    { numRuns: 50 },
  );
});

test("a long text without spaces is split between characters, not inside one", async () => {
  const whole = "😀".repeat(limits.chunkSliceLengthMax);
  const chunks = await chunkText(whole);
  expect(chunks.join("")).toBe(whole);
  expect(chunks.every((chunk) => chunk.isWellFormed())).toBe(true);
});

test("other work continues while a large text is split", async () => {
  let turns = 0;
  const counting = setInterval(() => (turns += 1), 0);
  await chunkText("A line of text that says little.\n".repeat(30_000));
  clearInterval(counting);
  expect(turns).toBeGreaterThan(3);
});

function withoutSpace(text: string): string {
  return text.replaceAll(/\s/g, "");
}
