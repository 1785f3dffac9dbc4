import { createHash } from "node:crypto";

const words =
  "amber anchor archive balance beacon bridge canvas carrier circuit copper delta ember falcon garden harbor island jasmine kernel lantern marble meadow orbit pepper quarry ribbon saddle timber umbra velvet willow".split(
    " ",
  );

/** Sentences from a seed: equal seeds and indexes give equal texts, different ones give different texts. */
export function madeUpText(seed: number, index: number): { title: string; text: string } {
  const bytes = createHash("sha512").update(`${seed}:${index}`).digest();
  const picked = Array.from(bytes.subarray(0, 48), (byte) => words[byte % words.length] ?? "");
  const sentences = [0, 1, 2, 3].map((at) => sentenceOf(picked.slice(at * 12, at * 12 + 12)));
  return { title: `${capitalised(picked[0] ?? "")} ${picked[1] ?? ""} ${index}`, text: sentences.join(" ") };
}

function sentenceOf(words: readonly string[]): string {
  return `${capitalised(words.join(" "))}.`;
}

function capitalised(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}
