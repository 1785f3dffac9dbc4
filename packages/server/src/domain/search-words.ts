import { pairsOfQuery } from "./character-pairs.ts";
import { limits } from "./limits.ts";

/** The terms to look up in an index: the words of a query and its character pairs, up to the limit for a query. */
export function searchTerms(words: readonly string[], query: string): string[] {
  const pairs = pairsOfQuery(query.slice(0, limits.searchQueryLengthMax)).slice(0, limits.searchTermsMax);
  return [...words, ...pairs];
}

/**
 * The distinct words of a user's query. Any of them may match, and more and rarer matches rank higher. No word is an operator
 * or an error.
 */
export function searchWords(query: string): string[] {
  const words = query
    .slice(0, limits.searchQueryLengthMax)
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+/gu);
  return [...new Set(words)].slice(0, limits.searchTermsMax);
}
