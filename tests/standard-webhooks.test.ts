import { existsSync, readFileSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { describe, expect, test } from "vitest";

const page = resolve(import.meta.dirname, "../docs/reference/standard-webhooks.md");

interface Rule {
  readonly rule: string;
  readonly how: string;
  readonly heldBy: string;
}

const rules: Rule[] = readFileSync(page, "utf8")
  .split("\n")
  .filter((line) => line.startsWith("| ") && !line.startsWith("| rule |"))
  .map((line) => {
    const [, rule = "", how = "", heldBy = ""] = line.split("|").map((cell) => cell.trim());
    return { rule, how, heldBy };
  });

/** The tests that a cell names: a link to the file, and the test's name in quotes. */
function testsIn(heldBy: string): { file: string; name: string }[] {
  return heldBy.split("<br>").map((entry) => {
    const [, link = "", name = ""] = /^\[`[^`]+`\]\(([^)]+)\) “([^”]+)”$/.exec(entry) ?? [];
    return { file: join(dirname(page), link), name };
  });
}

/** The names of the tests in a source: `test("…"`, and `)("…"` of a `test.each`. */
function testNames(source: string): string[] {
  return [...source.matchAll(/(?:\btest|\))\(\s*"([^"]*)"/g)].map(([, name = ""]) => name);
}

test("the page lists the rules of a sender: must, recommendations, operation", () => {
  const headings = readFileSync(page, "utf8").match(/^## .*/gm);
  expect(headings).toEqual(["## What a sender must do", "## What is recommended", "## Operation"]);
  expect(rules.length).toBeGreaterThan(30);
});

describe("each rule names existing tests, or says that the operator is responsible:", () => {
  test.each(rules)("$rule", ({ how, heldBy }) => {
    if (heldBy === "none") {
      expect(how).toMatch(/^Left to the operator/);
      return;
    }
    for (const { file, name } of testsIn(heldBy)) {
      expect(name, `${heldBy} is not a list of: [\`file\`](../path) “name”`).not.toBe("");
      expect(existsSync(file), file).toBe(true);
      expect(testNames(readFileSync(file, "utf8")), file).toContain(name);
    }
  });
});

test("a test that is only mentioned does not count", () => {
  expect(testNames('test("it works", () => {')).toEqual(["it works"]);
  expect(testNames('test.each([1])(\n  "%i works", (n) => {')).toEqual(["%i works"]);
  expect(testNames('// it works\nconst name = "it works";')).toEqual([]);
  expect(testNames('test.skip("it works", () => {')).toEqual([]);
});
