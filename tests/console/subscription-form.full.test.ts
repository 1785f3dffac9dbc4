import { expect, test } from "vitest";
import { status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { accessFindings, picture, publishExample, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("the trace context is sent once the form allows it, and not to alerts", async () => {
  const { page, weft, receiver, client } = used;
  await page.goto(`${weft.url}/console/subscriptions/new`);
  await page.getByLabel("Destination").selectOption({ label: "Slack" });
  expect(await page.getByLabel("Send the trace context").count()).toBe(0);
  await page.getByLabel("Destination").selectOption({ index: 0 });
  await page.getByLabel("URL").fill(receiver.url("/traced"));
  await page.getByLabel("All of collection.*").check();
  await page.getByLabel("Send the trace context").check();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText("Sent with every request").waitFor();
  const { items } = await client.webhooks.listSubscriptions();
  expect(items.find(({ url }) => url.endsWith("/traced"))?.send_trace_context).toBe(true);
});

test("event types are found by a part of their name or description", async () => {
  const { page, client, weft } = used;
  await client.webhooks.createEventType({ name: "invoice.paid", description: "The customer settled the bill." });
  await page.goto(`${weft.url}/console/subscriptions/new`);
  const events = page.getByRole("group", { name: "Events", exact: true });
  await page.getByLabel("Search event types").fill("SETTLED bill");
  await expect.poll(() => events.getByRole("checkbox").count()).toBe(2);
  await events.getByLabel("invoice.paid", { exact: false }).check();
  await page.getByLabel("Search event types").fill("nothing like this");
  await page.getByText("No event type matches “nothing like this”.").waitFor();
  await page.getByLabel("Search event types").fill("");
  expect(await events.getByLabel("invoice.paid", { exact: false }).isChecked()).toBe(true);
  expect(await accessFindings(page)).toEqual([]);
});

test("a filter is built from the fields of the event type, and tested with recent messages before it is saved", async () => {
  const { page, client, weft, receiver } = used;
  const schema = {
    type: "object",
    properties: {
      status: { enum: ["open", "paid"] },
      customer: { type: "object", properties: { code: { type: "string" } } },
    },
  };
  await client.webhooks.createEventType({ name: "order.changed", description: "", schemas: { "1": schema } });
  for (const [paid, code] of [
    ["paid", "42"],
    ["paid", "43"],
    ["open", "42"],
  ]) {
    await client.events.publishEvents({ event_type: "order.changed", payload: { status: paid, customer: { code } } });
  }
  await page.goto(`${weft.url}/console/subscriptions/new`);
  await page.getByLabel("URL").fill(receiver.url("/orders"));
  await page.getByRole("checkbox", { name: /^order\.changed/ }).check();
  const filters = page.getByRole("group", { name: "Filters" });
  await filters.getByRole("button", { name: "Add a filter" }).click();
  await filters.getByLabel("Field").first().selectOption("status");
  await filters.getByLabel("Condition").first().selectOption({ label: "is one of" });
  await filters.getByLabel("paid").check();
  await filters.getByRole("button", { name: "Add a filter" }).click();
  await filters.getByLabel("Field").nth(1).selectOption("customer.code");
  // The schema says that it is a text, so it is not compared as a number.
  await filters.getByLabel("Value", { exact: true }).fill("42");
  await page.getByRole("button", { name: "Test against recent messages" }).click();
  await page.getByText("1 of 3 recent messages match.").waitFor();
  const results = page.getByRole("list", { name: "Test results" }).getByRole("listitem");
  expect(await results.allInnerTexts()).toEqual([
    expect.stringContaining('status: the payload has "open", the filter accepts ["paid"].'),
    expect.stringContaining('customer.code: the payload has "43", the filter accepts ["42"].'),
    expect.stringMatching(/^Matches/),
  ]);
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "subscription-form-filters");

  await filters.getByRole("button", { name: "Edit as text" }).click();
  await filters.getByLabel("Values, separated by commas").first().fill("paid, open");
  await page.getByText("The settings have changed since this test.").waitFor();
  await page.getByRole("button", { name: "Test against recent messages" }).click();
  await page.getByText("2 of 3 recent messages match.").waitFor();
  await page.getByRole("button", { name: "Use the filter builder" }).click();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { name: receiver.url("/orders") }).waitFor();
  const { items } = await client.webhooks.listSubscriptions({ search: "/orders" });
  expect(items[0]?.filters).toEqual({ status: ["paid", "open"], "customer.code": ["42"] });
});

test("the alert of each destination is previewed with an example and with a recent message", async () => {
  const { page, client, weft, receiver } = used;
  receiver.respond = status(200, {}, "ok");
  await page.goto(`${weft.url}/console/subscriptions/new`);
  await page.getByLabel("Destination").selectOption({ label: "Slack" });
  await page.getByText("Select an event type to see a preview.").waitFor();
  await page.getByLabel("sync.failed", { exact: false }).first().check();
  const preview = page.getByRole("region", { name: "Preview" });
  await preview.getByText(/^🔴 salesforce does not sync into/).waitFor();
  await page.getByLabel("Message template").fill("{{source_type}} broke: {{error}}");
  await preview.getByText(/^salesforce broke: /).waitFor();
  await page.getByLabel("Message template").fill("{{source_type");
  await page.getByRole("alert").filter({ hasText: 'has no "}}" behind it.' }).waitFor();

  await page.getByLabel("Destination").selectOption({ label: "E-mail" });
  await page.getByLabel("Message template").fill("Sync of {{source_type}}\n\nIt failed.");
  await preview.getByText("Sync of salesforce").waitFor();
  await preview.getByText("It failed.").waitFor();
  await page.getByLabel("Destination").selectOption({ label: "PagerDuty" });
  await preview.getByText("Opens an incident").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "subscription-form-preview");
  expect(receiver.received).toEqual([]);

  const id = await publishExample(client, "sync.failed");
  await page.reload();
  await page.getByLabel("Destination").selectOption({ label: "Discord" });
  await page.getByLabel("sync.failed", { exact: false }).first().check();
  await page.getByLabel("Preview with").selectOption({ value: id });
  await page.getByLabel("Message template").fill("about {{message_id}}");
  await preview.getByText(/^about msg\\?_/).waitFor();
});

test("a subscription gets an authentication, which its page shows without the secret and an edit keeps", async () => {
  const { page, client, weft, receiver } = used;
  receiver.respond = status(200);
  await page.goto(`${weft.url}/console/subscriptions/new`);
  await page.getByLabel("URL", { exact: true }).fill(receiver.url("/authenticated"));
  await page.getByRole("checkbox", { name: /^sync\.failed/ }).check();
  await page.getByLabel("Authorization header").selectOption({ label: "OAuth 2.0 access token (client credentials)" });
  await page.getByLabel("Token endpoint").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "subscription-form-authentication");
  await page.getByLabel("Authorization header").selectOption({ label: "Username and password (Basic)" });
  await page.getByLabel("Username").fill("weft");
  await page.getByLabel("Password").fill("hush-hush");
  await page.getByLabel("Client certificate (PEM)", { exact: true }).fill("not a certificate");
  await page.getByLabel("Private key of the client certificate (PEM)").fill("not a key");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText("Expected certificates in PEM form").first().waitFor();
  await page.getByLabel("Client certificate (PEM)", { exact: true }).fill("");
  await page.getByLabel("Private key of the client certificate (PEM)").fill("");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { name: receiver.url("/authenticated") }).waitFor();
  await page.getByText("Username and password (Basic): weft").waitFor();

  await page.getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Description").fill("With a password");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("Username and password (Basic): weft").waitFor();
  const { items } = await client.webhooks.listSubscriptions({ search: "/authenticated" });
  expect(items[0]).toMatchObject({
    description: "With a password",
    authentication: { type: "basic", username: "weft", password: "***" },
  });
  receiver.received.length = 0;
  await client.webhooks.sendTestEvent(items[0]?.id ?? "", { event_type: "sync.failed" });
  await expect.poll(() => receiver.received[0]?.headers.authorization).toBe(`Basic ${btoa("weft:hush-hush")}`);
});
