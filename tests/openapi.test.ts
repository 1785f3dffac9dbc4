import { readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { mistakesIn } from "../packages/server/lint-openapi.ts";

interface Operation {
  readonly operationId: string;
  readonly summary: string;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Response {
  readonly description: string;
  readonly content?: Readonly<Record<string, unknown>>;
}

interface OpenApi {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
}

const root = resolve(import.meta.dirname, "..");
const documents = ["openapi.json", "openapi-svix.json"].map((name) => {
  return { name, document: JSON.parse(readFileSync(join(root, name), "utf8")) as OpenApi };
});

function operationsOf({ paths }: OpenApi): Operation[] {
  return Object.values(paths).flatMap((path) => Object.values(path));
}

function* schemasIn(value: unknown): Generator<Record<string, unknown>> {
  if (value === null || typeof value !== "object") return;
  if (!Array.isArray(value)) yield value as Record<string, unknown>;
  for (const member of Object.values(value)) yield* schemasIn(member);
}

test.each(documents)(
  "$name is a valid OpenAPI 3.1 document, and keeps the rules of the linter",
  async ({ document }) => {
    expect(operationsOf(document).length).toBeGreaterThan(50);
    expect(await mistakesIn(document)).toEqual([]);
  },
);

test("the linter reports each kind of mistake", async () => {
  const response = { description: "The list of all things.", content: { "application/json": { schema: {} } } };
  const list = { operationId: "list", summary: "List all things", responses: { 200: response } };
  const id = { name: "id", in: "path", required: true, schema: { type: "string" } };
  const mistakes = async (operations: object, path = "/things") =>
    mistakesIn({ openapi: "3.1.0", info: { title: "Things", version: "1" }, paths: { [path]: operations } });
  expect(await mistakes({ get: list })).toEqual([]);
  expect(await mistakesIn({ openapi: "3.1.0", info: { title: "No version" }, paths: {} })).not.toEqual([]);
  expect(await mistakes({ get: list, post: list })).toHaveLength(2);
  expect(await mistakes({ get: { ...list, operationId: undefined } })).toEqual(["/things has no operationId."]);
  expect(await mistakes({ get: { ...list, summary: "" } })).toEqual(["list has no summary."]);
  expect(await mistakes({ get: list }, "/things/{id}")).toHaveLength(1);
  expect(await mistakes({ get: { ...list, parameters: [id] } })).toHaveLength(1);
  expect(await mistakes({ get: { ...list, responses: { 204: response } } })).toHaveLength(1);
  expect(await mistakes({ get: { ...list, responses: { 200: { ...response, description: "Done." } } } })).toHaveLength(
    1,
  );
});

test.each(documents)("times in $name are formats, and not expressions", ({ document }) => {
  const schemas = [...schemasIn(document)];
  expect(schemas.filter(({ format }) => format === "date-time").length).toBeGreaterThan(20);
  expect(schemas.filter(({ format, pattern }) => format !== undefined && typeof pattern === "string")).toEqual([]);
  expect(schemas.filter(({ pattern }) => typeof pattern === "string" && pattern.length > 100)).toEqual([]);
});

test("metrics are text, and the paths are below the server of their document", () => {
  const [weft, svix] = documents.map(({ document }) => document);
  expect(Object.keys(weft?.paths["/metrics"]?.get?.responses["200"]?.content ?? {})).toEqual(["text/plain"]);
  expect(weft?.servers).toEqual([{ url: "/v1" }]);
  expect(svix?.servers).toEqual([{ url: "/" }]);
  expect(Object.keys(svix?.paths ?? {}).filter((path) => !path.startsWith("/api/v1/"))).toEqual([]);
});
