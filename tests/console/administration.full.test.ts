import { expect, test } from "vitest";
import { createClient } from "../../packages/sdk/src/index.ts";
import { accessFindings, openPage, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole({ context: { permissions: ["clipboard-read", "clipboard-write"] } });
const patiently = { timeout: 30_000 };

async function keyShown(): Promise<string> {
  const dialog = used.page.getByRole("dialog", { name: "Your new API key" });
  const key = await dialog.getByRole("region").innerText();
  await dialog.getByRole("button", { name: "Copy key" }).click();
  await expect.poll(() => used.page.evaluate("navigator.clipboard.readText()"), patiently).toBe(key.trim());
  await dialog.getByRole("button", { name: "Done" }).click();
  return key.trim();
}

/** Whether the key is known, and its rights. Requested like a program, from another origin. */
async function scopesOf(key: string): Promise<readonly string[] | null> {
  const session = createClient({ url: used.weft.url, apiKey: key, retriesMax: 0 }).session.getSession();
  return await session.then(
    // Without required keys, an unknown one counts as none.
    ({ scopes, via }) => (via === "api_key" ? scopes : null),
    () => null,
  );
}

test("a key is rotated with or without an overlap and deleted after a confirmation, and refused from then on", async () => {
  const { page, client, weft } = used;
  const { key } = await client.apiKeys.createApiKey({ name: "Old one", scopes: ["read"] });
  await page.goto(`${weft.url}/console/api-keys`);
  const actions = page.getByRole("button", { name: "Actions for Old one" });
  await actions.click();
  await page.getByRole("menuitem", { name: "Rotate" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
  const second = await keyShown();
  expect([await scopesOf(key), await scopesOf(second)]).toEqual([["read"], ["read"]]);
  await page.getByText("The previous key is also accepted").waitFor();
  await actions.click();
  await page.getByRole("menuitem", { name: "Rotate" }).click();
  await page.getByRole("dialog").getByLabel("Overlap").selectOption("None: the old key is refused immediately");
  await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
  const rotated = await keyShown();
  expect([await scopesOf(key), await scopesOf(second), await scopesOf(rotated)]).toEqual([null, null, ["read"]]);
  await actions.click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("The API key was deleted.").waitFor();
  expect(await scopesOf(rotated)).toBeNull();
  await expect.poll(() => page.getByText("Old one").count(), patiently).toBe(0);
});

test("a portal link shows one organization's deliveries, and nothing else", async () => {
  const { page, client, receiver } = used;
  const { id } = await client.organizations.createOrganization({ name: "Globex" });
  const theirs = createClient({ url: used.weft.url, organizationId: id });
  await subscribe({ client: theirs, receiver }, "/globex");
  const message = await publishExample(theirs);
  await page.getByRole("link", { name: "Organizations" }).click();
  await page.getByRole("button", { name: "Actions for Globex" }).click();
  await page.getByRole("menuitem", { name: "Create a portal link" }).click();
  const dialog = page.getByRole("dialog");
  expect(await dialog.getByLabel("View signing secrets").isChecked()).toBe(false);
  await dialog.getByRole("button", { name: "Create link" }).click();
  const link = (await dialog.getByRole("region", { name: "Portal link" }).innerText()).trim();
  expect(await accessFindings(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Done" }).click();
  const visitor = await openPage(used);
  await visitor.goto(link);
  await visitor.getByRole("link", { name: "Events", exact: true }).click();
  await visitor.getByRole("row").filter({ hasText: message }).waitFor();
  expect(visitor.url()).not.toContain("token");
  for (const hidden of ["API keys", "Organizations", "Collections", "Audit log"]) {
    expect(await visitor.getByRole("link", { name: hidden, exact: true }).count(), hidden).toBe(0);
  }
  await visitor.context().close();
});
