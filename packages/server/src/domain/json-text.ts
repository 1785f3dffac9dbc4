// Extracts parts of a JSON document as the original text. Parsing and printing would change large numbers, duplicate keys and
// the order of keys. The document must be valid JSON.

import { decimalOf, isPrintedAs, mayBeRounded } from "./decimal.ts";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** The texts of an array's items. */
export function itemTexts(array: string): string[] {
  return [...items(array, skipSpace(array, 0))].map(({ start, end }) => array.slice(start, end));
}

/** The text of an object's member. When a key is repeated, the last one counts, as in JSON.parse. */
export function memberText(object: string, key: string): string | null {
  let found: string | null = null;
  for (const { token, start, end } of members(object, skipSpace(object, 0))) {
    if (stringOf(token) === key) found = object.slice(start, end);
  }
  return found;
}

/** The members of an object, in order. Empty when the document is not an object. */
export function* memberTexts(json: string): Generator<{ readonly key: string; readonly text: string }> {
  const at = skipSpace(json, 0);
  if (json.charCodeAt(at) !== openBrace) return;
  for (const { token, start, end } of members(json, at)) yield { key: stringOf(token), text: json.slice(start, end) };
}

/** Names of members, and indexes of items as decimal text. */
export type JsonPath = readonly string[];

/**
 * The text of the value at each path; undefined where the document has no such value. The time is proportional to the length of
 * the document and to the number of names in the longest path, however many paths are given.
 */
export function textsAt(json: string, paths: readonly JsonPath[]): (string | undefined)[] {
  const root = new PathNode();
  const nodes = paths.map((path) => path.reduce((node, name) => node.child(name), root));
  find(json, skipSpace(json, 0), root);
  return nodes.map((node) => node.text(json));
}

/** The value of a string, from its text with quotes. */
export function stringOf(token: string): string {
  return token.includes("\\") ? (JSON.parse(token) as string) : token.slice(1, -1);
}

/**
 * A value in a document whose members can be looked up. An object or list is scanned once, on the first look-up. Any number of
 * look-ups takes the time of one scan per level.
 */
export class JsonNode {
  readonly #json: string;
  readonly #start: number;
  readonly #end: number;
  #inside: ReadonlyMap<string, JsonNode> | null = null;

  constructor(json: string, start = skipSpace(json, 0), end = valueEnd(json, start)) {
    this.#json = json;
    this.#start = start;
    this.#end = end;
  }

  get text(): string {
    return this.#json.slice(this.#start, this.#end);
  }

  /** A member by name (the last one if the key is repeated), or an item by index. */
  child(name: string): JsonNode | undefined {
    this.#inside ??= this.#scan();
    return this.#inside.get(name);
  }

  at(path: JsonPath): JsonNode | undefined {
    let node: JsonNode | undefined = this;
    for (const name of path) node = node?.child(name);
    return node;
  }

  #scan(): ReadonlyMap<string, JsonNode> {
    const [json, at] = [this.#json, this.#start];
    const inside = new Map<string, JsonNode>();
    const first = json.charCodeAt(at);
    if (first === openBrace) {
      for (const { token, start, end } of members(json, at))
        inside.set(stringOf(token), new JsonNode(json, start, end));
    } else if (first === openBracket) {
      for (const { start, end } of items(json, at)) inside.set(String(inside.size), new JsonNode(json, start, end));
    }
    return inside;
  }
}

/**
 * Parses like JSON.parse, for values that are printed again. JSON.stringify prints a number that a double would change as it
 * was written.
 */
export function parsePrintable(json: string): unknown {
  if (!mayBeRounded(json)) return JSON.parse(json);
  return JSON.parse(json, (_, value: unknown, { source = "" }) => {
    if (typeof value !== "number") return value;
    const decimal = decimalOf(source);
    return decimal !== null && isPrintedAs(value, decimal) ? value : JSON.rawJSON(source);
  });
}

declare global {
  // TypeScript's library does not yet declare these parts of ECMAScript 2026.
  interface JSON {
    rawJSON(text: string): object;
    isRawJSON(value: unknown): boolean;
    parse(
      text: string,
      reviver: (key: string, value: unknown, context: { readonly source?: string }) => unknown,
    ): unknown;
  }
}

/** The nesting depth of objects and lists in the document. */
export function depthOf(json: string): number {
  let depth = 0;
  let deepest = 0;
  for (let at = 0; at < json.length; at += 1) {
    const code = json.charCodeAt(at);
    if (code === quote) at = stringEnd(json, at) - 1;
    else if (code === openBrace || code === openBracket) deepest = Math.max(deepest, ++depth);
    else if (code === closeBrace || code === closeBracket) depth -= 1;
  }
  return deepest;
}

class PathNode {
  readonly children = new Map<string, PathNode>();
  range: Range | null = null;

  child(name: string): PathNode {
    const known = this.children.get(name) ?? new PathNode();
    this.children.set(name, known);
    return known;
  }

  text(json: string): string | undefined {
    return this.range === null ? undefined : json.slice(this.range.start, this.range.end);
  }
}

interface Range {
  readonly start: number;
  readonly end: number;
}

// A value is searched only when its last occurrence is known, so that a frequently repeated key is searched once.
function find(json: string, at: number, node: PathNode): void {
  if (node.children.size === 0) return;
  const first = json.charCodeAt(at);
  if (first === openBrace) {
    for (const member of members(json, at)) note(node, stringOf(member.token), member);
  } else if (first === openBracket) {
    let index = 0;
    for (const item of items(json, at)) note(node, String(index++), item);
  }
  for (const child of node.children.values()) {
    if (child.range !== null) find(json, child.range.start, child);
  }
}

function note(node: PathNode, name: string, { start, end }: Range): void {
  const child = node.children.get(name);
  if (child !== undefined) child.range = { start, end };
}

function* items(json: string, open: number): Generator<Range> {
  let at = skipSpace(json, open + 1);
  while (at < json.length && json.charCodeAt(at) !== closeBracket) {
    const end = valueEnd(json, at);
    yield { start: at, end };
    at = skipSpace(json, end);
    if (json.charCodeAt(at) === comma) at = skipSpace(json, at + 1);
  }
}

interface MemberRange extends Range {
  /** The key as written, with its quotes. */
  readonly token: string;
}

function* members(json: string, open: number): Generator<MemberRange> {
  let at = skipSpace(json, open + 1);
  while (at < json.length && json.charCodeAt(at) !== closeBrace) {
    const keyEnd = stringEnd(json, at);
    const start = skipSpace(json, skipSpace(json, keyEnd) + 1);
    const end = valueEnd(json, start);
    yield { token: json.slice(at, keyEnd), start, end };
    at = skipSpace(json, end);
    if (json.charCodeAt(at) === comma) at = skipSpace(json, at + 1);
  }
}

function valueEnd(text: string, start: number): number {
  const first = text.charCodeAt(start);
  if (first === quote) return stringEnd(text, start);
  if (first === openBrace || first === openBracket) return nestedEnd(text, start);
  let at = start;
  while (at < text.length && !endsScalar(text.charCodeAt(at))) at += 1;
  return at;
}

function nestedEnd(text: string, start: number): number {
  let depth = 0;
  let at = start;
  for (;;) {
    const code = text.charCodeAt(at);
    if (code === quote) {
      at = stringEnd(text, at);
      continue;
    }
    if (code === openBrace || code === openBracket) depth += 1;
    else if ((code === closeBrace || code === closeBracket) && --depth === 0) return at + 1;
    at += 1;
  }
}

function stringEnd(text: string, start: number): number {
  let at = text.indexOf('"', start + 1);
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1);
  return at + 1;
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0;
  while (text.charCodeAt(at - 1 - backslashes) === backslash) backslashes += 1;
  return backslashes % 2 === 1;
}

function skipSpace(text: string, start: number): number {
  let at = start;
  while (isSpace(text.charCodeAt(at))) at += 1;
  return at;
}

function isSpace(code: number): boolean {
  return code === 0x20 || code === 0x0a || code === 0x0d || code === 0x09;
}

function endsScalar(code: number): boolean {
  return code === comma || code === closeBrace || code === closeBracket || code === colon || isSpace(code);
}
