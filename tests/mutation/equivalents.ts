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
    why: "digits come in threes, so that there are never exactly 22",
  },
  {
    file: "id.ts",
    code: "counter === 0",
    becomes: "true",
    why: "the same digits are made again within a millisecond, which only takes longer",
  },
  {
    file: "node-http.ts",
    code: "[]",
    becomes: '["Stryker was here"]',
    why: "the answer has been given; emptying the list only frees its memory",
  },
  {
    file: "webhook-headers.ts",
    code: "[]",
    becomes: '["Stryker was here"]',
    why: "the letters of a text are not headers that are looked up",
  },
];
