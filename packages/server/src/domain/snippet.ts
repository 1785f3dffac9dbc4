// The part of a found text that shows why it matches, with the positions of the query's words.

import { unspacedRuns } from "./character-pairs.ts";

export interface Snippet {
  /** An excerpt of the text on one line, with `…` where it was cut. */
  readonly text: string;
  /** The positions of the query's words in it: start and end, in UTF-16 units. */
  readonly matches: readonly (readonly [number, number])[];
}

interface Word {
  readonly from: number;
  readonly to: number;
  /** The word of the query that it is a form of. */
  readonly wordIndex: number;
}

const cut = "…";

/**
 * The excerpt of at most `lengthMax` characters with the most different words of a query; the first of several. Indexes also
 * find other forms of a word (`herons` for `heron`), so that words with different endings count as equal.
 */
export function snippetOf(text: string, query: readonly string[], lengthMax: number): Snippet {
  const words = wordsIn(text, query);
  const first = bestStart(words, lengthMax);
  const at = first === null ? 0 : Math.max(0, Math.min(first - Math.floor(lengthMax / 6), text.length - lengthMax));
  const from = at === 0 ? 0 : wordStart(text, at);
  const to = from + lengthMax >= text.length ? text.length : wordEnd(text, from + lengthMax, from);
  const lead = from === 0 ? "" : cut;
  const shown = words.filter((word) => word.from >= from && word.to <= to);
  return {
    // Each line break becomes one space, so that positions do not change.
    text: `${lead}${text.slice(from, to).replaceAll(/\s/g, " ")}${to === text.length ? "" : cut}`,
    matches: shown.map((word) => [word.from - from + lead.length, word.to - from + lead.length] as const),
  };
}

function wordsIn(text: string, query: readonly string[]): Word[] {
  const found: Word[] = [];
  for (const match of text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)) {
    const wordIndex = query.findIndex((word) => isForm(plain(match[0]), plain(word)));
    if (wordIndex >= 0) found.push({ from: match.index, to: match.index + match[0].length, wordIndex });
    else
      found.push(
        ...runsWithin(match[0], query).map(({ from, to, wordIndex }) => ({
          from: match.index + from,
          to: match.index + to,
          wordIndex,
        })),
      );
  }
  return found;
}

/** The positions where a word without spaces contains runs of a query, or else pairs of their characters. */
function runsWithin(word: string, query: readonly string[]): Word[] {
  if (unspacedRuns(word).length === 0) return [];
  const found: Word[] = [];
  let end = 0;
  for (let from = 0; from < word.length; from += 1) {
    const wordIndex = query.findIndex((queryWord) => lengthAt(word, from, queryWord) > 0);
    const to = wordIndex < 0 ? 0 : from + lengthAt(word, from, query[wordIndex] ?? "");
    const last = found.at(-1);
    if (to <= end) continue;
    // Overlapping pairs are shown as one range.
    if (last !== undefined && from < end && last.wordIndex === wordIndex) found[found.length - 1] = { ...last, to };
    else if (from >= end) found.push({ from, to, wordIndex });
    end = to;
  }
  return found;
}

/**
 * The length of the match with a query's word that begins there: a whole run, or else a pair of characters; 0 without a match.
 */
function lengthAt(word: string, at: number, queryWord: string): number {
  for (const run of unspacedRuns(queryWord)) {
    if (word.startsWith(run, at)) return run.length;
    const pair = String.fromCodePoint(...[...word.slice(at, at + 4)].slice(0, 2).map((one) => one.codePointAt(0) ?? 0));
    if ([...pair].length === 2 && run.includes(pair)) return pair.length;
  }
  return 0;
}

function plain(word: string): string {
  return word.normalize("NFD").replaceAll(/\p{M}/gu, "").toLowerCase();
}

const stemMin = 3;
// Matches `run` and `running`, `carry` and `carries`: a consonant may be doubled, a vowel dropped.
const ending = /^[bdgmnprt]?(e|y|s|es|ed|er|ers|ing|ings|ly|ies|ied)?$/;

function isForm(word: string, wordIndex: string): boolean {
  if (word === wordIndex) return true;
  let common = 0;
  while (common < word.length && word[common] === wordIndex[common]) common += 1;
  return common >= stemMin && ending.test(word.slice(common)) && ending.test(wordIndex.slice(common));
}

/** Where the excerpt with the most different words begins; null without any word. */
function bestStart(words: readonly Word[], lengthMax: number): number | null {
  let best: { start: number; different: number } | null = null;
  for (const [index, { from }] of words.entries()) {
    const seen = new Set<number>();
    for (let next = index; next < words.length; next++) {
      const word = words[next];
      if (word === undefined || word.to > from + lengthMax) break;
      seen.add(word.wordIndex);
    }
    if (seen.size > (best?.different ?? 0)) best = { start: from, different: seen.size };
  }
  return best?.start ?? null;
}

const near = 20;

/** The beginning of a word shortly after a position, or else the position itself, never inside a character. */
function wordStart(text: string, at: number): number {
  const space = text.slice(at, at + near).search(/\s/);
  return space >= 0 ? at + space + 1 : wholeCharacter(text, at);
}

/** The end of a word shortly before a position. */
function wordEnd(text: string, at: number, from: number): number {
  const stretch = text.slice(Math.max(from + 1, at - near), at);
  const space = stretch.search(/\s\S*$/);
  return space >= 0 ? at - stretch.length + space : wholeCharacter(text, at);
}

function wholeCharacter(text: string, at: number): number {
  const unit = text.charCodeAt(at);
  return unit >= 0xdc00 && unit <= 0xdfff ? at - 1 : at;
}
