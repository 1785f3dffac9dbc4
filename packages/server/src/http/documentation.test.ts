import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import Fastify from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { serveDocumentation } from "./documentation.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-documentation-"));
// As the whole server is set up.
const server = Fastify({ routerOptions: { ignoreTrailingSlash: true } });

beforeAll(async () => {
  for (const name of ["assets", "start"]) mkdirSync(join(folder, name));
  const files = {
    "index.html": "<h1>Weft</h1>",
    "404.html": "<h1>404</h1>",
    "start/index.html": "<h1>Start</h1>",
    "assets/app.123.js": "export {}",
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, `${name}.gz`), gzipSync(text));
  serveDocumentation(server, { folder, frameAncestors: [] });
  await server.ready();
});

afterAll(async () => {
  await server.close();
  rmSync(folder, { recursive: true });
});

function get(url: string, headers: Record<string, string> = {}) {
  return server.inject({ url, headers });
}

test("the first page is at /docs/, compressed for clients that accept it, and checked at each visit", async () => {
  const page = await get("/docs/");
  expect([page.statusCode, page.body, page.headers["cache-control"]]).toEqual([200, "<h1>Weft</h1>", "no-cache"]);
  expect(page.headers["content-type"]).toBe("text/html; charset=utf-8");
  for (const accepted of ["gzip", "br, gzip;q=0.5", "*"]) {
    const compressed = await get("/docs/", { "accept-encoding": accepted });
    expect([accepted, compressed.headers["content-encoding"]]).toEqual([accepted, "gzip"]);
    expect(gunzipSync(compressed.rawPayload).toString()).toBe("<h1>Weft</h1>");
  }
  for (const accepted of ["br", "gzip;q=0", "identity, gzip; q=0.0"]) {
    const plain = await get("/docs/", { "accept-encoding": accepted });
    expect([accepted, plain.headers["content-encoding"], plain.body]).toEqual([accepted, undefined, "<h1>Weft</h1>"]);
  }
});

test("a folder shows its first page, with and without a slash at the end", async () => {
  for (const path of ["/docs", "/docs/"]) expect((await get(path)).body, path).toBe("<h1>Weft</h1>");
  for (const path of ["/docs/start", "/docs/start/"]) expect((await get(path)).body, path).toBe("<h1>Start</h1>");
});

test("an unchanged page is not sent again", async () => {
  const { etag } = (await get("/docs/")).headers;
  const again = await get("/docs/", { "if-none-match": String(etag) });
  expect([again.statusCode, again.body]).toEqual([304, ""]);
});

test("files whose names change with their content are cached permanently, and those of other versions are not found", async () => {
  expect((await get("/docs/assets/app.123.js")).headers["cache-control"]).toContain("immutable");
  const gone = await get("/docs/assets/app.122.js");
  expect([gone.statusCode, gone.headers["cache-control"]]).toEqual([404, "no-store"]);
});

test("an address without a page returns a 404 with a page for people", async () => {
  const page = await get("/docs/none.html");
  expect([page.statusCode, page.body]).toEqual([404, "<h1>404</h1>"]);
});

test("pages run only their own files, and write HTML only through the policy of Vue", async () => {
  for (const path of ["/docs/", "/docs/none.html", "/docs/assets/none.js"]) {
    const policy = String((await get(path)).headers["content-security-policy"]);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self';");
    expect(policy).toContain("trusted-types vue");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
  }
});

test("no file outside of the folder is served", async () => {
  for (const path of ["../package.json", "..%2f..%2fetc%2fpasswd", "%2e%2e/etc/passwd", "%00"]) {
    expect([400, 403, 404], path).toContain((await get(`/docs/${path}`)).statusCode);
  }
});

test("without a built site, every address below /docs names the command that builds it", async () => {
  await using without = Fastify();
  serveDocumentation(without, { folder: join(folder, "none"), frameAncestors: [] });
  const response = await without.inject("/docs/");
  expect([response.statusCode, response.body.includes("npm run docs")]).toEqual([503, true]);
});
