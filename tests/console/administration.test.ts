import { expect, test } from "vitest";
import { createClient } from "../../packages/sdk/src/index.ts";
import { accessFindings, subscribe, useConsole } from "./fixtures/console.ts";

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

test("a key is created with the selected rights and expiry, and shown once", async () => {
  const { page, client } = used;
  await page.getByRole("link", { name: "API keys" }).click();
  await page.getByRole("button", { name: "New API key" }).first().click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Deployment");
  await dialog.getByLabel(/^Write/).uncheck();
  await dialog.getByLabel(/^Publish/).uncheck();
  await dialog.getByLabel("Expires").selectOption("In 90 days");
  expect(await accessFindings(page)).toEqual([]);
  await dialog.getByRole("button", { name: "Create" }).click();
  const key = await keyShown();
  expect(await scopesOf(key)).toEqual(["read"]);
  const row = page.getByRole("row").filter({ hasText: "Deployment" });
  await row.getByText(key.slice(0, 12)).waitFor();
  expect(await page.content()).not.toContain(key);
  const [made] = (await client.apiKeys.listApiKeys()).items;
  const days = (Date.parse(made?.expires_at ?? "") - Date.now()) / 86_400_000;
  expect(Math.round(days)).toBe(90);
  const lastUsed = async () => {
    await page.reload();
    return await row.getByRole("cell").nth(4).innerText();
  };
  await expect.poll(lastUsed, patiently).toMatch(/ago|now/);
  expect(await accessFindings(page)).toEqual([]);
});

test("operators create organizations, work in them, rename them, and delete them after their name was typed", async () => {
  const { page, client, weft } = used;
  await page.getByRole("link", { name: "Organizations" }).click();
  await page.getByRole("button", { name: "New organization" }).click();
  const dialog = page.getByRole("dialog");
  await dialog.getByLabel("Name").fill("Acme");
  await dialog.getByLabel("Name").press("Enter");
  const actionsOf = (name: string) => page.getByRole("button", { name: `Actions for ${name}` });
  await actionsOf("Acme").click();
  await page.getByRole("menuitem", { name: "Switch to this organization" }).click();
  await page.getByRole("button", { name: "Organization: Acme" }).waitFor();
  const acme = new URL(page.url()).searchParams.get("org") ?? "";
  await page.getByRole("link", { name: "Collections" }).click();
  await page.getByRole("button", { name: "New collection" }).first().click();
  await dialog.getByLabel("Name").fill("Docs of Acme");
  await dialog.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { name: "Docs of Acme" }).waitFor();
  const [made] = (await client.collections.listCollections({}, { organizationId: acme })).items;
  expect(made?.organization_id).toBe(acme);
  await page.getByRole("link", { name: "Organizations" }).click();
  await actionsOf("Acme").click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await dialog.getByLabel("Name").fill("Acme Corporation");
  await dialog.getByRole("button", { name: "Save" }).click();
  await page.getByRole("button", { name: "Organization: Acme Corporation" }).waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await actionsOf("Acme Corporation").click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const remove = dialog.getByRole("button", { name: "Delete" });
  expect(await remove.isDisabled()).toBe(true);
  await dialog.getByRole("textbox").fill("Acme Corporation");
  await remove.click();
  await dialog.getByText("The organization still has collections or subscriptions.").waitFor();
  await client.collections.deleteCollection(made?.readable_id ?? "", { organizationId: acme });
  await remove.click();
  await page.waitForURL(`${weft.url}/console/organizations`);
  await page.getByRole("button", { name: "New organization" }).waitFor();
  expect(await actionsOf("Acme Corporation").count()).toBe(0);
  await expect(client.organizations.getOrganization(acme)).rejects.toMatchObject({ status: 404 });
});

test("the audit log shows changes, by operation and by organization", async () => {
  const { page, client } = used;
  const { id } = await client.organizations.createOrganization({ name: "Initech" });
  await client.collections.createCollection({ name: "Theirs", readable_id: "theirs" }, { organizationId: id });
  await client.collections.createCollection({ name: "Ours", readable_id: "ours" });
  await client.collections.deleteCollection("ours");
  const subscription = await subscribe(used, "/audited");
  await client.webhooks.updateSubscription(subscription.id, { description: "Changed" });
  await page.getByRole("link", { name: "Audit log" }).click();
  const deletion = page.getByRole("row").filter({ hasText: "DELETE /collections/ours" });
  const theirs = page.getByRole("row").filter({ hasText: "Initech" });
  await deletion.waitFor();
  const change = page.getByRole("row").filter({ hasText: "updateSubscription" });
  await change.getByText(`Subscription ${subscription.url}`).waitFor();
  await change.getByRole("button", { name: `Copy the id of ${subscription.url}` }).click();
  expect(await page.evaluate("navigator.clipboard.readText()")).toBe(subscription.id);
  expect(await accessFindings(page)).toEqual([]);
  await page.getByLabel("Operation").fill("createCollection");
  await page.getByLabel("Operation").press("Enter");
  await deletion.waitFor({ state: "detached" });
  expect(await theirs.count()).toBe(0);
  await page.getByLabel("Organization", { exact: true }).selectOption("All organizations");
  await theirs.filter({ hasText: "createCollection" }).waitFor();
  expect(new URL(page.url()).searchParams.get("operation")).toBe("createCollection");
  await page.getByLabel("Operation").fill("dropTables");
  await page.getByLabel("Operation").press("Enter");
  await page.getByText("No entries match these filters").waitFor();
});

test("keys and organizations are sorted by a column in both directions, and the order is in the address", async () => {
  const { page, client, weft } = used;
  for (const name of ["zz-b", "zz-c", "zz-a"]) {
    await client.apiKeys.createApiKey({ name });
    await client.organizations.createOrganization({ name });
  }
  for (const [path, label] of [
    ["api-keys", "API keys"],
    ["organizations", "Organizations"],
  ] as const) {
    await page.goto(`${weft.url}/console/${path}`);
    const rows = page.getByRole("region", { name: label }).getByRole("row");
    const order = async () => (await rows.allInnerTexts()).flatMap((text) => /zz-(.)/.exec(text)?.[1] ?? []).join("");
    await expect.poll(order).toBe("acb");
    const column = page.getByRole("columnheader", { name: "Name" });
    await column.getByRole("button").click();
    await expect.poll(order).toBe("abc");
    expect(await column.getAttribute("aria-sort")).toBe("ascending");
    await column.getByRole("button").click();
    await expect.poll(order).toBe("cba");
    expect(new URL(page.url()).searchParams.get("sort")).toBe("-name");
    await page.reload();
    await expect.poll(order).toBe("cba");
    await page.getByRole("columnheader", { name: "Created" }).getByRole("button").click();
    await page.getByRole("columnheader", { name: "Created" }).getByRole("button").click();
    await expect.poll(order).toBe("bca");
    expect(await accessFindings(page)).toEqual([]);
  }
});

test("an operator who switches the organization stays in the section", async () => {
  const { page, client, weft } = used;
  const { id } = await client.organizations.createOrganization({ name: "Umbrella" });
  await client.collections.createCollection({ name: "Kept here", readable_id: "kept-here" });
  await page.goto(`${weft.url}/console/collections/kept-here`);
  await page.getByRole("heading", { name: "Kept here" }).waitFor();
  await page.getByRole("button", { name: /^Organization: / }).click();
  await page
    .getByRole("menuitemradio", { name: "Umbrella" })
    .or(page.getByRole("menuitem", { name: "Umbrella" }))
    .click();
  await page.waitForURL(`${weft.url}/console/collections?org=${id}`);
  await page.getByText("No collections yet").waitFor();
});

test("operators see the version, features, limits and settings, without secrets", async () => {
  const { page } = used;
  await page.getByRole("link", { name: "Settings" }).click();
  const settings = page.getByRole("region", { name: "Settings" });
  await settings.getByRole("row", { name: "WEFT_AUTH none" }).waitFor();
  await settings.getByRole("row", { name: "WEFT_ADMIN_KEY Not set" }).waitFor();
  await page.getByText("256 KiB", { exact: true }).first().waitFor();
  await page.getByText("SQLite", { exact: true }).waitFor();
  expect(await accessFindings(page)).toEqual([]);
});
