import fc from "fast-check";
import { expect, test } from "vitest";
import { itemTexts, memberText } from "./payload-text.ts";

test("a member's text is cut out byte for byte, with its big numbers, spaces and duplicate keys", () => {
  const payload = '{ "b" : 12345678901234567890.10 , "a":1, "a" : 2,\n"s":"\\u0041 } ] \\" \\\\" }';
  expect(memberText(`\n{"event_type":"x", "payload" : ${payload} , "z":[1,{"payload":3}]}`, "payload")).toBe(payload);
});

test("of a key that stands twice the last one counts, also when it is escaped", () => {
  expect(memberText('{"payload":{"n":1},"pay\\u006coad":{"n":2}}', "payload")).toBe('{"n":2}');
});

test("a member that is not there is null, and one inside another value does not count", () => {
  expect(memberText('{"a":{"payload":1},"b":["payload"],"c":"payload"}', "payload")).toBeNull();
  expect(memberText("{ }", "payload")).toBeNull();
});

test("the items of an array are cut out in order", () => {
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

test("whatever the JSON, each cut parses to what the whole parses to", () => {
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
