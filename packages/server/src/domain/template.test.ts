import fc from "fast-check";
import { expect, test } from "vitest";
import { limits } from "./limits.ts";
import { NoticeFields, parseTemplate, renderTemplate, splitFirstLine, type Template } from "./template.ts";

const asWritten = (field: string) => field;

function parsed(text: string): Template {
  const template = parseTemplate(text);
  if ("mistake" in template) throw new Error(template.mistake);
  return template;
}

function rendered(
  text: string,
  payload: unknown,
  {
    escapeField = asWritten,
    lengthMax = 1_000_000,
  }: { escapeField?: (field: string) => string; lengthMax?: number } = {},
): string {
  const template = parsed(text);
  const json = typeof payload === "string" ? payload : JSON.stringify(payload);
  return renderTemplate(template, new NoticeFields(json, [template], { event_type: "a.b" }), {
    escapeField,
    lengthMax,
  });
}

test("a path through objects and lists names a field", () => {
  const fields = { error: "gone", data: { items: [{ name: "first" }] }, n: 3, yes: true, whole: { a: [1] } };
  expect(rendered("{{error}}, {{ data.items.0.name }}, {{n}}, {{yes}}, {{whole}}", fields)).toBe(
    'gone, first, 3, true, {"a":[1]}',
  );
});

test("a missing field and a null field are empty", () => {
  expect(rendered("[{{a}}{{b}}{{c.d.e}}{{text.length}}]", { b: null, c: 1, text: "long" })).toBe("[]");
});

test("a template reads nothing that was not sent", () => {
  expect(rendered("{{constructor}}{{__proto__}}{{toString.name}}{{list.length.constructor}}", { list: [] })).toBe("");
});

test("fields are escaped, and the template's own text is not", () => {
  const escapeField = (field: string) => field.replaceAll("<", "&lt;");
  expect(rendered("<{{a}}>", { a: "<b>" }, { escapeField })).toBe("<&lt;b>>");
});

test("numbers, objects and lists are shown as they are written in the payload", () => {
  const payload = '{"id":9007199254740993,"amount":1.10,"big":1e400,"o":{"b":2, "a":[1.0]},"id2":-0}';
  expect(rendered("{{id}} {{amount}} {{big}} {{o}} {{o.a.0}} {{id2}}", payload)).toBe(
    '9007199254740993 1.10 1e400 {"b":2, "a":[1.0]} 1.0 -0',
  );
});

test("the last value of a repeated key counts, also inside it", () => {
  expect(rendered("{{a}} {{a.b}} {{a.c}}|", '{"a":{"b":1,"c":2},"a":{"b":3}}')).toBe('{"b":3} 3 |');
});

test("a given field replaces the field of the payload with that name", () => {
  expect(rendered("{{event_type}}", { event_type: "c.d" })).toBe("a.b");
});

test("rendering ends soon after its limit, however often a template repeats a large field", () => {
  const payload = JSON.stringify({ a: "‹".repeat(250_000), deep: null }).replace(
    "null",
    `${"[".repeat(100_000)}${"]".repeat(100_000)}`,
  );
  const template = parsed(`${"{{a}}".repeat(300)}${"{{deep.0}}".repeat(200)}`);
  const fields = new NoticeFields(payload, [template], {});
  let escaped = 0;
  const escapeField = (field: string) => {
    escaped += field.length;
    return field;
  };
  const text = renderTemplate(template, fields, { lengthMax: 1_000, escapeField });
  expect(text).toHaveLength(1_001);
  expect(escaped).toBe(1_001);
});

test("a path has a bounded number of names", () => {
  const names = (count: number) => `{{${Array.from({ length: count }, () => "a").join(".")}}}`;
  expect(parseTemplate(names(limits.templatePathNamesMax))).toBeInstanceOf(Array);
  expect(parseTemplate(names(limits.templatePathNamesMax + 1))).toEqual({ mistake: expect.stringContaining("names") });
});

test("a template is split after its first line, and not inside a field", () => {
  const [first, rest] = splitFirstLine(parsed("\n {{a}} is down\n\nSee {{b}}.\n"));
  expect(first).toEqual(["", { path: ["a"] }, " is down"]);
  expect(rest).toEqual(["\nSee ", { path: ["b"] }, ".\n"]);
  expect(splitFirstLine(parsed("{{a}}"))).toEqual([[{ path: ["a"] }], []]);
});

test("a mistake in a template is reported with its position", () => {
  expect(parseTemplate("It is {{error")).toEqual({ mistake: '"{{error" has no "}}" behind it.' });
  for (const text of ["{{}}", "{{a b}}", "{{a..b}}", "{{.a}}", "{{#if a}}", "{{{a}}}"]) {
    expect(parseTemplate(text), text).toEqual({ mistake: expect.stringContaining("names no field") });
  }
});

test("text without fields is rendered unchanged", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes("{{"));
      expect(rendered(text, { a: 1 })).toBe(text);
    }),
  );
});

test("every template is either valid or has a mistake, and a valid one is rendered from any payload", () => {
  const text = fc
    .array(fc.oneof(fc.string(), fc.constantFrom("{{", "}}", "{{a}}", "{{a.b}}", "{{__proto__}}")))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.dictionary(fc.string(), fc.jsonValue()), fc.nat(50), (written, payload, lengthMax) => {
      if ("mistake" in parseTemplate(written)) return;
      expect(rendered(written, payload, { lengthMax }).length).toBeLessThanOrEqual(
        Math.max(written.length, lengthMax + 1),
      );
    }),
  );
});
