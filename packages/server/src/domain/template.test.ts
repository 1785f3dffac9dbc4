import fc from "fast-check";
import { expect, test } from "vitest";
import { parseTemplate, renderTemplate, type Template } from "./template.ts";

function rendered(text: string, fields: unknown, escapeField = (field: string) => field): string {
  const template = parseTemplate(text);
  if ("mistake" in template) throw new Error(template.mistake);
  return renderTemplate(template, fields, escapeField);
}

test("a field is named by its path, through objects and lists", () => {
  const fields = { error: "gone", data: { items: [{ name: "first" }] }, n: 3, yes: true, whole: { a: [1] } };
  expect(rendered("{{error}}, {{ data.items.0.name }}, {{n}}, {{yes}}, {{whole}}", fields)).toBe(
    'gone, first, 3, true, {"a":[1]}',
  );
});

test("a field that is not there, and one that is null, is nothing", () => {
  expect(rendered("[{{a}}{{b}}{{c.d.e}}{{text.length}}]", { b: null, c: 1, text: "long" })).toBe("[]");
  expect(rendered("[{{a}}]", null)).toBe("[]");
});

test("nothing is read that was not sent", () => {
  expect(rendered("{{constructor}}{{__proto__}}{{toString.name}}{{list.length.constructor}}", { list: [] })).toBe("");
});

test("fields are escaped, and the template's own text is not", () => {
  expect(rendered("<{{a}}>", { a: "<b>" }, (field) => field.replaceAll("<", "&lt;"))).toBe("<&lt;b>>");
});

test("what cannot be read is said with its place", () => {
  expect(parseTemplate("It is {{error")).toEqual({ mistake: '"{{error" has no "}}" behind it.' });
  for (const text of ["{{}}", "{{a b}}", "{{a..b}}", "{{.a}}", "{{#if a}}", "{{{a}}}"]) {
    expect(parseTemplate(text), text).toEqual({ mistake: expect.stringContaining("names no field") });
  }
});

test("text without fields is itself, whatever it is", () => {
  fc.assert(
    fc.property(fc.string(), (text) => {
      fc.pre(!text.includes("{{"));
      expect(rendered(text, { a: 1 })).toBe(text);
    }),
  );
});

test("every template is either read or has a mistake, and what was read is rendered from any payload", () => {
  const text = fc
    .array(fc.oneof(fc.string(), fc.constantFrom("{{", "}}", "{{a}}", "{{a.b}}", "{{__proto__}}")))
    .map((parts) => parts.join(""));
  fc.assert(
    fc.property(text, fc.jsonValue(), (written, fields) => {
      const template = parseTemplate(written);
      if (!("mistake" in template))
        expect(renderTemplate(template as Template, fields, (field) => field)).toBeTypeOf("string");
    }),
  );
});
