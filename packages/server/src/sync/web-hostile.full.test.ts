import { spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { SyncJobId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { Sandbox } from "../sandbox/sandbox.ts";
import type { SourceConnectionKey } from "../store/source-connections/interface.ts";
import { keyOf, newFolder, openTestWeft } from "./fixtures/test-weft.ts";
import type { CountedProblem } from "./problem-counts.ts";
import { readingParts } from "./sources/http/fixtures/reading-parts.ts";
import { type TestPage, type TestResponse, TestSite } from "./sources/web/fixtures/test-site.ts";
import { webSource } from "./sources/web/web-source.ts";

let site: TestSite;

beforeEach(async () => {
  site = await TestSite.open();
});

afterEach(() => site[Symbol.asyncDispose]());

const good = { "/good": "<title>Good</title>Herons" };

/**
 * Syncs a site whose start page links to a bad page and to a good one. Returns the problem of the bad one and the job's
 * outcome.
 */
async function syncWith(
  bad: string | TestPage | TestResponse,
  {
    allowNetworks,
    timeoutMs,
    thoughtMsMax,
  }: { allowNetworks?: string[]; timeoutMs?: number; thoughtMsMax?: number } = {},
) {
  site.put({ ...good, "/": `<title>Home</title><a href="/bad"></a><a href="/good"></a>`, "/bad": bad });
  await using parts = readingParts({ ...(allowNetworks && { allowNetworks }), ...(timeoutMs && { timeoutMs }) });
  let problems: readonly CountedProblem[] = [];
  const weft = await openTestWeft({
    sources: [webSource({ ...parts, allowHttp: true, ...(thoughtMsMax && { thoughtMsMax }) })],
    reporter: {
      syncJobFinished: (fact) => {
        problems = fact.problems;
      },
    },
  });
  const key = keyOf(await weft.connect("web", { config: { start_url: `${site.origin}/` } }));
  const job = await weft.ended(key, (await weft.connections.run(key)).id);
  // The job's problems are reported after it has ended.
  await weft[Symbol.asyncDispose]();
  return {
    state: job.state,
    inserted: job.counts.inserted,
    error: job.state === "failed" ? job.error : null,
    problems: problems.map(({ reason }) => reason),
  };
}

const oneBad = { state: "completed", inserted: 2 };

test("HTML with extreme nesting or parse time is a problem of that page alone", async () => {
  const nested = await syncWith("<div>".repeat(50_000), { thoughtMsMax: 1_000 });
  expect(nested).toMatchObject({ ...oneBad, problems: [expect.stringMatching(/^The page's HTML: It /)] });
  const heavy = await syncWith(`<table>${"<a><b>".repeat(300_000)}`, { thoughtMsMax: 1_000 });
  expect(heavy).toMatchObject({ ...oneBad, problems: [expect.stringMatching(/^The page's HTML: It /)] });
});

test("a site whose pages exhaust memory repeatedly is given up, and the process continues", async () => {
  // Small to send, and large when parsed.
  const heavy = `<title>Heavy</title>${"<p>a".repeat(700_000)}`;
  const pages = Array.from({ length: 30 }, (_, number) => `/p${number}`);
  site.put({
    "/": `<title>Home</title>${pages.map((path) => `<a href="${path}">x</a>`).join("")}`,
    ...Object.fromEntries(pages.map((path) => [path, heavy])),
  });
  await using parts = readingParts();
  await using sandbox = new Sandbox({
    processesMax: 1,
    heapMegabytesMax: 40,
    runsPerBatchMax: 1,
    runsPerOwnerMax: 16,
    slowMs: 1_000,
    niceness: 0,
    idleMs: 60_000,
  });
  await using weft = await openTestWeft({ sources: [webSource({ ...parts, sandbox, allowHttp: true })] });
  const key = keyOf(await weft.connect("web", { config: { start_url: `${site.origin}/` } }));
  const job = await weft.ended(key, (await weft.connections.run(key)).id);
  expect(job).toMatchObject({
    state: "failed",
    error: expect.stringContaining(`${limits.webPagesUnparsableMax} pages of the site needed more time or memory`),
  });
});

test("after a kill in the middle the next job continues, and every page exists once", async () => {
  const pages = Array.from({ length: 200 }, (_, number) => `/p${number}`);
  let hangs = true;
  const slow: TestResponse = (_, response) => {
    if (!hangs) response.writeHead(200, { "content-type": "text/html" }).end("<title>Slow</title>");
  };
  site.put({
    "/": `<title>Home</title>${[...pages, "/slow", "/last"].map((path) => `<a href="${path}">x</a>`).join("")}`,
    ...Object.fromEntries(pages.map((path) => [path, { etag: `"${path}"`, body: `<title>${path}</title>` }])),
    "/slow": slow,
    "/last": "<title>Last</title>",
  });
  const folder = newFolder();
  const program = new URL("./sources/web/fixtures/job-that-dies.ts", import.meta.url).pathname;
  // The site's name resolves to this machine for the process's source too.
  const child = spawn(process.execPath, [program, folder, `${site.origin}/`], { stdio: ["ignore", "pipe", "inherit"] });
  const [said] = (await once(child.stdout, "data")) as [Buffer];
  const { key, jobId } = JSON.parse(String(said)) as { key: SourceConnectionKey; jobId: SyncJobId };
  child.kill("SIGKILL");
  await once(child, "exit");
  hangs = false;
  {
    await using parts = readingParts();
    await using weft = await openTestWeft({ sources: [webSource({ ...parts, allowHttp: true })], folder });
    const dead = await weft.ended(key, jobId);
    expect(dead).toMatchObject({ state: "failed", counts: { deleted: 0 } });
    const next = await weft.ended(key, (await weft.connections.run(key)).id);
    expect(next).toMatchObject({ state: "completed", counts: { updated: 0, deleted: 0, failed: 0 } });
    expect(next.counts.skipped).toBe(dead.counts.inserted);
    expect(next.counts.inserted + next.counts.skipped).toBe(203);
    expect((await weft.store.readSourceConnection(key))?.entityCount).toBe(203);
  }
  rmSync(folder, { recursive: true });
});
