import fc from "fast-check";

/** A JSON Schema of the documents. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly allOf?: readonly JsonSchema[];
  readonly type?: string | readonly string[];
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly items?: JsonSchema;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
}

/** Values that often break programs, for any position of a request. */
export const hostileValues: readonly unknown[] = [
  ...[null, true, false, 0, -1, 1.5, 2 ** 31, 2 ** 53, -(2 ** 53), 1e21, 1e308, 5e-324, -0],
  ...["", " ", "\0", "a\0b", "\ud800", "a\udc00", "\u202e", "💥", "null", "true", "0", "-1", "NaN", "1e999", "0x10"],
  ...["9223372036854775808", "99999999999999999999999", "939699695h", "0001-01-01T00:00:00Z", "0000-01-01T00:00:00Z"],
  ...["9999-12-31T23:59:59Z", "9999-12-31T23:59:59-23:59", "-271821-04-20", "+275760-09-13T00:00:00.001Z"],
  ...[
    "2026-02-30",
    "2026-01-01",
    "2026-13-01T00:00:00Z",
    "%",
    "%00",
    "a*b",
    "*",
    "a.*",
    ".*",
    "..",
    "a/b",
    "__proto__",
  ],
  ...[
    "constructor",
    "'",
    '"',
    "\\",
    ";--",
    "{{a}}",
    "<a>",
    "a\r\nb: c",
    "x".repeat(300),
    "é".repeat(1_000),
    "é".repeat(3_000),
  ],
  ...["00000000-0000-0000-0000-000000000000", "ffffffff-ffff-ffff-ffff-ffffffffffff", "msg_", `ep_${"z".repeat(22)}`],
  ...[
    [],
    {},
    [[]],
    [{}],
    [null],
    { a: { b: [] } },
    Array(300).fill(0),
    JSON.parse('{"__proto__":{"a":1},"constructor":1}'),
  ],
];

export const hostileTexts = hostileValues.filter((value) => typeof value === "string");

const depthMax = 6;

/** Generates values that mostly match a schema: sometimes with something hostile in one position. */
export class SchemaValues {
  readonly #components: Readonly<Record<string, JsonSchema>>;
  /** Texts for fields whose names match: addresses that must be valid, and on this machine only. */
  readonly #textsByName: readonly (readonly [RegExp, readonly string[]])[];

  constructor(
    components: Readonly<Record<string, JsonSchema>>,
    textsByName: readonly (readonly [RegExp, readonly string[]])[],
  ) {
    this.#components = components;
    this.#textsByName = textsByName;
  }

  valuesOf(schema: JsonSchema, name = "", depth = 0): fc.Arbitrary<unknown> {
    const texts = this.#textsByName.find(([pattern]) => pattern.test(name))?.[1];
    const valid = texts === undefined ? this.#validFor(schema, name, depth) : fc.constantFrom(...texts);
    return fc.oneof({ weight: 40, arbitrary: valid }, { weight: 1, arbitrary: fc.constantFrom(...hostileValues) });
  }

  #validFor(schema: JsonSchema, name: string, depth: number): fc.Arbitrary<unknown> {
    if (depth > depthMax) return fc.constant(null);
    if (schema.$ref !== undefined) {
      const known = this.#components[schema.$ref.split("/").at(-1) ?? ""];
      return known === undefined ? fc.jsonValue({ maxDepth: 2 }) : this.#validFor(known, name, depth + 1);
    }
    if ("const" in schema) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const branches = schema.anyOf ?? schema.oneOf;
    if (branches !== undefined) return fc.oneof(...branches.map((branch) => this.#validFor(branch, name, depth + 1)));
    const types = [schema.type ?? []].flat();
    if (types.length === 0) return fc.jsonValue({ maxDepth: 2 });
    return fc.oneof(...types.map((type) => this.#ofType(type, schema, name, depth)));
  }

  #ofType(type: string, schema: JsonSchema, name: string, depth: number): fc.Arbitrary<unknown> {
    switch (type) {
      case "string":
        return textOf(schema);
      case "integer":
        return integerOf(schema);
      case "number":
        return fc.double({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true });
      case "boolean":
        return fc.boolean();
      case "array": {
        const { items = {}, minItems = 0, maxItems = 3 } = schema;
        const maxLength = Math.max(minItems, Math.min(maxItems, 3));
        return fc.array(this.valuesOf(items, name, depth + 1), { minLength: minItems, maxLength });
      }
      case "object":
        return this.#objectOf(schema, depth);
      default:
        return fc.constant(null);
    }
  }

  #objectOf(schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
    const { properties = {}, required = [], additionalProperties } = schema;
    const entries = Object.entries(properties).map(([name, inner]) =>
      fc
        .tuple(fc.nat(2), this.valuesOf(inner, name, depth + 1))
        .map(([chance, value]): [string, unknown][] =>
          chance === 0 || required.includes(name) ? [[name, value]] : [],
        ),
    );
    const others =
      typeof additionalProperties === "object"
        ? fc.array(fc.tuple(keys, this.valuesOf(additionalProperties, "", depth + 1)), { maxLength: 3 })
        : fc.oneof({ weight: 30, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.constant([["unknown", 1]]) });
    return fc
      .tuple(...entries, others)
      .map((parts) => Object.fromEntries((parts as [string, unknown][][]).flat()) as unknown);
  }
}

const keys = fc.oneof(fc.string({ maxLength: 8 }), fc.constantFrom("a", "__proto__", "constructor", "x-a", "é", ""));

function textOf({ format, pattern, minLength = 0, maxLength = 40 }: JsonSchema): fc.Arbitrary<string> {
  if (format === "date-time") return times;
  if (format === "uuid") return fc.uuid();
  const bounds = { minLength, maxLength: Math.max(minLength, Math.min(maxLength, 40)) };
  if (pattern === undefined) return fc.oneof(fc.string(bounds), fc.string({ ...bounds, unit: "binary" }));
  try {
    return fc.stringMatching(new RegExp(pattern), { maxLength: 60 });
  } catch {
    // Patterns that fast-check cannot generate.
    return fc.string(bounds);
  }
}

const times = fc
  .date({ min: new Date("1990-01-01"), max: new Date("2100-01-01"), noInvalidDate: true })
  .map((date) => date.toISOString());

function integerOf({ minimum = -(2 ** 53 - 1), maximum = 2 ** 53 - 1 }: JsonSchema): fc.Arbitrary<number> {
  const near = { min: Math.max(minimum, -10), max: Math.max(Math.max(minimum, -10), Math.min(maximum, 100)) };
  return fc.oneof(
    fc.integer(near),
    fc.maxSafeInteger().map((n) => Math.min(maximum, Math.max(minimum, n))),
  );
}
