import { Ajv, type AnySchema, type ErrorObject, type Options, type ValidateFunction } from "ajv";
import { Ajv2019 } from "ajv/dist/2019.js";
import { Ajv2020 } from "ajv/dist/2020.js";
import type { Mistake } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { withExactKeywords } from "./exact-keywords.ts";
import { linearPattern } from "./linear-pattern.ts";

/** Validates payloads against one schema. It returns every mistake, and none for a valid payload. */
export type PayloadCheck = (payload: unknown) => PayloadMistake[];

/** A mistake in a payload with its path. */
export interface PayloadMistake extends Omit<Mistake, "loc"> {
  readonly path: readonly string[];
}

type Draft = new (options: Options) => Ajv;

const drafts: ReadonlyMap<string, Draft> = new Map<string, Draft>([
  ["http://json-schema.org/draft-07/schema", Ajv],
  ["https://json-schema.org/draft/2019-09/schema", Ajv2019],
  ["https://json-schema.org/draft/2020-12/schema", Ajv2020],
]);
const defaultDraft = "http://json-schema.org/draft-07/schema";

const options = {
  allErrors: true,
  strict: false,
  validateFormats: false,
  // `metaCheckOf` validates the schema once.
  validateSchema: false,
  // A definition is compiled once, however often it is referenced.
  inlineRefs: false,
  // `required: ["constructor"]` means an own property of the payload.
  ownProperties: true,
  code: { regExp: Object.assign((source: string) => namedPattern(source), { code: "linearPattern" }) },
} satisfies Options;

/** The options for Weft's own schemas: their patterns are known, and JavaScript's own engine is faster than a linear one. */
const ownOptions = { ...options, code: {} } satisfies Options;

/** Compiles one of Weft's own schemas. */
export function compileOwnSchema(schema: Readonly<Record<string, unknown>>): PayloadCheck {
  return compileWith(ownOptions, schema);
}

/**
 * Compiles a schema. Throws an Error with the reason for an invalid one. It may take much time and memory, so that callers'
 * schemas are compiled in a sandbox.
 */
export function compileSchema(schema: Readonly<Record<string, unknown>>): PayloadCheck {
  return compileWith(options, schema);
}

function compileWith(draftOptions: Options, schema: Readonly<Record<string, unknown>>): PayloadCheck {
  // The compiler's own keyword for asynchronous validation: its result would be a promise.
  if (Object.hasOwn(schema, "$async")) throw new Error("`$async` is not a keyword of JSON Schema.");
  const draft = draftOf(schema);
  const meta = metaCheckOf(draft);
  if (!meta(schema)) {
    const [first] = meta.errors ?? [];
    throw new Error(`${first?.instancePath ? `${first.instancePath} ` : "it "}${first?.message ?? "is not valid"}.`);
  }
  const validate = withExactKeywords(new (drafts.get(draft) ?? Ajv)(draftOptions)).compile(schema as AnySchema);
  return (payload) => (validate(payload) ? [] : mistakesIn(validate.errors ?? []));
}

function draftOf({ $schema }: Readonly<Record<string, unknown>>): string {
  if ($schema === undefined) return defaultDraft;
  const named = String($schema)
    .replace(/#$/, "")
    .replace(/^https?:\/\/json-schema\.org\/draft-07/, "http://json-schema.org/draft-07");
  if (drafts.has(named)) return named;
  throw new Error(
    `$schema names ${JSON.stringify(String($schema).slice(0, 100))}, which is not supported. Supported are ${[...drafts.keys()].join(", ")}.`,
  );
}

const metaChecks = new Map<string, ValidateFunction>();

function metaCheckOf(draft: string): ValidateFunction {
  const known = metaChecks.get(draft);
  if (known !== undefined) return known;
  const check = new (drafts.get(draft) ?? Ajv)({ ...options, allErrors: false }).getSchema(draft);
  if (check === undefined) throw new Error(`The schema of ${draft} is missing.`);
  metaChecks.set(draft, check);
  return check;
}

// The compiler distinguishes patterns by their text.
function namedPattern(source: string) {
  return Object.assign(linearPattern(source), { toString: () => `/${source}/u` });
}

function mistakesIn(errors: readonly ErrorObject[]): PayloadMistake[] {
  return errors.slice(0, limits.payloadMistakesMax).map((error) => ({ path: pathOf(error), ...sentenceOf(error) }));
}

function pathOf(error: ErrorObject): string[] {
  const path = error.instancePath
    .split("/")
    .slice(1)
    .map((step) => step.replaceAll("~1", "/").replaceAll("~0", "~"));
  const missing: unknown = error.params.missingProperty;
  const whole = typeof missing === "string" ? [...path, missing] : path;
  return whole.slice(0, limits.schemaDepthMax).map(cut);
}

function sentenceOf(error: ErrorObject): Omit<Mistake, "loc"> {
  if (error.keyword === "required") return { msg: "The event type's schema requires this field.", type: "missing" };
  const detail = error.message ?? "is not valid";
  return { msg: cut(`${detail[0]?.toUpperCase()}${detail.slice(1)}.`), type: `schema_${error.keyword}` };
}

function cut(text: string): string {
  return text.length > limits.mistakeLengthMax ? `${text.slice(0, limits.mistakeLengthMax).toWellFormed()}…` : text;
}
