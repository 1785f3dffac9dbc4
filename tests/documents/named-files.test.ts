import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");
const files = globSync(["*.md", "{packages,tests,bench,docs,examples,release,site}/**/*.{ts,tsx,md,sql}"], {
  cwd: root,
  exclude: (path) => path.includes("node_modules"),
});

// These pages name files by their paths or by the ends of them.
test.each(["CONTRIBUTING.md", "docs/internals/add-a-target.md", "docs/ARCHITECTURE.md"])(
  "the files that %s names exist",
  (page) => {
    const text = readFileSync(join(root, page), "utf8");
    const named = [...text.matchAll(/`([\w./-]+\/[\w.-]+\.(?:ts|tsx|md|sql))`/g)].map(([, name = ""]) => name);
    expect(named.length).toBeGreaterThan(5);
    expect(named.filter((name) => !files.some((file) => `/${file}`.endsWith(`/${name}`)))).toEqual([]);
  },
);
