import fc from "fast-check";
import { hostileTexts, type JsonSchema, type SchemaValues } from "./json-schemas.ts";

interface Content {
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

interface Parameter {
  readonly name: string;
  readonly in: "path" | "query" | "header";
  readonly required: boolean;
  readonly schema: JsonSchema;
}

export interface Document {
  readonly paths: Readonly<
    Record<
      string,
      Readonly<
        Record<
          string,
          {
            readonly operationId: string;
            readonly parameters: readonly Parameter[];
            readonly requestBody?: Required<Content>;
            readonly responses: Readonly<Record<string, Content>>;
          }
        >
      >
    >
  >;
  readonly components: { readonly schemas: Readonly<Record<string, JsonSchema>> };
}

/** One operation of a document. */
export interface Operation {
  readonly id: string;
  readonly method: string;
  readonly path: string;
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | null;
  readonly responses: Readonly<Record<string, Content>>;
}

export interface FuzzRequest {
  readonly method: string;
  /** With its query, in the form in which it is sent. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer | null;
}

export function operationsOf({ paths }: Document): Operation[] {
  const operations = Object.entries(paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, { operationId, parameters, requestBody, responses }]) => ({
      id: operationId,
      method: method.toUpperCase(),
      path,
      parameters,
      body: requestBody?.content["application/json"]?.schema ?? null,
      responses,
    })),
  );
  // Operations that delete are last, because the others need the objects.
  return operations.toSorted((a, b) => Number(a.method === "DELETE") - Number(b.method === "DELETE"));
}

/** Ids of existing objects, by their names in paths, or in the names of operations. */
export type KnownIds = Readonly<Record<string, readonly string[]>>;

/** Parts of a path that are sent unchanged: some of them are not valid text. */
const rawPieces = [
  "%",
  "%zz",
  "%00",
  "%2F",
  "%2f..%2f",
  "%ED%A0%80",
  "%C0%AF",
  "%FF",
  "%",
  "a%2Ab",
  ".",
  "..",
  "%2e%2e",
  "%0d%0a",
];

/** Requests for an operation: some that match its schema, others with something hostile in any position. */
export function requestsFor(
  operation: Operation,
  values: SchemaValues,
  { ids, prefix, key }: { ids: KnownIds; prefix: string; key: string },
): fc.Arbitrary<FuzzRequest> {
  const pathParameters = operation.parameters.filter((parameter) => parameter.in === "path");
  const pieces = fc.tuple(
    ...pathParameters.map(({ name }) => pieceFor(ids[`${operation.id} ${name}`] ?? ids[name] ?? [])),
  );
  const path = pieces.map((texts) =>
    pathParameters.reduce(
      (filled, { name }, index) => filled.replace(`{${name}}`, () => texts[index] ?? ""),
      operation.path,
    ),
  );
  return fc
    .record({
      path,
      query: queryFor(operation, values, ids),
      headers: headersFor(operation),
      body: bodyFor(operation, values),
    })
    .map(({ path, query, headers, body }) => ({
      method: operation.method,
      path: `${prefix}${path}${query === "" ? "" : `?${query}`}`,
      headers: {
        "x-api-key": key,
        ...(body !== null && { "content-type": "application/json", "content-length": String(Buffer.byteLength(body)) }),
        ...headers,
      },
      body,
    }));
}

function pieceFor(known: readonly string[]): fc.Arbitrary<string> {
  // An empty value makes the path that of another route.
  const hostile = fc
    .oneof(
      fc.constantFrom(...rawPieces),
      fc.constantFrom(...hostileTexts).map(encoded),
      fc.string({ unit: "binary", maxLength: 20 }).map(encoded),
    )
    .filter((piece) => piece !== "" && piece !== "." && piece !== "..");
  if (known.length === 0) return hostile;
  return fc.oneof({ weight: 6, arbitrary: fc.constantFrom(...known) }, { weight: 1, arbitrary: hostile });
}

// A lone surrogate has no encoding of its own: its raw bytes are sent.
function encoded(text: string): string {
  return text.isWellFormed()
    ? encodeURIComponent(text)
    : `${encodeURIComponent(text.replaceAll(/\p{Surrogate}/gu, ""))}%ED%A0%80`;
}

function queryFor(operation: Operation, values: SchemaValues, ids: KnownIds): fc.Arbitrary<string> {
  const parameters = operation.parameters.filter((parameter) => parameter.in === "query");
  const parts = parameters.map(({ name, schema, required }) => {
    const known = ids[name];
    const value = known === undefined ? values.valuesOf(schema, name) : fc.constantFrom(...known);
    const written = fc.oneof(
      { weight: 8, arbitrary: value.map((given) => writtenQuery(name, given)) },
      { weight: 1, arbitrary: fc.constantFrom(...rawPieces).map((raw) => `${name}=${raw}`) },
      { weight: 1, arbitrary: fc.constantFrom(`${name}[]=a&${name}[]=b`, `${name}[0]=a`, `${name}=a&${name}=b`, name) },
    );
    return fc.oneof(
      { weight: required ? 9 : 1, arbitrary: written },
      { weight: required ? 1 : 2, arbitrary: fc.constant("") },
    );
  });
  const unknown = fc.oneof(
    { weight: 9, arbitrary: fc.constant("") },
    {
      weight: 1,
      arbitrary: fc.constantFrom("__proto__=1", "constructor[]=1", "a[b][c]=d", "=", "&&", "%=%", "a".repeat(500)),
    },
  );
  return fc.tuple(...parts, unknown).map((texts) => texts.filter((text) => text !== "").join("&"));
}

function writtenQuery(name: string, value: unknown): string {
  if (Array.isArray(value)) return value.map((item) => `${name}=${encoded(shown(item))}`).join("&");
  return `${name}=${encoded(shown(value))}`;
}

function shown(value: unknown): string {
  return typeof value === "string" ? value : (JSON.stringify(value) ?? "");
}

function headersFor({ method, id }: Operation): fc.Arbitrary<Record<string, string>> {
  const key = fc.oneof(fc.uuid(), fc.constantFrom("", "a", "x".repeat(300), "\u00ff", "__proto__"));
  const usual: fc.Arbitrary<Record<string, string>> = fc.constant({});
  const organization = fc.constantFrom("", "a", "00000000-0000-7000-8000-000000000001", "__proto__");
  const position = fc.constantFrom(
    "",
    "a",
    "s1-0-0-0",
    "s1-zzzzzzzzzzz-zzzzzzzzzzz-zzzzzzzzzzz",
    "p1-0-0-0",
    "x".repeat(9_000),
  );
  const special: fc.Arbitrary<Record<string, string>>[] = [
    organization.map((named) => ({ "x-organization-id": named })),
  ];
  if (method === "POST") special.push(key.map((given) => ({ "idempotency-key": given })));
  if (id === "stream") special.push(position.map((given) => ({ "last-event-id": given })));
  return fc.oneof({ weight: 20, arbitrary: usual }, { weight: 1, arbitrary: fc.oneof(...special) });
}

const rawBodies: readonly (string | Buffer)[] = [
  ...[
    "",
    " ",
    "null",
    "[]",
    "{}",
    "0",
    '""',
    "{",
    '{"a":1,}',
    "[".repeat(5_000),
    '{"a":1e999}',
    "\ufeff{}",
    '"\\ud800"',
  ],
  ...[Buffer.from([0xff, 0xfe]), Buffer.from([0x7b, 0x22, 0xc0, 0xaf, 0x22, 0x3a, 0x31, 0x7d]), '{"__proto__":1}'],
];

function bodyFor({ method, body }: Operation, values: SchemaValues): fc.Arbitrary<string | Buffer | null> {
  if (method === "GET") return fc.constant(null);
  const raw = fc.constantFrom(...rawBodies);
  if (body === null) return fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, { weight: 1, arbitrary: raw });
  const valid = values.valuesOf(body).map((value) => JSON.stringify(value));
  return fc.oneof({ weight: 20, arbitrary: valid }, { weight: 1, arbitrary: raw });
}
