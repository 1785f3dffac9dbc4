import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { testSandbox } from "../../fixtures/test-sandbox.ts";
import { FileMatching } from "./file-matching.ts";
import { findFiles } from "./find-files.ts";
import { OpenedFolder } from "./opened-folder.ts";

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
  const { ids, problems } = await find(["**/*.md"]);
  expect(ids).toEqual([".hidden.md", "a.md", "b.md", "inner/deep/d (1) [x].md"]);
  expect(problems).toEqual([]);
});

test("excluded paths are left out, folders with everything in them", async () => {
  const found = await find(["**/*"], ["inner/**", "**/.*"]);
  expect(found.ids).toEqual(["a.md", "b.md", "c.txt"]);
});

test("a folder that cannot be listed is a problem that may hide others, and the rest is found", async () => {
  const found = await find(["**/*.md"], [], "inner/deep");
  expect(found.ids).toEqual([".hidden.md", "a.md", "b.md"]);
  expect(found.problems).toEqual([
    { kind: "problem", id: "inner/deep/", reason: "The folder cannot be read.", keeps: "everything" },
  ]);
});

test("a root folder that cannot be listed ends the job", async () => {
  const search = find(["**/*"], [], "");
  await expect(search).rejects.toThrow("cannot be read");
});

async function find(include: string[], exclude: string[] = [], refused?: string) {
  await using opened = await OpenedFolder.open(folder, [folder]);
  const matching = new FileMatching({ include, exclude }, { sandbox: testSandbox, owner: "test" });
  // Permissions do not apply to root, so that a folder is made unreadable here.
  const list = async (path: string) => {
    if (path === refused) throw Object.assign(new Error("no"), { code: "EACCES" });
    return await opened.list(path);
  };
  return await findFiles({ list, matching, signal });
}
