import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { accessFindings, layoutShift, openPage, picture, useConsole } from "./fixtures/console.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-handbook-"));
writeFileSync(join(folder, "welcome.txt"), "Welcome to the handbook.");
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// A production server: the inbox needs no address that it may send to.
const adminKey = "an-admin-key-of-more-than-32-characters";
const used = useConsole({ command: "serve", variables: { WEFT_ADMIN_KEY: adminKey, WEFT_DIRECTORY_ROOTS: folder } });

test("in an empty installation, each first step is done on the overview, with an inbox in the page that receives the test event", async () => {
  const { page, client } = used;
  await page.getByLabel("API key").fill(adminKey);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("0 of 4 done").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "onboarding");

  await page.getByRole("button", { name: "Create an inbox" }).click();
  await page.getByText("The inbox receives every event").waitFor();
  await page.getByText("1 of 4 done").waitFor();
  await page.getByLabel("Event type").selectOption("sync.failed");
  await page.getByRole("button", { name: "Send test event" }).click();

  const received = page.getByRole("list", { name: "Received events" });
  await received.getByText("sync.failed", { exact: true }).waitFor();
  await received.getByText("error", { exact: false }).first().waitFor();
  await page.getByText("3 of 4 done").waitFor();
  const { items } = await client.webhooks.listMessages();
  expect(items).toMatchObject([{ event_type: "sync.failed" }]);
  await picture(page, "onboarding-arrived");

  await page.reload();
  await page.getByText("The inbox receives every event").waitFor();
  await page.getByRole("button", { name: "Select a source" }).click();
  await page.getByRole("button", { name: "Directory" }).click();
  await page.getByLabel("Name of the new collection").fill("Handbook");
  await page.getByLabel(/^Path/).fill(folder);
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText("4 of 4 done").waitFor();
  await received.getByText("sync.completed", { exact: true }).waitFor();
  await picture(page, "onboarding-finished");

  await page.getByRole("button", { name: "Close", exact: true }).click();
  await page.getByText("Get started").waitFor({ state: "detached" });
  await expect.poll(async () => (await client.webhooks.listSubscriptions()).items).toEqual([]);
  await page.reload();
  await page.getByText("Attempts per second").waitFor();
  expect(await page.getByText("Get started").count()).toBe(0);
});

test("the checklist can be dismissed, stays away, and moves nothing when it appears", async () => {
  const { client } = used;
  const empty = await client.organizations.createOrganization({ name: "Empty" });
  const page = await openPage(used);
  await page.goto(`${used.weft.url}/console/`);
  await page.getByLabel("API key").fill(adminKey);
  await page.getByRole("button", { name: "Log in" }).click();
  await page.getByText("Attempts per second").waitFor();
  await page.goto(`${used.weft.url}/console/?org=${empty.id}`);
  await page.getByText("0 of 4 done").waitFor();
  await expect.poll(() => page.locator("[aria-busy=true]").count()).toBe(0);
  expect(await layoutShift(page)).toBeLessThan(0.1);
  await page.getByRole("button", { name: "Dismiss" }).click();
  await page.getByText("Get started").waitFor({ state: "detached" });
  await page.reload();
  await page.getByText("Attempts per second").waitFor();
  await expect.poll(() => page.locator("[aria-busy=true]").count()).toBe(0);
  expect(await page.getByText("Get started").count()).toBe(0);
  await page.context().close();
});
