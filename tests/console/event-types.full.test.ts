import type { Page } from "playwright-core";
import { expect, test } from "vitest";
import { createClient } from "../../packages/sdk/src/index.ts";
import { accessFindings, openPage, picture, useConsole } from "./fixtures/console.ts";

const used = useConsole();
const patiently = { timeout: 30_000 };
const schema =
  '{\n  "type": "object",\n  "required": ["id"],\n  "properties": { "id": { "const": 9007199254740993 } }\n}';

async function openCatalogue(): Promise<Page> {
  await used.page.getByRole("navigation").getByRole("link", { name: "Event types" }).click();
  await used.page.getByRole("heading", { level: 1, name: "Event types" }).waitFor();
  return used.page;
}

function publish(eventType: string, payload: Record<string, unknown>): Promise<string> {
  return used.client.events.publishEvents({ event_type: eventType, payload }).then(
    ({ id }) => id,
    (error: Error) => error.message,
  );
}

/** The response as text, because JavaScript rounds its numbers. */
async function definitionText(): Promise<string> {
  const response = await fetch(`${used.weft.url}/v1/webhooks/event-types/invoice.paid`);
  return await response.text();
}

test("an operator creates an event type, publishes with the shown command, edits, archives, restores and deletes it", async () => {
  const { client } = used;
  const page = await openCatalogue();
  await page.getByText("No event types of your own yet").waitFor();
  await picture(page, "event-types-first");
  expect(await accessFindings(page)).toEqual([]);
  await page.getByRole("main").getByRole("link", { name: "New event type" }).first().click();
  await page.getByLabel("Name").fill("invoice.paid");
  await page.getByLabel("Description").fill("An invoice was paid.");
  await page.getByLabel("Example payload").fill('{ "id": 9007199254740993 }');
  await page.getByLabel("JSON Schema").fill(schema.replace('["id"],', '["id"]'));
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByText("Line 4, column 3: a comma or } was expected.").waitFor();
  await page.getByLabel("JSON Schema").fill(schema.replace('"object"', '"objekt"'));
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("alert").filter({ hasText: "This is not a JSON Schema" }).first().waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await page.getByLabel("JSON Schema").fill(schema);
  await page.getByRole("button", { name: "Create" }).click();
  await page.getByRole("heading", { level: 1, name: "invoice.paid" }).waitFor();
  expect(await accessFindings(page)).toEqual([]);

  const command = await page.getByRole("region", { name: "Publish it" }).innerText();
  const [, body = ""] = /-d '([\s\S]*)'/.exec(command) ?? [];
  expect(body).toContain('"event_type": "invoice.paid"');
  expect(await publish("invoice.paid", { id: 1 })).toContain("payload.id");

  await page.getByRole("main").getByRole("link", { name: "Edit" }).click();
  await page.getByLabel("Description").fill("An invoice was paid in full.");
  await page.getByLabel("Group").fill("billing");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("An invoice was paid in full.").waitFor();
  expect(await definitionText()).toContain('{"const":9007199254740993}');
  expect(await definitionText()).toContain('"examples":[{"id":9007199254740993}]');

  await page.getByRole("main").getByRole("link", { name: "Edit" }).click();
  const edited = await page.getByLabel("JSON Schema").inputValue();
  expect(edited).toContain("9007199254740993");
  await page.getByLabel("JSON Schema").fill(edited.replace("9007199254740993", "9007199254740995"));
  await page.getByLabel("Example payload").fill('{"id": 9007199254740995}');
  await page.getByRole("button", { name: "Save" }).click();
  await expect.poll(definitionText, patiently).toContain('{"const":9007199254740995}');
  expect(await definitionText()).toContain('"examples":[{"id":9007199254740995}]');

  const more = page.getByRole("main").getByRole("button", { name: "More" });
  await more.click();
  await page.getByRole("menuitem", { name: "Archive" }).click();
  await page.getByText("New subscriptions cannot select this event type.").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await openCatalogue();
  expect(await page.getByRole("link", { name: "invoice.paid" }).count()).toBe(0);
  await page.getByLabel("Show archived event types").check();
  await page.getByRole("link", { name: "invoice.paid" }).click();
  await more.click();
  await page.getByRole("menuitem", { name: "Restore" }).click();
  await expect
    .poll(() => client.webhooks.getEventType("invoice.paid").then((type) => type.archived), patiently)
    .toBe(false);
  await more.click();
  await page.getByRole("menuitem", { name: "Delete" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Delete" }).click();
  await page.getByText("The event type was deleted.").waitFor();
  await expect(client.webhooks.getEventType("invoice.paid")).rejects.toMatchObject({ status: 404 });
});

test("any version of a schema is edited, and the others stay as they are", async () => {
  const { client, weft, page } = used;
  const versions = { "1": { type: "object", title: "First" }, "2": { type: "object", title: "Second" } };
  await client.webhooks.createEventType({ name: "invoice.voided", description: "", schemas: versions });
  await page.goto(`${weft.url}/console/event-types/invoice.voided/edit`);
  const text = page.getByLabel("JSON Schema");
  await expect.poll(() => text.inputValue()).toContain("Second");
  await page.getByLabel("Version of the schema").selectOption("1");
  expect(await text.inputValue()).toContain("First");
  await text.fill("{");
  await page.getByLabel("Version of the schema").selectOption("2");
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByText("This is not valid JSON.").waitFor();
  expect(await page.getByLabel("Version of the schema").inputValue()).toBe("1");
  expect(await accessFindings(page)).toEqual([]);
  await text.fill('{"type": "object", "title": "Changed"}');
  await page.getByRole("button", { name: "Save" }).click();
  await page.getByRole("heading", { level: 1, name: "invoice.voided", exact: true }).waitFor();
  const { schemas } = await client.webhooks.getEventType("invoice.voided");
  expect(schemas).toEqual({ ...versions, "1": { type: "object", title: "Changed" } });
  await client.webhooks.deleteEventType("invoice.voided");
});

test("a long name of an event type wraps between its parts on a narrow screen", async () => {
  const { client, weft, page } = used;
  const name = "warehouse_inventory.replenishment_order.partially_fulfilled";
  await client.webhooks.createEventType({ name, description: "" });
  await publish(name, { id: 1 });
  await page.setViewportSize({ width: 390, height: 900 });
  await page.goto(`${weft.url}/console/messages`);
  const tag = page.getByRole("link").getByText(name, { exact: true });
  const linesOfParts = await tag.evaluate((element) =>
    [...element.childNodes].flatMap((node) => {
      const range = element.ownerDocument.createRange();
      range.selectNodeContents(node);
      return node.nodeType === node.TEXT_NODE ? [range.getClientRects().length] : [];
    }),
  );
  expect(linesOfParts).toEqual(Array(6).fill(1));
  await picture(page, "messages-long-name-390");
  await client.webhooks.deleteEventType(name);
});

test("an administrator accepts unknown event types, subscribes to one, and finds its messages", async () => {
  const { client, receiver, weft } = used;
  expect(await publish("order.paid", { id: 42 })).toContain("unknown_event_types");
  const page = await openCatalogue();
  await page.getByRole("status").getByRole("button", { name: "Accept unknown event types" }).click();
  await page.getByText("Accepted. Events may have a type").waitFor();
  await page.goto(`${weft.url}/console/subscriptions/new`);
  await page.getByLabel("URL").fill(receiver.url("/orders"));
  await page.getByLabel("Another event type").fill("order.*");
  await page.getByRole("button", { name: "Add event type" }).click();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "subscription-new-unknown-type");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: receiver.url("/orders") }).waitFor();
  const message = await publish("order.paid", { id: 42 });
  await expect.poll(() => receiver.received.length, patiently).toBe(1);
  await page.goto(`${weft.url}/console/messages?types=order.paid`);
  await page.getByRole("link", { name: "order.paid" }).first().click();
  await page.waitForURL(`**/messages/${message}`);
  await openCatalogue();
  await page.getByRole("button", { name: "Refuse unknown event types" }).click();
  await page.getByText("Events of unknown types are refused.").waitFor();
  const { organization } = await client.session.getSession();
  expect(organization.unknown_event_types).toBe("refuse");
});

test("an operator sets on the page of organizations whether one accepts unknown event types", async () => {
  const { client, page } = used;
  const { id } = await client.organizations.createOrganization({ name: "Initech" });
  await page.getByRole("link", { name: "Organizations" }).click();
  await page.getByRole("button", { name: "Actions for Initech" }).click();
  await page.getByRole("menuitem", { name: "Edit" }).click();
  await page.getByRole("dialog").getByLabel("Accept unknown event types").check();
  expect(await accessFindings(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Save" }).click();
  await page.getByText("The organization was saved.").waitFor();
  expect(await client.organizations.getOrganization(id)).toMatchObject({
    unknown_event_types: "accept",
    name: "Initech",
  });
});

test("a user who is not an operator is not offered to create event types", async () => {
  const { client, weft } = used;
  const { id } = await client.organizations.createOrganization({ name: "Tenant" });
  const { key } = await client.apiKeys.createApiKey({ name: "Tenant", scopes: ["admin"] }, { organizationId: id });
  const tenant = createClient({ url: weft.url, apiKey: key });
  const { url } = await tenant.session.createPortalSession({ scopes: ["read", "write"] });
  const page = await openPage(used);
  await page.goto(url);
  await page.getByRole("link", { name: "Event types" }).click();
  await page.getByRole("link", { name: "sync.completed" }).waitFor();
  expect(await page.getByText("Events of unknown types").count()).toBe(0);
  expect(await page.getByRole("link", { name: "New event type" }).count()).toBe(0);
  expect(await page.getByRole("button", { name: "Accept unknown event types" }).count()).toBe(0);
  await page.context().close();
});
