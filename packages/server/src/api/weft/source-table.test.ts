import { existsSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Source } from "@weft/sdk";
import { expect, test } from "vitest";
import { authenticationText } from "../../cli/records/sources.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";

const page = fileURLToPath(new URL("../../../../../docs/sync/README.md", import.meta.url));
const testSources = ["stub", "incremental_stub", "exception_stub", "timed", "oauth-stub"];

function rows(): Map<string, string[]> {
  const lines = readFileSync(page, "utf8")
    .split("\n")
    .map((line) => line.split(" | ").map((cell) => cell.replace(/^\| | \|$/g, "")));
  return new Map(lines.flatMap((cells) => (/^\[`/.test(cells[0] ?? "") ? [[cells[0] ?? "", cells]] : [])));
}

test("the page of the sources has a row for each source, with its detection of changes and deletions and its authentication", async () => {
  const taps = JSON.stringify({ "tap-example": { command: ["tap-example"] } });
  await using weft = await RunningWeft.start({ WEFT_SINGER_TAPS: taps, WEFT_DIRECTORY_ROOTS: "/srv" });
  const sources = ((await weft.get("/sources")).body as Source[]).filter(
    ({ short_name: name }) => !testSources.includes(name),
  );
  const table = rows();
  expect([...table.keys()]).toEqual(sources.map(({ short_name: name }) => `[\`${name}\`](${name}.md)`));
  for (const source of sources) {
    const { short_name: name, detects_changes: changes, detects_deletions: deletions } = source;
    const [, objects, ...cells] = table.get(`[\`${name}\`](${name}.md)`) ?? [];
    expect(objects).not.toBe("");
    expect(cells).toEqual([changes, deletions, authenticationText(source), expect.stringMatching(/./)]);
    expect(existsSync(join(dirname(page), `${name}.md`))).toBe(true);
  }
});
