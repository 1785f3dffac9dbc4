// Finds where a text stops to be JSON. Browsers describe that in different words, some without a position.

/** The token that is missing at a position. */
export type ExpectedJson =
  | "value"
  | "value_or_end"
  | "name"
  | "name_or_end"
  | "colon"
  | "comma_or_brace"
  | "comma_or_bracket"
  | "end";

export interface JsonMistake {
  readonly line: number;
  readonly column: number;
  readonly expected: ExpectedJson;
}

const space = /[ \t\r\n]*/y;
const token =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: a string of JSON has none of them.
  /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null|[{}[\],:]/y;

/** The first mistake; null for valid JSON. */
export function jsonMistake(text: string): JsonMistake | null {
  const open: ("{" | "[")[] = [];
  let expected: ExpectedJson = "value";
  let at = 0;
  while (true) {
    space.lastIndex = at;
    space.exec(text);
    at = space.lastIndex;
    if (at >= text.length && expected === "end") return null;
    token.lastIndex = at;
    const found = token.exec(text)?.[0] ?? null;
    const next: ExpectedJson | null = found === null ? null : after(found, expected, open);
    if (found === null || next === null) return { ...placeOf(text, at), expected };
    expected = next;
    at += found.length;
  }
}

/** Returns the token kinds that may follow; null when the token itself is not expected. Opens and closes objects and lists. */
function after(found: string, expected: ExpectedJson, open: ("{" | "[")[]): ExpectedJson | null {
  const isClosing = found === "}" || found === "]";
  switch (expected) {
    case "name":
      return found.startsWith('"') ? "colon" : null;
    case "name_or_end":
      return found === "}" ? closed(open) : after(found, "name", open);
    case "colon":
      return found === ":" ? "value" : null;
    case "comma_or_brace":
      return found === "," ? "name" : found === "}" ? closed(open) : null;
    case "comma_or_bracket":
      return found === "," ? "value" : found === "]" ? closed(open) : null;
    case "value_or_end":
      return found === "]" ? closed(open) : after(found, "value", open);
    case "value":
      if (isClosing || found === "," || found === ":") return null;
      if (found !== "{" && found !== "[") return afterValue(open);
      open.push(found);
      return found === "{" ? "name_or_end" : "value_or_end";
    case "end":
      return null;
  }
}

function closed(open: ("{" | "[")[]): ExpectedJson {
  open.pop();
  return afterValue(open);
}

function afterValue(open: readonly ("{" | "[")[]): ExpectedJson {
  const within = open.at(-1);
  if (within === undefined) return "end";
  return within === "{" ? "comma_or_brace" : "comma_or_bracket";
}

function placeOf(text: string, at: number): { line: number; column: number } {
  const before = text.slice(0, at).split(/\r\n|\r|\n/);
  return { line: before.length, column: (before.at(-1) ?? "").length + 1 };
}
