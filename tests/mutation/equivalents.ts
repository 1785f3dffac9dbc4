/** A change of the code without any visible effect, and the reason. Code is written on one line, with single spaces. */
export interface Equivalent {
  /** Its path below the mutated folder. */
  readonly file: string;
  readonly code: string;
  readonly becomes: string;
  readonly why: string;
}

export const equivalents: readonly Equivalent[] = [
  {
    file: "id.ts",
    code: "digits.length < base62Length",
    becomes: "digits.length <= base62Length",
    why: "digits are added three at a time, so there are never exactly 22",
  },
  {
    file: "id.ts",
    code: "counter === 0",
    becomes: "true",
    why: "the code generates the same digits again within a millisecond, which only takes longer",
  },
  {
    file: "node-http.ts",
    code: "[]",
    becomes: '["Stryker was here"]',
    why: "the response has been sent; emptying the list only frees its memory",
  },
  {
    file: "webhook-headers.ts",
    code: "[]",
    becomes: '["Stryker was here"]',
    why: "the characters of a string are not names of headers that the code looks up",
  },
];
