import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");
const declared = /^export (?:declare )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm;

/** Names that describe nothing. */
const vague = [
  ...[
    "Answer",
    "Answers",
    "Asked",
    "Beside",
    "Found",
    "Held",
    "Known",
    "News",
    "Place",
    "Seen",
    "Step",
    "Taken",
    "Told",
  ],
  ...["Wanted", "Wants", "Wish", "Wishes"],
];

/** Names that two files still share. The list may only get shorter. */
const sharedStill = ["PublishingApplication", "Route"];

function sourcesIn(...patterns: readonly string[]): string[] {
  return globSync(patterns as string[], { cwd: root, exclude: (path) => path.includes("node_modules") }).sort();
}

function textOf(file: string): string {
  return readFileSync(join(root, file), "utf8");
}

/** The names that more than one of these files exports, each with its files. */
function sharedNames(files: readonly string[]): Map<string, string[]> {
  const filesByName = new Map<string, string[]>();
  for (const file of files) {
    for (const [, name = ""] of textOf(file).matchAll(declared)) {
      filesByName.set(name, [...(filesByName.get(name) ?? []), file]);
    }
  }
  return new Map([...filesByName].filter(([, declaring]) => declaring.length > 1));
}

function vagueNames(files: readonly string[]): string[] {
  const pattern = new RegExp(`^(?:export )?(?:interface|type|class|enum) (?:${vague.join("|")})\\b`, "gm");
  return files.flatMap((file) => [...textOf(file).matchAll(pattern)].map(([text]) => `${file}: ${text}`));
}

test("no two types that the server exports share a name", () => {
  const files = sourcesIn("packages/server/src/**/*.ts").filter((file) => !file.includes("/src/console/"));
  expect(files.length).toBeGreaterThan(500);
  const shared = sharedNames(files);
  expect([...shared].filter(([name]) => !sharedStill.includes(name))).toEqual([]);
});

test("no two types that the console exports share a name", () => {
  expect([...sharedNames(sourcesIn("packages/server/src/console/**/*.{ts,tsx}"))]).toEqual([]);
});

test("types are named by a noun of the domain", () => {
  const files = sourcesIn("packages/*/src/**/*.{ts,tsx}", "tests/**/*.ts", "bench/**/*.ts", "examples/**/*.ts");
  expect(vagueNames(files)).toEqual([]);
});
