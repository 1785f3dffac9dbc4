import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { expect, test } from "vitest";
import { testSandbox } from "../../fixtures/test-sandbox.ts";
import { FileMatching } from "./file-matching.ts";
import { findFiles } from "./find-files.ts";
import { matchPaths } from "./match-paths.ts";
import { OpenedFolder } from "./opened-folder.ts";

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
])("paths are selected by %j like files of a folder", async (globs) => {
  const folder = mkdtempSync(join(tmpdir(), "weft-match-"));
  for (const path of paths) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), "x");
  }
  const matching = new FileMatching(globs, { sandbox: testSandbox, owner: "test" });
  await using opened = await OpenedFolder.open(folder, [folder]);
  const { ids } = await findFiles({ list: (path) => opened.list(path), matching, signal });
  rmSync(folder, { recursive: true });
  expect(await matchPaths(paths.toSorted(), { matching, signal })).toEqual(ids);
});

test("no path is selected from an empty list, and a hundred thousand paths are selected from as many", async () => {
  const globs = { include: ["**/*"], exclude: [] };
  const everything = { matching: new FileMatching(globs, { sandbox: testSandbox, owner: "test" }), signal };
  expect(await matchPaths([], everything)).toEqual([]);
  const many = Array.from({ length: 100_000 }, (_, number) => `folder ${number % 300}/${number}.md`);
  expect(await matchPaths(many, everything)).toHaveLength(100_000);
});
