import { setImmediate as nextTurn } from "node:timers/promises";
import { split } from "llm-splitter";
import { limits } from "../domain/limits.ts";

/**
 * The chunks of a text that certainly has at most the words of one chunk; null for any other text. Most records are so short, and
 * splitting them would cost more than all other work on them. Blank text has no chunks.
 */
export function chunksOfShort(text: string): string[] | null {
  if (!fitsInChunk(text)) return null;
  const chunk = withoutBlankLines(text).trim();
  return chunk === "" ? [] : [chunk];
}

/**
 * Splits text into chunks of at most `limits.chunkWordsMax` words, at paragraphs where possible. Long texts are split over
 * several turns of the event loop, so that a sync does not delay deliveries. Blank text has no chunks.
 */
export async function chunkText(text: string): Promise<string[]> {
  const short = chunksOfShort(text);
  if (short !== null) return short;
  const chunks: string[] = [];
  for (const slice of slices(text)) {
    if (chunks.length > 0) await nextTurn();
    for (const chunk of split(slice, {
      chunkSize: limits.chunkWordsMax,
      chunkStrategy: "paragraph",
      splitter: wordsOf,
    })) {
      const trimmed = chunk.text.trim();
      if (trimmed !== "") chunks.push(trimmed);
    }
  }
  return chunks;
}

/** Characters beyond Latin-1 count as words, since some of them are spaces. */
function fitsInChunk(text: string): boolean {
  // A word is longer than its maximum, or begins after a space.
  let words = text.length / limits.chunkWordLengthMax;
  if (words > limits.chunkWordsMax) return false;
  let isInWord = false;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    const isSpace = code <= 0x20 || (code >= 0x7f && code <= 0xa0);
    if (!isSpace && (!isInWord || code > 0xff)) words += 1;
    isInWord = !isSpace;
  }
  return words <= limits.chunkWordsMax;
}

/** Runs of blank lines are collapsed, because each would be a paragraph. */
function withoutBlankLines(text: string): string {
  return text.replaceAll("\r\n", "\n").replaceAll(/\n{3,}/g, "\n\n");
}

/** Splits long text after a paragraph, else after a line, else at the limit. */
function* slices(text: string): Generator<string> {
  let rest = withoutBlankLines(text);
  while (rest.length > limits.chunkSliceLengthMax) {
    const end = sliceEnd(rest);
    yield rest.slice(0, end);
    rest = rest.slice(end);
  }
  yield rest;
}

function sliceEnd(text: string): number {
  for (const separator of ["\n\n", "\n", " "]) {
    const at = text.lastIndexOf(separator, limits.chunkSliceLengthMax - separator.length);
    if (at > 0) return at + separator.length;
  }
  const end = limits.chunkSliceLengthMax;
  return isHighSurrogate(text.charCodeAt(end - 1)) ? end - 1 : end;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

// Words with the preceding space. Text without spaces, such as Chinese or base64, is split into pieces of a word's maximum
// length.
const word = new RegExp(
  `\\s{0,${limits.chunkWordLengthMax}}\\S{1,${limits.chunkWordLengthMax}}|\\s{1,${limits.chunkWordLengthMax}}`,
  "gu",
);

function wordsOf(text: string): { text: string; start: number }[] {
  return Array.from(text.matchAll(word), (match) => ({ text: match[0], start: match.index }));
}
