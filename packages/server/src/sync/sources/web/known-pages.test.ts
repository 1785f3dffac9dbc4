import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { limits } from "../../../domain/limits.ts";
import { cursorOf, type KnownPage, knownPagesIn } from "./known-pages.ts";

function pages(count: number, links = 3): Map<string, KnownPage> {
  const address = (number: number) => `https://example.com/docs/page-${number % count}`;
  return new Map(
    Array.from({ length: count }, (_, number) => [
      address(number),
      {
        validator: `"${randomBytes(8).toString("hex")}"`,
        hash: randomBytes(9).toString("base64"),
        links: Array.from({ length: links }, (_, step) => address(number + step)),
      },
    ]),
  );
}

test("pages are read from a cursor as they were written", async () => {
  const known = pages(300);
  expect(await knownPagesIn(await cursorOf(known))).toEqual(known);
  expect(await knownPagesIn(await cursorOf(new Map()))).toEqual(new Map());
  expect(await knownPagesIn(null)).toEqual(new Map());
});

test.each([
  { count: 20_000, links: 1 },
  { count: 2_000, links: 1_000 },
])("a cursor keeps the first pages if there are more than fit: %j", async ({ count, links }) => {
  const known = pages(count, links);
  const cursor = await cursorOf(known);
  expect(cursor.length).toBeLessThanOrEqual(limits.sourceCursorBytesMax);
  const kept = [...(await knownPagesIn(cursor))];
  expect(kept.length).toBeGreaterThan(90);
  expect(kept).toEqual([...known].slice(0, kept.length));
});
