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
const release = "tests/release.full.test.ts builds the release, and runs its programs.";

export const leftOut: readonly LeftOut[] = [
  { page: "README.md", what: "line", begins: "npm ci", why: installed },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm ci", why: installed },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm test", why: "It is what runs these tests." },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm run test:full", why: "It is what runs these tests." },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm run packages", why: "tests/packages.full.test.ts makes them." },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm run docs", why: registry },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm run demo", why: "It is run as the README's." },
  { page: "CONTRIBUTING.md", what: "block", begins: "python3 -m venv", why: registry },
  { page: "packages/receiver/README.md", what: "block", begins: "npm install @weft/receiver", why: registry },
  { page: "packages/sdk/README.md", what: "block", begins: "npm install @weft/sdk", why: registry },
  { page: "CONTRIBUTING.md", what: "line", begins: "npm run release", why: release },
  { page: "docs/operate/install.md", what: "line", begins: "tar xzf weft-0.1.0-linux-x64", why: release },
  { page: "docs/operate/install.md", what: "block", begins: "sudo apt install", why: release },
  {
    page: "docs/operate/install.md",
    what: "block",
    begins: "docker build",
    why: "It needs Docker and a registry of images.",
  },
  { page: "docs/operate/install.md", what: "block", begins: "kubectl create secret", why: "It needs a cluster." },
  { page: "docs/operate/install.md", what: "block", begins: "npm init -y", why: registry },
  {
    page: "docs/operate/backup.md",
    what: "block",
    begins: "pg_dump",
    why: "It needs the programs of PostgreSQL; packages/server/src/cli/backup.full.test.ts runs them.",
  },
  {
    page: "docs/operate/failover.md",
    what: "block",
    begins: "export WEFT_DATABASE_URL",
    why: "It needs three servers; tests/fleet/failover.full.test.ts starts two.",
  },
  {
    page: "docs/operate/retention.md",
    what: "block",
    begins: "gunzip",
    why: "It needs a file of an archive, and jq; packages/server/src/upkeep/expiry.test.ts reads such files.",
  },
  { page: "docs/operate/upgrade.md", what: "line", begins: "sudo apt install", why: release },
  {
    page: "docs/migrate/svix.md",
    what: "block",
    begins: "SVIX_AUTH_TOKEN=… weft import svix --dry-run",
    why: "It needs a Svix server; packages/server/src/cli/import.test.ts has one of its own.",
  },
  {
    page: "CONTRIBUTING.md",
    what: "line",
    begins: "npm run executable",
    why: "tests/executable.full.test.ts builds it.",
  },
  {
    page: "docs/receive/on-a-laptop.md",
    what: "line",
    begins: "weft tail --subscription ID",
    why: "ID is the reader's, and the program jq is not on every machine.",
  },
  {
    page: "docs/sync/github.md",
    what: "block",
    begins: "curl -s http://127.0.0.1:8001/v1/source-connections",
    why: "It needs GitHub and a token; the source's own tests have a GitHub of theirs.",
  },
  {
    page: "docs/sync/slack.md",
    what: "block",
    begins: "curl -s http://127.0.0.1:8001/v1/source-connections",
    why: "It needs Slack and a token; the source's own tests simulate its API.",
  },
  {
    page: "docs/sync/notion.md",
    what: "block",
    begins: "curl -s http://127.0.0.1:8001/v1/source-connections",
    why: "It needs Notion and a token; the source's own tests simulate its API.",
  },
  {
    page: "docs/sync/linear.md",
    what: "block",
    begins: "curl -s http://127.0.0.1:8001/v1/source-connections",
    why: "It needs Linear and a token; the source's own tests simulate its API.",
  },
  {
    page: "docs/sync/zendesk.md",
    what: "block",
    begins: "curl -s http://127.0.0.1:8001/v1/source-connections",
    why: "It needs Zendesk and a token; the source's own tests simulate its API.",
  },
  {
    page: "docs/sync/salesforce.md",
    what: "block",
    begins: "curl -s http://127.0.0.1:8001/v1/source-connections",
    why: "It needs Salesforce and a client; the source's own tests simulate its API.",
  },
  {
    page: "docs/sync/write-your-own.md",
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
