// Chinese, Japanese, Korean, Thai, Lao, Khmer and Burmese are written without spaces between words, or join words to others.
// Their texts are indexed by character: each single character, and each pair of adjacent characters.

/** A run of characters of these scripts. Han includes the extensions on further planes. */
const run =
  /[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\uff66-\uff9f\u{20000}-\u{3ffff}]+/gu;

/** No other character becomes one of these scripts when it is normalised. */
const beyondLatin = /[\u0e00-\uffff]/;

/** The additional words to index for a text, separated by spaces; null when there are none. */
export function indexedPairs(text: string): string | null {
  const words = new Set<string>();
  for (const characters of runsIn(text)) {
    for (const character of characters) words.add(wordOf(character));
    for (const pair of pairsOf(characters)) words.add(wordOf(...pair));
  }
  return words.size === 0 ? null : [...words].join(" ");
}

/** The indexed words that find the text of a query: pairs, and single characters. */
export function pairsOfQuery(query: string): string[] {
  const words = runsIn(query).flatMap((characters) =>
    characters.length === 1 ? characters.map((one) => wordOf(one)) : pairsOf(characters).map((pair) => wordOf(...pair)),
  );
  return [...new Set(words)];
}

/** The runs in a word of a query, normalised as in indexed texts. */
export function unspacedRuns(word: string): string[] {
  return word.match(run) ?? [];
}

function runsIn(text: string): string[][] {
  if (!beyondLatin.test(text)) return [];
  return [...text.normalize("NFKC").matchAll(run)].map(([found]) => [...found]);
}

function pairsOf(characters: readonly string[]): [string, string][] {
  return characters.slice(1).map((second, index) => [characters[index] ?? "", second]);
}

// Encodes characters as numbers, which both databases treat as one word and never stem. No text contains such a word by chance.
function wordOf(...characters: readonly string[]): string {
  return `zq${characters.map((character) => character.codePointAt(0)).join("q")}`;
}
