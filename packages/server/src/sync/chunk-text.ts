import { setImmediate as nextTurn } from "node:timers/promises";
import { split } from "llm-splitter";
import { limits } from "../domain/limits.ts";

/**
 * Cuts text into chunks of whole paragraphs where they fit, of at most `limits.chunkWordsMax` words. Long texts are cut
 * over several turns of the event loop, so that a sync does not hold up deliveries. Blank text has no chunks.
 */
export async function chunkText(text: string): Promise<string[]> {
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

/** Cuts long text after a paragraph, else after a line, else wherever it must. */
function* slices(text: string): Generator<string> {
  // Runs of blank lines say nothing, and each would be a paragraph of its own.
  let rest = text.replaceAll("\r\n", "\n").replaceAll(/\n{3,}/g, "\n\n");
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

// Words with the space before them; what has no spaces, such as Chinese or base64, is cut into pieces of a word's length.
const word = new RegExp(
  `\\s{0,${limits.chunkWordLengthMax}}\\S{1,${limits.chunkWordLengthMax}}|\\s{1,${limits.chunkWordLengthMax}}`,
  "gu",
);

function wordsOf(text: string): { text: string; start: number }[] {
  return Array.from(text.matchAll(word), (match) => ({ text: match[0], start: match.index }));
}
