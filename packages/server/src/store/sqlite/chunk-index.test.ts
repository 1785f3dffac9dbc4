import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, expect, test } from "vitest";
import { connect, entity, makeCollection, syncOf } from "../fixtures/producer-samples.ts";
import { World } from "../fixtures/samples.ts";
import { openStoreWithoutThreads } from "./fixtures/store-without-threads.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-index-"));
afterAll(() => rmSync(folder, { recursive: true }));

test("the words of a batch take few pages of the index, however many chunks the batch has", async () => {
  const path = join(folder, "pages.db");
  await using world = await World.open(() => openStoreWithoutThreads(path, 0));
  const texts = Array.from({ length: 255 }, (_, number) => `number ${number}`);
  await syncOf(
    world,
    await connect(world, await makeCollection(world)),
    texts.map((text, number) => entity(`${number}`, text)),
  );
  expect(pagesWritten(path)).toBeLessThan(30);
});

/** The number of pages that were written to the full-text index, apart from merges. */
function pagesWritten(path: string): number {
  using db = new DatabaseSync(path, { readOnly: true });
  // FTS5 keeps the counter in the record of its structure, after a cookie, a version, and the numbers of levels and segments.
  const record = db.prepare("select block from chunk_index_data where id = 10").get()?.block as Uint8Array;
  let at = record[4] === 0xff ? 8 : 4;
  const number = () => {
    let value = 0;
    for (;;) {
      const byte = record[at++] ?? 0;
      value = value * 128 + (byte & 0x7f);
      if (byte < 0x80) return value;
    }
  };
  number();
  number();
  return number();
}
