import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { expect, test } from "vitest";
import { helpTexts } from "../packages/server/src/cli/program.ts";
import { consoleTexts } from "../packages/server/src/console/texts/console-texts.ts";
import { glossary, internalTerms, type Term } from "../packages/server/src/domain/glossary.ts";

const root = resolve(import.meta.dirname, "..");
const terms: readonly Term[] = [...Object.values(glossary), ...internalTerms];

/** Matches a synonym as words of their own, also in the plural. */
function patternOf(synonym: string): RegExp {
  return new RegExp(`\\b${synonym.replaceAll(" ", "\\s+")}(?:e?s)?\\b`, "i");
}

const synonyms = terms.flatMap(({ name, avoid = [] }) =>
  avoid.map((synonym) => ({ name, synonym, pattern: patternOf(synonym) })),
);

/** Each sentence that contains a synonym, with the term to use. */
function found(source: string, sentences: readonly string[]): string[] {
  return sentences.flatMap((text) =>
    synonyms
      .filter(({ pattern }) => pattern.test(text))
      .map(({ name, synonym }) => `${source}: "${synonym}" instead of "${name}" in: ${text.slice(0, 200)}`),
  );
}

/** Every text of an object, including the results of functions, which get placeholders. */
function textsIn(value: unknown): string[] {
  if (typeof value === "string") return [value];
  if (typeof value === "function") return textsIn(value(...Array.from({ length: value.length }, () => "1")));
  if (value === null || typeof value !== "object") return [];
  return Object.values(value).flatMap(textsIn);
}

function descriptionsIn(value: unknown): string[] {
  if (value === null || typeof value !== "object") return [];
  return Object.entries(value).flatMap(([key, member]) =>
    (key === "summary" || key === "description") && typeof member === "string" ? [member] : descriptionsIn(member),
  );
}

/** A document without code, and without the table that the glossary generates. */
function prose(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  return text
    .replace(/<!-- terms: generated[\s\S]*<!-- terms: end -->/, "")
    .replaceAll(/```[\s\S]*?```|`[^`]*`/g, "CODE")
    .split("\n\n");
}

test("a synonym is found in any form", () => {
  expect(found("here", ["Send notifications to people."])).toEqual([expect.stringContaining('instead of "Notice"')]);
  expect(found("here", ["The delivery is held\nback."])).toHaveLength(1);
  expect(found("here", ["A webhookdispatcher", "A notice"])).toEqual([]);
});

test("each term has one name and a definition, and no synonym is a term", () => {
  expect(new Set(terms.map(({ name }) => name)).size).toBe(terms.length);
  for (const { name, meaning } of terms) expect(meaning, name).toMatch(/^[A-Z].*\.$/);
  expect(
    found(
      "glossary",
      terms.map(({ name }) => name),
    ),
  ).toEqual([]);
  expect(
    found(
      "glossary",
      terms.map(({ meaning }) => meaning),
    ),
  ).toEqual([]);
});

test("the console uses the terms of the glossary", () => {
  const { terms: _definitions, ...others } = consoleTexts;
  const all = textsIn(others);
  expect(all.length).toBeGreaterThan(500);
  expect(found("console", all)).toEqual([]);
});

test("the command line uses the terms of the glossary", () => {
  const all = helpTexts();
  expect(all.length).toBeGreaterThan(30);
  expect(all.flatMap(({ path, text }) => found(path, [text]))).toEqual([]);
  const recover = all.find(({ path }) => path === "weft recover")?.text.replaceAll(/\s+/g, " ");
  expect(recover).toContain(`Recovery ${glossary.recovery.meaning}`);
});

test("the descriptions of the API use the terms of the glossary", () => {
  const all = descriptionsIn(JSON.parse(readFileSync(join(root, "openapi.json"), "utf8")));
  expect(all.length).toBeGreaterThan(300);
  expect(found("openapi.json", all)).toEqual([]);
});

test("the documents use the terms of the glossary", () => {
  // Decisions keep the words of their time, and docs/migrate/ also explains those of other systems.
  const files = globSync(["README.md", "docs/**/*.md"], { cwd: root })
    .filter((file) => !file.startsWith("docs/migrate/") && !file.startsWith("docs/decisions/"))
    .sort();
  expect(files.length).toBeGreaterThan(25);
  expect(files.flatMap((file) => found(file, prose(file)))).toEqual([]);
});
