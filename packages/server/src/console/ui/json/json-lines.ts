/** A coloured part of a line. `hidden`: a character that would be invisible or would move others. */
export interface Piece {
  readonly kind: "name" | "string" | "number" | "word" | "mark" | "text" | "hidden";
  readonly text: string;
}

export interface JsonLine {
  readonly depth: number;
  readonly pieces: readonly Piece[];
}

const shownCharactersMax = 4_000;
const token = /"(?:[^"\\]|\\[\s\S])*"|-?\d[\d.eE+-]*|true|false|null|[{}[\],:]/y;
const space = /[ \t\r\n]*/y;

/**
 * JSON with one line for each value, produced from its text: numbers keep their digits, names their order, and repeated
 * names are repeated. Text that is not JSON is returned in its own lines. Depth uses no stack.
 */
export function jsonLines(text: string): JsonLine[] {
  return linesOfJson(text) ?? text.split(/\r\n|\r|\n/).map((line) => ({ depth: 0, pieces: pieces("text", line) }));
}

function linesOfJson(text: string): JsonLine[] | null {
  const lines: JsonLine[] = [];
  const open: string[] = [];
  let line: Piece[] = [];
  let at = 0;
  function endLine(): void {
    if (line.length > 0) lines.push({ depth: open.length, pieces: line });
    line = [];
  }
  while (true) {
    space.lastIndex = at;
    space.exec(text);
    at = space.lastIndex;
    if (at >= text.length) break;
    token.lastIndex = at;
    const found = token.exec(text)?.[0];
    if (found === undefined) return null;
    at = token.lastIndex;
    switch (found) {
      case "{":
      case "[": {
        line.push({ kind: "mark", text: found });
        space.lastIndex = at;
        space.exec(text);
        const closing = found === "{" ? "}" : "]";
        if (text[space.lastIndex] === closing) {
          line.push({ kind: "mark", text: closing });
          at = space.lastIndex + 1;
          break;
        }
        endLine();
        open.push(closing);
        break;
      }
      case "}":
      case "]":
        endLine();
        if (open.pop() !== found) return null;
        line.push({ kind: "mark", text: found });
        break;
      case ",":
        line.push({ kind: "mark", text: "," });
        endLine();
        break;
      case ":":
        line = line.map((piece) => (piece.kind === "string" ? { ...piece, kind: "name" } : piece));
        line.push({ kind: "mark", text: ": " });
        break;
      default:
        line.push(...pieces(kindOf(found), found));
    }
  }
  endLine();
  return open.length === 0 ? lines : null;
}

function kindOf(found: string): Piece["kind"] {
  if (found.startsWith('"')) return "string";
  return /^[tfn]/.test(found) ? "word" : "number";
}

// Control characters, zero-width characters, and those that change the direction of text.
const hidden = /[\p{Cc}\p{Cf}\u2028\u2029]/u;

function pieces(kind: Piece["kind"], whole: string): Piece[] {
  const left = whole.length - shownCharactersMax;
  const text = left > 0 ? whole.slice(0, shownCharactersMax) : whole;
  const more: Piece[] = left > 0 ? [{ kind: "hidden", text: `… +${left}` }] : [];
  if (!hidden.test(text)) return [{ kind, text }, ...more];
  const parts = text.split(/([\p{Cc}\p{Cf}\u2028\u2029])/u).filter((part) => part !== "");
  return [
    ...parts.map((part): Piece => (hidden.test(part) ? { kind: "hidden", text: escaped(part) } : { kind, text: part })),
    ...more,
  ];
}

function escaped(character: string): string {
  return `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, "0")}`;
}
