import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "../../../domain/limits.ts";
import { entityOf, idPrefixOf, type RecordProperties } from "./tap-entity.ts";
import { messageIn } from "./tap-messages.ts";

const usual: RecordProperties = { name: [], text: [] };

function entity(recordText: string, keyProperties: readonly string[] = ["id"], stream = "issues", properties = usual) {
  const line = `{"type": "RECORD", "stream": ${JSON.stringify(stream)}, "record": ${recordText}}`;
  const message = messageIn(line);
  if (message.kind !== "record") throw new Error("It is not a record.");
  const result = entityOf({ ...message, keyProperties }, properties);
  if (result.kind !== "entity") throw new Error("It is not an entity.");
  return result;
}

test("large numbers keep all of their digits, in ids and in texts", () => {
  const { id, text } = entity('{"id": 9007199254740993, "amount": 0.10000000000000000001}');
  expect(id).toBe("issues/9007199254740993");
  expect(text).toBe("id: 9007199254740993\namount: 0.10000000000000000001");
});

test("the parts of a key cannot be confused, and neither can streams", () => {
  const ids = [
    entity('{"a": "x/y", "b": "z"}', ["a", "b"]).id,
    entity('{"a": "x", "b": "y/z"}', ["a", "b"]).id,
    entity('{"a": "x%2Fy", "b": "z"}', ["a", "b"]).id,
    entity('{"id": "x/y/z"}').id,
    entity('{"id": "y/z"}', ["id"], "issues/x").id,
  ];
  expect(new Set(ids).size).toBe(ids.length);
});

test("a record without its key is identified by its text", () => {
  const [one, other] = [entity('{"name": "a"}', []), entity('{"name": "b"}', ["id"])];
  expect(one.id).toMatch(/^issues\/#[\w-]{43}$/);
  expect(one.id).toBe(entity('{"name": "a"}', []).id);
  expect(one.id).not.toBe(other.id);
});

test("any record becomes an entity that can be stored, and its id begins with its stream", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.string(), fc.jsonValue()),
      fc.string({ minLength: 1, maxLength: 200, unit: "binary" }),
      (record, stream) => {
        const made = entity(JSON.stringify(record), Object.keys(record).slice(0, 2), stream);
        expect(made.id.startsWith(idPrefixOf(stream))).toBe(true);
        expect(made.id.length).toBeLessThanOrEqual(limits.entityIdLengthMax);
        expect(made.type.length).toBeLessThanOrEqual(limits.entityTypeLengthMax);
        for (const text of [made.id, made.type, made.name, made.text]) {
          expect(text.isWellFormed()).toBe(true);
          expect(text).not.toContain("\0");
        }
      },
    ),
  );
});

test("names, URLs and times come from the usual properties", () => {
  const made = entity(
    '{"id": 1, "key": "k", "title": "Broken nest", "url": "javascript:x", "html_url": "https://example.com/1", "created_at": "2026-01-02 03:04:05", "updated": 1767323045}',
  );
  expect(made).toMatchObject({ name: "Broken nest", url: "https://example.com/1" });
  expect(made.createdAt).toBe(Date.parse("2026-01-02T03:04:05Z"));
  expect(made.updatedAt).toBe(1_767_323_045_000);
  expect(entity('{"id": 1}').name).toBe("issues 1");
});

test("the text has a line for each value, with the names of nested properties, and no columns of other programs", () => {
  const record =
    '{"id": 1, "author": {"name": "Ada"}, "tags": ["a", "b"], "items": [{"n": 1}, {"n": 2}], "none": null, "_sdc_batched_at": "x"}';
  expect(entity(record).text).toBe("id: 1\nauthor.name: Ada\ntags: a, b\nitems.n: 1\nitems.n: 2");
  expect(entity('{"id": 1, "body": "One\\ntwo"}').text).toBe("id: 1\nbody:\nOne\ntwo\n");
  expect(
    entity('{"id": 1, "a": "x", "b": ["y"]}', ["id"], "issues", { name: ["b", "a"], text: ["b", "a"] }),
  ).toMatchObject({
    name: "x",
    text: "value: y\n\nx",
  });
});

test("a deeply nested or very large record takes bounded work", () => {
  const deep = `${'{"a":'.repeat(5_000)}1${"}".repeat(5_000)}`;
  expect(entity(`{"id": 1, "deep": ${deep}}`).text).toBe("id: 1");
  const many = JSON.stringify(Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`p${index}`, index])));
  expect(entity(many, ["p0"]).text.split("\n").length).toBe(limits.singerRecordValuesMax);
});

test("a record that its source deleted is gone", () => {
  const line = '{"type": "RECORD", "stream": "issues", "record": {"id": 1, "_sdc_deleted_at": "2026-01-01T00:00:00Z"}}';
  const message = messageIn(line);
  if (message.kind !== "record") throw new Error("It is not a record.");
  expect(entityOf({ ...message, keyProperties: ["id"] }, usual)).toEqual({ kind: "gone", id: "issues/1" });
});
