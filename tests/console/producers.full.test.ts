import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { accessFindings, useConsole } from "./fixtures/console.ts";

const used = useConsole();

const folder = mkdtempSync(join(tmpdir(), "weft-console-docs-"));
writeFileSync(join(folder, "birds.md"), "# Birds\n\nThe heron waits in shallow water.");
writeFileSync(join(folder, "fish.md"), "# Fish\n\nThe pike stands still between reeds.");

afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Other tests share the two cores.
const patiently = { timeout: 30_000 };

let collections = 0;
let collection: string;

beforeEach(async () => {
  collection = `docs-${++collections}`;
  await used.client.collections.createCollection({ name: "Docs", readable_id: collection });
});

function timed(seconds: number) {
  return used.client.sourceConnections.createSourceConnection({
    ...{ short_name: "timed", readable_collection_id: collection, name: "Slow" },
    config: { entity_count: seconds * 20, duration_seconds: seconds },
    authentication: { credentials: { timed_key: "a key" } },
  });
}

function stub(config: object, name = "Stub") {
  return used.client.sourceConnections.createSourceConnection({
    ...{ short_name: "stub", readable_collection_id: collection, name, config: { ...config } },
    authentication: { credentials: { stub_key: "a key" } },
  });
}

test("a collection is created, found, renamed and deleted, the last only after its id was typed", async () => {
  const { page, client } = used;
  await page.goto(`${used.weft.url}/console/collections`);
  await page.getByRole("button", { name: "New collection" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Quarterly reports");
  await dialog.getByLabel("Readable id").fill("Not Fit");
  await dialog.getByRole("button", { name: "Create" }).click();
  await expect.poll(() => dialog.getByLabel("Readable id").getAttribute("aria-invalid"), patiently).toBe("true");
  await dialog.getByLabel("Readable id").fill("quarterly");
  await dialog.getByLabel("Readable id").press("Enter");
  await page.getByRole("heading", { name: "Quarterly reports" }).waitFor();
  await page.getByRole("link", { name: "Collections" }).first().click();
  await page.getByRole("searchbox", { name: "Search" }).fill("quarter");
  await expect.poll(() => page.getByRole("row").count(), patiently).toBe(2);
  await page.getByRole("link", { name: "Quarterly reports" }).click();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Rename" }).click();
  await dialog.getByLabel("Name").fill("Yearly reports");
  await dialog.getByRole("button", { name: "Rename" }).click();
  await page.getByRole("heading", { name: "Yearly reports" }).waitFor();
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const remove = dialog.getByRole("button", { name: "Delete" });
  expect(await remove.isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("quarterly");
  await remove.click();
  await page.getByRole("heading", { name: "Collections", exact: true }).waitFor();
  await expect(client.collections.getCollection("quarterly")).rejects.toMatchObject({ status: 404 });
});

test("the counts of a sync are updated live, and cancelling ends it", async () => {
  const { page, client, weft } = used;
  const { id } = await timed(300);
  await page.goto(`${weft.url}/console/source-connections/${id}`);
  const row = page.getByRole("row").filter({ hasText: "Running" });
  const inserted = async () => Number(await row.getByRole("cell").nth(3).innerText());
  await expect.poll(inserted, patiently).toBeGreaterThan(0);
  const before = await inserted();
  await expect.poll(inserted, patiently).toBeGreaterThan(before);
  expect(await page.getByRole("button", { name: "Sync now" }).isDisabled()).toBe(true);
  await row.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Cancel sync" }).click();
  await page.getByRole("cell", { name: "Cancelled", exact: true }).waitFor();
  expect((await client.sourceConnections.listSyncJobs(id)).items[0]?.status).toBe("cancelled");
  expect(await accessFindings(page)).toEqual([]);
});

test("the reason of a failed sync is on its connection's page, and another one can be started", async () => {
  const { page, weft } = used;
  const { id } = await stub({ entity_count: 5, fail_after: 2 });
  await page.goto(`${weft.url}/console/source-connections/${id}`);
  const reason = "Stub source simulated failure after 2 entities";
  await page.getByRole("alert").filter({ hasText: reason }).waitFor();
  await page.getByRole("button", { name: "Sync now" }).click();
  await expect.poll(() => page.getByRole("cell", { name: reason }).count(), patiently).toBe(2);
  expect(await accessFindings(page)).toEqual([]);
});

test("a schedule is set, refused with the reason, paused and resumed", async () => {
  const { page, client, weft } = used;
  const { id } = await stub({});
  await page.goto(`${weft.url}/console/source-connections/${id}`);
  await page.getByRole("button", { name: "Change", exact: true }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Run").selectOption("On a schedule");
  await dialog.getByLabel("Cron expression").fill("every monday");
  await dialog.getByLabel("Time zone").fill("Europe/Berlin");
  await dialog.getByRole("button", { name: "Save schedule" }).click();
  await dialog
    .getByText(/not a cron expression of five fields/)
    .first()
    .waitFor();
  await dialog.getByLabel("Cron expression").fill("0 6 * * 1-5");
  await dialog.getByRole("button", { name: "Save schedule" }).click();
  await page.getByText("0 6 * * 1-5 (Europe/Berlin)").waitFor();
  await page.getByRole("button", { name: "Pause" }).click();
  await page.getByRole("button", { name: "Resume" }).waitFor();
  expect(await client.sourceConnections.getSourceConnection(id)).toMatchObject({
    status: "inactive",
    schedule: { cron: "0 6 * * 1-5", time_zone: "Europe/Berlin", next_run: null },
  });
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByRole("button", { name: "Pause" }).waitFor();
  expect((await client.sourceConnections.getSourceConnection(id)).schedule?.next_run).not.toBeNull();
});

test("a source connection is deleted after a confirmation, and its address then shows that", async () => {
  const { page, client, weft } = used;
  const { id } = await stub({});
  await page.goto(`${weft.url}/console/source-connections/${id}`);
  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByRole("heading", { name: "Source connections" }).waitFor();
  await expect(client.sourceConnections.getSourceConnection(id)).rejects.toMatchObject({ status: 404 });
  await page.goto(`${weft.url}/console/source-connections/${id}`);
  await page.getByText("This source connection does not exist.").waitFor();
});
