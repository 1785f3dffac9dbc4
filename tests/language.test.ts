import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** Constructions that make a reader stop. CONTRIBUTING.md says how to write instead. */
const avoided: readonly RegExp[] = [
  /\b(?:nobody|somebody|anybody|whoever)\b/i,
  /\bthat which\b|\bhe who\b|\bwhere there is none\b/i,
  /\b(?:he|him|himself|his)\b/i,
  /(?:^|[.:] )(?:Of |The same(?:[,;:]| (?:as|for|of|on|with)\b))/,
  /(?:^|[.:] )As \S+(?: \S+)? does\b/,
];

/** Folders whose texts are still to be rewritten. The numbers of their comments and test names may only go down. */
const remaining: Readonly<Record<string, number>> = {
  "packages/server/src/cli/": 29,
  "packages/server/src/console/": 22,
  "packages/server/src/store/": 44,
};

interface Text {
  readonly file: string;
  readonly text: string;
}

/** A comment over several lines is one text. Directives for tools are not prose. */
const block = /\/\*\*?([\s\S]*?)\*\//g;
const lines = /(?:^[ \t]*\/\/(?! (?:biome-ignore|@ts-)).*\n)+/gm;
const testName = /^\s*(?:test|describe|it)(?:\.\w+)*(?:\((?:[^()]|\([^()]*\))*\))?\(\s*("(?:[^"\\\n]|\\.)*"|`[^`]*`)/gm;

function textsOf(file: string): Text[] {
  const source = readFileSync(join(root, file), "utf8");
  const comments = [...source.matchAll(block), ...source.matchAll(lines)].map(([text]) =>
    text
      .split("\n")
      .map((line) => line.replace(/^\s*(?:\/\*\*?|\*\/|\*|\/\/)\s?|\s*\*\/$/g, ""))
      .join(" ")
      .trim(),
  );
  const names = [...source.matchAll(testName)].map(([, name = ""]) => name.slice(1, -1));
  // A name in backquotes is code, such as the value of a field.
  return [...comments, ...names].map((text) => ({ file, text: text.replaceAll(/`[^`]*`/g, "CODE") }));
}

function* described(value: unknown, path: string): Generator<Text> {
  if (value === null || typeof value !== "object") return;
  for (const [key, member] of Object.entries(value)) {
    const isText = key === "summary" || key === "description";
    if (isText && typeof member === "string") yield { file: path, text: member.replaceAll(/`[^`]*`/g, "CODE") };
    else yield* described(member, `${path}/${key}`);
  }
}

function avoidedIn(texts: readonly Text[]): string[] {
  return texts
    .filter(({ text }) => avoided.some((construction) => construction.test(text)))
    .map(({ file, text }) => `${file}: ${text}`);
}

const files = globSync(["packages/*/src/**/*.{ts,tsx}", "tests/**/*.ts", "bench/**/*.ts"], {
  cwd: root,
  exclude: (path) => path.includes("node_modules") || path.endsWith("generated.ts"),
}).sort();
const folders = Object.keys(remaining);

test("the constructions are recognised", () => {
  const bad = [
    "Nobody knows it.",
    "It ends. Of the rest, one stays.",
    "The same, but quicker.",
    "He may ask.",
    "As fetch does.",
  ];
  expect(avoidedIn(bad.map((text) => ({ file: "", text })))).toHaveLength(bad.length);
  expect(avoidedIn([{ file: "", text: "Returns the node that has the lease. Most of them do." }])).toEqual([]);
});

test("comments and names of tests are plain English", () => {
  const texts = files.filter((file) => !folders.some((folder) => file.startsWith(folder))).flatMap(textsOf);
  expect(texts.length).toBeGreaterThan(4_000);
  expect(avoidedIn(texts)).toEqual([]);
});

test("folders that are still to be rewritten do not get worse", () => {
  const counts = folders.map((folder) => {
    const texts = files.filter((file) => file.startsWith(folder)).flatMap(textsOf);
    return [folder, avoidedIn(texts).length] as const;
  });
  expect(counts.filter(([folder, count]) => count > (remaining[folder] ?? 0))).toEqual([]);
});

test("descriptions of the API are plain English", () => {
  const texts = [...described(JSON.parse(readFileSync(join(root, "openapi.json"), "utf8")), "openapi.json")];
  expect(texts.length).toBeGreaterThan(300);
  expect(avoidedIn(texts)).toEqual([]);
});
