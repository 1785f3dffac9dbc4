import { readdirSync, readFileSync, statSync } from "node:fs";
import { join, posix } from "node:path";
import type { Page } from "playwright-core";
import { beforeAll, expect, test } from "vitest";
import { runWeft, startCommand } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { documentation } from "../../packages/server/src/console/layout/documentation.ts";
import { readPages, servedFolder, siteFolder } from "../../site/pages.ts";
import { accessFindings, openPage, picture, useConsole } from "../console/fixtures/console.ts";
import { buildSite } from "./built-site.ts";

const bytesMax = 5_000_000;

// The pages are built before Weft starts, which looks for them once.
beforeAll(buildSite, 300_000);
const used = useConsole();

function htmlFiles(): string[] {
  return readdirSync(siteFolder, { recursive: true, encoding: "utf8" }).filter((name) => name.endsWith(".html"));
}

/** The links, scripts, styles and images of a page. */
function addressesIn(html: string): string[] {
  return [...html.matchAll(/\s(?:href|src)="([^"]*)"/g)].map(([, address = ""]) => address.replaceAll("&amp;", "&"));
}

function open(path: string): Promise<Response> {
  return fetch(`${used.weft.url}/docs/${path}`);
}

async function show(page: Page, path: string): Promise<void> {
  await page.goto(`${used.weft.url}/docs/${path}`);
  // The search works once the page's program has started.
  await page.locator("#local-search button").first().waitFor();
}

test("the files that Weft serves fit into five megabytes", () => {
  const names = readdirSync(servedFolder, { recursive: true, encoding: "utf8" });
  const bytes = names.map((name) => statSync(join(servedFolder, name)).size).reduce((sum, size) => sum + size, 0);
  expect(bytes).toBeGreaterThan(1_000_000);
  expect(bytes).toBeLessThan(bytesMax);
});

test("every link and anchor of the built pages leads to a file of the site, and no page fetches from another host", () => {
  const pages = new Map(htmlFiles().map((name) => [name, readFileSync(join(siteFolder, name), "utf8")]));
  expect(pages.size).toBeGreaterThan(60);
  const broken: string[] = [];
  for (const [name, html] of pages) {
    for (const address of addressesIn(html)) {
      const { origin, pathname, hash } = new URL(address, `http://site/docs/${name}`);
      if (origin !== "http://site") continue;
      const path = posix.relative("/docs", pathname) + (pathname.endsWith("/") ? "/index.html" : "");
      const file = path.replace(/^\//, "");
      const anchor = decodeURIComponent(hash.slice(1));
      if (!pathname.startsWith("/docs/") || statSync(join(siteFolder, file), { throwIfNoEntry: false }) === undefined)
        broken.push(`${name}: ${address}`);
      else if (anchor !== "" && !pages.get(file)?.includes(`id="${anchor}"`)) broken.push(`${name}: ${address}`);
    }
    const foreign = [...html.matchAll(/<(?:script|link|img|iframe)[^>]*(?:src|href)="(https?:|\/\/)/g)];
    if (foreign.length > 0) broken.push(`${name} fetches from another host`);
    if (/<script(?![^>]*\ssrc=)|<style| style="/.test(html)) broken.push(`${name} has a script or style within it`);
  }
  expect(broken).toEqual([]);
});

test("Weft serves every page, compressed, with its Markdown and the lists for language models", async () => {
  for (const { path } of readPages()) {
    const page = await open(path.replace(/\.md$/, ".html"));
    expect([path, page.status, page.headers.get("content-encoding")]).toEqual([path, 200, "gzip"]);
    expect(await page.text()).toContain("<title>");
    expect(await (await open(path)).text(), path).toMatch(/^# /m);
  }
  expect(await (await open("llms.txt")).text()).toMatch(/^# Weft\n\n> Weft is/);
  expect(await (await open("llms-full.txt")).text()).toContain("# Limits and circuits");
});

test("a reader goes from the first page to a section, searches, and follows a result to its heading", async () => {
  const { page } = used;
  await show(page, "");
  await page.getByRole("navigation", { name: "Main Navigation" }).getByRole("link", { name: "Understand" }).click();
  await page.waitForURL("**/docs/understand/**");
  await page.locator("#local-search button").first().click();
  await page.getByPlaceholder("Search").fill("token bucket");
  await page.getByRole("option").filter({ hasText: "Rate limit" }).first().click();
  await page.waitForURL("**/docs/understand/limits-and-circuits.html#rate-limit");
  await page.getByRole("heading", { name: "Rate limit" }).waitFor();
});

test("a reader follows the first page to a receiver that verifies a webhook", async () => {
  const { page, weft } = used;
  await show(page, "");
  await page.getByRole("link", { name: "Get a verified webhook in five minutes" }).click();
  await page.getByRole("heading", { level: 1, name: "A verified webhook in five minutes" }).waitFor();
  const [, inbox, trigger] = await page.locator("div.language-sh code").allInnerTexts();
  expect([inbox?.trim(), trigger?.trim()]).toEqual(["weft inbox --subscribe 'sync.*'", "weft trigger sync.completed"]);
  const variables = { WEFT_URL: weft.url };
  await using receiver = await startCommand([...argumentsOf(inbox), "--port", "0"], variables);
  await receiver.wrote("Subscribed to");
  expect((await runWeft(argumentsOf(trigger), variables)).exitCode).toBe(0);
  await receiver.inOutput((output) => /sync\.completed .* verifies/.exec(output));
});

/** The arguments of `weft …`. */
function argumentsOf(command = ""): string[] {
  return command.trim().replaceAll("'", "").split(" ").slice(1);
}

test("an address without a page shows a page that says so", async () => {
  const response = await open("none.html");
  expect([response.status, response.headers.get("content-type")]).toEqual([404, "text/html; charset=utf-8"]);
  await show(used.page, "none.html");
  expect(await used.page.getByText("404").isVisible()).toBe(true);
});

const shown = ["", "start/", "receive/verify.html", "reference/rest/messages.html", "operate/security.html"];

test.each([
  { theme: "light", width: 1_440 },
  { theme: "light", width: 390 },
  { theme: "dark", width: 1_440 },
  { theme: "dark", width: 390 },
] as const)("the pages can be read in the $theme theme, $width pixels wide", async ({ theme, width }) => {
  const page = await openPage(used, { viewport: { width, height: 900 }, colorScheme: theme });
  for (const path of shown) {
    await show(page, path);
    const name = path.replace(/\W+/g, "-") || "home";
    await picture(page, `docs-${name}-${theme}-${width}`);
    expect(await accessFindings(page), path).toEqual([]);
    const overflow = await page.evaluate("document.documentElement.scrollWidth - innerWidth");
    expect([path, Number(overflow) <= 0]).toEqual([path, true]);
  }
  await page.context().close();
});

test("the account menu opens the page of the documentation that explains the current page", async () => {
  const { page, weft } = used;
  await page.goto(`${weft.url}/console/event-types`);
  await page.getByRole("button", { name: "Account" }).click();
  const [help] = await Promise.all([
    page.waitForEvent("popup"),
    page.getByRole("menuitem", { name: "Help for this page" }).click(),
  ]);
  await help.waitForURL("**/docs/send/event-types.html");
  await help.getByRole("heading", { level: 1 }).waitFor();
});

test("every help link of the console leads to a page", () => {
  const pages = new Set(
    readPages().map(({ path }) => path.replace(/(index)?\.md$/, (ending) => (ending === ".md" ? ".html" : ""))),
  );
  expect(Object.values(documentation).filter((page) => !pages.has(page))).toEqual([]);
});
