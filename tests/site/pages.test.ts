import { expect, test } from "vitest";
import { llmsList } from "../../site/llms.ts";
import { type Page, textOnSite } from "../../site/pages.ts";
import { slug } from "../../site/slug.ts";

function page(source: string, path: string, text: string): Page {
  return { source, path, title: `Title of ${path}`, text };
}

const guide = page("docs/sync/README.md", "sync/index.md", "# Sync\n\nWeft reads folders.\n");
const kit = page("packages/receiver/README.md", "reference/receiver-kit.md", "# Kit\n");
const home = page("docs/README.md", "index.md", "# Weft\n\nWeft delivers events.\n");

function onSite(text: string, repositoryUrl: string | null = null): string {
  const shown = page("docs/receive/verify.md", "receive/verify.md", text);
  return textOnSite(shown, { pages: [shown, guide, kit, home], repositoryUrl });
}

test("links between pages lead to their places on the site", () => {
  expect(onSite("[a](../sync/README.md#how), [b](../sync/), [c](../../packages/receiver/README.md)")).toBe(
    "[a](../sync/index.md#how), [b](../sync/index.md), [c](../reference/receiver-kit.md)",
  );
  expect(onSite("[here](#below) and [web](https://example.com/a)")).toBe(
    "[here](#below) and [web](https://example.com/a)",
  );
});

test("a link whose text is a path shows the title of the page", () => {
  expect(onSite("([docs/sync/README.md](../sync/README.md))")).toBe("([Title of sync/index.md](../sync/index.md))");
});

test("a link to another file of the repository is text, unless the address of the repository is known", () => {
  const text = "See [`limits.ts`](../../packages/server/src/domain/limits.ts).";
  expect(onSite(text)).toBe("See `limits.ts`.");
  expect(onSite(text, "https://git.example.com/weft")).toBe(
    "See [`limits.ts`](https://git.example.com/weft/blob/main/packages/server/src/domain/limits.ts).",
  );
});

test("code is unchanged", () => {
  const text = "`[a](../sync/README.md)`\n\n```ts\nconst a = [b](../none.md);\n```\n";
  expect(onSite(text)).toBe(text);
});

test("the anchor of a heading is the one that GitHub gives it", () => {
  expect(slug("One node, one `PUT`: what it can't do")).toBe("one-node-one-put-what-it-cant-do");
});

test("the list for language models links to the Markdown of each page, with its first paragraph", () => {
  const list = llmsList([home, guide], [{ title: "Sync", pages: ["docs/sync/README.md"] }]);
  expect(list).toBe(
    "# Title of index.md\n\n> Weft delivers events.\n\n## Sync\n\n- [Title of sync/index.md](sync/index.md): Weft reads folders.\n",
  );
});
