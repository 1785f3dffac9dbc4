import { pairsWanted } from "./character-pairs.ts";
import { limits } from "./limits.ts";

/** The terms to ask an index for: the words of a query, and the character pairs in it, as many as a query may have. */
export function searchTerms(words: readonly string[], query: string): string[] {
  const pairs = pairsWanted(query.slice(0, limits.searchQueryLengthMax)).slice(0, limits.searchTermsMax);
  return [...words, ...pairs];
}

/** A person's words, each once: any of them may match, more and rarer ones rank higher. None is an operator or a mistake. */
export function searchWords(query: string): string[] {
  const words = query
    .slice(0, limits.searchQueryLengthMax)
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+/gu);
  return [...new Set(words)].slice(0, limits.searchTermsMax);
}
