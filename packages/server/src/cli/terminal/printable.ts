import { stripVTControlCharacters } from "node:util";

// What turns the direction of writing could make a line read as another.
const unprintable = /[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\u2028\u2029]/gu;

/** A text from outside as it may be written to a terminal: on one line, and without what moves the cursor or hides anything. */
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

const wide =
  /[\u1100-\u115f\u2e80-\u303e\u3041-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6\u{1f300}-\u{1faff}\u{20000}-\u{3fffd}]/u;
const withoutWidth = /\p{Mn}|\p{Me}|[\u200b-\u200d]/u;

/** Columns of a terminal that a printable text takes. */
export function widthOf(text: string): number {
  let width = 0;
  for (const character of text) width += widthOfOne(character);
  return width;
}

function widthOfOne(character: string): number {
  if (withoutWidth.test(character)) return 0;
  return wide.test(character) ? 2 : 1;
}

/** A printable text in exactly so many columns: cut, with a mark that says so, or filled with spaces. */
export function inColumns(text: string, width: number): string {
  const taken = widthOf(text);
  if (taken <= width) return text + " ".repeat(width - taken);
  if (width < 1) return "";
  let cut = "";
  let used = 0;
  for (const character of text) {
    const next = widthOfOne(character);
    if (used + next > width - 1) break;
    cut += character;
    used += next;
  }
  return `${cut}…${" ".repeat(width - 1 - used)}`;
}

/** A printable text in lines of at most so many columns; one at least. */
export function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  let used = 0;
  for (const character of text) {
    const next = widthOfOne(character);
    if (used + next > width && line !== "") {
      lines.push(line);
      line = "";
      used = 0;
    }
    line += character;
    used += next;
  }
  return [...lines, line];
}
