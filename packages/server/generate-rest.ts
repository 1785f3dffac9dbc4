// Pages of the reference for an API, from its OpenAPI document: one for each resource, and one for the schemas that they share.

import { code, generatedNote, prose, table } from "./generate-markdown.ts";

export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly items?: Schema | boolean;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema | boolean;
  readonly description?: string;
  readonly default?: unknown;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly minimum?: number;
  readonly maximum?: number;
}

interface Parameter {
  readonly name: string;
  readonly in: string;
  readonly required?: boolean;
  readonly description?: string;
  readonly schema: Schema;
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface Operation {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly parameters: readonly Parameter[];
  readonly requestBody?: { readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly description: string; readonly content?: Content }>>;
}

export interface OpenApi {
  readonly servers: readonly { readonly url: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

interface DocumentedOperation extends Operation {
  readonly method: string;
  readonly path: string;
}

/** A request and its response, which a test recorded. */
export interface Example {
  readonly method: string;
  readonly path: string;
  readonly request?: unknown;
  readonly status: number;
  readonly response?: unknown;
}

export interface RestReference {
  readonly title: string;
  readonly introduction: string;
  /** The folder of the pages, in `docs/reference/`. */
  readonly folder: string;
  /** The resource of a path, which has a page of its own. */
  readonly resourceOf: (path: string, tag: string) => string;
  /** By the ids of operations. */
  readonly examples: Readonly<Record<string, Example>>;
}

/** The pages by their names, the list of resources included. */
export function renderRest(
  { title, introduction, resourceOf, examples }: RestReference,
  api: OpenApi,
): Map<string, string> {
  const byResource = Map.groupBy(operationsOf(api), ({ path, tags: [tag = ""] }) => resourceOf(path, tag));
  const pages = new Map<string, string>();
  const rows: string[][] = [];
  for (const [resource, operations] of [...byResource].sort(([a], [b]) => a.localeCompare(b))) {
    const name = `${resource.toLowerCase().replaceAll(/\W+/g, "-")}.md`;
    const title = titleOf(resource);
    pages.set(name, resourcePage(title, operations, examples));
    rows.push([`[${title}](${name})`, operations.map(({ summary }) => prose(summary)).join(". ")]);
  }
  pages.set("schemas.md", schemasPage(api));
  const list = table(["resource", "operations"], rows);
  pages.set(
    "README.md",
    `# ${title}\n\n${generatedNote}\n\n${introduction}\n\n${list}\n\n[Schemas](schemas.md) lists the objects that several operations share.\n`,
  );
  return pages;
}

function titleOf(resource: string): string {
  const words = resource.replaceAll("-", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}

function operationsOf({ servers: [server], paths }: OpenApi): DocumentedOperation[] {
  const prefix = server?.url.replace(/\/$/, "") ?? "";
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => {
      return { ...operation, method: method.toUpperCase(), path: prefix + path };
    }),
  );
}

function resourcePage(
  title: string,
  operations: readonly DocumentedOperation[],
  examples: RestReference["examples"],
): string {
  const sections = operations.map((operation) => operationSection(operation, examples[operation.operationId]));
  return `# ${title}\n\n${generatedNote}\n\n${sections.join("\n\n")}\n`;
}

function operationSection(operation: DocumentedOperation, example: Example | undefined): string {
  const { method, path, summary, description, parameters, requestBody, responses } = operation;
  const body = requestBody?.content["application/json"]?.schema;
  const inputs = parameters.map((parameter) => [
    code(parameter.name),
    `${parameter.in}${parameter.required === true ? "" : ", optional"}`,
    typeText(parameter.schema),
    prose(parameter.description ?? parameter.schema.description ?? ""),
  ]);
  return [
    `## ${prose(summary)}`,
    code(`${method} ${path}`),
    ...(description === undefined ? [] : [prose(description)]),
    ...(inputs.length === 0 ? [] : [table(["parameter", "in", "type", "meaning"], inputs)]),
    ...(body === undefined ? [] : ["**Body**", schemaText(body)]),
    ...Object.entries(responses)
      .filter(([status]) => status !== "default")
      .flatMap(([status, response]) => responseText(status, response)),
    ...(example === undefined ? [] : exampleText(example)),
  ].join("\n\n");
}

function exampleText({ method, path, request, response }: Example): string[] {
  const lines = [`${method} ${path}`];
  if (request !== undefined) lines.push("content-type: application/json", "", JSON.stringify(request, null, 2));
  return [
    "**Example**",
    `\`\`\`http\n${lines.join("\n")}\n\`\`\``,
    ...(response === undefined ? [] : [`\`\`\`json\n${JSON.stringify(response, null, 2)}\n\`\`\``]),
  ];
}

function responseText(status: string, { description, content = {} }: Operation["responses"][string]): string[] {
  const title = `**Response ${status}**`;
  const [entry] = Object.entries(content);
  if (entry === undefined) return [`${title}: ${prose(description)}`];
  const [mediaType, { schema }] = entry;
  const isJson = mediaType === "application/json";
  return [isJson ? title : `${title} (${code(mediaType)})`, schemaText(schema)];
}

function schemasPage({ components }: OpenApi): string {
  const parts = Object.entries(components.schemas).map(([name, schema]) => {
    const { description, ...rest } = schema;
    return [`## ${name}`, ...(description === undefined ? [] : [prose(description)]), schemaText(rest)].join("\n\n");
  });
  return `# Schemas\n\n${generatedNote}\n\n${parts.join("\n\n")}\n`;
}

/** The fields of an object, or the type of another value. */
function schemaText(schema: Schema): string {
  const rows = fieldRows(schema, "", 3);
  return rows.length === 0 ? `The type is ${typeText(schema)}.` : table(["field", "type", "meaning"], rows);
}

function fieldRows({ properties = {}, required = [] }: Schema, prefix: string, levels: number): string[][] {
  if (levels === 0) return [];
  return Object.entries(properties).flatMap(([name, schema]) => {
    const presence = required.includes(name) ? "" : ", optional";
    const row = [code(`${prefix}${name}`), `${typeText(schema)}${presence}`, prose(schema.description ?? "")];
    return [row, ...fieldRows(objectIn(schema), `${prefix}${name}${isList(schema) ? "[]" : ""}.`, levels - 1)];
  });
}

/** The object whose fields a row is followed by: the value itself, the items of a list, or the value that is not null. */
function objectIn(schema: Schema): Schema {
  if (typeof schema.items === "object") return objectIn(schema.items);
  return schema.anyOf?.find(({ properties }) => properties !== undefined) ?? schema;
}

function isList({ type, items }: Schema): boolean {
  return type === "array" && typeof items === "object";
}

function typeText(schema: Schema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.replace("#/components/schemas/", "");
    return `[${code(name)}](schemas.md#${name.toLowerCase()})`;
  }
  if (schema.const !== undefined) return code(JSON.stringify(schema.const));
  // A query parameter that is a boolean accepts several spellings.
  if (schema.enum?.includes("true") === true) return "boolean";
  if (schema.enum !== undefined) return schema.enum.map((value) => code(JSON.stringify(value))).join(" or ");
  const parts = schema.anyOf ?? schema.oneOf;
  if (parts !== undefined) return [...new Set(parts.flatMap((part) => typeText(part).split(" or ")))].join(" or ");
  if (schema.type === "array") return typeof schema.items === "object" ? `list of ${typeText(schema.items)}` : "list";
  if (schema.format !== undefined) return formats[schema.format] ?? schema.format;
  return `${[schema.type ?? "any value"].flat().join(" or ")}${boundText(schema)}`;
}

const formats: Readonly<Record<string, string>> = { "date-time": "time", uuid: "UUID", uri: "URL" };

function boundText({ maxLength, minimum, maximum, default: value }: Schema): string {
  const isBound = (bound: number | undefined) => bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  const bounds = [
    ...(isBound(maxLength) ? [`at most ${maxLength?.toLocaleString("en")} characters`] : []),
    ...(isBound(minimum) ? [`from ${minimum?.toLocaleString("en")}`] : []),
    ...(isBound(maximum) ? [`to ${maximum?.toLocaleString("en")}`] : []),
    ...(value === undefined ? [] : [`default ${code(JSON.stringify(value))}`]),
  ];
  return bounds.length === 0 ? "" : ` (${bounds.join(" ")})`;
}
