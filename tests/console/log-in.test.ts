import { expect, test } from "vitest";
import { createClient } from "../../packages/sdk/src/index.ts";
import { accessFindings, openPage, subscribe, useConsole } from "./fixtures/console.ts";

const adminKey = "an-admin-key-of-more-than-32-characters";
const used = useConsole({
  command: "serve",
  variables: { WEFT_ADMIN_KEY: adminKey, WEFT_ALLOW_HTTP: "true", WEFT_ALLOW_NETWORKS: "127.0.0.0/8" },
});

async function logIn(key: string): Promise<void> {
  const { page } = used;
  await page.getByLabel("API key").fill(key);
  await page.getByRole("button", { name: "Log in" }).click();
}

test("the console requires a key; a wrong one is rejected, a right one logs in, and reloading keeps the session", async () => {
  const { page } = used;
  await page.getByRole("heading", { name: "Log in to Weft" }).waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await logIn("a key that does not exist");
  await page.getByRole("alert").waitFor();
  await logIn(adminKey);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.reload();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
});

test("the key is not stored in the browser: only a cookie that scripts cannot read", async () => {
  const { page } = used;
  await logIn(adminKey);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  const kept = await page.evaluate(() => {
    const { localStorage, sessionStorage, document } = globalThis as unknown as {
      localStorage: object;
      sessionStorage: object;
      document: { cookie: string };
    };
    return JSON.stringify([localStorage, sessionStorage, document.cookie]);
  });
  expect(kept).not.toContain(adminKey);
  expect(kept).not.toContain("weft_session");
  const cookies = await page.context().cookies();
  expect(cookies).toMatchObject([{ name: "weft_session", httpOnly: true, sameSite: "Strict" }]);
  expect(cookies[0]?.value).not.toContain(adminKey);
});

test("a session ends with a log-out, and when its key is deleted", async () => {
  const { page, client, weft } = used;
  const made = await client.apiKeys.createApiKey({ name: "for a while", scopes: ["read"] });
  await logIn(made.key);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: /Log out/ }).click();
  await page.getByRole("heading", { name: "Log in to Weft" }).waitFor();
  await logIn(made.key);
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  await client.apiKeys.deleteApiKey(made.id);
  await expect
    .poll(
      async () => {
        await page.goto(`${weft.url}/console/messages`);
        return page.getByRole("heading", { name: "Log in to Weft" }).isVisible();
      },
      { timeout: 20_000, interval: 500 },
    )
    .toBe(true);
});

test("actions that a key may not perform are not offered", async () => {
  const { page, client, weft } = used;
  const { id } = await subscribe(used);
  const made = await client.apiKeys.createApiKey({ name: "reads", scopes: ["read"] });
  await logIn(made.key);
  await page.getByRole("link", { name: "Subscriptions", exact: true }).click();
  await page.getByRole("link", { name: /\/hook/ }).waitFor();
  expect(await page.getByRole("link", { name: "New subscription" }).count()).toBe(0);
  expect(await page.getByRole("checkbox").count()).toBe(0);
  expect(await page.getByRole("link", { name: "API keys" }).count()).toBe(0);
  await page.goto(`${weft.url}/console/subscriptions/${id}?tab=secret`);
  await page.getByText("Only API keys with the scope secrets can view it.").waitFor();
  expect(await page.getByRole("button", { name: "Send test event" }).count()).toBe(0);
});

test("a portal link shows one organization's deliveries and nothing else, and its token is removed from the address immediately", async () => {
  const { page, client, weft } = used;
  const customer = await client.organizations.createOrganization({ name: "A customer" });
  const theirs = { organizationId: customer.id };
  await client.webhooks.createSubscription({ url: used.receiver.url("/customer"), event_types: ["sync.*"] }, theirs);
  const { url } = await client.session.createPortalSession({}, theirs);
  const visitor = await openPage(used);
  await visitor.goto(url.replace(/^https?:\/\/[^/]+/, weft.url));
  await visitor.getByText("A customer").waitFor();
  expect(visitor.url()).not.toContain("token");
  await visitor.getByRole("link", { name: "Endpoints", exact: true }).click();
  await visitor.getByRole("link", { name: /\/customer/ }).waitFor();
  for (const name of ["API keys", "Organizations", "Audit log", "Collections"])
    expect(await visitor.getByRole("link", { name }).count(), name).toBe(0);
  expect(await accessFindings(visitor)).toEqual([]);
  await visitor.context().close();
  await page.getByRole("heading", { name: "Log in to Weft" }).waitFor();
  const stranger = createClient({
    url: weft.url,
    apiKey: new URLSearchParams(new URL(url).hash.slice(1)).get("token") ?? "",
  });
  expect((await stranger.webhooks.listSubscriptions()).items).toHaveLength(1);
});

test("a visitor whose portal link has ended is asked to get a new one, and not for an API key", async () => {
  const { weft, client } = used;
  const { url, token } = await client.session.createPortalSession();
  await createClient({ url: weft.url, apiKey: token }).session.endSession();
  const visitor = await openPage(used);
  await visitor.goto(url.replace(/^https?:\/\/[^/]+/, weft.url));
  await visitor.getByRole("heading", { name: "This link has expired" }).waitFor();
  expect(await visitor.getByLabel("API key").count()).toBe(0);
  expect(await accessFindings(visitor)).toEqual([]);
  await visitor.context().close();
});
