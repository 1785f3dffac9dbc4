import { signedHeaders } from "@weft/receiver";
import type { Browser, Page } from "playwright-core";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { type RunningCommand, startCommand } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { launchBrowser } from "../console/fixtures/chromium.ts";
import { accessFindings, openPage, picture } from "../console/fixtures/console.ts";

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
  expect(newest).toMatch(/POST \/second.*no\. 2 with this id.*does not verify: body changed/);
  expect(oldest).toMatch(/POST \/first.*sync\.completed.*msg_1verifies.*answered 200/);
});

test("a request shows why it does not verify, its headers, and its received body, in lines and in bytes", async () => {
  await send("/hook", `${body}\n`);
  await page.getByText("POST /hook").click();
  await page.getByText("the body without the line break at its end").waitFor();
  await page.getByRole("row", { name: "webhook-id msg_1" }).waitFor();
  const shown = page.getByLabel("Body", { exact: true }).last();
  expect(await shown.textContent()).toBe('{\n  "event_type": "sync.completed",\n  "n": 12345678901234567890\n}');
  await page.getByRole("button", { name: "As it came" }).click();
  expect(await shown.textContent()).toBe(`${body}\n`);
  await page.getByRole("button", { name: "Bytes" }).click();
  expect(await shown.textContent()).toContain("7b 22 65 76");
  const download = page.waitForEvent("download");
  await page.getByRole("link", { name: "Download the body" }).click();
  const chunks: Buffer[] = [];
  for await (const chunk of await (await download).createReadStream()) chunks.push(chunk);
  expect(Buffer.concat(chunks).toString()).toBe(`${body}\n`);
});

test("a request is copied as a shell command", async () => {
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await send("/hook?a='b'");
  await page.getByText("POST /hook").click();
  await page.getByRole("button", { name: "Copy as curl" }).click();
  await page.getByText("Copied.").waitFor();
  const copied = await page.evaluate<string>("navigator.clipboard.readText()");
  expect(copied).toContain(`curl --globoff --path-as-is -X 'POST' '${url}/hook?a=%27b%27'`);
  expect(copied).toContain("-H 'webhook-id: msg_1'");
});

test("the response is set on the page, and a mistake is shown there", async () => {
  await page.getByLabel("Status").fill("503");
  await page.getByLabel("Body").fill("later");
  await page.getByRole("button", { name: "Answer so" }).click();
  await page.getByText("Done.").waitFor();
  const response = await send("/hook");
  expect([response.status, await response.text()]).toEqual([503, "later"]);
  await page.getByText("answered 503").waitFor();
  // Bypasses the validation of the browser itself.
  await page.locator("form").evaluate((form) => form.setAttribute("novalidate", ""));
  await page.getByLabel("Delay").fill("301");
  await page.getByRole("button", { name: "Answer so" }).click();
  await page.getByText("The delay is a number of seconds from 0 to 300.").waitFor();
});

test("clearing clears every page that is open", async () => {
  const other = await openPage({ browser, complaints });
  await other.goto(`${url}/-/`);
  await send("/hook");
  await other.getByText("POST /hook").waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  for (const each of [page, other]) await each.getByText("Nothing has arrived yet").waitFor();
  await other.context().close();
});

test("any received content is shown as text and does nothing", async () => {
  const hostile = "<img src=x onerror=alert(1)><script>alert(2)</script>";
  const requested: string[] = [];
  page.on("request", (request) => void requested.push(request.url()));
  page.on("dialog", () => void complaints.push("A dialog was opened."));
  const event = JSON.stringify({ event_type: hostile, url: "javascript:alert(3)" });
  await fetch(`${url}/${encodeURIComponent(hostile)}`, {
    method: "POST",
    body: event,
    headers: { "webhook-id": hostile, "x-hostile": hostile },
  });
  await page.getByText("POST /").click();
  expect(await page.getByRole("row", { name: "x-hostile" }).textContent()).toContain(hostile);
  expect(await page.getByLabel("Body", { exact: true }).last().textContent()).toContain(hostile);
  expect(await page.locator("img, li script, li a[href^=javascript]").count()).toBe(0);
  expect(requested.every((one) => one.startsWith(`${url}/-/`))).toBe(true);
});

test("the page reconnects to an inbox that was restarted on its port", async () => {
  await send("/before");
  await page.getByText("POST /before").waitFor();
  await inbox[Symbol.asyncDispose]();
  await page.getByText("connecting …").waitFor();
  inbox = startCommand(["inbox", "--port", new URL(url).port, "--json", "--status", "201"]);
  await page.getByText("● live").waitFor();
  await page.getByText("Nothing has arrived yet").waitFor();
  expect(await page.getByLabel("Status").inputValue()).toBe("201");
  await page.getByText("to see whether requests verify").waitFor();
});

test.each(["light", "dark"] as const)(
  "the page is accessible, on a small screen too, in the theme %s",
  async (colorScheme) => {
    const small = await openPage({ browser, complaints }, { colorScheme, viewport: { width: 360, height: 700 } });
    await small.goto(`${url}/-/`);
    await send(`/${"long".repeat(40)}`);
    await send("/hook", `${body} `);
    await small.getByText("POST /hook").click();
    await small.getByRole("button", { name: "As it came" }).waitFor();
    expect(await accessFindings(small)).toEqual([]);
    const width = await small.evaluate<number>("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(360);
    await picture(small, `inbox-${colorScheme}-360`);
    await small.setViewportSize({ width: 1_200, height: 900 });
    await picture(small, `inbox-${colorScheme}`);
    await small.context().close();
  },
);
