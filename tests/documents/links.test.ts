import { existsSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { anchorsOf, relativeLinks } from "../../site/markdown.ts";
import { home, sections } from "../../site/navigation.ts";
import { readPages } from "../../site/pages.ts";
import { pages, root } from "./blocks.ts";

const documents = [...new Set([...pages(), "CHANGELOG.md"])].map((page) => {
  return { page, text: readFileSync(join(root, page), "utf8") };
});

/** The file that a link opens: for a folder its README. */
function fileOf(path: string): string {
  const isFolder = existsSync(join(root, path)) && statSync(join(root, path)).isDirectory();
  return isFolder && existsSync(join(root, path, "README.md")) ? `${path}/README.md` : path;
}

test.each(documents)("every link of $page leads to a file, and to a heading in it", ({ page, text }) => {
  for (const { path, anchor } of relativeLinks(page, text)) {
    const file = fileOf(path);
    expect(existsSync(join(root, file)), `${page} links to ${path}`).toBe(true);
    if (anchor === "" || !file.endsWith(".md")) continue;
    const anchors = anchorsOf(readFileSync(join(root, file), "utf8"));
    expect([...anchors], `${page} links to ${path}#${anchor}`).toContain(anchor);
  }
});

test("every page of the site is reachable from its menus, and each entry of a menu is a page", () => {
  const all = readPages();
  const texts = new Map(all.map(({ source, text }) => [source, text]));
  const waiting = [home, ...sections.flatMap(({ pages, internals = [] }) => [...pages, ...internals])];
  expect(new Set(waiting).size, "a page is in two menus").toBe(waiting.length);
  expect(waiting.filter((source) => !texts.has(source))).toEqual([]);
  const reached = new Set<string>();
  for (let source = waiting.pop(); source !== undefined; source = waiting.pop()) {
    const text = texts.get(source);
    if (text === undefined || reached.has(source)) continue;
    reached.add(source);
    waiting.push(...relativeLinks(source, text).map(({ path }) => fileOf(path)));
  }
  expect(all.map(({ source }) => source).filter((source) => !reached.has(source))).toEqual([]);
});

test("a link to a missing file, and one to a missing heading, are found", () => {
  const links = relativeLinks(
    "docs/a.md",
    "[b](sub/b.md#one), `[no](code.md)`, [here](#two), [web](https://example.com)",
  );
  expect(links).toEqual([
    { path: "docs/sub/b.md", anchor: "one" },
    { path: "docs/a.md", anchor: "two" },
  ]);
  expect([...anchorsOf("# One `two`, three!\n\n```sh\n# no heading\n```\n## Same\n## Same\n")]).toEqual([
    "one-two-three",
    "same",
    "same-1",
  ]);
});
