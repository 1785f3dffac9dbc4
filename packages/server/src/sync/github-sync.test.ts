import { afterEach, beforeEach, expect, test } from "vitest";
import { anyEntity } from "../store/entities/interface.ts";
import type { SourceConnectionView } from "../store/source-connections/interface.ts";
import { keyOf, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { recordings, TestGithub } from "./sources/github/fixtures/test-github.ts";
import { githubSource } from "./sources/github/github-source.ts";
import { type ReadingParts, readingParts } from "./sources/http/fixtures/reading-parts.ts";

const hour = 3_600_000;
let github: TestGithub;
let weft: TestWeft;
let parts: ReadingParts;
let now: number;

beforeEach(async () => {
  now = Date.parse("2026-02-01T00:00:00Z");
  github = await TestGithub.open();
  parts = readingParts({ now: () => now });
  weft = await openTestWeft({ sources: [githubSource({ ...parts, allowHttp: true })] });
});

afterEach(async () => {
  await weft[Symbol.asyncDispose]();
  await parts[Symbol.asyncDispose]();
  await github[Symbol.asyncDispose]();
});

function connect(config: Record<string, unknown> = {}, token = "token-12345"): Promise<SourceConnectionView> {
  return weft.connect("github", {
    config: { repository: "octocat/handbook", api_url: github.url, ...config },
    credentials: { personal_access_token: token },
  });
}

async function sync(connection: SourceConnectionView) {
  const key = keyOf(connection);
  const job = await weft.ended(key, (await weft.connections.run(key)).id);
  const { chunksWritten: _, ...counts } = job.counts;
  return { state: job.state, ...counts, error: job.state === "failed" ? job.error : null };
}

async function found({ collectionId }: SourceConnectionView, query: string) {
  const { organizationId } = weft;
  return await weft.store.searchCollection({ ...anyEntity, organizationId, collectionId, query, limit: 50, offset: 0 });
}

async function stored({ id }: SourceConnectionView, entityIds: string[]): Promise<string[]> {
  const hashes = await weft.store.readEntityHashes({ sourceConnectionId: id, entityIds });
  return hashes.map(({ entityId }) => entityId).sort();
}

const isPull = recordings.pull.pull_request;

test("issues, pull requests and files are read, with comments, and with their web addresses", async () => {
  github.putIssue(1, "2026-01-06T10:00:00Z", { comments: 2 });
  github.comments.set(1, recordings.comments);
  github.putIssue(2, "2026-01-06T11:00:00Z", { pull_request: isPull });
  github.commit({ "docs/otters é.md": "Otters swim.", link: "-> docs", "photo.png": "PNG", "bin.md": "\0" });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 3, failed: 1, error: null });
  const [issue] = await found(connection, "kingfishers");
  expect(issue).toMatchObject({
    entityId: "#1",
    type: "issue",
    name: "The page about herons is out of date",
    url: "https://github.com/octocat/handbook/issues/1",
    text: [
      "# The page about herons is out of date",
      "State: open. By octocat. Labels: documentation.",
      "It says that herons\ndo not dive.",
      "## hubot, 2026-01-05",
      "They wade.",
      "## ghost, 2026-01-06",
      "Kingfishers dive.",
    ].join("\n\n"),
  });
  expect(await found(connection, "let")).toMatchObject([{ entityId: "#2", type: "pull_request" }]);
  const { origin } = new URL(github.url);
  expect(await found(connection, "otters")).toMatchObject([
    { entityId: "files/docs/otters é.md", url: `${origin}/octocat/handbook/blob/HEAD/docs/otters%20%C3%A9.md` },
  ]);
});

test("unchanged data costs two requests that GitHub does not count, and the next job reads only the changes", async () => {
  github.putIssue(1, "2026-01-01T00:00:00Z");
  github.putIssue(2, "2026-01-02T00:00:00Z", { pull_request: isPull });
  github.commit({ "a.md": "A", "b.md": "B", "c.md": "C" });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 5 });
  github.log.length = 0;
  expect(await sync(connection)).toMatchObject({ inserted: 0, updated: 0, deleted: 0, skipped: 0 });
  expect(github.log.map((line) => line.split("?")[0])).toEqual(["304 git/trees/HEAD", "304 issues"]);

  github.putIssue(1, "2026-01-03T00:00:00Z", { state: "closed" });
  github.commit({ "a.md": "A", "b.md": "New B", "d.md": "D" });
  github.log.length = 0;
  expect(await sync(connection)).toMatchObject({ inserted: 1, updated: 2, deleted: 1, skipped: 1 });
  expect(github.log.filter((line) => line.includes("blobs"))).toHaveLength(2);
  expect(await stored(connection, ["files/c.md", "files/d.md"])).toEqual(["files/d.md"]);
});

test("deletions are found when everything is read again, and no file is read for that", async () => {
  github.putIssue(1, "2026-01-01T00:00:00Z");
  github.putIssue(2, "2026-01-02T00:00:00Z");
  github.putIssue(3, "2026-01-03T00:00:00Z");
  github.commit({ "a.md": "A" });
  const connection = await connect({ full_every_hours: 24 });
  await sync(connection);
  github.remove(3);
  github.remove(1);
  now += 23 * hour;
  expect(await sync(connection)).toMatchObject({ deleted: 0 });
  now += hour;
  github.log.length = 0;
  expect(await sync(connection)).toMatchObject({ deleted: 2, skipped: 1, inserted: 0 });
  expect(github.log.filter((line) => line.includes("blobs"))).toEqual([]);
  expect(await stored(connection, ["#1", "#2", "#3", "files/a.md"])).toEqual(["#2", "files/a.md"]);
  github.log.length = 0;
  await sync(connection);
  expect(github.log.map((line) => line.split("?")[0])).toEqual(["304 git/trees/HEAD", "304 issues"]);
});

test("pages are read to the last one, even when many issues change at one time or while they are read", async () => {
  github.pageSize = 3;
  for (let number = 1; number <= 9; number++) github.putIssue(number, "2026-01-01T00:00:00Z");
  for (let number = 10; number <= 21; number++) github.putIssue(number, `2026-01-02T00:00:${String(number)}Z`);
  let requested = 0;
  github.interruption = (request) => {
    // While the list is read, an issue on an earlier page changes and moves from its position.
    if (request.url?.includes("/issues?") && ++requested === 5) github.putIssue(10, "2026-01-03T00:00:00Z");
    return false;
  };
  const connection = await connect({ content: ["issues"] });
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 21, failed: 0 });
  expect(
    await stored(
      connection,
      Array.from({ length: 21 }, (_, index) => `#${index + 1}`),
    ),
  ).toHaveLength(21);
});

test("comments of many pages are read to the last one", async () => {
  github.pageSize = 1;
  github.putIssue(1, "2026-01-06T10:00:00Z", { comments: 2 });
  github.comments.set(1, recordings.comments);
  const connection = await connect({ content: ["issues"] });
  await sync(connection);
  expect((await found(connection, "kingfishers wade"))[0]?.text).toMatch(/They wade\.[\s\S]*Kingfishers dive\./);
});

test("a list that links to another origin is not followed, and no token is sent there", async () => {
  const other = await TestGithub.open();
  github.interruption = (request, response) => {
    if (request.url?.includes("/issues?")) response.setHeader("link", `<${other.url}/repos/x/y/issues>; rel="next"`);
    return false;
  };
  github.putIssue(1, "2026-01-01T00:00:00Z");
  const connection = await connect({ content: ["issues"] });
  const error = "GitHub's response leads to another address than `api_url`, which is not followed.";
  expect(await sync(connection)).toMatchObject({ state: "failed", error });
  github.interruption = (_, response) => {
    response.writeHead(301, { location: `${other.url}/repos/octocat/handbook/issues` }).end();
    return true;
  };
  expect(await sync(connection)).toMatchObject({ state: "failed", error });
  expect(other.requests).toEqual([]);
  await other[Symbol.asyncDispose]();
});

test("a renamed repository is read at its new address", async () => {
  github.putIssue(1, "2026-01-01T00:00:00Z");
  github.interruption = (request, response) => {
    if (!request.url?.includes("/old-name/")) return false;
    response.writeHead(301, { location: request.url.replace("/old-name/", "/handbook/") }).end();
    return true;
  };
  expect(await sync(await connect({ repository: "octocat/old-name" }))).toMatchObject({ inserted: 1 });
});

test("a used-up rate limit is waited for until it resets, and one that is far off fails the job", async () => {
  github.putIssue(1, "2026-01-01T00:00:00Z");
  const headers = (inMs: number) => ({
    "x-ratelimit-remaining": "0",
    "x-ratelimit-reset": String((now + inMs) / 1_000),
  });
  let refusals = 0;
  github.interruption = (_, response) =>
    refusals++ === 0 ? github.refuse(response, 403, "primary", headers(30 * 60_000)) : false;
  const connection = await connect({ content: ["issues"] });
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 1 });
  expect(parts.waits[0]).toBe(30 * 60_000 + 1_000);

  github.interruption = (_, response) => github.refuse(response, 403, "primary", headers(3 * hour));
  expect(await sync(connection)).toMatchObject({
    state: "failed",
    error: "GitHub's rate limit for the token is used up until 2026-02-01T03:00:01Z or later. Sync again then.",
  });
});

test("a response that was the last allowed one is followed by a wait, not by a refusal", async () => {
  github.putIssue(1, "2026-01-01T00:00:00Z", { comments: 1 });
  github.comments.set(1, recordings.comments);
  github.interruption = (request, response) => {
    if (request.url?.includes("/comments")) return false;
    response.setHeader("x-ratelimit-remaining", "0");
    response.setHeader("x-ratelimit-reset", String(now / 1_000 + 60));
    return false;
  };
  expect(await sync(await connect({ content: ["issues"] }))).toMatchObject({ state: "completed", inserted: 1 });
  expect(parts.waits).toEqual([61_000]);
});

test("a secondary limit is waited for as long as GitHub requests, or with growing delays, for a bounded time", async () => {
  let requested = 0;
  github.interruption = (_, response) => {
    requested += 1;
    if (requested === 1) return github.refuse(response, 429, "secondary", { "retry-after": "90" });
    return requested === 2 ? github.refuse(response, 403, "secondary") : false;
  };
  const connection = await connect({ content: ["issues"] });
  expect(await sync(connection)).toMatchObject({ state: "completed" });
  expect(parts.waits).toEqual([90_000, 120_000]);
  parts.waits.length = 0;
  github.interruption = (_, response) => github.refuse(response, 403, "secondary");
  const never = await sync(connection);
  expect(never).toMatchObject({ state: "failed", error: expect.stringMatching(/^GitHub's rate limit for the token/) });
  expect(parts.waits).toEqual([60_000, 120_000, 240_000, 480_000, 960_000]);
});

test("GitHub's own errors and broken connections are retried a few times", async () => {
  github.putIssue(1, "2026-01-01T00:00:00Z");
  let requested = 0;
  github.interruption = (request, response) => {
    requested += 1;
    if (requested === 1) response.writeHead(502).end();
    else if (requested === 2) request.socket.destroy();
    return requested <= 2;
  };
  const connection = await connect({ content: ["issues"] });
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 1 });
  expect(parts.waits).toEqual([1_000, 5_000]);
  github.interruption = (_, response) => {
    response.writeHead(503).end();
    return true;
  };
  expect(await sync(connection)).toMatchObject({ state: "failed", error: "GitHub answered 503." });
});

test("a refused key pauses the connection until it gets another one", async () => {
  const connection = await connect({ content: ["issues"] }, "wrong-token");
  await sync(connection);
  const view = () => weft.store.readSourceConnection(keyOf(connection));
  const before = await view();
  expect(before).toMatchObject({ lastJob: { state: "failed", errorCategory: "api_key_invalid" } });
  expect(before?.needsReauthAt).not.toBeNull();
  await expect(weft.connections.run(keyOf(connection))).rejects.toMatchObject({ code: "sync_paused" });
  const authentication = { kind: "direct", credentials: { personal_access_token: "token-12345" } } as const;
  await weft.connections.update(keyOf(connection), { authentication });
  expect(await sync(connection)).toMatchObject({ state: "completed" });
  expect((await view())?.needsReauthAt).toBeNull();
});

test("refusals fail the job with a sentence that does not contain the token", async () => {
  const content = ["issues"];
  expect((await sync(await connect({ content }, "wrong-token"))).error).toMatch(/^GitHub refused the token/);
  expect((await sync(await connect({ content, repository: "octocat/nothing" }))).error).toBe(
    "The repository octocat/nothing does not exist, or the token does not give access to it.",
  );
  github.interruption = (_, response) => github.refuse(response, 403, "403");
  expect((await sync(await connect({ content }))).error).toMatch(
    /^The token does not have access to this part of octocat\/handbook/,
  );
  github.interruption = (_, response) => {
    response.writeHead(200, { "content-type": "text/html" }).end("<p>token-12345");
    return true;
  };
  expect((await sync(await connect({ content }))).error).toMatch(/^The response is not from GitHub's API/);
});

test("a repository without a commit has no files, and gets them with its first commit", async () => {
  const connection = await connect({ content: ["files"] });
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 0 });
  github.commit({ "a.md": "A" });
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 1 });
});

test("oversized, binary and LFS files are problems, and the globs select files", async () => {
  github.commit({
    "big.md": "x".repeat(2_000),
    "lfs.md": "version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
    "docs/a.md": "A",
    "docs/b.md": "B",
    "src/c.md": "C",
  });
  const settings = { content: ["files"], max_file_bytes: 1_000 };
  expect(await sync(await connect(settings))).toMatchObject({ inserted: 3, failed: 2 });
  expect(await sync(await connect({ ...settings, include: ["docs/**"] }))).toMatchObject({ inserted: 2, failed: 0 });
});

test("when a job ended among the files, those that were reverted since are read in their current state", async () => {
  github.commit({ "a.md": "First herons", "b.md": "B" });
  const connection = await connect({ content: ["files"] });
  await sync(connection);
  github.commit({ "a.md": "Second otters", "b.md": "New B" });
  let blobs = 0;
  github.interruption = (request, response) => {
    if (!request.url?.includes("/blobs/") || ++blobs < 2) return false;
    return github.refuse(response, 404, "404");
  };
  expect(await sync(connection)).toMatchObject({ state: "failed", updated: 1 });
  github.interruption = () => false;
  github.commit({ "a.md": "First herons", "b.md": "B" });
  expect(await sync(connection)).toMatchObject({ state: "completed", updated: 1, skipped: 1 });
  expect(await found(connection, "herons")).toHaveLength(1);
});

test("after a forced push that removed the old tree everything is read, and missing files are deleted", async () => {
  github.putIssue(1, "2026-01-01T00:00:00Z");
  github.commit({ "a.md": "A", "b.md": "B" });
  const connection = await connect();
  await sync(connection);
  github.trees.length = 0;
  github.commit({ "b.md": "B", "c.md": "C" });
  expect(await sync(connection)).toMatchObject({ inserted: 1, deleted: 1, skipped: 2 });
  expect(await stored(connection, ["#1", "files/a.md", "files/b.md", "files/c.md"])).toHaveLength(3);
});

test("invalid settings cannot be connected", async () => {
  for (const repository of ["octocat", "a/b/c", "../x", "octocat/..", "a b/c"]) {
    await expect(connect({ repository }), repository).rejects.toThrow();
  }
  await expect(connect({ api_url: "ftp://x" })).rejects.toThrow(/must begin with https/);
  await expect(connect({ api_url: "https://ada:pw@x.test" })).rejects.toThrow(/must not have a user/);
  const strict = githubSource({ ...parts, allowHttp: false });
  await expect(strict.check?.({ repository: "a/b", api_url: "http://x.test" })).rejects.toThrow(
    /must begin with https/,
  );
});
