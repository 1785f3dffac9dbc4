import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { blocks, blocksIn, placeOf } from "./blocks.ts";
import { givenCommands } from "./given-commands.ts";
import { find, leftOut } from "./left-out.ts";

/** What is made of a block of each language. `text` is to be read: what a program prints, a picture. */
const languages = {
  sh: "commands.full.test.ts runs it",
  ts: "programs.test.ts runs it",
  sql: "statements.full.test.ts runs it",
  json: "it is parsed here",
  text: "nothing",
} as const;

test("every block of the documents is in a language that a test knows what to do with", () => {
  expect(blocks.length).toBeGreaterThan(0);
  expect(blocks.filter(({ language }) => !Object.hasOwn(languages, language)).map(placeOf)).toEqual([]);
});

test("what is JSON is JSON", () => {
  for (const block of blocksIn("json")) expect(() => JSON.parse(block.text), placeOf(block)).not.toThrow();
});

test("what is left out still stands in the documents", () => {
  expect(leftOut.filter((entry) => find(entry, blocks) === undefined)).toEqual([]);
});

test("what is given to pages is given to commands that are there", () => {
  const unused = givenCommands.filter(({ page, before = "" }) => {
    return !blocks.some((block) => block.page === page && block.language === "sh" && block.text.includes(before));
  });
  expect(unused).toEqual([]);
});

test("every command of the documents can be read by a shell, also those that are left out", () => {
  const mistakes = blocksIn("sh").flatMap((block) => {
    const { status, stderr } = spawnSync("bash", ["-n"], { input: block.text, encoding: "utf8" });
    return status === 0 ? [] : [`${placeOf(block)}: ${stderr}`];
  });
  expect(mistakes).toEqual([]);
});
