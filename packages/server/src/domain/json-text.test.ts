import fc from "fast-check";
import { expect, test } from "vitest";
import { depthOf, itemTexts, memberText, memberTexts, textsAt } from "./json-text.ts";

test("the text of a member is extracted byte for byte, with its large numbers, spaces and duplicate keys", () => {
  const payload = '{ "b" : 12345678901234567890.10 , "a":1, "a" : 2,\n"s":"\\u0041 } ] \\" \\\\" }';
  expect(memberText(`\n{"event_type":"x", "payload" : ${payload} , "z":[1,{"payload":3}]}`, "payload")).toBe(payload);
});

test("the last of two equal keys counts, even when it is escaped", () => {
  expect(memberText('{"payload":{"n":1},"pay\\u006coad":{"n":2}}', "payload")).toBe('{"n":2}');
});

test("a missing member is null, and one inside another value does not count", () => {
  expect(memberText('{"a":{"payload":1},"b":["payload"],"c":"payload"}', "payload")).toBeNull();
  expect(memberText("{ }", "payload")).toBeNull();
});

test("the items of an array are extracted in order", () => {
  expect(itemTexts(' [ {"a":[1,2]} , "x,]" ,-1.5e3,null,true ] ')).toEqual([
    '{"a":[1,2]}',
    '"x,]"',
    "-1.5e3",
    "null",
    "true",
  ]);
  expect(itemTexts("[]")).toEqual([]);
  expect(itemTexts(" [\n] ")).toEqual([]);
});

test("each extracted part of any JSON parses to the same value as in the whole", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue()), fc.constantFrom(0, 1, 3), (object, indent) => {
      const text = JSON.stringify(object, null, indent);
      const parsed = JSON.parse(text) as Record<string, unknown>;
      for (const key of Object.keys(parsed)) {
        expect(JSON.parse(memberText(text, key) ?? "")).toEqual(parsed[key]);
      }
    }),
  );
  fc.assert(
    fc.property(fc.array(fc.jsonValue()), (items) => {
      const text = JSON.stringify(items);
      expect(itemTexts(text).map((item) => JSON.parse(item) as unknown)).toEqual(JSON.parse(text));
    }),
  );
});

test("values are found at their paths, through objects and lists, as JSON.parse would find them", () => {
  const key = fc.constantFrom("a", "b", "0", "1", "__proto__", 'q"\\');
  const value = fc.letrec((tie) => ({
    any: fc.oneof(
      { depthSize: "small" },
      fc.constantFrom("1", "-0.50", "null", "true", '"x"', '"\\u0041]"', "1e2"),
      fc
        .array(fc.tuple(key, tie("any")), { maxLength: 4 })
        .map(
          (members) => `{${members.map(([name, text]) => `${JSON.stringify(name)} :${text as string}`).join(" , ")}}`,
        ),
      fc.array(tie("any"), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`),
    ),
  })).any as fc.Arbitrary<string>;
  fc.assert(
    fc.property(value, fc.array(fc.array(key, { maxLength: 4 }), { maxLength: 5 }), (json, paths) => {
      const found = textsAt(json, paths);
      for (const [index, path] of paths.entries()) {
        let expected: unknown = JSON.parse(json);
        for (const name of path) {
          const isThere = typeof expected === "object" && expected !== null && Object.hasOwn(expected, name);
          expected = isThere ? (expected as Record<string, unknown>)[name] : undefined;
        }
        const text = found[index];
        if (path.length > 0) expect(text === undefined ? undefined : JSON.parse(text)).toEqual(expected);
      }
    }),
  );
});

test("the members of an object are read in order, and other values have none", () => {
  expect([...memberTexts(' {"a":1.0, "b":{"c":2},"a":[]}')]).toEqual([
    { key: "a", text: "1.0" },
    { key: "b", text: '{"c":2}' },
    { key: "a", text: "[]" },
  ]);
  expect([...memberTexts("[1]")]).toEqual([]);
  expect([...memberTexts("")]).toEqual([]);
});

test("the depth of a document counts objects and lists, but no brackets inside strings", () => {
  expect(depthOf('{"a":["[[[[",{"b":"\\"{"}]}')).toBe(3);
  expect(depthOf("1")).toBe(0);
  expect(depthOf(`${"[".repeat(200_000)}${"]".repeat(200_000)}`)).toBe(200_000);
});
