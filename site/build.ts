// `npm run docs`: builds docs/ into a site for the path /docs/. reports/docs has its files for any host of static files, and
// packages/server/dist/docs the same files compressed, which Weft serves. WEFT_DOCS_REPOSITORY, such as https://git.example.com/weft, adds
// links to the repository, and to edit a page.

import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative } from "node:path";
import { gzipSync } from "node:zlib";
import { llmsFull, llmsList } from "./llms.ts";
import { sections } from "./navigation.ts";
import { readPages, root, servedFolder, siteFolder, textOnSite } from "./pages.ts";

const source = join(root, ".cache/docs-pages");
const vitepress = join(import.meta.dirname, "node_modules/vitepress/bin/vitepress.js");

const repositoryUrl = process.env.WEFT_DOCS_REPOSITORY ?? null;
const pages = readPages();
const options = { pages, repositoryUrl };
const texts = pages.map((page) => ({ page, text: textOnSite(page, options) }));

rmSync(source, { recursive: true, force: true });
for (const { page, text } of texts) write(join(source, page.path), text);
execFileSync(process.execPath, [vitepress, "build", import.meta.dirname], { stdio: "inherit" });
for (const { page, text } of texts) write(join(siteFolder, page.path), text);
write(join(siteFolder, "llms.txt"), llmsList(pages, sections));
write(
  join(siteFolder, "llms-full.txt"),
  llmsFull(pages, sections, (page) => textOnSite(page, options)),
);
compress();

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

/** Weft stores and sends the files compressed, which is a fifth of their size. */
function compress(): void {
  rmSync(servedFolder, { recursive: true, force: true });
  const entries = readdirSync(siteFolder, { recursive: true, withFileTypes: true });
  for (const { parentPath, name } of entries.filter((entry) => entry.isFile())) {
    const file = join(parentPath, name);
    const target = join(servedFolder, `${relative(siteFolder, file)}.gz`);
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, gzipSync(readFileSync(file), { level: 9 }));
  }
}
