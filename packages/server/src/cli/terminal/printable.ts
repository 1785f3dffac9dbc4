import { stripVTControlCharacters } from "node:util";
import stringWidth from "string-width";

// Characters that change the direction of writing could make a line read as another.
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/** A text from outside as it may be written to a terminal: on one line, without characters that move the cursor or hide text. */
export function printable(text: string): string {
  return stripVTControlCharacters(text)
    .replaceAll(/[\t\r\n]+/g, " ")
    .replaceAll(unprintable, "�");
}

/** The lines of a text from outside. */
export function printableLines(text: string): string[] {
  return stripVTControlCharacters(text)
    .split(/\r\n|[\r\n]/)
    .map((line) => line.replaceAll("\t", "  ").replaceAll(unprintable, "�"));
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** The columns of a terminal that a printable text takes. */
export function widthOf(text: string): number {
  return stringWidth(text);
}

/** A printable text in exactly this many columns: cut with an ellipsis, or padded with spaces. */
export function inColumns(text: string, width: number): string {
  const taken = widthOf(text);
  if (taken <= width) return text + " ".repeat(width - taken);
  if (width < 1) return "";
  let cut = "";
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = widthOf(segment);
    if (used + next > width - 1) break;
    cut += segment;
    used += next;
  }
  return `${cut}…${" ".repeat(width - 1 - used)}`;
}

/** A printable text in lines of at most this many columns. There is at least one line. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const { segment } of graphemes.segment(text)) {
    const next = widthOf(segment);
    if (used + next > width && line !== "") {
      lines.push(line);
      line = "";
      used = 0;
    }
    line += segment;
    used += next;
  }
  return [...lines, line];
}
