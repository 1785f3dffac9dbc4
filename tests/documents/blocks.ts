import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";

export const root = resolve(import.meta.dirname, "../..");

/** A block of code in a document. */
export interface Block {
  readonly page: string;
  /** The line of the page with its fence. */
  readonly line: number;
  readonly language: string;
  readonly text: string;
}

export function locationOf({ page, line }: Block): string {
  return `${page}:${line}`;
}

/** Every page, by its path in the repository. */
export function pages(): string[] {
  const inDocs = readdirSync(join(root, "docs"), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".md"))
    .map((name) => join("docs", name))
    .sort();
  const packages = ["receiver", "sdk", "server"].map((name) => join("packages", name, "README.md"));
  return ["README.md", "CONTRIBUTING.md", "bench/README.md", ...packages, ...inDocs];
}

export const blocks: readonly Block[] = pages().flatMap((page) => {
  const text = readFileSync(join(root, page), "utf8");
  return [...text.matchAll(/^```([^\n]*)\n([\s\S]*?)^```$/gm)].map((found) => ({
    page,
    line: text.slice(0, found.index).split("\n").length,
    language: found[1] ?? "",
    text: found[2] ?? "",
  }));
});

export function blocksIn(language: string): Block[] {
  return blocks.filter((block) => block.language === language);
}
