import { rmSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { anyEntity } from "../store/entities/interface.ts";
import type { SourceConnectionView } from "../store/source-connections/interface.ts";
import { testSandbox } from "./fixtures/test-sandbox.ts";
import { keyOf, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { TestRepository } from "./sources/git/fixtures/test-repository.ts";
import { gitSource } from "./sources/git/git-source.ts";

let repository: TestRepository;
let weft: TestWeft;

beforeEach(async () => {
  repository = new TestRepository();
  const source = gitSource({
    sandbox: testSandbox,
    allowedFolders: [repository.root],
    allowHttp: true,
    resolveHost: async (name) => [name],
    environment: process.env,
  });
  weft = await openTestWeft({ sources: [source] });
});

afterEach(async () => {
  await weft[Symbol.asyncDispose]();
  repository[Symbol.dispose]();
});

function connect(config: Record<string, unknown> = {}): Promise<SourceConnectionView> {
  return weft.connect("git", { config: { url: repository.url, ...config } });
}

async function sync(connection: SourceConnectionView) {
  const key = keyOf(connection);
  const { id } = await weft.connections.run(key);
  const job = await weft.ended(key, id);
  return { state: job.state, ...job.counts, error: job.state === "failed" ? job.error : null };
}

async function idsIn({ id }: SourceConnectionView, ids: string[]): Promise<string[]> {
  const found = await weft.store.readEntityHashes({ sourceConnectionId: id, entityIds: ids });
  return found.map(({ entityId }) => entityId).sort();
}

async function found({ collectionId }: SourceConnectionView, query: string): Promise<string[]> {
  const { organizationId } = weft;
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

test("files that were moved or copied keep their text", async () => {
  repository.commit({ "old.md": "Herons stand.", "copied.md": "Trout swim.", "other.md": "Otters." });
  const connection = await connect();
  await sync(connection);
  repository.git("mv", "old.md", "new.md");
  repository.commit({ "copy.md": "Trout swim." });
  expect(await sync(connection)).toMatchObject({ inserted: 2, updated: 0, deleted: 1, failed: 0 });
  expect(await found(connection, "herons")).toEqual(["new.md"]);
  expect((await found(connection, "trout")).sort()).toEqual(["copied.md", "copy.md"]);
});

test("after a forced push to an older commit, the files of the newer ones are removed", async () => {
  const first = repository.commit({ "page.md": "Herons." });
  repository.commit({ "page.md": "Trout.", "more.md": "Otters." });
  const connection = await connect();
  await sync(connection);
  repository.git("reset", "--quiet", "--hard", first);
  expect(await sync(connection)).toMatchObject({ updated: 1, deleted: 1, inserted: 0 });
  expect(await found(connection, "herons")).toEqual(["page.md"]);
});

test("a branch wins over a tag of the same name", async () => {
  repository.commit({ "page.md": "Herons." });
  repository.git("tag", "v1");
  repository.commit({ "more.md": "Otters." });
  repository.git("branch", "v1");
  expect(await sync(await connect({ ref: "v1" }))).toMatchObject({ inserted: 2 });
});

test("links and submodules are excluded, even if they replace a file", async () => {
  const inner = new TestRepository();
  inner.commit({ "inner.md": "Not ours." });
  repository.commit({ "page.md": "Herons.", "becomes-link.md": "Text." });
  const connection = await connect();
  await sync(connection);
  symlinkSync("/etc/passwd", join(repository.folder, "passwd.md"));
  rmSync(join(repository.folder, "becomes-link.md"));
  symlinkSync("/etc/passwd", join(repository.folder, "becomes-link.md"));
  repository.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", inner.url, "vendored");
  repository.commit();
  inner[Symbol.dispose]();
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 0, deleted: 1, failed: 0 });
  expect(await sync(await connect())).toMatchObject({ state: "completed", inserted: 1, failed: 0 });
});

test("binary, huge, non-UTF-8 and LFS files count as failed, even if they became so", async () => {
  const unfit = {
    "binary.txt": Buffer.from([65, 0, 66]),
    "latin.txt": Buffer.from([0xe9, 0xe8, 0x20]),
    "huge.txt": "x".repeat(101),
    "lfs.txt": "version https://git-lfs.github.com/spec/v1\noid sha256:1\nsize 5\n",
  };
  repository.commit({ "good.txt": "Readable.", ...unfit });
  const config = { max_file_bytes: 100 };
  expect(await sync(await connect(config))).toMatchObject({ state: "completed", inserted: 1, failed: 4 });
  const readable = Object.fromEntries(Object.keys(unfit).map((name) => [name, name]));
  repository.commit(readable);
  const connection = await connect(config);
  expect(await sync(connection)).toMatchObject({ inserted: 5, failed: 0 });
  repository.commit(unfit);
  expect(await sync(connection)).toMatchObject({ deleted: 4, failed: 4, updated: 0 });
});

test("a huge file that is moved stays excluded", async () => {
  repository.commit({ "page.md": "x", "huge.md": "x".repeat(101) });
  const connection = await connect({ max_file_bytes: 100 });
  expect(await sync(connection)).toMatchObject({ inserted: 1, failed: 1 });
  repository.git("mv", "huge.md", "moved.md");
  repository.commit();
  expect(await sync(connection)).toMatchObject({ inserted: 0, failed: 1, deleted: 0 });
});

test("unusual file names work, and one that is not UTF-8 counts as failed", async () => {
  const odd = ["new\nline.md", "quo\"te's.md", "tab\t.md", "-rf.md", "ü\u{1F40D}.md", "back\\slash.md", " space .md"];
  for (const name of odd) repository.write(name, `Named ${JSON.stringify(name)}.`);
  const bytes = Buffer.concat([Buffer.from(`${repository.folder}/n`), Buffer.from([0xe9]), Buffer.from(".md")]);
  const { writeFileSync } = await import("node:fs");
  writeFileSync(bytes, "Latin.");
  repository.commit();
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: odd.length, failed: 1 });
  expect(await idsIn(connection, odd)).toEqual([...odd].sort());
  for (const name of odd) rmSync(join(repository.folder, name));
  repository.commit({ "plain.md": "Plain." });
  expect(await sync(connection)).toMatchObject({ inserted: 1, deleted: odd.length, failed: 0 });
});

test("a repository with hashes of SHA-256 is read like others", async () => {
  using newer = new TestRepository({ format: "sha256" });
  newer.commit({ "page.md": "Herons." });
  const source = gitSource({
    sandbox: testSandbox,
    allowedFolders: [newer.root],
    allowHttp: false,
    resolveHost: async (name) => [name],
    environment: process.env,
  });
  await using other = await openTestWeft({ sources: [source] });
  const connection = await other.connect("git", { config: { url: newer.url } });
  const run = async () => other.ended(keyOf(connection), (await other.connections.run(keyOf(connection))).id);
  expect(await run()).toMatchObject({ state: "completed", counts: { inserted: 1 } });
  newer.commit({ "page.md": "Trout." });
  expect(await run()).toMatchObject({ state: "completed", counts: { updated: 1 } });
});
