import {
  referenceName,
  renderDeclaration,
  renderDoc,
  renderType,
  type Schema,
  typeName,
  unionOf,
} from "./generate-sdk-types.ts";

/** Where the generated file belongs. */
export const sdkFile = new URL("../sdk/src/generated.ts", import.meta.url);

// What the generator reads of an OpenAPI document.
interface OpenApi {
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationObject>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

type Content = Readonly<Record<string, { readonly schema: Schema }>>;

interface OperationObject {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary?: string;
  readonly description?: string;
  readonly parameters?: readonly { name: string; in: string; required?: boolean; schema: Schema }[];
  readonly requestBody?: { readonly required?: boolean; readonly content: Content };
  readonly responses: Readonly<Record<string, { readonly content?: Content }>>;
}

/** One method of the SDK, made of one operation. */
interface Method {
  readonly name: string;
  readonly tag: string;
  readonly doc: string;
  readonly verb: string;
  /** The path with `${name}` at its places. */
  readonly path: string;
  readonly pathParameters: readonly string[];
  readonly body: Argument | null;
  readonly query: (Argument & { readonly hasCursor: boolean }) | null;
  readonly response: Schema;
}

interface Argument {
  readonly schema: Schema;
  readonly type: string;
  /** Whether the type is declared for this operation alone, rather than a component. */
  readonly isOwn: boolean;
  readonly isRequired: boolean;
}

/** The SDK's types and methods as TypeScript, from the API's OpenAPI document. The same document gives the same text. */
export function renderSdk(openApi: object): string {
  const { paths, components } = openApi as OpenApi;
  requireContent(components.schemas);
  const methods = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations)
      .filter(([, operation]) => !isStream(operation))
      .map(([verb, operation]) => methodOf(verb.toUpperCase(), path, operation)),
  );
  const own = methods
    .flatMap(({ body, query }) => [body, query])
    .flatMap((argument) => (argument?.isOwn === true ? [argument] : []));
  requireOneOfEach([...Object.keys(components.schemas).map(typeName), ...own.map((argument) => argument.type)]);
  const tags = [...new Set(methods.map((method) => method.tag))];
  return [
    "// Generated from the API's routes by packages/server/generate-sdk.ts: do not edit.",
    "",
    'import { type CallOptions, type Page, path, type Transport } from "./transport.ts";',
    "",
    ...Object.entries(components.schemas).flatMap(([name, schema]) => renderDeclaration(name, schema)),
    ...own.flatMap((argument) => renderDeclaration(argument.type, argument.schema)),
    ...tags.flatMap((tag) =>
      renderClass(
        tag,
        methods.filter((method) => method.tag === tag),
      ),
    ),
    ...renderWeft(tags),
  ].join("\n");
}

/** A stream of events is no call with an answer: its method is written by hand, over these types. */
function isStream({ responses }: OperationObject): boolean {
  return Object.values(responses).some(({ content }) => content?.["text/event-stream"] !== undefined);
}

function methodOf(verb: string, path: string, operation: OperationObject): Method {
  const { operationId: name, tags, summary, description, parameters = [] } = operation;
  const success = Object.entries(operation.responses).find(([status]) => status.startsWith("2"))?.[1];
  return {
    name,
    tag: tags[0] ?? "other",
    doc: [summary === undefined ? `\`${verb} ${path}\`` : `${summary}.`, description, "", `\`${verb} ${path}\``]
      .filter((line) => line !== undefined)
      .join("\n"),
    verb,
    path: path.replaceAll(/\{(\w+)\}/g, (_, named: string) => `\${${camelCase(named)}}`),
    pathParameters: parameters
      .filter((parameter) => parameter.in === "path")
      .map((parameter) => camelCase(parameter.name)),
    body: bodyOf(operation),
    query: queryOf(operation),
    response: jsonOf(success?.content) ?? success?.content?.["text/plain"]?.schema ?? true,
  };
}

// A body may be null where it may be absent, and then the argument is simply left out.
function bodyOf({ operationId, requestBody }: OperationObject): Argument | null {
  const given = jsonOf(requestBody?.content);
  if (given === undefined) return null;
  const schema = withoutNull(given);
  const isNamed = typeof schema === "object" && schema.$ref !== undefined;
  return {
    schema,
    type: isNamed ? renderType(schema) : `${pascalCase(operationId)}Body`,
    isOwn: !isNamed,
    isRequired: requestBody?.required === true,
  };
}

function queryOf({ operationId, parameters = [] }: OperationObject): Method["query"] {
  const inQuery = parameters.filter((parameter) => parameter.in === "query");
  if (inQuery.length === 0) return null;
  const required = inQuery.filter((parameter) => parameter.required === true).map((parameter) => parameter.name);
  const properties = Object.fromEntries(inQuery.map(({ name, schema }) => [name, withBooleans(schema)]));
  return {
    schema: { type: "object", properties, required },
    type: `${pascalCase(operationId)}Query`,
    isOwn: true,
    isRequired: required.length > 0,
    hasCursor: "cursor" in properties,
  };
}

function jsonOf(content: Content | undefined): Schema | undefined {
  return content?.["application/json"]?.schema;
}

function withoutNull(schema: Schema): Schema {
  if (typeof schema === "boolean" || schema.anyOf === undefined) return schema;
  const [first, ...others] = schema.anyOf.filter((choice) => typeof choice === "boolean" || choice.type !== "null");
  return first !== undefined && others.length === 0 ? first : schema;
}

// A query spells true and false as text; callers need not.
function withBooleans(schema: Schema): Schema {
  if (typeof schema === "boolean" || schema.enum === undefined) return schema;
  if (!schema.enum.includes("true") || !schema.enum.includes("false")) return schema;
  return { type: "boolean", ...(schema.description === undefined ? {} : { description: schema.description }) };
}

function renderClass(tag: string, methods: readonly Method[]): string[] {
  const names = methods.flatMap((method) => (isPaged(method) ? [method.name, eachName(method)] : [method.name]));
  requireOneOfEach(names);
  return [
    `/** The operations of \`weft.${camelCase(tag)}\`. */`,
    `export class ${pascalCase(tag)}Api {`,
    "  readonly #transport: Transport;",
    "",
    "  constructor(transport: Transport) {",
    "    this.#transport = transport;",
    "  }",
    ...methods.flatMap((method) => [
      "",
      ...renderDoc(method.doc, "  "),
      ...renderMethod(method),
      ...(isPaged(method) ? ["", ...renderEach(method)] : []),
    ]),
    "}",
    "",
  ];
}

function renderMethod(method: Method): string[] {
  const { response } = method;
  if (isPaged(method)) {
    return [
      `  ${method.name}(${parameters(method)}): Promise<Page<${itemType(response)}>> {`,
      `    return this.#transport.page(${request(method)}, options);`,
      "  }",
    ];
  }
  return [
    ...renderOverloads(method),
    `  ${method.name}(${parameters(method)}): Promise<${responseType(response)}> {`,
    `    return this.#transport.call(${request(method)}, options);`,
    "  }",
  ];
}

// What takes one or many answers one or many.
function renderOverloads(method: Method): string[] {
  const { body, response } = method;
  const given = body === null ? null : oneOrMany(body.schema);
  const answered = oneOrMany(response);
  if (body === null || given === null || answered === null) return [];
  const one = { ...method, body: { ...body, type: given } };
  const many = { ...method, body: { ...body, type: `readonly ${given}[]` } };
  return [
    `  ${method.name}(${parameters(one)}): Promise<${answered}>;`,
    `  ${method.name}(${parameters(many)}): Promise<${answered}[]>;`,
  ];
}

/** The name of the one in a schema of "one, or a list of the same"; null for any other schema. */
function oneOrMany(schema: Schema): string | null {
  if (typeof schema === "boolean" || schema.anyOf?.length !== 2) return null;
  const [one, many] = schema.anyOf;
  if (typeof one !== "object" || typeof many !== "object" || one.$ref === undefined) return null;
  const isManyOfIt = typeof many.items === "object" && many.items.$ref === one.$ref;
  return isManyOfIt ? referenceName(one.$ref) : null;
}

function renderEach(method: Method): string[] {
  return [
    ...renderDoc(`As \`${method.name}\`, but every item of every page, asked for page by page.`, "  "),
    `  ${eachName(method)}(${parameters(method)}): AsyncGenerator<${itemType(method.response)}, void, void> {`,
    `    return this.#transport.eachItem(${request(method)}, options);`,
    "  }",
  ];
}

function isPaged({ query, response }: Method): boolean {
  return query?.hasCursor === true && itemType(response) !== null;
}

function itemType(response: Schema): string | null {
  if (typeof response === "boolean" || response.type !== "array") return null;
  return renderType(response.items ?? true, "  ");
}

function responseType(response: Schema): string {
  const item = itemType(response);
  if (item !== null) return item.includes("|") ? `(${item})[]` : `${item}[]`;
  const choices = typeof response === "boolean" ? undefined : response.anyOf;
  return choices === undefined ? renderType(response, "  ") : unionOf(choices.map(responseType));
}

/** Places of the path, then the body, then the query, then options. What may be left out is optional. */
function parameters({ pathParameters, body, query }: Method): string {
  const queryMayBeAbsent = query === null || !query.isRequired;
  return [
    ...pathParameters.map((named) => `${named}: string`),
    ...(body === null ? [] : [optional("body", body, queryMayBeAbsent)]),
    ...(query === null ? [] : [optional("query", query, true)]),
    "options?: CallOptions",
  ].join(", ");
}

function optional(name: string, { type, isRequired }: Argument, nothingRequiredFollows: boolean): string {
  if (isRequired) return `${name}: ${type}`;
  return nothingRequiredFollows ? `${name}?: ${type}` : `${name}: ${type} | undefined`;
}

function request({ verb, path, body, query }: Method): string {
  const parts = [`method: "${verb}"`, `path: path\`${path}\``];
  if (body !== null) parts.push("body");
  if (query !== null) parts.push("query");
  return `{ ${parts.join(", ")} }`;
}

/** `listRecoveries` is iterated by `eachRecovery`. */
function eachName({ name }: Method): string {
  const plural = pascalCase(name.replace(/^list(?=[A-Z])/, ""));
  return `each${plural.endsWith("ies") ? `${plural.slice(0, -3)}y` : plural.replace(/s$/, "")}`;
}

function renderWeft(tags: readonly string[]): string[] {
  return [
    "/** The API, by the nouns that its operations are about. */",
    "export interface Weft {",
    ...tags.map((tag) => `  readonly ${camelCase(tag)}: ${pascalCase(tag)}Api;`),
    "}",
    "",
    "export function weftOver(transport: Transport): Weft {",
    "  return {",
    ...tags.map((tag) => `    ${camelCase(tag)}: new ${pascalCase(tag)}Api(transport),`),
    "  };",
    "}",
    "",
  ];
}

function requireContent(schemas: OpenApi["components"]["schemas"]): void {
  const hollow = Object.entries(schemas).filter(
    ([name, schema]) => typeof schema === "object" && schema.$ref === `#/components/schemas/${name}`,
  );
  if (hollow.length === 0) return;
  const names = hollow.map(([name]) => name).join(", ");
  throw new Error(`These components of the OpenAPI document only refer to themselves: ${names}. Mend openapi.ts.`);
}

function requireOneOfEach(names: readonly string[]): void {
  const twice = names.filter((name, index) => names.indexOf(name) !== index);
  if (twice.length > 0) throw new Error(`The SDK would have these names twice: ${twice.join(", ")}.`);
}

function camelCase(name: string): string {
  const joined = name.replaceAll(/[^A-Za-z0-9]+([A-Za-z0-9])/g, (_, letter: string) => letter.toUpperCase());
  return joined.charAt(0).toLowerCase() + joined.slice(1);
}

function pascalCase(name: string): string {
  const camel = camelCase(name);
  return camel.charAt(0).toUpperCase() + camel.slice(1);
}
