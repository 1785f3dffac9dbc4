// What a notice says: text with {{fields}} of the payload, by their names and, in objects and lists, by dotted paths
// such as {{data.items.0.name}}. A field that is not there is nothing.

import { printedOrNull } from "./printed.ts";

export type Template = readonly (string | { readonly path: readonly string[] })[];

/** What is wrong with a template, as a sentence. */
export interface TemplateMistake {
  readonly mistake: string;
}

const path = /^[\w-]+(\.[\w-]+)*$/;

export function parseTemplate(text: string): Template | TemplateMistake {
  const [before = "", ...rest] = text.split("{{");
  const parts: (string | { path: string[] })[] = [before];
  for (const piece of rest) {
    const end = piece.indexOf("}}");
    if (end === -1) return { mistake: `"{{${piece.slice(0, 20)}" has no "}}" behind it.` };
    const name = piece.slice(0, end).trim();
    if (!path.test(name)) {
      return { mistake: `"{{${piece.slice(0, end)}}}" names no field: expected one such as {{error}} or {{data.id}}.` };
    }
    parts.push({ path: name.split(".") }, piece.slice(end + "}}".length));
  }
  return parts.filter((part) => part !== "");
}

/** `escapeField` makes a field's text safe for where it is shown; the template's own text stays as it is. */
export function renderTemplate(template: Template, fields: unknown, escapeField: (text: string) => string): string {
  return template
    .map((part) => (typeof part === "string" ? part : escapeField(shownValue(valueAt(fields, part.path)))))
    .join("");
}

function valueAt(fields: unknown, [name, ...rest]: readonly string[]): unknown {
  if (name === undefined) return fields;
  // Only what was sent: never what every object has.
  if (typeof fields !== "object" || fields === null || !Object.hasOwn(fields, name)) return undefined;
  return valueAt((fields as Record<string, unknown>)[name], rest);
}

function shownValue(value: unknown): string {
  if (value === undefined || value === null) return "";
  return typeof value === "object" ? (printedOrNull(value) ?? "…") : String(value);
}
