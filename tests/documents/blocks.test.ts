import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { blocks, blocksIn, locationOf } from "./blocks.ts";
import { givenCommands } from "./given-commands.ts";
import { find, leftOut } from "./left-out.ts";

/** The handling of a block of each language. `text` is only read: the output of a program, a picture. */
const languages = {
  sh: "commands.full.test.ts runs it",
  ts: "programs.test.ts runs it",
  sql: "statements.full.test.ts runs it",
  json: "it is parsed here",
  http: "api-examples.test.ts sends it",
  python: "other-languages.full.test.ts runs it",
  java: "other-languages.full.test.ts runs it",
  go: "other-languages.full.test.ts runs it",
  ruby: "other-languages.full.test.ts runs it",
  php: "other-languages.full.test.ts runs it",
  csharp: "other-languages.full.test.ts runs it",
  cs: "nothing, which its page says",
  rust: "other-languages.full.test.ts runs it",
  toml: "other-languages.full.test.ts builds with it",
  elixir: "other-languages.full.test.ts runs it",
  text: "nothing",
} as const;

test("every block of the documents has a language with a known test", () => {
  expect(blocks.length).toBeGreaterThan(0);
  expect(blocks.filter(({ language }) => !Object.hasOwn(languages, language)).map(locationOf)).toEqual([]);
});

test("blocks of JSON are valid JSON", () => {
  for (const block of blocksIn("json")) expect(() => JSON.parse(block.text), locationOf(block)).not.toThrow();
});

test("entries for skipped blocks still exist in the documents", () => {
  expect(leftOut.filter((entry) => find(entry, blocks) === undefined)).toEqual([]);
});

test("given commands belong to existing commands", () => {
  const unused = givenCommands.filter(({ page, before = "" }) => {
    return !blocks.some((block) => block.page === page && block.language === "sh" && block.text.includes(before));
  });
  expect(unused).toEqual([]);
});

test("a shell can parse every command of the documents, including skipped ones", () => {
  const mistakes = blocksIn("sh").flatMap((block) => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: block.text, encoding: "utf8" });
    return status === 0 ? [] : [`${locationOf(block)}: ${stderr}`];
  });
  expect(mistakes).toEqual([]);
});
