import { limits } from "./limits.ts";

/** A person's words, each once: any of them may match, more and rarer ones rank higher. None is an operator or a mistake. */
export function searchWords(query: string): string[] {
  const words = query
    .slice(0, limits.searchQueryLengthMax)
    .toLowerCase()
    .match(/[\p{L}\p{N}\p{M}]+/gu);
  return [...new Set(words)].slice(0, limits.searchTermsMax);
}
