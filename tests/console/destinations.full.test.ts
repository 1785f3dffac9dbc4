import { expect, test } from "vitest";
import { status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { accessFindings, picture, publishExample, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("alerts to a chat are created, tested, reworded and read in the browser, with the address masked", async () => {
  const { page, weft, receiver, client } = used;
  receiver.respond = status(200, {}, "ok");
  await page.goto(`${weft.url}/console/subscriptions/new`);
  await page.getByLabel("Destination").selectOption({ label: "Slack" });
  await page.getByLabel("Incoming webhook URL").fill(receiver.url("/services/T0/B0/s3cr3t"));
  await page.getByLabel("Description").fill("#data-alerts");
  await page.getByLabel("sync.failed", { exact: false }).first().check();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "new-destination");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { name: "/services/***" }).waitFor();
  const [made] = (await client.webhooks.listSubscriptions()).items;
  expect(made).toMatchObject({ destination: "slack", rate_limit: 1, filter_types: ["sync.failed"], template: null });
  expect(await page.content()).not.toContain("s3cr3t");
  expect(await page.getByRole("tab", { name: "Signing secret" }).count()).toBe(0);

  await page.getByRole("button", { name: "Send test event" }).click();
  await page.getByRole("button", { name: "Send", exact: true }).click();
  await page.getByText(/The test event was delivered: the endpoint returned 200/).waitFor();
  expect(receiver.received.at(-1)?.body).toContain("[Test] salesforce does not sync");

  await page.goto(`${weft.url}/console/subscriptions/${made?.id}/edit`);
  await page.getByLabel("Message template").fill("{{source_type}} broke");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("{{source_type}} broke").waitFor();
  const message = await publishExample(client, "sync.failed");
  await expect.poll(() => receiver.received.at(-1)?.body).toBe('{"text":"salesforce broke"}');
  expect(receiver.received.at(-1)?.path).toBe("/services/T0/B0/s3cr3t");

  await page.goto(`${weft.url}/console/messages/${message}`);
  await page.getByText("/services/***").first().waitFor();
  await page
    .getByRole("button", { name: /Attempt 1/ })
    .first()
    .click();
  await page.getByText("salesforce broke").first().waitFor();
  await picture(page, "notice-of-a-destination");
  expect(await accessFindings(page)).toEqual([]);
});

test("a missing setting of a destination is reported next to its field", async () => {
  const { page, weft } = used;
  await page.goto(`${weft.url}/console/subscriptions/new`);
  await page.getByLabel("Destination").selectOption({ label: "PagerDuty" });
  expect(await page.getByLabel("Events API v2 URL").inputValue()).toBe("https://events.pagerduty.com/v2/enqueue");
  expect(await page.getByLabel("Ordered delivery").isChecked()).toBe(true);
  await page.getByLabel("All of sync.*").check();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "PagerDuty needs the integration key" }).first().waitFor();
  await page.getByLabel("Destination").selectOption({ label: "E-mail" });
  await page.getByLabel("Address").fill("ops@example.com");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "This Weft cannot send e-mail" }).first().waitFor();
  expect(await page.getByRole("button", { name: "Add a header" }).count()).toBe(0);
  expect(await accessFindings(page)).toEqual([]);
});
