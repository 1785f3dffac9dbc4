import { expect, test } from "vitest";
import { status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { accessFindings, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("a listener is distinguished from an endpoint, in the list and on its page", async () => {
  const { page, client, weft } = used;
  const listener = await client.webhooks.startListener({ name: "a-laptop", event_types: ["sync.*"] });
  await subscribe(used, "/no-listener");
  await page.goto(`${weft.url}/console/subscriptions`);
  const isListener = "Listener: its events go to the running weft listen with this name";
  await page.getByRole("row", { name: "a-laptop" }).getByText(isListener).waitFor();
  await page.getByRole("row", { name: "/no-listener" }).waitFor();
  expect(await page.getByText(isListener).count()).toBe(1);
  await page.goto(`${weft.url}/console/subscriptions/${listener.id}`);
  await page.getByText(isListener).waitFor();
});

test("an unreachable endpoint and a missing selection of events are reported in the form", async () => {
  const { page, receiver, weft } = used;
  receiver.respond = status(500);
  await page.goto(`${weft.url}/console/subscriptions/new`);
  await page.getByLabel("URL").fill("nonsense");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByText("At least one event type is needed.").first().waitFor();
  await page.getByLabel("All of sync.*").check();
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await expect.poll(() => page.getByLabel("URL").getAttribute("aria-invalid")).toBe("true");
  await page.getByLabel("URL").fill("http://127.0.0.1:9/closed-port");
  await page.getByRole("button", { name: "Create", exact: true }).click();
  await page.getByRole("alert").filter({ hasText: "Could not connect to endpoint." }).first().waitFor();
  expect(await accessFindings(page)).toEqual([]);
});

test("events that were missed while disabled are counted before they are sent, and then arrive", async () => {
  const { page, weft, client, receiver } = used;
  const { id } = await subscribe(used, "/missed");
  await client.webhooks.updateSubscription(id, { disabled: true });
  const missed = [await publishExample(client), await publishExample(client), await publishExample(client)];
  await page.goto(`${weft.url}/console/subscriptions/${id}`);
  await page.getByText(/Disabled: /).waitFor();
  await page.getByRole("button", { name: "Enable" }).click();
  await page.getByText("3 can be sent again.").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await page.getByRole("dialog").getByRole("button", { name: "Enable" }).click();
  await expect.poll(() => receiver.received.filter(({ path }) => path === "/missed").length).toBe(3);
  await page.getByRole("tab", { name: "Recovery" }).click();
  await page.getByText("3 of 3 re-queued · 3 delivered").waitFor();
  await page.getByRole("button", { name: "Recover…" }).click();
  await page.getByText("No deliveries match. Change the filters above.").waitFor();
  for (const messageId of missed) {
    const { items } = await client.webhooks.listMessageDeliveries(messageId);
    expect(items.find((delivery) => delivery.subscription_id === id)?.state).toBe("delivered");
  }
});

test("attempts are filtered by outcome and type, the address has the filters, and Back works", async () => {
  const { page, weft, client, receiver } = used;
  receiver.respond = (response, { body }) => {
    response.statusCode = body.includes("sync.failed") ? 500 : 204;
    response.end();
  };
  const { id } = await subscribe(used, "/mixed", { retry_schedule: [] });
  for (const type of ["sync.failed", "sync.completed", "sync.running"]) await publishExample(client, type);
  await page.goto(`${weft.url}/console/subscriptions/${id}`);
  const attempts = page.getByRole("region", { name: "Attempts" }).getByRole("row");
  await expect.poll(() => attempts.count()).toBe(4);
  await page.getByLabel("Outcome").selectOption({ label: "Failed" });
  await expect.poll(() => attempts.count()).toBe(2);
  expect(page.url()).toContain("status=failed");
  await page.reload();
  await expect.poll(() => attempts.count()).toBe(2);
  await attempts.last().getByRole("link").click();
  await page.getByRole("heading", { name: "sync.failed" }).waitFor();
  await page.goBack();
  await expect.poll(() => attempts.count()).toBe(2);
});

test("many subscriptions are found by a part of their URL and disabled together", async () => {
  const { page, weft, client } = used;
  for (const name of ["one", "two", "three"]) await subscribe(used, `/bulk/${name}`);
  await page.goto(`${weft.url}/console/subscriptions`);
  await page.getByLabel("Search").fill("/bulk/t");
  const rows = page.getByRole("region", { name: "Subscriptions" }).getByRole("row");
  await expect.poll(() => rows.count()).toBe(3);
  await page.getByLabel("Select all on this page").check();
  await page.getByText("2 selected").waitFor();
  await page.getByRole("button", { name: "Disable" }).click();
  await page.getByText("2 subscriptions were changed.").waitFor();
  const { items } = await client.webhooks.listSubscriptions({ status: "disabled" });
  expect(items.map(({ url }) => new URL(url).pathname).sort()).toEqual(["/bulk/three", "/bulk/two"]);
});
