import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { clientId, clientSecret, TestProvider } from "../../packages/server/src/sync/fixtures/test-provider.ts";
import { accessFindings, useConsole } from "./fixtures/console.ts";

const used = useConsole();
let provider: TestProvider;

beforeAll(async () => {
  provider = await TestProvider.start(`${used.weft.url}/source-connections/callback`);
  await used.client.collections.createCollection({ name: "Docs", readable_id: "docs" });
});

afterAll(() => provider[Symbol.asyncDispose]());

beforeEach(() => {
  provider.decision = "grant";
});

async function fillClient(within: { getByLabel: typeof used.page.getByLabel }): Promise<void> {
  await within.getByLabel("Client id").fill(clientId);
  await within.getByLabel("Client secret").fill(clientSecret);
}

test("a source with OAuth is connected in the browser: to the provider, back to its page, and synced", async () => {
  const { page } = used;
  await page.goto(`${used.weft.url}/console/source-connections/new?source=oauth-stub&collection=docs`);
  for (const [name, value] of Object.entries(provider.config)) {
    const label = name.charAt(0).toUpperCase() + name.slice(1).replaceAll("_", " ");
    await page.getByLabel(label, { exact: true }).fill(Array.isArray(value) ? value.join("\n") : value);
  }
  await page.getByLabel("Method").selectOption("OAuth in the browser");
  await fillClient(page);
  expect(await page.getByLabel("Client secret").getAttribute("type")).toBe("password");
  expect(await accessFindings(page)).toEqual([]);
  await page.getByRole("button", { name: "Create and connect" }).click();
  await page.getByText("Access was granted.").waitFor();
  await page.getByRole("cell", { name: "Completed" }).waitFor();
  expect(new URL(page.url()).pathname).toMatch(/^\/console\/source-connections\/[\da-f-]{36}$/);
  expect(new URL(page.url()).searchParams.get("access")).toBe("granted");
  expect(await accessFindings(page)).toEqual([]);
});

test("a refusal at the provider is shown on the connection's page, where a second try grants access", async () => {
  const { page, client, weft } = used;
  const { id } = await client.sourceConnections.createSourceConnection({
    ...{ short_name: "oauth-stub", readable_collection_id: "docs", config: provider.config, name: "Refused" },
    authentication: { client_id: clientId, client_secret: clientSecret },
    redirect_url: `${weft.url}/console/source-connections/granted`,
  });
  provider.decision = "deny";
  await page.goto(`${weft.url}/console/source-connections/${id}`);
  await page.getByRole("button", { name: "Connect" }).click();
  await page.getByText("Access was not granted: access_denied").waitFor();
  provider.decision = "grant";
  await page.getByRole("button", { name: "Connect" }).click();
  const dialog = page.getByRole("dialog");
  await fillClient(dialog);
  await dialog.getByRole("button", { name: "Connect" }).click();
  await page.getByText("Access was granted.").waitFor();
  await page.getByRole("button", { name: "Sync now" }).click();
  await page.getByRole("cell", { name: "Completed" }).waitFor();
  expect((await client.sourceConnections.getSourceConnection(id)).auth.authenticated).toBe(true);
});
