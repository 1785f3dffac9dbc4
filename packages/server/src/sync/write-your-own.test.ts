import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, beforeEach, expect, test } from "vitest";
import { keyOf, openTestWeft } from "./fixtures/test-weft.ts";
import type { Source } from "./source.ts";

const page = readFileSync(new URL("../../../../docs/sync/write-your-own.md", import.meta.url), "utf8");

let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "weft-journal-"));
});

afterEach(() => rmSync(folder, { recursive: true }));

/** The page's code, unchanged except for the paths of its imports. */
async function sourceOfThePage(journal: string): Promise<Source> {
  const [, code] = /```ts\n([\s\S]+?)```/.exec(page) ?? [];
  if (code === undefined) throw new Error("The page has no code.");
  const moved = code
    .replace('"../../source.ts"', JSON.stringify(fileURLToPath(new URL("./source.ts", import.meta.url))))
    .replace('"zod"', JSON.stringify(fileURLToPath(import.meta.resolve("zod"))));
  const file = join(folder, "journal-source.ts");
  writeFileSync(file, moved);
  const { journalSource } = (await import(file)) as { journalSource: (file: string) => Source };
  return journalSource(journal);
}

test("the source of the documentation syncs its journal, and continues from its last cursor", async () => {
  const journal = join(folder, "journal.jsonl");
  await using weft = await openTestWeft({ sources: [await sourceOfThePage(journal)] });
  const connection = await weft.connect("journal", {});
  const sync = async () => weft.ended(keyOf(connection), (await weft.connections.run(keyOf(connection))).id);
  expect(await sync()).toMatchObject({ state: "failed", error: "The journal cannot be read." });

  const lines = [
    { id: "a", text: "Herons." },
    { id: "b", text: "Trout." },
    { id: "c", text: "Otters." },
  ];
  const write = () => writeFileSync(journal, lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  write();
  expect(await sync()).toMatchObject({ state: "completed", counts: { inserted: 3 } });
  lines.push(
    { id: "a", text: "Herons stand." },
    { id: "d", text: "Swifts." },
    { id: "b", text: "", ...{ gone: true } },
  );
  write();
  expect(await sync()).toMatchObject({ counts: { inserted: 1, updated: 1, deleted: 1, skipped: 0 } });
  expect(await sync()).toMatchObject({ counts: { inserted: 0, updated: 0, deleted: 0, skipped: 0 } });

  await weft.connections.update(keyOf(connection), { config: { prefix: "a" } });
  expect(await sync()).toMatchObject({ counts: { inserted: 0, updated: 0, deleted: 2, skipped: 1 } });
});

test("the journal's settings are those of its page", async () => {
  const source = await sourceOfThePage(join(folder, "journal.jsonl"));
  expect(source.config.safeParse({ prefix: "a" }).success).toBe(true);
  expect(source.config.safeParse({ more: 1 }).success).toBe(false);
});
