import { expect, test } from "vitest";
import { verify } from "../../packages/receiver/src/index.ts";
import { accessFindings, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("a subscription is created, tested, changed and deleted in the browser", async () => {
  const { page, receiver, client } = used;
  await page.getByRole("link", { name: "Subscriptions", exact: true }).click();
  await page.getByRole("link", { name: "New subscription" }).first().click();
  await page.getByLabel("URL").fill(receiver.url("/made-by-hand"));
  await page.getByLabel("Description").fill("Made by hand");
  await page.getByLabel("All of collection.*").check();
  await page.getByLabel("sync.completed", { exact: false }).first().check();
  await page.getByRole("button", { name: "Add a header" }).click();
  await page.getByLabel("Name", { exact: true }).fill("x-team");
  await page.getByLabel("Value", { exact: true }).fill("search");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { name: receiver.url("/made-by-hand") }).waitFor();
  const [made] = (await client.webhooks.listSubscriptions()).items;
  expect(made).toMatchObject({
    description: "Made by hand",
    filter_types: ["collection.*", "sync.completed"],
    headers: { "x-team": "search" },
  });

  await page.getByRole("button", { name: "Send test event" }).click();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText(/The test event was delivered: the endpoint returned 204/).waitFor();
  expect(receiver.received.at(-1)?.headers["x-team"]).toBe("search");
  expect(await accessFindings(page)).toEqual([]);
  await page
    .getByRole("contentinfo")
    .or(page.getByRole("dialog"))
    .getByRole("button", { name: "Close" })
    .last()
    .click();

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Description").fill("Changed by hand");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Changed by hand").waitFor();

  await page.getByRole("button", { name: "More" }).click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  const remove = page.getByRole("button", { name: "Delete", exact: true });
  expect(await remove.isDisabled()).toBe(true);
  await page.getByLabel(/Type .* to delete it/).fill(new URL(receiver.url()).host);
  await remove.click();
  await page.getByText("No subscriptions yet").waitFor();
  expect((await client.webhooks.listSubscriptions()).items).toEqual([]);
});

test("the secret is shown on request, and after a rotation both sign until the countdown ends", async () => {
  const { page, weft, client, receiver } = used;
  const { id } = await subscribe(used, "/rotated");
  const before = (await client.webhooks.getSubscription(id, { include_secret: true })).secret ?? "";
  await page.goto(`${weft.url}/console/subscriptions/${id}?tab=secret`);
  await page.getByText("Hidden", { exact: true }).waitFor();
  expect(await page.content()).not.toContain(before);
  await page.getByRole("button", { name: "Reveal" }).click();
  await page.getByText(before).waitFor();
  await page.getByRole("button", { name: "Rotate" }).click();
  await page.getByLabel("Overlap").selectOption({ label: "1 hour" });
  await page.getByRole("dialog").getByRole("button", { name: "Rotate" }).click();
  await page.getByText(/also signs for\s+59 min/).waitFor();
  const after = (await client.webhooks.getSubscription(id, { include_secret: true })).secret ?? "";
  expect(after).not.toBe(before);
  await client.webhooks.sendTestEvent(id, { event_type: "sync.completed" });
  const last = receiver.received.at(-1);
  for (const secret of [before, after]) await verify(last?.body ?? "", last?.headers ?? {}, secret);
});

test("subscriptions are sorted by a column in both directions, and the order is in the address", async () => {
  const { page, receiver, weft } = used;
  receiver.respond = (response, { path }) => response.writeHead(path === "/sort-b" ? 500 : 204).end();
  for (const path of ["/sort-b", "/sort-c", "/sort-a"]) await subscribe(used, path, { retry_schedule: [] });
  await publishExample(used.client);
  await page.goto(`${weft.url}/console/subscriptions?search=sort-`);
  const links = page.getByRole("region", { name: "Subscriptions" }).getByRole("row").getByRole("link");
  const order = async () => (await links.allInnerTexts()).map((text) => /sort-(.)/.exec(text)?.[1]).join("");
  await expect.poll(order).toBe("acb");
  const column = page.getByRole("columnheader", { name: "Endpoint" });
  await column.getByRole("button").click();
  await expect.poll(order).toBe("abc");
  expect(await column.getAttribute("aria-sort")).toBe("ascending");
  await column.getByRole("button").click();
  await expect.poll(order).toBe("cba");
  expect(new URL(page.url()).searchParams.get("sort")).toBe("-url");
  await page.reload();
  await expect.poll(order).toBe("cba");
  expect(await accessFindings(page)).toEqual([]);
  await column.getByRole("button").click();
  await expect.poll(order).toBe("acb");
});
