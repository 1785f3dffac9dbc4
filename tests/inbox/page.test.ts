import { signedHeaders } from "@weft/receiver";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type RunningCommand, startCommand } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { launchBrowser } from "../console/fixtures/chromium.ts";
import { openPage } from "../console/fixtures/console.ts";

const secret = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
const body = '{"event_type":"sync.completed","n":12345678901234567890}';
const complaints: string[] = [];
let browser: Browser;
let inbox: RunningCommand;
let url: string;
let page: Page;

beforeAll(async () => {
  browser = await launchBrowser();
});

beforeEach(async () => {
  inbox = startCommand(["inbox", "--port", "0", "--json"], { WEFT_SIGNING_SECRET: secret });
  url = String((await inbox.line(({ event }) => event === "listening")).url);
  complaints.length = 0;
  page = await openPage({ browser, complaints });
  await page.goto(`${url}/`);
  await page.getByText("● live").waitFor();
});

afterEach(async () => {
  await page.context().close();
  await inbox[Symbol.asyncDispose]();
  expect(complaints).toEqual([]);
});

afterAll(() => browser.close());

async function send(path: string, text = body, id = "msg_1"): Promise<Response> {
  const headers = await signedHeaders(body, { id, timestamp: new Date(), secret });
  return fetch(url + path, { method: "POST", body: text, headers: { ...headers, "content-type": "application/json" } });
}

const lines = () => page.locator("summary").allTextContents();

test("requests appear as they arrive, newest first, with their verdict, and copies are marked", async () => {
  await send("/first");
  await send("/second", `${body}\n`);
  await page.getByText("POST /second").waitFor();
  const [newest, oldest] = await lines();
  expect(newest).toMatch(/POST \/second.*copy 2 of this id.*does not verify: body changed/);
  expect(oldest).toMatch(/POST \/first.*sync\.completed.*msg_1verifies.*returned 200/);
});

test("a request shows why it does not verify, its headers, and its received body, in lines and in bytes", async () => {
  await send("/hook", `${body}\n`);
  await page.getByText("POST /hook").click();
  await page.getByText("the body without the line break at its end").waitFor();
  await page.getByRole("row", { name: "webhook-id msg_1" }).waitFor();
  const shown = page.getByLabel("Body", { exact: true }).last();
  expect(await shown.textContent()).toBe('{\n  "event_type": "sync.completed",\n  "n": 12345678901234567890\n}');
  await page.getByRole("button", { name: "Raw" }).click();
  expect(await shown.textContent()).toBe(`${body}\n`);
  await page.getByRole("button", { name: "Hex" }).click();
  expect(await shown.textContent()).toContain("7b 22 65 76");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download body" }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe(`${body}\n`);
});

test("the response is set on the page, and a mistake is shown there", async () => {
  await page.getByLabel("Status").fill("503");
  await page.getByLabel("Body").fill("later");
  await page.getByRole("button", { name: "Save response" }).click();
  await page.getByText("Done.").waitFor();
  const response = await send("/hook");
  expect([response.status, await response.text()]).toEqual([503, "later"]);
  await page.getByText("returned 503").waitFor();
  // Bypasses the validation of the browser itself.
  await page.locator("form").evaluate((form) => form.setAttribute("novalidate", ""));
  await page.getByLabel("Delay").fill("301");
  await page.getByRole("button", { name: "Save response" }).click();
  await page.getByText("The delay must be a number of seconds from 0 to 300.").waitFor();
});
