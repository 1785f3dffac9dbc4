// The text of a notice is a template with {{fields}} of the payload. A field is given by its name and, inside objects and
// lists, by a dotted path such as {{data.items.0.name}}. A field that the payload does not have becomes empty text.

import { type JsonPath, textsAt } from "./json-text.ts";
import { limits } from "./limits.ts";

export type Template = readonly TemplatePart[];
type TemplatePart = string | { readonly path: JsonPath };

/** Describes the mistake of a template in a sentence. */
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
    const names = name.split(".");
    if (names.length > limits.templatePathNamesMax) {
      return { mistake: `"{{${name.slice(0, 40)}…" has more than ${limits.templatePathNamesMax} names in its path.` };
    }
    parts.push({ path: names }, piece.slice(end + "}}".length));
  }
  return parts.filter((part) => part !== "");
}

/** Splits a template into its first line and the rest. Leading line breaks are ignored. */
export function splitFirstLine(template: Template): readonly [first: Template, rest: Template] {
  const [head, ...tail] = template;
  const parts = typeof head === "string" ? [head.trimStart(), ...tail] : template;
  const index = parts.findIndex((part) => typeof part === "string" && part.includes("\n"));
  const broken = parts[index];
  if (typeof broken !== "string") return [parts, []];
  const end = broken.indexOf("\n");
  return [
    [...parts.slice(0, index), broken.slice(0, end)],
    [broken.slice(end + 1), ...parts.slice(index + 1)],
  ];
}

/** The fields of one payload, each as the text that a notice shows. */
export class NoticeFields {
  readonly #texts: ReadonlyMap<string, string | undefined>;
  readonly #shown = new Map<string, string>();

  /** `payload` is the text of a JSON object. `named` are additional fields, which take precedence over those of the payload. */
  constructor(payload: string, templates: readonly Template[], named: Readonly<Record<string, string>>) {
    const paths = new Map(
      templates.flatMap((template) =>
        template.flatMap((part) => (typeof part === "string" ? [] : [[keyOf(part.path), part.path] as const])),
      ),
    );
    const texts = textsAt(payload, [...paths.values()]);
    this.#texts = new Map([...paths.keys()].map((key, index) => [key, texts[index]]));
    for (const [name, text] of Object.entries(named)) this.#shown.set(name, text);
  }

  /** A string is shown by its value, and any other value by its text in the payload. */
  at(path: JsonPath): string {
    const key = keyOf(path);
    const known = this.#shown.get(key);
    if (known !== undefined) return known;
    const shown = shownText(this.#texts.get(key));
    this.#shown.set(key, shown);
    return shown;
  }
}

function keyOf(path: JsonPath): string {
  return path.join(".");
}

function shownText(text: string | undefined): string {
  if (text === undefined || text === "null") return "";
  return text.startsWith('"') ? (JSON.parse(text) as string) : text;
}

export interface Rendering {
  /** Rendering stops after this many characters, so that no template multiplies a large payload. */
  readonly lengthMax: number;
  /** Escapes the text of a field for its context. The template's own text is not escaped. */
  readonly escapeField: (text: string) => string;
}

/**
 * Returns text that may be longer than `lengthMax` by the escapes of one field, so that the caller can tell that it was cut.
 */
export function renderTemplate(template: Template, fields: NoticeFields, rendering: Rendering): string {
  const { lengthMax, escapeField } = rendering;
  let text = "";
  for (const part of template) {
    // One character more than the limit shows that the text was longer.
    const room = lengthMax + 1 - text.length;
    if (room <= 0) break;
    text += typeof part === "string" ? part : escapeField(fields.at(part.path).slice(0, room));
  }
  return text;
}
