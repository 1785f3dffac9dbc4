// Globs that are matched in linear time: each becomes a regular expression of RE2.

import { limits } from "../../../domain/limits.ts";

/** A glob that is not supported. The message names the feature. */
export class GlobError extends Error {
  override readonly name = "GlobError";
}

/** Why globs cannot be stored; null when they can. */
export function globsMistake(globs: readonly string[]): string | null {
  try {
    globsPattern(globs);
    return null;
  } catch (error) {
    if (error instanceof GlobError) return error.message;
    throw error;
  }
}

/** One regular expression, in the syntax of RE2, for all paths that one of the globs matches completely. Throws a GlobError. */
export function globsPattern(globs: readonly string[]): string {
  const expanded = expandedGlobs(globs).map((glob) => new Translation(glob).pattern());
  return `\\A(?:${expanded.length === 0 ? "[^\\x{0}-\\x{10FFFF}]" : expanded.join("|")})\\z`;
}

/** Expands braces: one glob for each combination of alternatives. */
export function expandedGlobs(globs: readonly string[]): string[] {
  const expanded: string[] = [];
  for (const glob of globs) {
    const plain = glob.replace(/^(\.\/)+/, "").replace(/\/+$/, "");
    for (const alternative of alternativesOf(plain, limits.globAlternativesMax - expanded.length))
      expanded.push(alternative);
  }
  return expanded;
}

/** Whether a glob of `include` excludes paths. */
export function isNegated(glob: string): boolean {
  return glob.startsWith("!") && glob[1] !== "(";
}

function alternativesOf(glob: string, max: number): string[] {
  const brace = firstBrace(glob);
  if (brace === null) return [glob];
  const { start, end, parts } = brace;
  const tails = alternativesOf(glob.slice(end + 1), max);
  const heads = parts.flatMap((part) => alternativesOf(part, max));
  if (heads.length * tails.length > max) {
    throw new GlobError(`The globs have more than ${limits.globAlternativesMax} alternatives in braces. Write fewer.`);
  }
  return heads.flatMap((head) => tails.map((tail) => `${glob.slice(0, start)}${head}${tail}`));
}

interface Brace {
  readonly start: number;
  readonly end: number;
  readonly parts: readonly string[];
}

/** The first pair of braces with alternatives, or a range such as `{1..9}`. Other braces are literal characters. */
function firstBrace(glob: string): Brace | null {
  for (let at = 0; at < glob.length; at++) {
    if (glob[at] === "\\") at++;
    else if (glob[at] === "[") at = classEnd(glob, at) ?? at;
    else if (glob[at] === "{") {
      const brace = braceAt(glob, at);
      if (brace !== null) return brace;
    }
  }
  return null;
}

function braceAt(glob: string, start: number): Brace | null {
  const commas: number[] = [];
  let depth = 0;
  for (let at = start; at < glob.length; at++) {
    const character = glob[at];
    if (character === "\\") at++;
    else if (character === "{") depth++;
    else if (character === "," && depth === 1) commas.push(at);
    else if (character === "}" && --depth === 0) {
      const cuts = [start, ...commas, at];
      const parts = cuts.slice(1).map((cut, index) => glob.slice((cuts[index] ?? 0) + 1, cut));
      const range = parts.length === 1 ? rangeOf(parts[0] ?? "") : parts;
      return range === null ? null : { start, end: at, parts: range };
    }
  }
  return null;
}

function rangeOf(text: string): string[] | null {
  const [, from = "", to = ""] = /^(\d{1,6}|[a-z]|[A-Z])\.\.(\d{1,6}|[a-z]|[A-Z])$/.exec(text) ?? [];
  if (from === "" || /\d/.test(from) !== /\d/.test(to)) return null;
  const isNumber = /\d/.test(from);
  const value = (part: string) => (isNumber ? Number(part) : (part.codePointAt(0) ?? 0));
  const [first, last] = [Math.min(value(from), value(to)), Math.max(value(from), value(to))];
  if (last - first >= limits.globAlternativesMax) {
    throw new GlobError(`The range {${text}} has more than ${limits.globAlternativesMax} values.`);
  }
  const values = Array.from({ length: last - first + 1 }, (_, step) => first + step);
  return values.map((one) => (isNumber ? String(one) : String.fromCodePoint(one)));
}

function classEnd(glob: string, start: number): number | null {
  const from = /^\[[!^]?\]?/.exec(glob.slice(start))?.[0].length ?? 1;
  for (let at = start + from; at < glob.length; at++) {
    if (glob[at] === "\\") at++;
    else if (glob[at] === "]") return at;
  }
  return null;
}

const slash = 0x2f;
const notSlash = "[^/]";

/** Parses one glob without braces from left to right. */
class Translation {
  readonly #glob: string;
  #at = 0;

  constructor(glob: string) {
    this.#glob = glob;
  }

  pattern(): string {
    let pattern = "";
    while (this.#at < this.#glob.length) pattern += this.#globstar() ?? this.#next();
    return pattern;
  }

  /** `**` as a complete segment matches any number of segments, including none. */
  #globstar(): string | null {
    const rest = this.#glob.slice(this.#at);
    const isAtStart = this.#at === 0 || this.#glob[this.#at - 1] === "/";
    const inside = isAtStart ? /^(?:\*\*+\/)+/.exec(rest)?.[0] : undefined;
    if (inside !== undefined && !/^\*\*+$/.test(rest.slice(inside.length))) {
      this.#at += inside.length;
      return `(?:${notSlash}+/)*`;
    }
    const isAllLeft = isAtStart && /^\*\*+(?:\/\*\*+)*$/.test(rest);
    const isFolderAndAllBelow = /^\/\*\*+(?:\/\*\*+)*$/.test(rest);
    if (!isAllLeft && !isFolderAndAllBelow) return null;
    // After a wildcard only the folder's content matches, not a file with its name.
    const isBehindWildcard = this.#glob[this.#at - 1] === "*";
    this.#at = this.#glob.length;
    if (isAllLeft) return "(?s:.*)";
    return isBehindWildcard ? "(?s:/.+)" : "(?s:/.*)?";
  }

  #next(): string {
    const character = this.#take();
    const isGroup = "@+*?!(".includes(character) && (character === "(" || this.#peek() === "(");
    if (isGroup) return this.#group(character);
    switch (character) {
      case "*":
        while (this.#peek() === "*") this.#at++;
        return `${notSlash}*`;
      case "?":
        return notSlash;
      case "[":
        return this.#class();
      case "\\":
        return this.#at < this.#glob.length ? escaped(this.#take()) : escaped("\\");
      default:
        return escaped(character);
    }
  }

  /** `@(a|b)`, `?(a|b)`, `+(a|b)` and `*(a|b)`; `(a|b)` is `@(a|b)`. */
  #group(mark: string): string {
    if (mark === "!") throw new GlobError("The glob has a negated group, `!(…)`. Use `exclude` instead.");
    if (mark !== "(") this.#at++;
    let inside = "";
    for (;;) {
      if (this.#at >= this.#glob.length) throw new GlobError(`The glob has a group that is not closed: ${this.#glob}`);
      if (this.#peek() === ")") break;
      inside += this.#peek() === "|" ? this.#take() : this.#next();
    }
    this.#at++;
    if (mark === "(" && "+*?".includes(this.#peek() ?? " ")) {
      throw new GlobError("The glob has a group that is repeated, `(…)+`. Write `+(…)`, `*(…)` or `?(…)`.");
    }
    return `(?:${inside})${mark === "@" || mark === "(" ? "" : mark}`;
  }

  #class(): string {
    const end = classEnd(this.#glob, this.#at - 1);
    if (end === null) return escaped("[");
    const text = this.#glob.slice(this.#at, end);
    this.#at = end + 1;
    if (text.includes("[:")) throw new GlobError("The glob has a POSIX class, `[:…:]`. Write a range such as `[a-z]`.");
    const isNegated = text.startsWith("!") || text.startsWith("^");
    const ranges = rangesIn(isNegated ? text.slice(1) : text);
    const kept = isNegated ? [...ranges, [slash, slash] as const] : ranges.flatMap(withoutSlash);
    if (kept.length === 0) return "[^\\x{0}-\\x{10FFFF}]";
    const listed = kept.map(([first, last]) => `${codePoint(first)}-${codePoint(last)}`).join("");
    return `[${isNegated ? "^" : ""}${listed}]`;
  }

  #peek(): string | undefined {
    return this.#glob[this.#at];
  }

  /** One complete character. */
  #take(): string {
    const character = String.fromCodePoint(this.#glob.codePointAt(this.#at) ?? 0);
    this.#at += character.length;
    return character;
  }
}

type Range = readonly [first: number, last: number];

function rangesIn(text: string): Range[] {
  const ranges: Range[] = [];
  for (const [, first = "", last] of text.matchAll(/(\\?.)(?:-(\\?.))?/gsu)) {
    const [from, to] = [unescaped(first), unescaped(last ?? first)];
    if (from > to) throw new GlobError(`The glob has a range in the wrong order: ${first}-${last}.`);
    ranges.push([from, to]);
  }
  return ranges;
}

function withoutSlash([first, last]: Range): Range[] {
  const parts: Range[] = [
    [first, Math.min(last, slash - 1)],
    [Math.max(first, slash + 1), last],
  ];
  return first <= slash && slash <= last ? parts.filter(([from, to]) => from <= to) : [[first, last]];
}

function unescaped(character: string): number {
  const plain = character.length > 1 && character.startsWith("\\") ? character.slice(1) : character;
  return plain.codePointAt(0) ?? 0;
}

function escaped(character: string): string {
  return character === "/" ? "/" : codePoint(character.codePointAt(0) ?? 0);
}

function codePoint(value: number): string {
  return `\\x{${value.toString(16)}}`;
}
