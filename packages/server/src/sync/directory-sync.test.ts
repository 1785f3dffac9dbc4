import { mkdirSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { anyEntity } from "../store/entities/interface.ts";
import type { SourceConnectionView } from "../store/source-connections/interface.ts";
import { testSandbox } from "./fixtures/test-sandbox.ts";
import { keyOf, newFolder, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { directorySource } from "./sources/directory/directory-source.ts";

let root: string;
let docs: string;
let weft: TestWeft;

beforeEach(async () => {
  root = newFolder();
  docs = join(root, "docs");
  mkdirSync(docs);
  weft = await openTestWeft({ sources: [directorySource({ allowedFolders: [root], sandbox: testSandbox })] });
});

afterEach(async () => {
  await weft[Symbol.asyncDispose]();
  rmSync(root, { recursive: true });
});

function connect(config: Record<string, unknown> = {}): Promise<SourceConnectionView> {
  return weft.connect("directory", { config: { path: docs, ...config } });
}

async function sync(connection: SourceConnectionView) {
  const key = keyOf(connection);
  const { id } = await weft.connections.run(key);
  const job = await weft.ended(key, id);
  const { failed, ...counts } = job.counts;
  const event = (await weft.events()).at(-1);
  return { state: job.state, counts, failed, error: job.state === "failed" ? job.error : null, event };
}

test("files are selected by patterns in any case, and excluded by exact names", async () => {
  mkdirSync(join(docs, "Build"));
  mkdirSync(join(docs, "build"));
  for (const name of ["UPPER.MD", "Notes.TXT", "readme", "Build/kept.Md", "build/left-out.md", "photo.JPG"]) {
    writeFileSync(join(docs, name), `The text of ${name}.`);
  }
  expect((await sync(await connect())).counts).toMatchObject({ inserted: 4 });
  expect((await sync(await connect({ include: ["BUILD/*.mD"] }))).counts).toMatchObject({ inserted: 1 });
});

test("between syncs of a folder, added, changed, removed and unchanged files are counted correctly", async () => {
  mkdirSync(join(docs, "guides"));
  writeFileSync(join(docs, "one.md"), "The first page.");
  writeFileSync(join(docs, "two.md"), "The second page.");
  writeFileSync(join(docs, "guides", "three.md"), "The third page.");
  const connection = await connect();
  const first = await sync(connection);
  expect(first.counts).toEqual({ inserted: 3, updated: 0, deleted: 0, skipped: 0, chunksWritten: 3 });

  writeFileSync(join(docs, "two.md"), "The second page, written again about herons.");
  writeFileSync(join(docs, "four.md"), "The fourth page.");
  rmSync(join(docs, "one.md"));
  const second = await sync(connection);
  expect(second.counts).toEqual({ inserted: 1, updated: 1, deleted: 1, skipped: 1, chunksWritten: 2 });
  expect(second.event).toMatchObject({
    event_type: "sync.completed",
    status: "completed",
    source_type: "directory",
    entities_inserted: 1,
    entities_updated: 1,
    entities_deleted: 1,
    entities_skipped: 1,
    chunks_written: 2,
    error: null,
  });

  const third = await sync(connection);
  expect(third.counts).toEqual({ inserted: 0, updated: 0, deleted: 0, skipped: 3, chunksWritten: 0 });
});

test("search finds no removed or replaced text, and finds the current text", async () => {
  writeFileSync(join(docs, "birds.md"), "Herons stand still for hours.");
  writeFileSync(join(docs, "fish.md"), "Trout live in cold water.");
  const connection = await connect();
  await sync(connection);
  writeFileSync(join(docs, "birds.md"), "Swifts sleep in the air.");
  rmSync(join(docs, "fish.md"));
  await sync(connection);
  async function found(query: string): Promise<string[]> {
    const { organizationId } = weft;
    const { collectionId } = connection;
    const hits = await weft.store.searchCollection({
      ...anyEntity,
      organizationId,
      collectionId,
      query,
      limit: 10,
      offset: 0,
    });
    return hits.map((hit) => hit.entityId);
  }
  expect(await found("herons")).toEqual([]);
  expect(await found("trout")).toEqual([]);
  expect(await found("swifts")).toEqual(["birds.md"]);
});

test("binary, huge and non-UTF-8 files count as failed, and the others are synced", async () => {
  writeFileSync(join(docs, "good.md"), "Readable.");
  writeFileSync(join(docs, "binary.txt"), Buffer.from([65, 0, 66]));
  writeFileSync(join(docs, "latin.txt"), Buffer.from([0xe9, 0xe8, 0x20]));
  writeFileSync(join(docs, "huge.txt"), "x".repeat(101));
  const result = await sync(await connect({ max_file_bytes: 100 }));
  expect(result).toMatchObject({ state: "completed", failed: 3, counts: { inserted: 1 } });
});

test("a file that became unreadable is removed from the collection, because it would be out of date", async () => {
  writeFileSync(join(docs, "page.md"), "Fine.");
  const connection = await connect();
  await sync(connection);
  writeFileSync(join(docs, "page.md"), Buffer.from([0]));
  expect(await sync(connection)).toMatchObject({ failed: 1, counts: { deleted: 1, updated: 0 } });
});

test("a link that leads out of the folder is not followed, for files and folders", async () => {
  mkdirSync(join(root, "secrets"));
  writeFileSync(join(root, "secrets", "key.md"), "Not to be read.");
  symlinkSync(join(root, "secrets"), join(docs, "linked"));
  symlinkSync(join(root, "secrets", "key.md"), join(docs, "linked.md"));
  writeFileSync(join(docs, "page.md"), "To be read.");
  expect((await sync(await connect())).counts).toMatchObject({ inserted: 1 });
});

test("node_modules and .git are excluded unless they are included explicitly", async () => {
  for (const folder of ["node_modules", ".git"]) {
    mkdirSync(join(docs, folder));
    writeFileSync(join(docs, folder, "page.md"), "Left out.");
  }
  expect((await sync(await connect())).counts).toMatchObject({ inserted: 0 });
  expect((await sync(await connect({ exclude: [] }))).counts).toMatchObject({ inserted: 2 });
});

test("a missing folder fails the job with a reason that names it, and keeps the stored entities", async () => {
  writeFileSync(join(docs, "page.md"), "Still here.");
  const connection = await connect();
  await sync(connection);
  rmSync(docs, { recursive: true });
  const result = await sync(connection);
  expect(result).toMatchObject({
    state: "failed",
    error: `The folder ${docs} does not exist.`,
    counts: { deleted: 0 },
  });
  expect(result.event).toMatchObject({ event_type: "sync.failed", status: "failed", error: result.error });
});

test("a folder outside of the allowed ones is refused, even through a link", async () => {
  symlinkSync("/etc", join(root, "link"));
  const reason = /is not in a folder that the operator of this Weft allowed/;
  await expect(connect({ path: "/etc" })).rejects.toThrow(reason);
  await expect(connect({ path: join(root, "link") })).rejects.toThrow(reason);
});

test("a missing folder, or a path that is not a folder, cannot be connected", async () => {
  writeFileSync(join(root, "file"), "");
  await expect(connect({ path: join(root, "nowhere") })).rejects.toThrow(/does not exist/);
  await expect(connect({ path: join(root, "file") })).rejects.toThrow(/is not a folder/);
});
