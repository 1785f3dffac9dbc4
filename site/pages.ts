import { readdirSync, readFileSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { type RelativeLink, resolveLink, titleOf } from "./markdown.ts";

export const root = resolve(import.meta.dirname, "..");

/** The built site, for any host of static files. */
export const siteFolder = resolve(root, "reports/docs");

/** The same files, each compressed, which Weft serves. */
export const servedFolder = resolve(root, "packages/server/dist/docs");

/** A page of the site. */
export interface Page {
  /** Its file in the repository, such as `docs/sync/README.md`. */
  readonly source: string;
  /** Its Markdown file on the site, such as `sync/index.md`. */
  readonly path: string;
  readonly title: string;
  readonly text: string;
}

/** Pages of the site that are not in `docs/`. */
const elsewhere: Readonly<Record<string, string>> = {
  "packages/receiver/README.md": "reference/receiver-kit.md",
  "packages/sdk/README.md": "reference/sdk.md",
  "bench/README.md": "internals/benchmarks.md",
  "CHANGELOG.md": "reference/changelog.md",
};

export function readPages(): Page[] {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .sort()
    .map((name) => join("docs", name));
  return [...inDocs, ...Object.keys(elsewhere)].map((source) => {
    const text = readFileSync(join(root, source), "utf8");
    return { source, path: pathOnSite(source), title: titleOf(text), text };
  });
}

export function pageAt(pages: readonly Page[], source: string): Page {
  const page = pages.find((page) => page.source === source);
  if (page === undefined) throw new Error(`The page ${source} does not exist.`);
  return page;
}

function pathOnSite(source: string): string {
  const given = elsewhere[source];
  if (given !== undefined) return given;
  return posix.relative("docs", source).replace(/(^|\/)README\.md$/, "$1index.md");
}

/**
 * The target of a link, for the site: a relative link to another page. A link to another file of the repository becomes a link to
 * the repository if its URL is known, and otherwise null: the site then shows the text without a link.
 */
export function linkOnSite(
  page: Page,
  href: string,
  { pages, repositoryUrl }: { readonly pages: readonly Page[]; readonly repositoryUrl: string | null },
): string | null {
  const link = resolveLink(page.source, href);
  if (link === null) return href;
  const target = pageOf(link, pages);
  const anchor = link.anchor === "" ? "" : `#${link.anchor}`;
  if (target === page) return anchor === "" ? `./${posix.basename(page.path)}` : anchor;
  if (target !== undefined) {
    const relative = posix.relative(posix.dirname(page.path), target.path);
    return `${relative.startsWith(".") ? relative : `./${relative}`}${anchor}`;
  }
  return repositoryUrl === null ? null : `${repositoryUrl}/blob/main/${link.path}${anchor}`;
}

/** The text of a page with links for the site. A link whose text is a path gets the title of its page. Code is unchanged. */
export function textOnSite(
  page: Page,
  options: { readonly pages: readonly Page[]; readonly repositoryUrl: string | null },
): string {
  const codeOrLink = /^```[^\n]*\n[\s\S]*?^```$|`[^`\n]+`|\[((?:[^[\]`]|`[^`\n]*`)*)\]\(([^)\s]+)\)/gm;
  return page.text.replaceAll(codeOrLink, (found, label?: string, href?: string) => {
    if (label === undefined || href === undefined) return found;
    const target = linkOnSite(page, href, options);
    if (target === null) return label;
    return `[${/^[\w./-]+\.md$/.test(label) ? titleAt(page, href, options.pages) : label}](${target})`;
  });
}

function titleAt(page: Page, href: string, pages: readonly Page[]): string {
  const link = resolveLink(page.source, href);
  return (link === null ? undefined : pageOf(link, pages))?.title ?? href;
}

function pageOf({ path }: RelativeLink, pages: readonly Page[]): Page | undefined {
  return pages.find(({ source }) => source === path || source === `${path}/README.md`);
}
