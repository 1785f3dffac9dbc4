// Sets of characters as ECMA-262 defines them, by code points.

/** The first and last code point of each range, in order. */
export type CodePointRanges = readonly (readonly [first: number, last: number])[];

const codePointMax = 0x10ffff;

export const digits: CodePointRanges = [[0x30, 0x39]];
export const wordCharacters: CodePointRanges = [
  [0x30, 0x39],
  [0x41, 0x5a],
  [0x5f, 0x5f],
  [0x61, 0x7a],
];
export const spaces: CodePointRanges = [
  [0x09, 0x0d],
  [0x20, 0x20],
  [0xa0, 0xa0],
  [0x1680, 0x1680],
  [0x2000, 0x200a],
  [0x2028, 0x2029],
  [0x202f, 0x202f],
  [0x205f, 0x205f],
  [0x3000, 0x3000],
  [0xfeff, 0xfeff],
];
export const anyButLineEnd: CodePointRanges = complementOf([
  [0x0a, 0x0a],
  [0x0d, 0x0d],
  [0x2028, 0x2029],
]);

export function complementOf(ranges: CodePointRanges): CodePointRanges {
  const others: [number, number][] = [];
  let from = 0;
  for (const [first, last] of ranges) {
    if (first > from) others.push([from, first - 1]);
    from = last + 1;
  }
  if (from <= codePointMax) others.push([from, codePointMax]);
  return others;
}

const known = new Map<string, CodePointRanges>();
const knownMax = 100;

/** The characters of a Unicode property such as `\p{L}`, whose syntax was validated. They are read from the engine itself. */
export function propertyRanges(property: string): CodePointRanges {
  const before = known.get(property);
  if (before !== undefined) return before;
  const found = knownRanges(new RegExp(`^${property}$`, "u"));
  if (known.size >= knownMax) known.clear();
  known.set(property, found);
  return found;
}

function knownRanges(pattern: RegExp): CodePointRanges {
  const ranges: [number, number][] = [];
  let first: number | null = null;
  for (let codePoint = 0; codePoint <= codePointMax + 1; codePoint++) {
    const isIn = codePoint <= codePointMax && pattern.test(String.fromCodePoint(codePoint));
    if (isIn) first ??= codePoint;
    else if (first !== null) {
      ranges.push([first, codePoint - 1]);
      first = null;
    }
  }
  return ranges;
}
