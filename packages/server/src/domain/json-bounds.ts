/** How much structure a JSON text may have. */
export interface JsonBounds {
  /** Objects and arrays within each other. */
  readonly depthMax: number;
  /** Members of objects and items of arrays, of the whole text together. One without any counts as one. */
  readonly itemsMax: number;
  /** Bytes of one string or key, as it is written. */
  readonly stringBytesMax: number;
}

export type JsonExcess = "depth" | "items" | "string";

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;

/**
 * Which bound a JSON text exceeds; null when it exceeds none. It looks at each byte once and allocates nothing, so that it can
 * run before the text is parsed. Of a text that is not JSON it says something or null: the parser refuses it.
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
      // Its first member or item, which no comma announces.
      if (++items > itemsMax) return "items";
    } else if (closes(byte)) {
      depth -= 1;
    }
  }
  return null;
}

/** Where a string's closing quote is. */
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
