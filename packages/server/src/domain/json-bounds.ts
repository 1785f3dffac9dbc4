/** The bounds of a JSON text's structure. */
export interface JsonBounds {
  /** The nesting of objects and arrays. */
  readonly depthMax: number;
  /** The members of objects and items of arrays in the whole text. An empty object or array counts as one. */
  readonly itemsMax: number;
  /** The bytes of one string or key, as written. */
  readonly stringBytesMax: number;
}

export type JsonExcess = "depth" | "items" | "string";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/**
 * Which bound a JSON text exceeds; null when it exceeds none. It reads each byte once and allocates nothing, so that it can run
 * before parsing. For text that is not JSON the result is arbitrary, because the parser rejects it.
 */
export function jsonExcess(bytes: Uint8Array, { depthMax, itemsMax, stringBytesMax }: JsonBounds): JsonExcess | null {
  const { length } = bytes;
  let depth = 0;
  let items = 0;
  for (let at = 0; at < length; at++) {
    const byte = bytes[at];
    if (byte === quote) {
      const start = at + 1;
      at = stringEnd(bytes, start);
      if (at - start > stringBytesMax) return "string";
    } else if (byte === comma) {
      if (++items > itemsMax) return "items";
    } else if (opens(byte)) {
      if (++depth > depthMax) return "depth";
      // No comma announces the first member or item.
      if (++items > itemsMax) return "items";
    } else if (closes(byte)) {
      depth -= 1;
    }
  }
  return null;
}

/** The position of a string's closing quote. */
function stringEnd(bytes: Uint8Array, start: number): number {
  const { length } = bytes;
  let at = start;
  while (at < length) {
    const byte = bytes[at];
    if (byte === quote) return at;
    at += byte === backslash ? 2 : 1;
  }
  return at;
}

/** `{` or `[`. */
function opens(byte: number | undefined): boolean {
  return byte === 0x7b || byte === 0x5b;
}

/** `}` or `]`. */
function closes(byte: number | undefined): boolean {
  return byte === 0x7d || byte === 0x5d;
}
