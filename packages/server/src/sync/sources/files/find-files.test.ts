import nodeFs, { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { findFiles, type Readdir } from "./find-files.ts";

let folder: string;
const { signal } = new AbortController();

beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), "weft-find-")), "odd [name] {a,b}");
  mkdirSync(join(folder, "inner", "deep"), { recursive: true });
  for (const name of ["b.md", "a.md", "c.txt", ".hidden.md"]) writeFileSync(join(folder, name), "x");
  writeFileSync(join(folder, "inner", "deep", "d (1) [x].md"), "x");
});

afterEach(() => rmSync(join(folder, ".."), { recursive: true }));

test("files are found in order, at any depth and under any name, with forward slashes", async () => {
  const { ids, problems } = await findFiles({ folder, include: ["**/*.md"], exclude: [], signal });
  expect(ids).toEqual([".hidden.md", "a.md", "b.md", "inner/deep/d (1) [x].md"]);
  expect(problems).toEqual([]);
});

test("what is excluded is left out, folders with all that is in them", async () => {
  const found = await findFiles({ folder, include: ["**/*"], exclude: ["inner/**", "**/.*"], signal });
  expect(found.ids).toEqual(["a.md", "b.md", "c.txt"]);
});

test("a folder that cannot be listed is a problem behind which others may be, and the rest is found", async () => {
  const found = await findFiles({ folder, include: ["**/*.md"], exclude: [], signal, readdir: refusing("deep") });
  expect(found.ids).toEqual([".hidden.md", "a.md", "b.md"]);
  expect(found.problems).toEqual([
    { kind: "problem", id: "inner/deep/", reason: "The folder cannot be read.", keeps: "everything" },
  ]);
});

test("a folder that cannot be listed itself ends the job", async () => {
  const search = findFiles({ folder, include: ["**/*"], exclude: [], signal, readdir: refusing("odd [name] {a,b}") });
  await expect(search).rejects.toThrow("cannot be read");
});

/** Permissions do not hold for root, so a folder is made unreadable here. */
function refusing(name: string): Readdir {
  return (path, options, done) => {
    const isRefused = path.replace(/[/\\]$/, "").endsWith(name);
    if (isRefused) setImmediate(() => done(Object.assign(new Error("no"), { code: "EACCES" }), []));
    else nodeFs.readdir(path, options, done);
  };
}
