import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { findFiles } from "./find-files.ts";
import { matchPaths } from "./match-paths.ts";

const { signal } = new AbortController();

const paths = [
  "a.md",
  "b.txt",
  ".hidden.md",
  "inner/deep/d (1) [x].md",
  "inner/deep/e.md",
  "inner/node_modules/f.md",
  "node_modules/g.md",
  'odd\n"name"\\.md',
  "src/x.ts",
  "src/.github/y.yml",
];

test.each([
  { include: ["**/*"], exclude: [] },
  { include: ["**/*.md"], exclude: ["**/node_modules/**"] },
  { include: ["*.md", "src/**"], exclude: ["**/.*"] },
  { include: ["**/*.{md,ts}"], exclude: ["inner/**"] },
  { include: ["inner/deep/*[x]*"], exclude: [] },
  { include: ["nowhere/**"], exclude: [] },
])("paths are chosen by %j as files of a folder are", async (globs) => {
  const folder = mkdtempSync(join(tmpdir(), "weft-match-"));
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "x");
  }
  const { ids } = await findFiles({ folder, ...globs, signal });
  rmSync(folder, { recursive: true });
  expect(await matchPaths(paths, { ...globs, signal })).toEqual(ids);
});

test("nothing is chosen of nothing, and a hundred thousand paths are chosen of as many", async () => {
  const everything = { include: ["**/*"], exclude: [], signal };
  expect(await matchPaths([], everything)).toEqual([]);
  const many = Array.from({ length: 100_000 }, (_, number) => `folder ${number % 300}/${number}.md`);
  expect(await matchPaths(many, everything)).toHaveLength(100_000);
});
