import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../api/fixtures/running-weft.ts";

let weft: RunningWeft;

beforeAll(async () => {
  weft = await RunningWeft.start();
});

afterAll(async () => {
  await weft[Symbol.asyncDispose]();
});

const browser = { accept: "text/html,application/xhtml+xml,*/*;q=0.8" };

function open(path: string, headers: Record<string, string> = browser) {
  return fetch(weft.url + path, { headers, redirect: "manual" });
}

/** The path is sent as it is: `fetch` would normalise it. */
function statusOf(path: string): Promise<number | undefined> {
  const { hostname, port } = new URL(weft.url);
  return new Promise((resolve, reject) => {
    request({ hostname, port, path, headers: browser }, (response) => {
      response.resume();
      resolve(response.statusCode);
    })
      .on("error", reject)
      .end();
  });
}

test("browsers are redirected from / to the console, and programs get the server's name", async () => {
  const page = await open("/");
  expect([page.status, page.headers.get("location")]).toEqual([302, "/console/"]);
  const program = await open("/", { accept: "application/json" });
  expect(await program.json()).toMatchObject({ name: "Weft" });
});

test("every address below /console serves the console, so that deep links work", async () => {
  const first = await (await open("/console/")).text();
  expect(first).toContain('<div id="root">');
  for (const path of [
    "/console",
    "/console/messages",
    "/console/messages/msg_1?attempt=a",
    "/console/event-types/sync.completed",
  ]) {
    const response = await open(path);
    expect([response.status, await response.text()], path).toEqual([200, first]);
    expect(response.headers.get("content-type")).toContain("text/html");
    expect(response.headers.get("cache-control")).toBe("no-cache");
  }
});

test("the page's own files are compressed and cached permanently, and those of other versions are not found", async () => {
  const page = await (await open("/console/")).text();
  const script = /src="(\/console\/assets\/[^"]+\.js)"/.exec(page)?.[1] ?? "";
  const response = await open(script, { "accept-encoding": "br" });
  expect(response.status).toBe(200);
  expect(response.headers.get("content-encoding")).toBe("br");
  expect(response.headers.get("cache-control")).toContain("immutable");
  expect(await response.text()).toBe(await (await open(script, { "accept-encoding": "identity" })).text());
  const gone = await open("/console/assets/index-gone.js");
  expect([gone.status, gone.headers.get("cache-control")]).toEqual([404, "no-store"]);
});

test("pages may run only their own files, cannot be framed, and send no referrer", async () => {
  for (const path of ["/console/", "/console/messages", "/console/assets/none.js"]) {
    const { headers } = await open(path);
    const policy = headers.get("content-security-policy") ?? "";
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(policy).not.toContain("unsafe");
    expect(headers.get("x-frame-options")).toBe("DENY");
    expect(headers.get("x-content-type-options")).toBe("nosniff");
    expect(headers.get("referrer-policy")).toBe("no-referrer");
  }
});

test("sites that the operator names may show the console in a frame, and no others", async () => {
  await using framed = await RunningWeft.start({ WEFT_FRAME_ANCESTORS: "https://app.example.com" });
  const { headers } = await fetch(`${framed.url}/console/`);
  expect(headers.get("content-security-policy")).toContain("frame-ancestors https://app.example.com");
  expect(headers.get("x-frame-options")).toBeNull();
});

test("no file outside of the console's folder is served, in any spelling of the path", async () => {
  const paths = [
    "../package.json",
    "..%2fpackage.json",
    "%2e%2e/package.json",
    "assets/..%2f..%2f..%2fpackage.json",
    "..%5cpackage.json",
    "%00",
  ];
  for (const path of paths) {
    const status = await statusOf(`/console/${path}`);
    expect([200, 400, 403, 404], path).toContain(status);
    const { pathname } = new URL(`${weft.url}/console/`);
    const text = await (await fetch(`${weft.url}${pathname}${path}`)).text();
    expect(text, path).not.toContain('"@weft/server"');
  }
});
