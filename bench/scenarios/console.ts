import { gzipSync } from "node:zlib";
import type { Browser, BrowserContext, Page } from "playwright-core";
import { launchBrowser } from "../../tests/console/fixtures/chromium.ts";
import { percentile } from "../percentile.ts";
import { atMost, type Result, reported } from "../results.ts";
import { type Run, type Scenario, scaled } from "../scenario.ts";
import { storeHistory } from "../used-weft.ts";
import { WeftUnderLoad } from "../weft-under-load.ts";

const messageCount = 1_000_000;
const opened = 5;
const pagesRead = 40;
const scriptKilobytesMax = 200;
const thereMsMax = 1_000;
const pageMsMax = 100;

/** The console's budgets: its download size, its load time, and its speed of paging through very many messages. */
export const consolePages: Scenario = {
  name: "console",
  needs: [],
  isDefault: false,
  minutesMax: 20,
  hasTraffic: false,
  run: measureConsole,
};

async function measureConsole(run: Run): Promise<Result[]> {
  await using weft = await WeftUnderLoad.open(run);
  await storeHistory(weft, scaled(run, messageCount));
  const url = weft.installation.urls[0] ?? "";
  const browser = await launchBrowser();
  try {
    const known = await logIn(browser, url, weft.installation.adminKey);
    const scriptBytes = await loadedScript(await profile(browser, known), url);
    const thereMs: number[] = [];
    for (let time = 0; time < opened; time++) thereMs.push(await openingMs(await profile(browser, known), url));
    const pageMs = await pagingMs(await profile(browser, known), url);
    const scenario = "console" as const;
    const stored = scaled(run, messageCount).toLocaleString("en");
    return [
      atMost(scriptKilobytesMax, { scenario, metric: "script, gzipped", value: scriptBytes / 1_000, unit: "KB" }),
      atMost(thereMsMax, { scenario, metric: "there", value: percentile(thereMs, 0.5), unit: "ms" }),
      reported({ scenario, metric: `page p50, ${stored} messages`, value: percentile(pageMs, 0.5), unit: "ms" }),
      atMost(pageMsMax, {
        scenario,
        metric: `page p99, ${stored} messages`,
        value: percentile(pageMs, 0.99),
        unit: "ms",
      }),
    ];
  } finally {
    await browser.close();
  }
}

type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

async function logIn(browser: Browser, url: string, key: string): Promise<StorageState> {
  const page = await browser.newPage();
  await page.goto(`${url}/console/`);
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Log in" }).click();
  await isThere(page);
  const known = await page.context().storageState();
  await page.context().close();
  return known;
}

/** A page of a browser that has only the session. */
async function profile(browser: Browser, known: StorageState): Promise<Page> {
  return await (await browser.newContext({ storageState: known, locale: "en-GB" })).newPage();
}

function isThere(page: Page): Promise<void> {
  return page.getByText("Success rate").waitFor();
}

async function loadedScript(page: Page, url: string): Promise<number> {
  const scripts: Promise<Buffer>[] = [];
  page.on("response", (response) => {
    if (response.url().endsWith(".js")) scripts.push(response.body());
  });
  await page.goto(`${url}/console/`);
  await isThere(page);
  const sizes = (await Promise.all(scripts)).map((script) => gzipSync(script, { level: 9 }).length);
  await page.context().close();
  return sizes.reduce((sum, size) => sum + size, 0);
}

async function openingMs(page: Page, url: string): Promise<number> {
  const beganAt = performance.now();
  await page.goto(`${url}/console/`, { waitUntil: "commit" });
  await isThere(page);
  const ms = performance.now() - beganAt;
  await page.context().close();
  return ms;
}

/** From the click to the frame in which the rows have changed, by the page's own clock. */
async function pagingMs(page: Page, url: string): Promise<number[]> {
  await page.goto(`${url}/console/messages`);
  await page.getByRole("row").nth(2).waitFor();
  const times: number[] = [];
  for (let read = 0; read < pagesRead; read++) {
    const older = page.getByRole("button", { name: "Older" });
    times.push(
      await older.evaluate(async (button) => {
        const { document, requestAnimationFrame } = globalThis as unknown as {
          document: { querySelector(selector: string): { getAttribute(name: string): string | null } | null };
          requestAnimationFrame(then: () => void): void;
        };
        const firstRow = () => document.querySelector("tbody tr a")?.getAttribute("href");
        const before = firstRow();
        const beganAt = performance.now();
        (button as unknown as { click(): void }).click();
        while (firstRow() === before) await new Promise<void>((resolve) => requestAnimationFrame(resolve));
        return performance.now() - beganAt;
      }),
    );
    await page.waitForFunction(
      "!document.querySelector('nav[aria-label=\"Pages of this list\"] button:last-child').disabled",
    );
  }
  await page.context().close();
  return times;
}
