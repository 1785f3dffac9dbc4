import { expect, test } from "vitest";
import { renderSdk } from "./generate-sdk.ts";
import { renderDeclaration, renderType, type Schema } from "./generate-sdk-types.ts";

const thing = { $ref: "#/components/schemas/Thing" };

function documentOf(operation: object, path = "/things", verb = "get"): object {
  return {
    paths: { [path]: { [verb]: { operationId: "listThings", tags: ["big-things"], responses: {}, ...operation } } },
    components: { schemas: { Thing: { type: "object", properties: { id: { type: "string" } }, required: ["id"] } } },
  };
}

function jsonOf(schema: Schema): object {
  return { content: { "application/json": { schema } } };
}

test.each<[string, Schema, string]>([
  ["a nullable type", { type: ["string", "null"] }, "string | null"],
  ["the older spelling of nullable", { type: "integer", nullable: true }, "number | null"],
  [
    "a choice, each member once",
    { anyOf: [{ type: "string" }, { type: "string" }, { type: "null" }] },
    "string | null",
  ],
  ["an intersection", { allOf: [thing, { oneOf: [{ type: "string" }, { type: "null" }] }] }, "Thing & (string | null)"],
  ["an enumeration", { type: "string", enum: ["a", "b"] }, '"a" | "b"'],
  ["a constant", { const: 3 }, "3"],
  ["a list of choices", { type: "array", items: { type: ["string", "null"] } }, "readonly (string | null)[]"],
  [
    "a list of objects or null",
    { type: "array", items: { anyOf: [{ type: "object", properties: { a: { const: 1 } } }, { type: "null" }] } },
    "readonly ({\n  readonly a?: 1 | undefined;\n} | null)[]",
  ],
  [
    "a list of objects that contain objects",
    {
      type: "array",
      items: { type: "object", properties: { a: { type: "object", properties: { b: {} } } }, required: ["a"] },
    },
    "readonly {\n  readonly a: {\n    readonly b?: unknown;\n  };\n}[]",
  ],
  ["a list of lists", { type: "array", items: { type: "array", items: thing } }, "readonly (readonly Thing[])[]"],
  [
    "a tuple",
    { type: "array", prefixItems: [{ type: "string" }, thing], items: { type: "number" } },
    "readonly [string, Thing, ...number[]]",
  ],
  ["a record", { type: "object", additionalProperties: { type: "number" } }, "Readonly<Record<string, number>>"],
  ["an empty object", { type: "object", additionalProperties: false }, "Readonly<Record<string, never>>"],
  ["anything", {}, "unknown"],
])("%s becomes its type", (_, schema, type) => {
  expect(renderType(schema)).toBe(type);
});

test("an object becomes an interface; what may be absent may be undefined; descriptions cannot end their comment", () => {
  const schema: Schema = {
    type: "object",
    description: "A */ thing.",
    properties: { id: { type: "string", description: "Its id." }, "x-y": { type: "boolean" } },
    required: ["id"],
    additionalProperties: {},
  };
  expect(renderDeclaration("Thing", schema).join("\n")).toBe(
    [
      "/** A *\\/ thing. */",
      "export interface Thing {",
      "  /** Its id. */",
      "  readonly id: string;",
      '  readonly "x-y"?: boolean | undefined;',
      "  readonly [name: string]: unknown;",
      "}",
      "",
    ].join("\n"),
  );
});

test("a component may be named like something of JavaScript's own", () => {
  expect(renderDeclaration("Error", { type: "string" })[0]).toBe("export type ErrorResponse = string;");
  expect(renderType({ $ref: "#/components/schemas/Error" })).toBe("ErrorResponse");
});

test("an argument each: places of the path, then the body, then the query, then options", () => {
  const text = renderSdk(
    documentOf(
      {
        operationId: "change_part",
        parameters: [
          { name: "thing_id", in: "path", required: true, schema: { type: "string" } },
          { name: "part_id", in: "path", required: true, schema: { type: "string" } },
          { name: "force", in: "query", required: true, schema: { type: "string", enum: ["true", "false", "1"] } },
        ],
        requestBody: { required: false, ...jsonOf({ anyOf: [thing, { type: "null" }] }) },
        responses: { 200: jsonOf(thing) },
      },
      "/things/{thing_id}/parts/{part_id}",
      "patch",
    ),
  );
  expect(text).toContain(
    "change_part(thingId: string, partId: string, body: Thing | undefined, query: ChangePartQuery, options?: CallOptions): Promise<Thing> {",
  );
  expect(text).toContain(
    // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the text of a template.
    'call({ method: "PATCH", path: path`/things/${thingId}/parts/${partId}`, body, query }, options)',
  );
  expect(text).toContain("export interface ChangePartQuery {\n  readonly force: boolean;\n}");
});

test("a list with a cursor also gets an iterator over its items; one without does not", () => {
  const cursor = { name: "cursor", in: "query", schema: { type: "string" } };
  const responses = { 200: jsonOf({ type: "array", items: thing }) };
  const paged = renderSdk(documentOf({ parameters: [cursor], responses }));
  expect(paged).toContain("listThings(query?: ListThingsQuery, options?: CallOptions): Promise<Page<Thing>> {");
  expect(paged).toContain(
    "eachThing(query?: ListThingsQuery, options?: CallOptions): AsyncGenerator<Thing, void, void> {",
  );
  expect(renderSdk(documentOf({ responses }))).not.toContain("eachThing");
});

test("a tag becomes a group of the client", () => {
  const text = renderSdk(documentOf({}));
  expect(text).toContain("export class BigThingsApi {");
  expect(text).toContain("  readonly bigThings: BigThingsApi;");
});

test("what takes one or a list answers one or a list", () => {
  const oneOrMany: Schema = { anyOf: [thing, { type: "array", items: thing }] };
  const text = renderSdk(
    documentOf({ requestBody: { required: true, ...jsonOf(oneOrMany) }, responses: { 200: jsonOf(oneOrMany) } }),
  );
  expect(text).toContain("listThings(body: Thing, options?: CallOptions): Promise<Thing>;");
  expect(text).toContain("listThings(body: readonly Thing[], options?: CallOptions): Promise<Thing[]>;");
});

test("a document that would lose types or names is refused", () => {
  const hollow = { ...documentOf({}), components: { schemas: { Thing: thing } } };
  expect(() => renderSdk(hollow)).toThrow("only refer to themselves: Thing");
  const { paths } = documentOf({}) as { paths: Record<string, object> };
  expect(() => renderSdk({ ...documentOf({}), paths: { ...paths, "/other": paths["/things"] } })).toThrow("listThings");
});
