// Cuts the payload's own text out of a request body. Parsing and printing it again would change big numbers, duplicate
// keys and the order of keys, and so the bytes that the signature covers. The body is known to be valid JSON.

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
  const items: string[] = [];
  let at = skipSpace(array, skipSpace(array, 0) + 1);
  while (array.charCodeAt(at) !== closeBracket) {
    const end = valueEnd(array, at);
    items.push(array.slice(at, end));
    at = skipSpace(array, end);
    if (array.charCodeAt(at) === comma) at = skipSpace(array, at + 1);
  }
  return items;
}

/** The text of an object's member; of the last one where the key stands twice, as JSON.parse would have it. */
export function memberText(object: string, key: string): string | null {
  let found: string | null = null;
  let at = skipSpace(object, skipSpace(object, 0) + 1);
  while (object.charCodeAt(at) !== closeBrace) {
    const keyEnd = stringEnd(object, at);
    const start = skipSpace(object, skipSpace(object, keyEnd) + 1);
    const end = valueEnd(object, start);
    if (isKey(object.slice(at, keyEnd), key)) found = object.slice(start, end);
    at = skipSpace(object, end);
    if (object.charCodeAt(at) === comma) at = skipSpace(object, at + 1);
  }
  return found;
}

function isKey(token: string, key: string): boolean {
  return token.includes("\\") ? JSON.parse(token) === key : token.slice(1, -1) === key;
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
