import type { Block } from "./blocks.ts";

/** The parts of the documents that no test runs, with the reason. */
export interface LeftOut {
  readonly page: string;
  /** The whole block that begins with this, or that one line of a block. */
  readonly what: "block" | "line";
  readonly begins: string;
  readonly why: string;
}

const installed = "It has been run: what is here was installed by it.";
const registry = "It fetches from a registry, and tests need no network.";

export const leftOut: readonly LeftOut[] = [
  { page: "README.md", what: "line", begins: "npm ci", why: installed },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm ci", why: installed },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm test", why: "It is what runs these tests." },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm run test:full", why: "It is what runs these tests." },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm run packages", why: "tests/packages.full.test.ts makes them." },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm run demo", why: "It is run as the README's." },
  { page: "CONTRIBUTING.md", what: "block", begins: "python3 -m venv", why: registry },
  { page: "packages/receiver/README.md", what: "block", begins: "npm install @weft/receiver", why: registry },
  { page: "packages/sdk/README.md", what: "block", begins: "npm install @weft/sdk", why: registry },
  { page: "docs/install.md", what: "block", begins: "npm ci && npm run packages", why: registry },
  { page: "docs/upgrade.md", what: "line", begins: "npm install --omit=dev", why: registry },
  {
    page: "docs/on-a-laptop.md",
    what: "line",
    begins: "npx weft tail --subscription ID",
    why: "ID is the reader's, and the program jq is not on every machine.",
  },
  {
    page: "docs/sources/github.md",
    what: "block",
    begins: "curl -s http://127.0.0.1:8001/v1/source-connections",
    why: "It needs GitHub and a token; the source's own tests have a GitHub of theirs.",
  },
  {
    page: "docs/sources/write-your-own.md",
    what: "block",
    begins: 'import { readFile } from "node:fs/promises";',
    why: "packages/server/src/sync/write-your-own.test.ts runs it as the source that it is.",
  },
];

/** The position of an entry in its page. */
export function find({ page, what, begins }: LeftOut, blocks: readonly Block[]): Block | undefined {
  return blocks.find(
    (block) =>
      block.page === page &&
      (what === "block"
        ? block.text.startsWith(begins)
        : block.text.split("\n").some((line) => line.startsWith(begins))),
  );
}

/** A block without its skipped parts; null when nothing is left. */
export function toRun(block: Block): Block | null {
  const entries = leftOut.filter(({ page }) => page === block.page);
  if (entries.some(({ what, begins }) => what === "block" && block.text.startsWith(begins))) return null;
  const lines = block.text
    .split("\n")
    .filter((line) => !entries.some(({ what, begins }) => what === "line" && line.startsWith(begins)));
  return lines.join("").trim() === "" ? null : { ...block, text: lines.join("\n") };
}
