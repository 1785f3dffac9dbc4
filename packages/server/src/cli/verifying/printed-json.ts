/** How JSON is spaced: as one program or another prints it. */
export type Spacing = "as it came" | "compact" | "python" | "2 spaces" | "4 spaces" | "tabs";
export const spacings: readonly Spacing[] = ["as it came", "compact", "python", "2 spaces", "4 spaces", "tabs"];

/** How its strings are escaped. */
export type Escaping =
  | "as it came"
  | "plain"
  | "ascii"
  | "ascii, upper case"
  | "html"
  | "slashes"
  | "ascii and slashes";
export const escapings: readonly Escaping[] = [
  "as it came",
  "plain",
  "ascii",
  "ascii, upper case",
  "html",
  "slashes",
  "ascii and slashes",
];

/**
 * A JSON text in its strings, numbers, words and marks, each with the white space before it. Printing those again keeps the digits of
 * numbers, the order of keys, and keys that are there twice.
 */
export type JsonPieces = readonly { readonly space: string; readonly text: string }[];

/** Null for what is no JSON. */
export function jsonPiecesOf(text: string): JsonPieces | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  const found = text.matchAll(/([ \t\r\n]*)("[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^ \t\r\n{}[\]:,"]+)/g);
  return [...found].map(([, space = "", piece = ""]) => ({ space, text: piece }));
}

/** Indents multiply: what is longer was not sent by anybody. */
const printedLengthMax = 512 * 1024;

/** The text as a program with this spacing and escaping prints it, without white space around it. Null when that is too long. */
export function printJson(pieces: JsonPieces, spacing: Spacing, escaping: Escaping): string | null {
  const layout = new Layout(spacing);
  let printed = "";
  let previous = "";
  for (const { space, text } of pieces) {
    printed += layout.before(text, previous, space) + (text.startsWith('"') ? escaped(text, escaping) : text);
    if (printed.length > printedLengthMax) return null;
    previous = text;
  }
  return printed.trim();
}

/** The white space before each piece, which depends on how deep it lies. */
class Layout {
  readonly #spacing: Spacing;
  #depth = 0;

  constructor(spacing: Spacing) {
    this.#spacing = spacing;
  }

  before(text: string, previous: string, space: string): string {
    if (text === "}" || text === "]") this.#depth -= 1;
    const made = this.#made(text, previous, space);
    if (text === "{" || text === "[") this.#depth += 1;
    return made;
  }

  #made(text: string, previous: string, space: string): string {
    const isStart = previous === "{" || previous === "[";
    const isEnd = text === "}" || text === "]";
    switch (this.#spacing) {
      case "as it came":
        return space;
      case "compact":
        return "";
      case "python":
        return previous === "," || previous === ":" ? " " : "";
      case "2 spaces":
      case "4 spaces":
      case "tabs":
        if (previous === ":") return " ";
        if ((isStart && isEnd) || !(isStart || isEnd || previous === ",")) return "";
        return `\n${indents[this.#spacing].repeat(this.#depth)}`;
    }
  }
}

const indents = { "2 spaces": "  ", "4 spaces": "    ", tabs: "\t" } as const;

function escaped(text: string, escaping: Escaping): string {
  if (escaping === "as it came") return text;
  const plain = JSON.stringify(JSON.parse(text));
  switch (escaping) {
    case "plain":
      return plain;
    case "ascii":
      return plain.replaceAll(/[\u007f-\uffff]/g, unicode);
    case "ascii, upper case":
      return plain.replaceAll(/[\u007f-\uffff]/g, (unit) => unicode(unit).toUpperCase().replace("\\U", "\\u"));
    case "html":
      return plain.replaceAll(/[<>&\u2028\u2029]/g, unicode);
    case "slashes":
      return plain.replaceAll("/", "\\/");
    case "ascii and slashes":
      return plain.replaceAll(/[\u007f-\uffff]/g, unicode).replaceAll("/", "\\/");
  }
}

function unicode(unit: string): string {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
