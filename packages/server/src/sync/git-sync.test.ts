import { rmSync } from "node:fs";
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

test("the first sync reads every text file, the next one the changes of later commits, counted correctly", async () => {
  repository.commit({ "one.md": "Herons.", "two.md": "Trout.", "guides/three.md": "Otters.", "same.md": "Always." });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 4, updated: 0, deleted: 0, skipped: 0, failed: 0 });

  rmSync(join(repository.folder, "one.md"));
  repository.commit({ "two.md": "Swifts." });
  repository.commit({ "four.md": "Newts." });
  expect(await sync(connection)).toMatchObject({ inserted: 1, updated: 1, deleted: 1, skipped: 0, failed: 0 });
  expect(await idsIn(connection, ["one.md", "two.md", "guides/three.md", "same.md", "four.md"])).toEqual([
    "four.md",
    "guides/three.md",
    "same.md",
    "two.md",
  ]);
  expect(await found(connection, "trout")).toEqual([]);
  expect(await found(connection, "swifts newts otters")).toHaveLength(3);
});

test("a repository without a new commit costs only a request for its refs", async () => {
  repository.commit({ "one.md": "Herons." });
  const connection = await connect();
  await sync(connection);
  const nothing = { state: "completed", inserted: 0, updated: 0, deleted: 0, skipped: 0, failed: 0 };
  expect(await sync(connection)).toMatchObject(nothing);
  expect(await idsIn(connection, ["one.md"])).toEqual(["one.md"]);
});

test("after a forced push that removed the old commit everything is read, and missing files are deleted", async () => {
  repository.commit({ "kept.md": "Herons.", "gone.md": "Trout." });
  const connection = await connect();
  await sync(connection);
  rmSync(join(repository.folder, "gone.md"));
  repository.git("checkout", "--quiet", "--orphan", "again");
  repository.commit({ "new.md": "Otters." });
  repository.git("branch", "--quiet", "-M", "again", "main");
  repository.git("reflog", "expire", "--expire=now", "--all");
  repository.git("gc", "--quiet", "--prune=now");
  expect(await sync(connection)).toMatchObject({ inserted: 1, updated: 0, deleted: 1, skipped: 1 });
});

test("a ref is a branch, a tag of either kind, a whole ref, or a commit, and the default branch when it is absent", async () => {
  const first = repository.commit({ "page.md": "Herons." });
  repository.git("tag", "light");
  repository.git("tag", "-a", "heavy", "-m", "A tag");
  repository.git("checkout", "--quiet", "-b", "feature/next");
  repository.commit({ "page.md": "Trout.", "next.md": "Otters." });
  repository.git("checkout", "--quiet", "main");
  for (const ref of ["light", "heavy", "refs/tags/heavy", first, undefined]) {
    const connection = await connect(ref === undefined ? {} : { ref });
    expect(await sync(connection), ref).toMatchObject({ state: "completed", inserted: 1 });
    expect(await found(connection, "herons"), ref).toEqual(["page.md"]);
  }
  expect(await sync(await connect({ ref: "feature/next" }))).toMatchObject({ inserted: 2 });
});

test("a missing ref or commit fails the job with a sentence", async () => {
  const tree = repository.commit({ "page.md": "Herons." }) && repository.git("rev-parse", "HEAD^{tree}");
  expect(await sync(await connect({ ref: "nowhere" }))).toMatchObject({
    state: "failed",
    error: "The repository has no branch, tag or commit nowhere. A commit must be its complete hash.",
  });
  for (const ref of ["0123456789".repeat(4), tree]) {
    expect((await sync(await connect({ ref }))).error, ref).toBe("The repository has no such commit.");
  }
});

test("a repository without any commit fails the job with a sentence", async () => {
  expect((await sync(await connect())).error).toMatch(/^The repository has no default branch/);
});

test("files are selected by the globs of the folder source, and changed globs cause a full read", async () => {
  repository.commit({ "page.md": "1", "src/x.ts": "2", "node_modules/m/index.js": "3", "picture.png": "4" });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 2 });
  await weft.connections.update(keyOf(connection), { config: { url: repository.url, include: ["**/*.ts"] } });
  expect(await sync(connection)).toMatchObject({ inserted: 0, skipped: 1, deleted: 1 });
  repository.commit({ "page.md": "changed", "y.ts": "new" });
  expect(await sync(connection)).toMatchObject({ inserted: 1, updated: 0, skipped: 0, deleted: 0 });
});
