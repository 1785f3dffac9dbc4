export interface JsonLayout {
  readonly indent: string;
  readonly afterComma: string;
  readonly afterColon: string;
}

/** Returns the strings, numbers, words and marks of a JSON text; null for a text that is not JSON. */
export function jsonPiecesOf(text: string): readonly string[] | null {
  try {
    JSON.parse(text);
  } catch {
    return null;
  }
  return text.match(/"[^"\\]*(?:\\.[^"\\]*)*"|[{}[\]:,]|[^ \t\r\n{}[\]:,"]+/g) ?? [];
}

// Indented JSON grows with the square of its depth.
const printedLengthMax = 512 * 1024;

/**
 * Prints JSON in another layout. The digits of numbers, the order of keys and repeated keys are kept. Returns an empty text where the
 * printed one would be too long.
 */
export function printJson(
  pieces: readonly string[],
  { indent, afterComma, afterColon }: JsonLayout,
  escaped: (text: string) => string = (text) => text,
): string {
  let [printed, depth] = ["", 0];
  const lineBreak = () => (indent === "" ? "" : `\n${indent.repeat(depth)}`);
  for (const [index, piece] of pieces.entries()) {
    const before = pieces[index - 1] ?? "";
    const isEnd = piece === "}" || piece === "]";
    const isFirst = before === "{" || before === "[";
    if (isEnd) depth -= 1;
    if (isEnd ? !isFirst : isFirst || before === ",") printed += lineBreak();
    if (before === ",") printed += afterComma;
    if (before === ":") printed += afterColon;
    if (piece === "{" || piece === "[") depth += 1;
    printed += piece.startsWith('"') ? escaped(piece) : piece;
    if (printed.length > printedLengthMax) return "";
  }
  return printed;
}
