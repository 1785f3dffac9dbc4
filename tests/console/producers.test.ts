import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, expect, test } from "vitest";
import { accessFindings, picture, useConsole } from "./fixtures/console.ts";

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

function stub(config: object, name = "Stub") {
  return used.client.sourceConnections.createSourceConnection({
    ...{ short_name: "stub", readable_collection_id: collection, name, config: { ...config } },
    authentication: { credentials: { stub_key: "a key" } },
  });
}

test("a folder becomes a searchable collection, in the browser alone", async () => {
  const { page } = used;
  await page.getByRole("link", { name: "Source connections" }).click();
  await page.getByRole("link", { name: "New source connection" }).first().click();
  await page.getByRole("link", { name: "Directory" }).click();
  await page.getByLabel("Collection", { exact: true }).selectOption("");
  await page.getByLabel("Name of the new collection").fill("Notes about animals");
  await page.getByLabel("Path").fill("no/absolute/path");
  await page.getByRole("button", { name: "Create" }).click();
  // The refusal is shown next to its field, and the collection that was already created is kept.
  await expect.poll(() => page.getByLabel("Path").getAttribute("aria-invalid"), patiently).toBe("true");
  expect(await page.getByLabel("Collection", { exact: true }).inputValue()).toMatch(/^notes-about-animals-/);
  expect(await accessFindings(page)).toEqual([]);
  await page.getByLabel("Path").fill(folder);
  await page.getByLabel("Include").fill("birds.md\nfish.md");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("cell", { name: "Completed" }).waitFor();
  await page.getByText("Active", { exact: true }).waitFor();
  await page.getByRole("link", { name: /^notes-about-animals-/ }).click();
  await page.getByRole("searchbox", { name: "Words" }).fill("heron");
  await page.getByRole("button", { name: "Search", exact: true }).click();
  const results = page.getByRole("list", { name: "Results" });
  await results.getByText("birds.md").waitFor();
  expect(await results.locator("mark").allInnerTexts()).toEqual(["heron"]);
  expect(await results.getByRole("listitem").count()).toBe(1);
  await expect.poll(() => new URL(page.url()).searchParams.get("query"), patiently).toBe("heron");
  await page.getByLabel("Source", { exact: true }).selectOption("directory");
  await page.getByLabel("Type", { exact: true }).selectOption("file");
  await expect.poll(() => new URL(page.url()).searchParams.get("type"), patiently).toBe("file");
  await results.getByText("birds.md").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "collection-search");
  await page.goto(page.url().replace("type=file", "type=page"));
  await page.getByText("No results").waitFor();
});

test("freshness shows stale connections first, with the reason, and a sync from there makes them fresh", async () => {
  const { page, client } = used;
  const good = await stub({}, `Good ${collection}`);
  const bad = await stub({ entity_count: 3, fail_after: 1 }, `Bad ${collection}`);
  const status = async (id: string) => (await client.sourceConnections.getSourceConnection(id)).status;
  await expect.poll(() => status(good.id), patiently).toBe("active");
  await expect.poll(() => status(bad.id), patiently).toBe("error");
  await page.getByRole("link", { name: "Freshness" }).click();
  const row = (name: string) => page.getByRole("row").filter({ hasText: `${name} ${collection}` });
  await row("Good").getByText("Fresh").waitFor();
  await row("Bad").getByText("The last sync failed: Stub source simulated failure").waitFor();
  const rows = await page.getByRole("row").allInnerTexts();
  const at = (name: string) => rows.findIndex((text) => text.includes(`${name} ${collection}`));
  expect(at("Bad")).toBeLessThan(at("Good"));
  expect(await accessFindings(page)).toEqual([]);
  await client.sourceConnections.updateSourceConnection(bad.id, { config: { entity_count: 3 } });
  await row("Bad")
    .getByRole("button", { name: /^Sync now/ })
    .click();
  await row("Bad").getByText("Fresh").waitFor();
});
