// An example payload as values of programming languages.

type Json = unknown;

export function typescriptExample(example: Json): string {
  return `const event = ${JSON.stringify(example, null, 2).replaceAll(/^(\s*)"([A-Za-z_$][\w$]*)":/gm, "$1$2:")};`;
}

export function pythonExample(example: Json): string {
  return `event = ${python(example, "")}`;
}

function python(value: Json, indent: string): string {
  if (value === null) return "None";
  if (typeof value === "boolean") return value ? "True" : "False";
  if (typeof value !== "object") return JSON.stringify(value);
  const inner = `${indent}    `;
  const lines = Array.isArray(value)
    ? value.map((item: Json) => python(item, inner))
    : Object.entries(value).map(([name, item]: [string, Json]) => `${JSON.stringify(name)}: ${python(item, inner)}`);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  if (lines.length === 0) return `${open}${close}`;
  return `${open}\n${lines.map((line) => `${inner}${line},\n`).join("")}${indent}${close}`;
}
