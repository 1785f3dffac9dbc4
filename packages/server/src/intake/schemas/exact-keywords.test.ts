import { describe, expect, test } from "vitest";
import { CompiledSchemas } from "./compiled-schemas.ts";
import { parseExact } from "./exact-json.ts";

const drafts = [
  "http://json-schema.org/draft-07/schema#",
  "https://json-schema.org/draft/2019-09/schema",
  "https://json-schema.org/draft/2020-12/schema",
];

function messages(schema: string, value: string, $schema = drafts[0]): string[] {
  const text = `{"$schema":"${$schema}","properties":{"n":${schema}}}`;
  return new CompiledSchemas()
    .compile(
      text,
      text,
    )(parseExact(`{"n":${value}}`))
    .map(({ msg }) => msg);
}

describe.each(drafts)("under %s", (draft) => {
  test.each<[string, string, boolean]>([
    ['{"const":9007199254740993}', "9007199254740993", true],
    ['{"const":9007199254740993}', "9007199254740992", false],
    ['{"const":9007199254740992}', "9007199254740993", false],
    ['{"const":9007199254740992}', "9007199254740992.0", true],
    ['{"const":1.10}', "1.1", true],
    ['{"const":1}', "1e0", true],
    ['{"const":1e400}', "10e399", true],
    ['{"const":1e400}', "1e401", false],
    ['{"const":0}', "-0.0", true],
    ['{"const":"9007199254740993"}', "9007199254740993", false],
    ['{"const":{"a":[9007199254740993,null],"b":1}}', '{"b":1.0,"a":[9007199254740993,null]}', true],
    ['{"const":{"a":[9007199254740993]}}', '{"a":[9007199254740992]}', false],
    ['{"const":{"a":1}}', '{"a":1,"b":2}', false],
    ['{"enum":[1,9007199254740993]}', "9007199254740993", true],
    ['{"enum":[1,9007199254740993]}', "9007199254740992", false],
    ['{"enum":["1",{"a":1}]}', '{"a":1e0}', true],
    ['{"enum":["1"]}', "1", false],
    ['{"uniqueItems":true}', "[9007199254740992,9007199254740993]", true],
    ['{"uniqueItems":true}', "[9007199254740993,9007199254740993.0]", false],
    ['{"uniqueItems":true}', '[{"a":1,"b":[2]},{"b":[2],"a":1.0}]', false],
    ['{"uniqueItems":true}', '[1,"1",true,null,[1],{"1":1},"true"]', true],
    ['{"uniqueItems":false}', "[1,1]", true],
    ['{"minimum":9007199254740993}', "9007199254740993", true],
    ['{"minimum":9007199254740993}', "9007199254740992", false],
    ['{"minimum":9007199254740992}', "9007199254740991.9", false],
    ['{"exclusiveMinimum":9007199254740992}', "9007199254740993", true],
    ['{"exclusiveMinimum":9007199254740993}', "9007199254740993", false],
    ['{"maximum":9007199254740992}', "9007199254740993", false],
    ['{"maximum":9007199254740993}', "9007199254740993", true],
    ['{"maximum":-9007199254740993}', "-9007199254740992", false],
    ['{"exclusiveMaximum":9007199254740993}', "9007199254740992", true],
    ['{"exclusiveMaximum":0.3}', "0.29999999999999999999999", true],
    ['{"maximum":1e308}', "1e309", false],
    ['{"minimum":0}', "-1e-400", false],
    ['{"minimum":0}', "1e-400", true],
    ['{"type":"integer"}', "9007199254740993", true],
    ['{"type":"integer"}', "9007199254740993.5", false],
    ['{"type":"integer"}', "1.00000000000000000001", false],
    ['{"type":"integer"}', "1e400", true],
    ['{"type":"number"}', "-1e400", true],
    ['{"multipleOf":0.01}', "19.99", true],
    ['{"multipleOf":0.01}', "0.07", true],
    ['{"multipleOf":0.01}', "4.35", true],
    ['{"multipleOf":0.01}', "1.15", true],
    ['{"multipleOf":0.01}', "1.155", false],
    ['{"multipleOf":0.01}', "1.1500000000000000000001", false],
    ['{"multipleOf":0.001}', "1.155", true],
    ['{"multipleOf":0.001}', "9007199254740993.001", true],
    ['{"multipleOf":0.1}', "-0.3", true],
    ['{"multipleOf":2}', "9007199254740993", false],
    ['{"multipleOf":3}', "9007199254740993", true],
    ['{"multipleOf":7}', "1e22", false],
    ['{"multipleOf":2.5}', "7.5", true],
    ['{"multipleOf":1e-8}', "12391239123", true],
    ['{"multipleOf":1e300}', "3e307", true],
    ['{"multipleOf":3}', "1e999999999", false],
    ['{"multipleOf":0.5}', "0", true],
  ])("%s with %s: %s", (schema, value, isRight) => {
    expect(messages(schema, value, draft)).toHaveLength(isRight ? 0 : 1);
  });
});

test("mistakes show a schema's numbers by their exact value", () => {
  expect(messages('{"const":9007199254740993}', "1")).toEqual(["Must be 9007199254740993."]);
  expect(messages('{"minimum":9007199254740993}', "1")).toEqual(["Must be >= 9007199254740993."]);
  expect(messages('{"multipleOf":0.01}', "0.001")).toEqual(["Must be multiple of 0.01."]);
  expect(messages('{"const":"a"}', "1")).toEqual(['Must be "a".']);
});

test("references and lists compare exact values as well", () => {
  const schema = '{"items":{"$ref":"#/definitions/wanted"}}},"definitions":{"wanted":{"enum":[9007199254740993]}';
  expect(messages(schema, "[9007199254740993]")).toEqual([]);
  expect(messages(schema, "[9007199254740993,9007199254740992]")).toHaveLength(1);
});

test("the last value of a repeated key counts", () => {
  expect(messages('{"const":1}', '9007199254740993,"n":1')).toEqual([]);
  expect(messages('{"const":9007199254740993}', '1,"n":9007199254740993')).toEqual([]);
});

test("a number with an extreme exponent is refused with a sentence", () => {
  expect(() => messages("{}", "1e9999999999999999")).toThrow("has an exponent of more than 15 digits.");
});
