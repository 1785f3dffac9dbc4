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

test("clearing clears every page that is open", async () => {
  const other = await openPage({ browser, complaints });
  await other.goto(`${url}/-/`);
  await send("/hook");
  await other.getByText("POST /hook").waitFor();
  await page.getByRole("button", { name: "Clear" }).click();
  for (const each of [page, other]) await each.getByText("No requests yet").waitFor();
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
  await page.getByText("Connecting…").waitFor();
  inbox = startCommand(["inbox", "--port", new URL(url).port, "--json", "--status", "201"]);
  await page.getByText("● live").waitFor();
  await page.getByText("No requests yet").waitFor();
  expect(await page.getByLabel("Status").inputValue()).toBe("201");
  await page.getByText("to verify signatures").waitFor();
});

test.each(["light", "dark"] as const)(
  "the page is accessible, on a small screen too, in the theme %s",
  async (colorScheme) => {
    const small = await openPage({ browser, complaints }, { colorScheme, viewport: { width: 360, height: 700 } });
    await small.goto(`${url}/-/`);
    await send(`/${"long".repeat(40)}`);
    await send("/hook", `${body} `);
    await small.getByText("POST /hook").click();
    await small.getByRole("button", { name: "Raw" }).waitFor();
    expect(await accessFindings(small)).toEqual([]);
    const width = await small.evaluate<number>("document.documentElement.scrollWidth");
    expect(width).toBeLessThanOrEqual(360);
    await picture(small, `inbox-${colorScheme}-360`);
    await small.setViewportSize({ width: 1_200, height: 900 });
    await picture(small, `inbox-${colorScheme}`);
    await small.context().close();
  },
);
