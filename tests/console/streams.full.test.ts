import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { afterAll, expect, test } from "vitest";
import { accessFindings, picture, useConsole } from "./fixtures/console.ts";

const folder = mkdtempSync(join(tmpdir(), "weft-console-streams-"));
const rows = join(folder, "birds.json");
writeFileSync(
  rows,
  JSON.stringify({ birds: [{ id: 1, name: "Heron" }], sightings: [{ id: 1, name: "One", updated: 1 }] }),
);
const tap = resolve("packages/server/src/sync/sources/singer/fixtures/birds-tap.ts");
const taps = JSON.stringify({ "tap-birds": { command: [process.execPath, tap] } });
const used = useConsole({ variables: { WEFT_SINGER_TAPS: taps } });

afterAll(() => rmSync(folder, { recursive: true, force: true }));

test("the form of a tap lists its streams, and the connection reads the selected ones", async () => {
  const { page } = used;
  await page.getByRole("link", { name: "Source connections" }).click();
  await page.getByRole("link", { name: "New source connection" }).first().click();
  await page.getByRole("link", { name: "Singer tap" }).click();
  await page.getByLabel("Collection", { exact: true }).selectOption("");
  await page.getByLabel("Name of the new collection").fill("Birds");
  await page.getByLabel("Tap", { exact: true }).selectOption("tap-birds");
  await page.getByRole("button", { name: "List streams" }).click();
  await page.getByRole("alert").first().waitFor();
  await page.getByLabel("Config", { exact: true }).fill(JSON.stringify({ file: rows, token: "a secret" }));
  await page.getByRole("button", { name: "List streams" }).click();
  const sightings = page.getByRole("checkbox", { name: /sightings/ });
  await sightings.waitFor();
  expect(await sightings.isChecked()).toBe(true);
  await sightings.uncheck();
  expect(await page.getByLabel("Streams", { exact: true }).inputValue()).toBe("birds");
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "streams-of-a-tap");
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("cell", { name: "Completed" }).waitFor();
  const { items } = await used.client.sourceConnections.listSourceConnections();
  expect(items[0]?.entity_count).toBe(1);
});
