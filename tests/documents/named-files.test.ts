import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const server = "packages/server/src";

// Files that a reader creates are named with a placeholder or as examples, so only names of existing folders are listed here.
const pages = {
  "CONTRIBUTING.md": ["", server],
  "docs/add-a-target.md": ["", server],
  "docs/ARCHITECTURE.md": ["", server],
};

test.each(Object.entries(pages))("the files that %s names exist", (page, folders) => {
  const text = readFileSync(join(root, page), "utf8");
  const named = [...text.matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|tsx|md|sql))`/g)].map(([, name = ""]) => name);
  expect(named.length).toBeGreaterThan(5);
  const missing = named.filter((name) => !folders.some((folder) => existsSync(join(root, folder, name))));
  expect(missing).toEqual([]);
});
