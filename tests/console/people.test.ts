import { afterAll, expect, test } from "vitest";
import { TestIdentityProvider } from "../../packages/server/src/auth/fixtures/test-identity-provider.ts";
import { accessFindings, picture, useConsole } from "./fixtures/console.ts";

const provider = await TestIdentityProvider.start();
const used = useConsole({
  command: "serve",
  variables: {
    ...provider.settings,
    WEFT_ADMIN_KEY: "an-admin-key-of-more-than-32-characters",
    WEFT_OIDC_NAME: "Example Login",
    WEFT_OIDC_ROLES: "staff=viewer,operators=admin@*",
  },
});
afterAll(() => provider[Symbol.asyncDispose]());

test("a person signs in at the provider, returns to the page that they opened, and sees the rights of their role", async () => {
  provider.person = { sub: "vera", email: "vera@example.com", groups: ["staff"] };
  const { page, weft } = used;
  await page.goto(`${weft.url}/console/subscriptions?health=failing`);
  await page.getByRole("link", { name: "Continue with Example Login" }).waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "log-in-with-a-provider");
  await page.getByRole("link", { name: "Continue with Example Login" }).click();
  await page.getByRole("heading", { level: 1, name: "Subscriptions" }).waitFor();
  expect(page.url()).toBe(`${weft.url}/console/subscriptions?health=failing`);
  expect(await page.getByRole("link", { name: "New subscription" }).count()).toBe(0);
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByText("vera@example.com").waitFor();
  await page.getByRole("menuitem", { name: /Log out/ }).click();
  await page.getByRole("link", { name: "Continue with Example Login" }).waitFor();
});

test("a person without a role reads why they cannot enter", async () => {
  provider.person = { sub: "eve", groups: ["visitors"] };
  const { page } = used;
  await page.getByRole("link", { name: "Continue with Example Login" }).click();
  await page.getByText("you have no role here").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "log-in-without-a-role");
});
