import { readFileSync } from "node:fs";
import { expect, test } from "vitest";

function coloursOf(path: string): Map<string, string> {
  const text = readFileSync(new URL(path, import.meta.url), "utf8");
  // The first definition of a colour is the default; a portal with a colour of its own has others.
  return new Map(
    [...text.matchAll(/(--[\w-]+): (light-dark\(.*\));/g)]
      .map(([, name = "", value = ""]) => [name, value] as const)
      .toReversed(),
  );
}

// The console is built, and its sources are not in the package: the page has a copy of the colours.
test("the colours of the page are those of the console", () => {
  const console = coloursOf("../../console/ui/tokens.css");
  const page = coloursOf("page/page.css");
  expect(page.size).toBeGreaterThan(10);
  for (const [name, value] of page) expect(value, name).toBe(console.get(name));
});
