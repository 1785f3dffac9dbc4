import fc from "fast-check";
import { expect, test } from "vitest";
import { BlockWalk, type WalkBounds } from "./block-walk.ts";

const bounds: WalkBounds = { wanted: 100, perStepMax: 1_000, examinedMax: 100_000_000 };

/** The smallest blocks in a named block, newest first. */
function blocksOf(name: string): number[] {
  const [level = 0, number = 0] = name.split("/").map(Number);
  return Array.from({ length: 2 ** level }, (_, at) => (number + 1) * 2 ** level - 1 - at);
}

/** The smallest blocks that a walk takes, and the largest number of names of a step. `density` returns the chunks and matches of a block. */
function walked(newestId: number, density: (block: number) => [examined: number, matches: number], given = bounds) {
  const walk = new BlockWalk(newestId, given);
  const taken: number[] = [];
  let namesMax = 0;
  let steps = 0;
  let examinedAtOnceMax = 0;
  for (; !walk.isOver; steps++) {
    const names = walk.blocks();
    namesMax = Math.max(namesMax, names.length);
    const blocks = names.flatMap(blocksOf);
    const [examined, matches] = blocks
      .map(density)
      .reduce(([all, some], [one, other]) => [all + one, some + other], [0, 0]);
    if (!walk.take(examined, Math.min(matches, walk.missing))) continue;
    examinedAtOnceMax = Math.max(examinedAtOnceMax, examined);
    taken.push(...blocks);
  }
  return { taken, namesMax, steps, examinedAtOnceMax };
}

test("a walk takes every block once, newest first, and names at most 16 at a time", () => {
  const anyId = fc.integer({ min: 0, max: 30_000_000 });
  fc.assert(
    fc.property(anyId, fc.integer({ min: 1, max: 900 }), (newestId, examined) => {
      const { taken, namesMax } = walked(newestId, (block) => [block % 7 === 0 ? examined : 0, 0]);
      const newest = Math.floor(newestId / 8_192);
      expect(taken).toEqual(Array.from({ length: newest + 1 }, (_, at) => newest - at));
      expect(namesMax).toBeLessThanOrEqual(16);
    }),
  );
});

test("a walk ends with enough matches, and reads little more than it needs", () => {
  const { taken } = walked(1_000_000_000, () => [300, 10]);
  expect(taken.length).toBe(10);
});

test("a step with too many chunks is repeated with fewer blocks", () => {
  // Nothing in the newest 1,000 blocks, and many chunks in all older ones.
  const newest = 4_000;
  const { taken, examinedAtOnceMax } = walked(newest * 8_192, (block) => (block > newest - 1_000 ? [0, 0] : [400, 1]));
  expect(taken.length).toBeLessThan(1_200);
  expect(examinedAtOnceMax).toBeLessThanOrEqual(bounds.perStepMax);
});

test("a table of a hundred million chunks without a match takes few steps", () => {
  expect(walked(100_000_000, () => [0, 0]).steps).toBeLessThan(30);
});

test("a walk ends after the most chunks that it may examine", () => {
  const { taken } = walked(100_000_000, () => [500, 0], { ...bounds, examinedMax: 5_000 });
  expect(taken.length).toBe(10);
});
