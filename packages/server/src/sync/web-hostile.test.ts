import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { keyOf, openTestWeft } from "./fixtures/test-weft.ts";
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

test("a page of fifty megabytes is a problem, declared or not, and is not read to its end", async () => {
  const reason = `The page is larger than ${limits.webPageBytesMax} bytes.`;
  const size = 50 * 1024 * 1024;
  let sent = 0;
  const send: TestResponse = (_, response) => {
    const chunk = Buffer.alloc(64 * 1024, "x");
    response.writeHead(200, { "content-type": "text/html" });
    const more = () => {
      while (sent < size && !response.destroyed) {
        sent += chunk.length;
        if (!response.write(chunk)) return;
      }
      response.end();
    };
    response.on("drain", more).on("error", () => {});
    more();
  };
  expect(await syncWith(send)).toMatchObject({ ...oneBad, problems: [reason] });
  expect(sent).toBeLessThan(size);
  const declared: TestResponse = (_, response) => {
    response.on("error", () => {});
    response.writeHead(200, { "content-type": "text/html", "content-length": size });
    response.write("x");
  };
  expect(await syncWith(declared)).toMatchObject({ ...oneBad, problems: [reason] });
});

test("a redirect to a private address, to another port or out of HTTP is not followed", async () => {
  const other = await TestSite.open();
  const targets = [
    "http://169.254.169.254/latest/meta-data",
    `${other.origin}/`,
    "file:///etc/passwd",
    "http://[::1]/",
  ];
  for (const location of targets) {
    const result = await syncWith({ status: 302, headers: { location } });
    const problems = ["It redirects to another host, scheme or port, which is not followed."];
    expect(result, location).toMatchObject({ ...oneBad, problems });
  }
  expect(other.requests).toEqual([]);
  await other[Symbol.asyncDispose]();
});

test("a site at a private address is not read unless it is allowed, and the error does not contain the address", async () => {
  const { host } = new URL(site.origin);
  expect(await syncWith("", { allowNetworks: ["10.0.0.0/8"] })).toMatchObject({
    state: "failed",
    error: `The host ${host} is at an address that this Weft may not connect to.`,
  });
  expect(site.requests).toEqual([]);
});

test("redirects that are circular, endless or without an address are problems", async () => {
  const circle = await syncWith({ status: 301, headers: { location: "/bad" } });
  expect(circle).toMatchObject({ ...oneBad, problems: ["It redirects in a circle."] });
  let steps = 0;
  const step: TestResponse = (_, response) => {
    const next = `/step-${++steps}`;
    site.put({ [next]: step });
    response.writeHead(307, { location: next }).end();
  };
  expect(await syncWith(step)).toMatchObject({ ...oneBad, problems: ["It redirects more than 5 times."] });
  expect(steps).toBe(6);
  const nowhere = await syncWith({ status: 302 });
  expect(nowhere).toMatchObject({ ...oneBad, problems: ["It redirects without a target."] });
});

test("a page that trickles is given up at its time limit, and so is a silent one", async () => {
  const trickle: TestResponse = (_, response) => {
    response.writeHead(200, { "content-type": "text/html" });
    const timer = setInterval(() => response.write("x"), 20);
    response.on("close", () => clearInterval(timer));
  };
  expect(await syncWith(trickle, { timeoutMs: 1_000 })).toMatchObject({
    ...oneBad,
    problems: ["The response began but did not end within 1 second."],
  });
  expect(await syncWith(() => {}, { timeoutMs: 1_000 })).toMatchObject({
    ...oneBad,
    problems: ["No response arrived within 1 second."],
  });
});

test("pages are requested uncompressed, and compressed responses are not decompressed", async () => {
  const bomb = gzipSync(Buffer.alloc(20 * 1024 * 1024));
  const result = await syncWith({ headers: { "content-encoding": "gzip" }, body: bomb });
  const problems = ["It is compressed (gzip), although the request did not allow that."];
  expect(result).toMatchObject({ ...oneBad, problems });
  expect(site.requests.slice(1).every(({ headers }) => headers["accept-encoding"] === "identity")).toBe(true);
});

test("a sitemap in a gzip file is read, and a decompression bomb is refused", async () => {
  await using parts = readingParts();
  await using weft = await openTestWeft({ sources: [webSource({ ...parts, allowHttp: true })] });
  const sitemap_url = `${site.origin}/sitemap.xml.gz`;
  const key = keyOf(await weft.connect("web", { config: { sitemap_url } }));
  const sync = async () => await weft.ended(key, (await weft.connections.run(key)).id);
  const zipped = (text: string | Buffer) => ({ type: "application/gzip", body: gzipSync(text) });
  site.put({ ...good, "/sitemap.xml.gz": zipped(`<urlset><url><loc>${site.origin}/good</loc></url></urlset>`) });
  expect(await sync()).toMatchObject({ state: "completed", counts: { inserted: 1 } });
  site.put({ "/sitemap.xml.gz": zipped(Buffer.alloc(20 * 1024 * 1024)) });
  const bomb = await sync();
  expect(bomb).toMatchObject({ state: "failed", error: expect.stringMatching(/broken or larger than \d+ bytes/) });
});

test("invalid HTML is read as browsers would read it", async () => {
  const broken = `<title>Bad<b></title><p>Otters <b>swim <i>fast</p></b> <a href="/good" <div>unclosed <table><tr><td>x &amp &#x110000; <!-- `;
  expect(await syncWith(broken)).toMatchObject({ state: "completed", inserted: 3, problems: [] });
});

test("a page is read by its actual encoding, and one with a wrong declaration is a problem", async () => {
  const latin = Buffer.from("<title>Grün</title>M\xf6wen", "latin1");
  for (const page of [
    { type: "text/html; charset=iso-8859-1", body: latin },
    { type: "text/html", body: Buffer.concat([Buffer.from('<meta charset="windows-1252">'), latin]) },
    { type: "text/html", body: latin },
    { type: "text/html; charset=no-such-charset", body: latin },
    { type: "text/html; charset=utf-8", body: Buffer.from("\ufeff<title>Grün</title>Möwen", "utf16le") },
  ]) {
    expect(await syncWith(page)).toMatchObject({ inserted: 3, problems: [] });
  }
  expect(await syncWith({ type: "text/html; charset=utf-8", body: latin })).toMatchObject({
    ...oneBad,
    problems: ["The page is not valid utf-8, which it is said to be."],
  });
  expect(await syncWith({ type: "text/plain", body: "a\0b" })).toMatchObject({
    ...oneBad,
    problems: ["The page is binary."],
  });
});

test("a response that is not HTTP, or ends early, is a problem of that page alone", async () => {
  const cut: TestResponse = (_, response) => {
    response.writeHead(200, { "content-type": "text/html", "content-length": 1_000 });
    response.write("half", () => response.destroy());
  };
  expect(await syncWith(cut)).toMatchObject({
    ...oneBad,
    problems: ["The receiver closed the connection before it responded."],
  });
  const noise: TestResponse = (_, response) => response.socket?.end("SSH-2.0-OpenSSH\r\n\r\n");
  expect(await syncWith(noise)).toMatchObject({ ...oneBad, problems: [expect.stringMatching(/not valid HTTP/)] });
});

test("an unrequested 304 keeps the stored entity", async () => {
  expect(await syncWith({ status: 304 })).toMatchObject({
    ...oneBad,
    problems: ["The site returned 304 to a request that was not conditional."],
  });
});
