import fc from "fast-check";
import { expect, test } from "vitest";
import { type JsonBounds, jsonExcess } from "./json-bounds.ts";

const wide: JsonBounds = { depthMax: 1_000, itemsMax: 1_000_000, stringBytesMax: 1_000_000 };

function excess(text: string, bounds: Partial<JsonBounds>) {
  return jsonExcess(Buffer.from(text), { ...wide, ...bounds });
}

test.each([
  ["a depth", "[[[]]]", { depthMax: 3 }, { depthMax: 2 }, "depth"],
  ["objects and arrays within each other", '{"a":[{"b":1}]}', { depthMax: 3 }, { depthMax: 2 }, "depth"],
  ["the items of an array", "[1,2,3]", { itemsMax: 3 }, { itemsMax: 2 }, "items"],
  ["the members of an object", '{"a":1,"b":2}', { itemsMax: 2 }, { itemsMax: 1 }, "items"],
  ["the items of all arrays together", "[[1],[2]]", { itemsMax: 4 }, { itemsMax: 3 }, "items"],
  ["the bytes of a string", '["é"]', { stringBytesMax: 2 }, { stringBytesMax: 1 }, "string"],
  ["the bytes of a key", '{"key":1}', { stringBytesMax: 3 }, { stringBytesMax: 2 }, "string"],
  ["escapes as they are written", String.raw`["\"\\"]`, { stringBytesMax: 4 }, { stringBytesMax: 3 }, "string"],
])("%s may reach its bound and not exceed it", (_, text, bound, less, what) => {
  expect(excess(text, bound)).toBeNull();
  expect(excess(text, less)).toBe(what);
});

test("the content of a string does not count as structure", () => {
  expect(excess(String.raw`{"a":"[[[,,,\"{{{"}`, { depthMax: 1, itemsMax: 1 })).toBeNull();
});

test("a text that is truncated anywhere is examined to its end", () => {
  const text = String.raw`{"a":["x\\\"y",{"b":[1,2]}],"c":"\u00e9"}`;
  for (let length = 0; length <= text.length; length++) expect(excess(text.slice(0, length), {})).toBeNull();
});

test("the bounds of any JSON are measured exactly", () => {
  const value = fc.jsonValue({ maxDepth: 6 });
  fc.assert(
    fc.property(value, fc.boolean(), (json, isSpaced) => {
      const text = JSON.stringify(json, null, isSpaced ? 2 : 0);
      const { depth, items, longest } = measured(json);
      const exact = { depthMax: depth, itemsMax: items, stringBytesMax: longest };
      expect(excess(text, exact)).toBeNull();
      if (depth > 0) expect(excess(text, { depthMax: depth - 1 })).toBe("depth");
      if (longest > 0) expect(excess(text, { stringBytesMax: longest - 1 })).toBe("string");
      if (items > 0) expect(excess(text, { itemsMax: items - 1 })).toBe("items");
    }),
    { seed: 16 },
  );
});

function measured(json: unknown): { depth: number; items: number; longest: number } {
  if (typeof json === "string") return { depth: 0, items: 0, longest: Buffer.byteLength(JSON.stringify(json)) - 2 };
  if (typeof json !== "object" || json === null) return { depth: 0, items: 0, longest: 0 };
  const keys = Array.isArray(json) ? [] : Object.keys(json).map(measured);
  const inner = Object.values(json).map(measured);
  return {
    depth: 1 + Math.max(0, ...inner.map(({ depth }) => depth)),
    items: Math.max(inner.length, 1) + inner.reduce((sum, { items }) => sum + items, 0),
    longest: Math.max(0, ...[...keys, ...inner].map(({ longest }) => longest)),
  };
}
