// Regular expressions of JSON Schemas, in the syntax of ECMA-262 with the flag `u`, matched in linear time.

import { type AST, RegExpParser } from "@eslint-community/regexpp";
import { RE2JS } from "re2js";
import { limits } from "../../domain/limits.ts";
import {
  anyButLineEnd,
  type CodePointRanges,
  complementOf,
  digits,
  propertyRanges,
  spaces,
  wordCharacters,
} from "./code-point-ranges.ts";

/** A pattern that cannot be matched here. The message names the unsupported feature. */
export class PatternError extends Error {
  override readonly name = "PatternError";
}

export interface LinearPattern {
  test(text: string): boolean;
}

/** Throws a PatternError. */
export function linearPattern(source: string): LinearPattern {
  const translated = translate(source);
  const pattern = RE2JS.compile(translated);
  return { test: (text) => pattern.test(text) };
}

/**
 * An equivalent pattern in the syntax of RE2. Every character is written as its code point, so that RE2's own syntax cannot
 * occur.
 */
function translate(source: string): string {
  if (source.length > limits.schemaPatternLengthMax) {
    throw new PatternError(`A pattern has at most ${limits.schemaPatternLengthMax} characters.`);
  }
  const { text, size } = ofAlternatives(parsed(source).alternatives);
  if (size > limits.schemaPatternSizeMax) throw tooLarge(source);
  return text;
}

function parsed(source: string): AST.Pattern {
  try {
    return new RegExpParser({ ecmaVersion: 2025 }).parsePattern(source, 0, source.length, { unicode: true });
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new PatternError(`The pattern is not a regular expression of ECMA-262: ${reason}`);
  }
}

/** `size` is the number of steps of the pattern after repetitions are expanded. */
interface PatternPart {
  readonly text: string;
  readonly size: number;
}

function ofAlternatives(alternatives: readonly AST.Alternative[]): PatternPart {
  const parts = alternatives.map(({ elements }) => elements.map(ofElement));
  return {
    text: `(?:${parts.map((elements) => elements.map(({ text }) => text).join("")).join("|")})`,
    size: parts.flat().reduce((sum, { size }) => sum + size, parts.length),
  };
}

function ofElement(element: AST.Element): PatternPart {
  switch (element.type) {
    case "Assertion":
      return { text: ofAssertion(element), size: 1 };
    case "Backreference":
      throw unsupported("a back-reference", element);
    case "CapturingGroup":
      return ofAlternatives(element.alternatives);
    case "Group":
      if (element.modifiers !== null) throw unsupported("a group with modifiers", element);
      return ofAlternatives(element.alternatives);
    case "Quantifier":
      return ofQuantifier(element);
    case "Character":
      return { text: escaped(element.value), size: 1 };
    case "CharacterSet":
      return { text: classOf(rangesOfSet(element), false), size: 1 };
    case "CharacterClass":
      if (element.unicodeSets) throw unsupported("a class of the flag `v`", element);
      return { text: classOf(element.elements.flatMap(rangesOf), element.negate), size: 1 };
    case "ExpressionCharacterClass":
      throw unsupported("a class of the flag `v`", element);
  }
}

function ofAssertion(assertion: AST.Assertion): string {
  switch (assertion.kind) {
    case "start":
      return "\\A";
    case "end":
      return "\\z";
    case "word":
      return assertion.negate ? "\\B" : "\\b";
    case "lookahead":
      throw unsupported("look-ahead", assertion);
    case "lookbehind":
      throw unsupported("look-behind", assertion);
  }
}

/** The largest repetition count in RE2. */
const repeatMax = 1_000;

function ofQuantifier({ element, min, max, raw }: AST.Quantifier): PatternPart {
  const { text, size } = ofElement(element);
  const written = max === Number.POSITIVE_INFINITY ? min + 1 : max;
  if (size * written > limits.schemaPatternSizeMax) throw tooLarge(raw);
  const tail = max === Number.POSITIVE_INFINITY ? `${text}*` : repeated(text, max - min, (count) => `{0,${count}}`);
  return { text: `(?:${repeated(text, min, (count) => `{${count}}`)}${tail})`, size: Math.max(size * written, 1) };
}

/** Nested repetitions count by their product, so that the size of the pattern bounds both. */
function repeated(text: string, count: number, quantifier: (count: number) => string): string {
  const whole = `(?:${text})${quantifier(repeatMax)}`.repeat(Math.floor(count / repeatMax));
  const rest = count % repeatMax;
  return rest === 0 ? whole : `${whole}(?:${text})${quantifier(rest)}`;
}

function rangesOf(element: AST.CharacterClassElement): CodePointRanges {
  switch (element.type) {
    case "Character":
      return [[element.value, element.value]];
    case "CharacterClassRange":
      return [[element.min.value, element.max.value]];
    case "CharacterSet":
      return rangesOfSet(element);
    default:
      throw unsupported("a class of the flag `v`", element);
  }
}

function rangesOfSet(set: AST.CharacterSet): CodePointRanges {
  switch (set.kind) {
    case "any":
      return anyButLineEnd;
    case "digit":
      return set.negate ? complementOf(digits) : digits;
    case "space":
      return set.negate ? complementOf(spaces) : spaces;
    case "word":
      return set.negate ? complementOf(wordCharacters) : wordCharacters;
    case "property":
      return propertyRanges(set.raw);
  }
}

function classOf(ranges: CodePointRanges, isNegated: boolean): string {
  if (ranges.length === 0) return isNegated ? everything : `[^\\x{0}-\\x{10FFFF}]`;
  const listed = ranges.map(([from, to]) => (from === to ? escaped(from) : `${escaped(from)}-${escaped(to)}`));
  return `[${isNegated ? "^" : ""}${listed.join("")}]`;
}

const everything = "[\\x{0}-\\x{10FFFF}]";

function escaped(codePoint: number): string {
  return `\\x{${codePoint.toString(16)}}`;
}

function unsupported(feature: string, { raw }: { readonly raw: string }): PatternError {
  return new PatternError(
    `The pattern has ${feature} (${shown(raw)}), which cannot be matched in linear time. Write the pattern without it.`,
  );
}

function tooLarge(raw: string): PatternError {
  return new PatternError(
    `The pattern is too large: with its repetitions written out, ${shown(raw)} has more than ${limits.schemaPatternSizeMax} steps.`,
  );
}

const shownLengthMax = 80;

function shown(raw: string): string {
  return raw.length > shownLengthMax ? `${raw.slice(0, shownLengthMax)}…` : raw;
}
