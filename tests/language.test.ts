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
  const texts = files.flatMap(textsOf);
  expect(texts.length).toBeGreaterThan(4_000);
  expect(avoidedIn(texts)).toEqual([]);
});

test("descriptions of the API are plain English", () => {
  const texts = [...described(JSON.parse(readFileSync(join(root, "openapi.json"), "utf8")), "openapi.json")];
  expect(texts.length).toBeGreaterThan(300);
  expect(avoidedIn(texts)).toEqual([]);
});
