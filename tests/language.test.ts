import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";

const root = resolve(import.meta.dirname, "..");

/** Constructions that make a reader stop. CONTRIBUTING.md shows better ones. */
const avoided: readonly RegExp[] = [
  /\b(?:nobody|somebody|anybody|whoever)\b/i,
  /\bthat which\b|\bhe who\b|\bwhere there is none\b/i,
  /\b(?:he|him|himself|his)\b/i,
  /(?:^|[.:] )(?:Of |The same(?:[,;:]| (?:as|for|of|on|with)\b))/,
  /(?:^|[.:] )As \S+(?: \S+)? does\b/,
  /(?:^|[.:] )What(?:ever)? /,
  /\bwhat (?:am|are|be|became|becomes|came|comes|does|goes|had|has|is|it|that|they|this|was|went|were)\b/i,
  /\b(?:am|are|be|been|being|is|was|were) told\b/i,
  /\btells? (?:how|of|what|when|where|whether|which|who|why)\b/i,
  /\b(?:anew|beside|heard of|stand|stands|stood|whatever)\b/i,
  /\bas far as\b|\bfor ever\b|\bfor good\b|\bnothing but\b|\b(?:go|goes|going|went) on\b/i,
  /(?:^|[.:] )Answers\b/,
];

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

test("the constructions are recognized", () => {
  const bad = [
    "Nobody knows it.",
    "It ends. Of the rest, one stays.",
    "The same, but quicker.",
    "He may ask.",
    "As fetch does.",
    "What it gets is kept.",
    "Records what came of it.",
    "The caller is told.",
    "Tells whether it failed.",
    "It stands beside the others.",
    "It failed for good.",
    "Answers the id.",
  ];
  expect(avoidedIn(bad.map((text) => ({ file: "", text })))).toHaveLength(bad.length);
  expect(avoidedIn([{ file: "", text: "Returns the node that has the lease. Most of them do." }])).toEqual([]);
});

test("comments and names of tests are plain English", () => {
  const texts = files.flatMap(textsOf);
  expect(texts.length).toBeGreaterThan(4_000);
  expect(avoidedIn(texts)).toEqual([]);
});

test("descriptions of both APIs are plain English", () => {
  const documents = ["openapi.json", "openapi-svix.json"];
  const texts = documents.flatMap((file) => [...described(JSON.parse(readFileSync(join(root, file), "utf8")), file)]);
  expect(texts.length).toBeGreaterThan(500);
  expect(avoidedIn(texts)).toEqual([]);
});
