import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { transformerStyleToClass } from "@shikijs/transformers";
import { type Section, sections } from "../navigation.ts";
import { pageAt, readPages, root, siteFolder } from "../pages.ts";
import {
  adaptTokens,
  type ExtractedFile,
  extractedFile,
  withoutInlineScripts,
  withoutInlineStyles,
} from "../policy.ts";
import { slug } from "../slug.ts";

const base = "/docs/";
const repositoryUrl = process.env.WEFT_DOCS_REPOSITORY ?? null;
const pages = readPages();
const codeStyles = transformerStyleToClass({ classPrefix: "code-" });
const extracted = new Map<string, ExtractedFile>();

function keep(file: ExtractedFile): string {
  extracted.set(file.name, file);
  return `${base}${file.name}`;
}

/** The rules in an order of their own: the classes come in the order that pages happened to be rendered in. */
function sortedRules(css: string): string {
  return css
    .split(/(?<=\})/)
    .sort()
    .join("");
}

const inMenus = new Set(sections.flatMap(({ pages: named, internals = [] }) => [...named, ...internals]));

interface MenuEntry {
  readonly text: string;
  readonly link: string;
  readonly collapsed?: boolean;
  readonly items?: readonly MenuEntry[];
}

/** The entry of a page. The list of a folder has the other pages of the folder below it, unless they are entries themselves. */
function menuEntry(source: string): MenuEntry {
  const { title, path } = pageAt(pages, source);
  const entry = { text: title, link: `/${path.replace(/(index)?\.md$/, "")}` };
  const below = source.endsWith("/README.md")
    ? pages.filter((page) => dirname(page.source) === dirname(source) && !inMenus.has(page.source))
    : [];
  const items = below.map((page) => menuEntry(page.source));
  return items.length === 0 ? entry : { ...entry, collapsed: true, items };
}

/** The menu of a section, for each folder that its pages are in. One menu of all pages would be most of each page. */
function menusOf({ title, pages: named, internals = [] }: Section) {
  const menu = [
    { text: title, items: named.map(menuEntry) },
    ...(internals.length === 0 ? [] : [{ text: "Internals", items: internals.map(menuEntry) }]),
  ];
  const paths = [...named, ...internals].map((source) => `/${pageAt(pages, source).path}`);
  return paths.map((path) => [
    path.replace(/[^/]+$/, "") === "/" ? path.replace(/\.md$/, "") : path.replace(/[^/]+$/, ""),
    menu,
  ]);
}

export default {
  title: "Weft",
  description: "Weft is a self-hosted webhook system: it stores, signs, delivers, retries and recovers events.",
  lang: "en",
  base,
  srcDir: `${root}/.cache/docs-pages`,
  outDir: siteFolder,
  cacheDir: `${root}/.cache/vitepress`,
  metaChunk: true,
  // Two builds have to be the same: the search index is in the order that pages are ready in.
  buildConcurrency: 1,
  // It would write a style into the page, which the policy refuses.
  appearance: { disableTransition: false },
  head: [["link", { rel: "icon", href: `${base}mark.svg` }]],
  markdown: {
    theme: { light: "github-light-high-contrast", dark: "github-dark-high-contrast" },
    anchor: { slugify: slug },
    codeTransformers: [codeStyles],
    config: adaptTokens,
  },
  vite: {
    publicDir: new URL("../public", import.meta.url).pathname,
    build: { assetsInlineLimit: 0, chunkSizeWarningLimit: 2_000 },
  },
  // The styles of all code are known when the first page is rendered.
  transformHead: () => [
    ["link", { rel: "stylesheet", href: keep(extractedFile("code", "css", sortedRules(codeStyles.getCSS()))) }],
  ],
  transformHtml: (html: string) => {
    const { html: changed, script } = withoutInlineScripts(html, base);
    keep(script);
    return withoutInlineStyles(changed);
  },
  buildEnd: () => {
    for (const { name, content } of extracted.values()) {
      mkdirSync(dirname(join(siteFolder, name)), { recursive: true });
      writeFileSync(join(siteFolder, name), content);
    }
  },
  themeConfig: {
    logo: "/mark.svg",
    nav: sections.map(({ title, pages: [first = ""] }) => ({ text: title, link: menuEntry(first).link })),
    sidebar: Object.fromEntries(sections.flatMap(menusOf)),
    outline: { level: [2, 3] },
    search: { provider: "local" },
    ...(repositoryUrl !== null && {
      editLink: {
        pattern: ({ filePath }: { filePath: string }) => {
          const source = pages.find(({ path }) => path === filePath)?.source ?? "docs";
          return `${repositoryUrl}/edit/main/${source}`;
        },
        text: "Edit this page",
      },
    }),
  },
};
