/** What the SDK's types need of JSON Schema. Other keywords only narrow, in ways that a TypeScript type cannot tell. */
export interface JsonSchema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: Schema;
  readonly items?: Schema;
  readonly prefixItems?: readonly Schema[];
  readonly description?: string;
}

export type Schema = boolean | JsonSchema;

/** A declaration with the schema's description: an interface where it is an object with fields, else an alias. */
export function renderDeclaration(name: string, schema: Schema): string[] {
  const type = renderType(schema);
  const isInterface = typeof schema === "object" && schema.type === "object" && type === renderObject(schema, "");
  return [
    ...renderDoc(typeof schema === "boolean" ? undefined : schema.description, ""),
    isInterface && type.startsWith("{")
      ? `export interface ${typeName(name)} ${type}`
      : `export type ${typeName(name)} = ${type};`,
    "",
  ];
}

// What would hide something that the generated file itself needs.
const taken = ["AsyncGenerator", "CallOptions", "Error", "Promise", "Readonly", "Record", "Transport", "Weft"];

/** The name of a component as a type of TypeScript. */
export function typeName(component: string): string {
  return taken.includes(component) ? `${component}Response` : component;
}

/** The type of a schema. `indent` is that of the line in which it stands. */
export function renderType(schema: Schema, indent = ""): string {
  if (typeof schema === "boolean") return schema ? "unknown" : "never";
  const type = renderNonNull(schema, indent);
  return schema.nullable === true ? unionOf([type, "null"]) : type;
}

function renderNonNull(schema: JsonSchema, indent: string): string {
  if (schema.$ref !== undefined) return referenceName(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum !== undefined) return unionOf(schema.enum.map((value) => JSON.stringify(value)));
  const choices = schema.anyOf ?? schema.oneOf;
  if (choices !== undefined) return unionOf(choices.map((choice) => renderType(choice, indent)));
  if (schema.allOf !== undefined) return schema.allOf.map((part) => grouped(renderType(part, indent))).join(" & ");
  const types = typeof schema.type === "string" ? [schema.type] : schema.type;
  if (types !== undefined) return unionOf(types.map((type) => renderTypeNamed(type, schema, indent)));
  return schema.properties === undefined ? "unknown" : renderObject(schema, indent);
}

function renderTypeNamed(type: string, schema: JsonSchema, indent: string): string {
  switch (type) {
    case "string":
    case "number":
    case "boolean":
    case "null":
      return type;
    case "integer":
      return "number";
    case "array":
      return renderArray(schema, indent);
    case "object":
      return renderObject(schema, indent);
    default:
      throw new Error(`The API uses the JSON Schema type ${type}: teach generate-sdk-types.ts about it.`);
  }
}

function renderArray({ prefixItems, items = true }: JsonSchema, indent: string): string {
  if (prefixItems === undefined) return `readonly ${grouped(renderType(items, indent))}[]`;
  const rest = items === false || items === true ? [] : [`...${grouped(renderType(items, indent))}[]`];
  return `readonly [${[...prefixItems.map((item) => renderType(item, indent)), ...rest].join(", ")}]`;
}

function renderObject({ properties = {}, required = [], additionalProperties }: JsonSchema, indent: string): string {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).flatMap(([name, schema]) => {
    const type = renderType(schema, inner);
    return [
      ...renderDoc(typeof schema === "boolean" ? undefined : schema.description, inner),
      `${inner}readonly ${propertyName(name)}${required.includes(name) ? "" : "?"}: ${
        // Callers may hand over `undefined` for what they leave out; it is not sent.
        required.includes(name) ? type : unionOf([type, "undefined"])
      };`,
    ];
  });
  if (fields.length === 0) return renderRecord(additionalProperties, indent);
  const isOpen = additionalProperties !== undefined && additionalProperties !== false;
  if (isOpen) fields.push(`${inner}readonly [name: string]: unknown;`);
  return ["{", ...fields, `${indent}}`].join("\n");
}

function renderRecord(values: Schema | undefined, indent: string): string {
  if (values === false) return "Readonly<Record<string, never>>";
  return `Readonly<Record<string, ${renderType(values ?? true, indent)}>>`;
}

/** A union with each member once. */
export function unionOf(members: readonly string[]): string {
  const different = [...new Set(members)];
  if (different.length === 0) return "never";
  return different.includes("unknown") ? "unknown" : different.join(" | ");
}

/** A type that is one name or one object needs no parentheses. */
function grouped(type: string): string {
  return /^[\w.]+$/.test(type) || isOneObject(type) ? type : `(${type})`;
}

/** The lines inside an object are indented, so that its brace is the only one that begins a line. */
function isOneObject(type: string): boolean {
  const lines = type.split("\n");
  const indent = /^ */.exec(lines.at(-1) ?? "")?.[0] ?? "";
  return (
    type.startsWith("{") &&
    lines.findIndex((line) => line.startsWith(`${indent}}`)) === lines.length - 1 &&
    type.endsWith("}")
  );
}

/** The type of the component that a reference names. */
export function referenceName(reference: string): string {
  const name = /^#\/components\/schemas\/(\w+)$/.exec(reference)?.[1];
  if (name === undefined) throw new Error(`The API refers to ${reference}, which is no named component.`);
  return typeName(name);
}

function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) ? name : JSON.stringify(name);
}

/** A documentation comment of one line or several; none without a text. */
export function renderDoc(text: string | undefined, indent: string): string[] {
  if (text === undefined || text === "") return [];
  const lines = text.replaceAll("*/", "*\\/").split("\n");
  if (lines.length === 1) return [`${indent}/** ${lines[0]} */`];
  return [`${indent}/**`, ...lines.map((line) => `${indent} * ${line}`.trimEnd()), `${indent} */`];
}
