import { afterEach, beforeEach, expect, onTestFinished, test } from "vitest";
import { anyEntity } from "../store/entities/interface.ts";
import type { SourceConnectionView } from "../store/source-connections/interface.ts";
import { keyOf, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { type ReadingParts, readingParts } from "./sources/http/fixtures/reading-parts.ts";
import { TestSite } from "./sources/web/fixtures/test-site.ts";
import { webSource } from "./sources/web/web-source.ts";

let site: TestSite;
let weft: TestWeft;
let parts: ReadingParts;

beforeEach(async () => {
  site = await TestSite.open();
  parts = readingParts();
  weft = await openTestWeft({ sources: [webSource({ ...parts, allowHttp: true })] });
});

afterEach(async () => {
  await weft[Symbol.asyncDispose]();
  await parts[Symbol.asyncDispose]();
  await site[Symbol.asyncDispose]();
});

function connect(config: Record<string, unknown> = {}): Promise<SourceConnectionView> {
  const start = "sitemap_url" in config ? {} : { start_url: `${site.origin}/` };
  return weft.connect("web", { config: { ...start, ...config } });
}

async function sync(connection: SourceConnectionView) {
  const key = keyOf(connection);
  const job = await weft.ended(key, (await weft.connections.run(key)).id);
  const { chunksWritten: _, ...counts } = job.counts;
  return { state: job.state, ...counts, error: job.state === "failed" ? job.error : null };
}

async function found({ collectionId }: SourceConnectionView, query: string) {
  const { organizationId } = weft;
  const hits = await weft.store.searchCollection({
    ...anyEntity,
    organizationId,
    collectionId,
    query,
    limit: 50,
    offset: 0,
  });
  return hits.map(({ entityId, name, text }) => ({ path: entityId.replace(site.origin, ""), name, text }));
}

async function pathsOf({ id }: SourceConnectionView, paths: readonly string[]): Promise<string[]> {
  const entityIds = paths.map((path) => site.origin + path);
  const stored = await weft.store.readEntityHashes({ sourceConnectionId: id, entityIds });
  return stored.map(({ entityId }) => entityId.replace(site.origin, "")).sort();
}

function page(title: string, ...links: string[]): string {
  return `<!doctype html><title>${title}</title><h1>${title}</h1>${links.map((to) => `<a href="${to}">to</a>`).join(" ")}`;
}

test("a site is read by its links, circular and relative ones included, each page once and no other host", async () => {
  site.put({
    "/": page("Home", "/docs/", "docs/#top", "https://other.test/", "mailto:ada@example.com", "//elsewhere.test/x"),
    "/docs/": page("Docs", "../", "one", "./two?b=2&amp;a=1#part", "missing", "logo.png", "javascript:alert(1)"),
    "/docs/one": `<base href="/deep/er/"><title>One</title><p>Herons</p><a href="three">t</a>`,
    "/docs/two?b=2&a=1": page("Two", "/docs/"),
    "/deep/er/three": page("Three", "../../docs/one"),
    "/docs/logo.png": { type: "image/png", body: "x" },
  });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 5, failed: 0, deleted: 0 });
  expect(site.log).toEqual([
    "404 /robots.txt",
    "200 /",
    "200 /docs/",
    "200 /docs/one",
    "200 /docs/two?b=2&a=1",
    "404 /docs/missing",
    "200 /deep/er/three",
  ]);
  expect(await found(connection, "herons")).toMatchObject([{ path: "/docs/one", name: "One" }]);
});

test("counts are correct over three syncs, and unchanged pages are not sent again", async () => {
  site.put({
    "/": { etag: '"1"', body: page("Home", "/a", "/b", "/c") },
    "/a": { etag: '"a1"', body: page("A", "/d") },
    "/b": { etag: 'W/"b1"', body: page("B") },
    "/c": page("C has no validator"),
    "/d": { etag: '"d1"', body: page("D") },
  });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 5, updated: 0, deleted: 0, skipped: 0, failed: 0 });
  site.log.length = 0;
  expect(await sync(connection)).toMatchObject({ inserted: 0, updated: 0, deleted: 0, skipped: 5, failed: 0 });
  expect(site.log.slice(1)).toEqual(["304 /", "304 /a", "304 /b", "200 /c", "304 /d"]);

  site.put({ "/b": { etag: '"b2"', body: page("B is new") } });
  site.pages.delete("/d");
  expect(await sync(connection)).toMatchObject({ inserted: 0, updated: 1, deleted: 1, skipped: 3, failed: 0 });
  expect(await pathsOf(connection, ["/", "/a", "/b", "/c", "/d"])).toEqual(["/", "/a", "/b", "/c"]);
  expect(await sync(connection)).toMatchObject({ inserted: 0, updated: 0, deleted: 0, skipped: 4, failed: 0 });
});

test("a page without links to it any more is deleted", async () => {
  site.put({ "/": page("Home", "/a", "/b"), "/a": page("A"), "/b": page("B") });
  const connection = await connect();
  await sync(connection);
  site.put({ "/": page("Home", "/a") });
  expect(await sync(connection)).toMatchObject({ updated: 1, deleted: 1, skipped: 1 });
});

test("a time of last change is a validator too, unless the page changed in the second of the response", async () => {
  const changed = "Mon, 05 Jan 2026 10:00:00 GMT";
  const dated = (date: string) => ({ body: page("P"), headers: { "last-modified": changed, date } });
  site.put({
    "/": page("Home", "/old", "/fresh"),
    "/old": dated("Mon, 05 Jan 2026 10:00:09 GMT"),
    "/fresh": dated(changed),
  });
  const connection = await connect();
  await sync(connection);
  await sync(connection);
  const conditions = (path: string) =>
    site.requests.filter(({ url }) => url === path).map(({ headers }) => headers["if-modified-since"]);
  expect(conditions("/old")).toEqual([undefined, changed]);
  expect(conditions("/fresh")).toEqual([undefined, undefined]);
});

// Zones west of Greenwich are behind UTC: in local time, the second of the last form would be hours after the response.
test.each(["America/New_York", "Asia/Kolkata"])(
  "each form of an HTTP date is read as UTC, even in %s",
  async (zone) => {
    const before = process.env.TZ;
    process.env.TZ = zone;
    onTestFinished(() => {
      if (before === undefined) delete process.env.TZ;
      else process.env.TZ = before;
    });
    expect(new Date("2026-01-05T10:00:00").toISOString()).not.toBe("2026-01-05T10:00:00.000Z");
    const forms = ["Mon, 05 Jan 2026 10:00:00 GMT", "Monday, 05-Jan-26 10:00:00 GMT", "Mon Jan  5 10:00:00 2026"];
    const [sameSecond = "", later = ""] = ["Mon, 05 Jan 2026 10:00:00 GMT", "Mon, 05 Jan 2026 10:00:01 GMT"];
    const paths = forms.flatMap((_, index) => [`/later/${index}`, `/same/${index}`]);
    site.put({ "/": page("Home", ...paths) });
    for (const [index, changed] of forms.entries()) {
      const dated = (date: string) => ({ body: page("P"), headers: { "last-modified": changed, date } });
      site.put({ [`/later/${index}`]: dated(later), [`/same/${index}`]: dated(sameSecond) });
    }
    const connection = await connect();
    await sync(connection);
    await sync(connection);
    const conditions = (path: string) =>
      site.requests.filter(({ url }) => url === path).map(({ headers }) => headers["if-modified-since"]);
    for (const [index, changed] of forms.entries()) {
      expect(conditions(`/later/${index}`)).toEqual([undefined, changed]);
      expect(conditions(`/same/${index}`)).toEqual([undefined, undefined]);
    }
  },
);

test("a state that was stored by an unfinished job is not mistaken for the previous one", async () => {
  site.put({ "/": page("Home", "/a", "/z"), "/a": { etag: '"1"', body: page("First") }, "/z": page("Z") });
  const connection = await connect();
  await sync(connection);
  site.put({ "/a": { etag: '"2"', body: page("Second") }, "/z": { status: 500 } });
  expect(await sync(connection)).toMatchObject({ state: "completed", updated: 1, failed: 1 });
  site.put({ "/a": { etag: '"1"', body: page("First") }, "/z": page("Z") });
  expect(await sync(connection)).toMatchObject({ updated: 1, skipped: 2 });
  expect(await found(connection, "first")).toHaveLength(1);
});

test("a temporarily unreadable page keeps its stored entity, and those that only it leads to", async () => {
  site.put({ "/": page("Home", "/a", "/b"), "/a": page("A", "/behind"), "/b": page("B"), "/behind": page("Behind") });
  const connection = await connect();
  await sync(connection);
  site.put({ "/a": { status: 503 } });
  site.pages.delete("/b");
  expect(await sync(connection)).toMatchObject({ state: "completed", failed: 1, deleted: 1, skipped: 1 });
  expect(await pathsOf(connection, ["/a", "/b", "/behind"])).toEqual(["/a", "/behind"]);
  expect(parts.waits).toEqual([1_000, 5_000, 15_000]);
});

test("a busy page is requested again after the time that it requests", async () => {
  let requested = 0;
  site.put({
    "/": (_, response) => {
      requested += 1;
      if (requested === 1) response.writeHead(429, { "retry-after": "7" }).end();
      else if (requested === 2) response.destroy();
      else response.writeHead(200, { "content-type": "text/html" }).end(page("Home"));
    },
  });
  expect(await sync(await connect())).toMatchObject({ state: "completed", inserted: 1, failed: 0 });
  expect(parts.waits).toEqual([7_000, 5_000]);
});

test("a site that stops responding fails the job, and stored pages stay", async () => {
  const paths = Array.from({ length: 30 }, (_, number) => `/page-${number}`);
  site.put({ "/": page("Home", ...paths), ...Object.fromEntries(paths.map((path) => [path, page(path)])) });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 31 });
  site.put(Object.fromEntries(paths.map((path) => [path, { status: 500 }])));
  const down = await sync(connection);
  expect(down).toMatchObject({ state: "failed", deleted: 0 });
  expect(down.error).toBe("10 pages in a row could not be read. The last one: The site returned 500.");
  expect(await pathsOf(connection, paths)).toHaveLength(30);
});

test("depth, number and path of pages are bounded, and left-out pages are reported", async () => {
  site.put({
    "/start": page("Start", "/docs/1", "/blog/1"),
    "/docs/1": page("1", "/docs/2"),
    "/docs/2": page("2", "/docs/3"),
    "/docs/3": page("3"),
    "/blog/1": page("Blog"),
  });
  const start = { start_url: `${site.origin}/start`, path_prefix: "/docs/" };
  expect(await sync(await connect(start))).toMatchObject({ inserted: 4, failed: 0 });
  expect(await sync(await connect({ ...start, max_depth: 1 }))).toMatchObject({ inserted: 2, failed: 0 });
  expect(await sync(await connect({ ...start, max_depth: 0 }))).toMatchObject({ inserted: 1, failed: 0 });
  expect(await sync(await connect({ ...start, max_pages: 3 }))).toMatchObject({ inserted: 3, failed: 1 });
});

test("robots.txt is respected: its rules for Weft, and its delay within a bound", async () => {
  site.put({
    "/robots.txt": {
      type: "text/plain",
      body: "User-agent: *\nDisallow: /\n\nUser-agent: Weft\nDisallow: /private\nAllow: /private/open\nCrawl-delay: 3\n",
    },
    "/": page("Home", "/private/a", "/private/open", "/b"),
    "/private/a": page("Secret"),
    "/private/open": page("Open"),
    "/b": page("B"),
  });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 3, failed: 0 });
  expect(site.log).not.toContain("200 /private/a");
  expect(parts.waits).toEqual([3_000, 3_000, 3_000]);
  expect(site.requests.every(({ headers }) => headers["user-agent"] === "Weft")).toBe(true);

  site.put({ "/robots.txt": { type: "text/plain", body: "User-agent: *\nCrawl-delay: 86400\n" } });
  parts.waits.length = 0;
  await sync(connection);
  expect(new Set(parts.waits)).toEqual(new Set([10_000]));
});

test("a robots.txt that forbids everything, or is unreadable, fails the job with a sentence", async () => {
  site.put({ "/": page("Home"), "/robots.txt": { type: "text/plain", body: "User-agent: *\nDisallow: /" } });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({
    state: "failed",
    error: `The start page ${site.origin}/ cannot be read. The site's robots.txt forbids reading it.`,
  });
  site.put({ "/robots.txt": { status: 500 } });
  expect((await sync(connection)).error).toBe(
    "The site returned 500 for its robots.txt. Without that no page may be read.",
  );
  site.pages.delete("/robots.txt");
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 1 });
});

test("an unreadable start page fails the job with the reason", async () => {
  const errors: string[] = [];
  const start = `The start page ${site.origin}/ cannot be read. `;
  const responses = [
    { status: 404 },
    { status: 403 },
    { type: "application/pdf", body: "%PDF" },
    { status: 301, headers: { location: "https://www.site.test/" } },
    { status: 302, headers: { location: "/" } },
  ];
  const connection = await connect();
  for (const reply of responses) {
    site.put({ "/": reply });
    errors.push((await sync(connection)).error?.replace(start, "") ?? "none");
  }
  expect(errors).toEqual([
    "It does not exist.",
    "The site returned 403.",
    "It is not a page, but application/pdf.",
    "It redirects to another host, scheme or port, which is not followed.",
    "It redirects in a circle.",
  ]);
});

test("redirects are followed within the site, and a page that several lead to is read once, under its own address", async () => {
  site.put({
    "/": page("Home", "/old", "/older", "/new"),
    "/older": { status: 302, headers: { location: "old" } },
    "/old": { status: 301, headers: { location: "/new#part" } },
    "/new": page("New", "/"),
  });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 2, failed: 0 });
  expect(await pathsOf(connection, ["/", "/old", "/older", "/new"])).toEqual(["/", "/new"]);
});

test("a page that names another as its canonical address is left out", async () => {
  site.put({
    "/": page("Home", "/a?from=home"),
    "/a?from=home": `<link rel="canonical" href="/a"><title>A</title>Copy <a href="/b">b</a>`,
    "/a": `<link rel="canonical" href="/a"><title>A</title>Original`,
    "/b": `<link rel="canonical" href="https://other.test/b"><title>B</title>`,
  });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 3 });
  expect(await pathsOf(connection, ["/a", "/a?from=home", "/b"])).toEqual(["/a", "/b"]);
});

test("robots directives of pages are respected: noindex and nofollow", async () => {
  const asking = (what: string, ...links: string[]) => `<meta name="robots" content="${what}">${page("P", ...links)}`;
  const tagged = (tag: string, ...links: string[]) => ({ headers: { "x-robots-tag": tag }, body: page("P", ...links) });
  site.put({
    "/": asking("NOINDEX", "/a", "/b", "/c", "/d"),
    "/a": asking("nofollow", "/hidden"),
    "/b": tagged("noindex", "/behind-b"),
    "/c": tagged("googlebot: noindex, nofollow", "/behind-c"),
    "/d": `<meta name="weft" content="none">${page("P", "/hidden")}`,
    "/hidden": page("Hidden"),
    "/behind-b": page("B"),
    "/behind-c": page("C"),
  });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 4, failed: 0 });
  const all = ["/", "/a", "/b", "/c", "/d", "/hidden", "/behind-b", "/behind-c"];
  expect(await pathsOf(connection, all)).toEqual(["/a", "/behind-b", "/behind-c", "/c"]);
  expect(site.log).not.toContain("200 /hidden");

  site.put({ "/": asking("none", "/a") });
  expect(await sync(connection)).toMatchObject({
    state: "failed",
    error: expect.stringMatching(/asks robots neither to index it nor to follow its links\.$/),
  });
});

test("a page that is no longer to be indexed is deleted, even if the site says so without sending it again", async () => {
  const tagged: { headers: Record<string, string> } = { headers: {} };
  site.put({
    "/": page("Home", "/a"),
    "/a": (request, response) => {
      const isKnown = request.headers["if-none-match"] === '"1"';
      response.writeHead(isKnown ? 304 : 200, { etag: '"1"', "content-type": "text/html", ...tagged.headers });
      response.end(isKnown ? undefined : page("A", "/b"));
    },
    "/b": page("B"),
  });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 3 });
  tagged.headers = { "x-robots-tag": "noindex" };
  expect(await sync(connection)).toMatchObject({ deleted: 1, skipped: 2 });
  tagged.headers = { "x-robots-tag": "nofollow" };
  expect(await sync(connection)).toMatchObject({ inserted: 1, deleted: 1, skipped: 1 });
  tagged.headers = {};
  expect(await sync(connection)).toMatchObject({ inserted: 1, deleted: 0, skipped: 2 });
});

test("a noindex page in a sitemap is a problem, and is deleted", async () => {
  site.put({ "/map.txt": { type: "text/plain", body: `${site.origin}/a\n${site.origin}/b` }, "/a": page("A") });
  site.put({ "/b": page("B") });
  const connection = await connect({ sitemap_url: `${site.origin}/map.txt` });
  expect(await sync(connection)).toMatchObject({ inserted: 2 });
  site.put({ "/b": `<meta content="noindex" name="robots">${page("B")}` });
  expect(await sync(connection)).toMatchObject({ skipped: 1, failed: 1, deleted: 1 });
});

test("text and Markdown are read unchanged, HTML becomes Markdown without scripts, and other files are left out", async () => {
  site.put({
    "/": page("Home", "/t", "/m", "/feed", "/h"),
    "/t": { type: "text/plain", body: "Plain <b>herons</b>" },
    "/m": { type: "text/markdown; charset=utf-8", body: "\n# Otters\n\n* swim" },
    "/feed": { type: "application/rss+xml", body: "<rss/>" },
    "/h": `<title> Two
      lines </title><nav><a href="/behind-nav">Trout nav</a></nav><h2>Trout</h2><script>trout()</script>
      <table><tr><th>Fish<th>Weight<tr><td>Trout<td>2 kg</table><p><img alt="a trout" src="data:x"><a href="/t">text</a>`,
    "/behind-nav": page("Behind"),
  });
  const connection = await connect();
  expect(await sync(connection)).toMatchObject({ inserted: 5, failed: 0 });
  expect(await found(connection, "herons")).toMatchObject([{ path: "/t", text: "Plain <b>herons</b>", name: "/t" }]);
  expect(await found(connection, "otters")).toMatchObject([{ name: "Otters", text: "# Otters\n\n* swim" }]);
  const [trout] = await found(connection, "trout");
  expect(trout?.name).toBe("Two lines");
  expect(trout?.text).toBe(`## Trout\n\n| Fish | Weight |\n| Trout | 2 kg |\n\na trout[text](${site.origin}/t)`);
});

test("a sitemap's pages are read through an index, circles and other hosts included, and their links are not", async () => {
  const { origin } = site;
  site.put({
    "/sitemap.xml": {
      type: "application/xml",
      body: `<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">
        <sitemap><loc>${origin}/a.xml</loc></sitemap><sitemap><loc> ${origin}/b.txt </loc></sitemap>
        <sitemap><loc>${origin}/sitemap.xml</loc></sitemap><sitemap><loc>https://other.test/c.xml</loc></sitemap>
        <sitemap><loc>${origin}/missing.xml</loc></sitemap></sitemapindex>`,
    },
    "/a.xml": {
      type: "text/xml",
      body: `<urlset xmlns:image="x"><url><loc>${origin}/one?a=1&amp;b=2</loc><image:loc>${origin}/image</image:loc></url>
        <url><loc><![CDATA[${origin}/two]]></loc></url><url><loc>https://other.test/</loc></url></urlset>`,
    },
    "/b.txt": { type: "text/plain", body: `${origin}/two\r\n${origin}/three\n` },
    "/one?a=1&b=2": page("One", "/four"),
    "/two": page("Two"),
    "/three": page("Three"),
    "/four": page("Four"),
  });
  const connection = await connect({ sitemap_url: `${origin}/sitemap.xml` });
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 3, failed: 1 });
  expect(site.log.filter((line) => line.endsWith("/sitemap.xml"))).toHaveLength(1);
  expect(await pathsOf(connection, ["/one?a=1&b=2", "/two", "/three", "/four"])).toHaveLength(3);
});

test("a page of a sitemap that robots.txt forbids is a problem, and is deleted", async () => {
  const { origin } = site;
  site.put({ "/s": { type: "text/plain", body: `${origin}/a\n${origin}/b` }, "/a": page("A"), "/b": page("B") });
  const connection = await connect({ sitemap_url: `${origin}/s` });
  expect(await sync(connection)).toMatchObject({ inserted: 2 });
  site.put({ "/robots.txt": { type: "text/plain", body: "User-agent: weft\nDisallow: /b" } });
  expect(await sync(connection)).toMatchObject({ state: "completed", failed: 1, deleted: 1, skipped: 1 });
});

test("an invalid or missing sitemap fails the job with a sentence", async () => {
  const at = `${site.origin}/sitemap.xml`;
  const connection = await connect({ sitemap_url: at });
  expect((await sync(connection)).error).toBe(`The sitemap ${at} cannot be read. The site returned 404.`);
  site.put({ "/sitemap.xml": page("No sitemap") });
  expect((await sync(connection)).error).toBe(`The sitemap ${at} cannot be read. It is no sitemap.`);
});

test("invalid addresses cannot be connected, and neither can both kinds together or none", async () => {
  const refused = (config: Record<string, unknown>) => weft.connect("web", { config });
  await expect(refused({ start_url: "ftp://site.test/" })).rejects.toThrow(/Expected the address/);
  await expect(refused({ start_url: "https://ada:secret@site.test/" })).rejects.toThrow(/no user/);
  await expect(refused({})).rejects.toThrow(/Give either/);
  await expect(refused({ start_url: "https://a.test/", sitemap_url: "https://a.test/s" })).rejects.toThrow(
    /Give either/,
  );
  const strict = webSource({ ...parts, allowHttp: false });
  await expect(strict.check?.({ start_url: "http://site.test/" })).rejects.toThrow(/must begin with https/);
});
