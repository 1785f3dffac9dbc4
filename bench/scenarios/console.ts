import { gzipSync } from "node:zlib";
import { consoleTexts as texts } from "../../packages/server/src/console/texts/console-texts.ts";
import {
  type Browser,
  type BrowserContext,
  launchBrowser,
  type Page,
  type Response,
} from "../../tests/console/fixtures/chromium.ts";
import { type ConsoleCall, callTimes, consoleCalls } from "../console-calls.ts";
import type { Installation } from "../installation.ts";
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

/**
 * The console's budgets: its download size, its load time, its speed of paging through very many messages, and the response
 * times of the calls that its pages make.
 */
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
  const history = await storeHistory(weft, scaled(run, messageCount));
  const url = weft.installation.urls[0] ?? "";
  const browser = await launchBrowser();
  try {
    const known = await logIn(browser, url, weft.installation.adminKey);
    const scriptBytes = await loadedScript(await profile(browser, known), url);
    const thereMs: number[] = [];
    for (let time = 0; time < opened; time++) thereMs.push(await openingMs(await profile(browser, known), url));
    const pageMs = await pagingMs(await profile(browser, known), url);
    const calls: Result[] = [];
    for (const call of consoleCalls(history)) calls.push(...(await callResults(weft.installation, call)));
    const scenario = "console" as const;
    const stored = scaled(run, messageCount).toLocaleString("en");
    return [
      atMost(scriptKilobytesMax, { scenario, metric: "script, gzipped", value: scriptBytes / 1_000, unit: "KB" }),
      atMost(thereMsMax, { scenario, metric: "usable", value: percentile(thereMs, 0.5), unit: "ms" }),
      reported({ scenario, metric: `page p50, ${stored} messages`, value: percentile(pageMs, 0.5), unit: "ms" }),
      atMost(pageMsMax, {
        scenario,
        metric: `page p99, ${stored} messages`,
        value: percentile(pageMs, 0.99),
        unit: "ms",
      }),
      ...calls,
    ];
  } finally {
    await browser.close();
  }
}

async function callResults(installation: Installation, call: ConsoleCall): Promise<Result[]> {
  const times = await callTimes(installation, call);
  const { name } = call;
  const scenario = "console" as const;
  return [
    reported({ scenario, metric: `call p50, ${name}`, value: percentile(times, 0.5), unit: "ms" }),
    atMost(pageMsMax, { scenario, metric: `call p99, ${name}`, value: percentile(times, 0.99), unit: "ms" }),
  ];
}

type StorageState = Awaited<ReturnType<BrowserContext["storageState"]>>;

async function logIn(browser: Browser, url: string, key: string): Promise<StorageState> {
  const page = await browser.newPage();
  await page.goto(`${url}/console/`);
  await page.getByLabel(texts.logIn.key).fill(key);
  await page.getByRole("button", { name: texts.logIn.submit }).click();
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
  return page.getByText(texts.subscriptions.columns.rate).waitFor();
}

async function loadedScript(page: Page, url: string): Promise<number> {
  const scripts: Promise<Buffer>[] = [];
  const onResponse = (response: Response) => {
    if (response.url().endsWith(".js")) scripts.push(response.body());
  };
  page.on("response", onResponse);
  await page.goto(`${url}/console/`);
  await isThere(page);
  page.off("response", onResponse);
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
    const older = page.getByRole("button", { name: texts.common.older });
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
      `!document.querySelector('nav[aria-label="${texts.common.pages}"] button:last-child').disabled`,
    );
  }
  await page.context().close();
  return times;
}
