import { createHash } from "node:crypto";

/** Picks one of the names with a probability in proportion to its weight: always the same one for a seed and an index. */
export function pickByWeight<Name extends string>(
  weights: Readonly<Record<Name, number>>,
  { seed, index }: { readonly seed: number; readonly index: number },
): Name {
  const entries = Object.entries(weights) as [Name, number][];
  const total = entries.reduce((sum, [, weight]) => sum + weight, 0);
  let left = (createHash("sha256").update(`weight:${seed}:${index}`).digest().readUInt32BE() / 2 ** 32) * total;
  for (const [name, weight] of entries) {
    if (left < weight) return name;
    left -= weight;
  }
  throw new RangeError("At least one weight must be greater than zero.");
}
