import { expect, test } from "vitest";
import { glossary } from "../../packages/server/src/domain/glossary.ts";
import { accessFindings, picture, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("a message is found by its id in one search from any page, with the keyboard alone", async () => {
  const { page, client } = used;
  const id = await publishExample(client);
  await page.getByRole("link", { name: "Subscriptions", exact: true }).click();
  await page.getByRole("heading", { name: "Subscriptions" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /Search everything/ }).fill(id);
  await page.getByRole("option", { name: /sync\.completed/ }).waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "search");
  await page.keyboard.press("Enter");
  await page.getByRole("heading", { name: "sync.completed" }).waitFor();
  expect(page.url()).toContain(id);
});

test("a subscription is found by a part of its URL, and an organization by its name", async () => {
  const { page, client } = used;
  await subscribe(used, "/lunar-landing", { description: "For the moon team" });
  await client.organizations.createOrganization({ name: "Acme Rockets" });
  await page.getByRole("button", { name: /Search everything/ }).click();
  const field = page.getByRole("combobox", { name: /Search everything/ });
  await field.fill("LUNAR");
  await page.getByRole("option", { name: /lunar-landing.*moon team/ }).waitFor();
  await field.fill("acme");
  await page.getByRole("option", { name: /Acme Rockets/ }).click();
  await page.getByRole("banner").getByText("Acme Rockets").waitFor();
});

test("a search without a result says so, and Escape closes it", async () => {
  const { page } = used;
  await page.getByRole("button", { name: /Search everything/ }).waitFor();
  await page.keyboard.press("Control+k");
  const field = page.getByRole("combobox", { name: /Search everything/ });
  await field.fill("nothing is called this");
  await page.getByText('No results for "nothing is called this".').waitFor();
  await page.keyboard.press("Escape");
  await field.waitFor({ state: "detached" });
});

test("a term shows its definition from the glossary, and Escape hides it", async () => {
  const { page } = used;
  const definition = page.getByText(glossary.backlog.meaning);
  await page.getByRole("button", { name: "Definition of Backlog" }).click();
  await definition.waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "definition");
  await page.keyboard.press("Escape");
  await definition.waitFor({ state: "hidden" });
});
