import type { Page } from "playwright-core";
import { afterAll, describe, expect, test } from "vitest";
import { status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { prefixed } from "../../packages/server/src/domain/id.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import { picture, subscribe, useConsole } from "./fixtures/console.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

/** Counts the clicks that the page receives from now on. Those that scripts or keys cause do not count. */
async function countClicks(page: Page): Promise<() => number> {
  let clicks = 0;
  await page.exposeFunction("countClick", () => {
    clicks += 1;
  });
  await page.evaluate(
    `document.addEventListener("click", ({ isTrusted, detail }) => isTrusted && detail > 0 && countClick(), true)`,
  );
  return () => clicks;
}

/** Searches with the keyboard alone. */
async function search(page: Page, text: string): Promise<void> {
  await page.getByRole("button", { name: /Search everything/ }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /Search everything/ }).fill(text);
}

describe.each([
  ["SQLite", undefined],
  ["PostgreSQL", () => databases.fresh()],
])("on %s,", (_, database) => {
  const used = useConsole({ database });

  /** Publishes the example of an event type, with changed fields. */
  async function publish(eventType: string, changes: object, count = 1): Promise<string[]> {
    const types = (await used.client.webhooks.listEventTypes()).items;
    const payload = { ...types.find(({ name }) => name === eventType)?.example, ...changes };
    const events = Array.from({ length: count }, () => ({ event_type: eventType, payload }));
    return (await used.client.events.publishEvents(events)).map(({ id }) => id);
  }

  async function failed(eventType: string, count: number): Promise<void> {
    const query = { event_types: [eventType], status: "failed", limit: 250 } as const;
    const listed = async () => (await used.client.webhooks.listMessages(query)).items.length;
    await expect.poll(listed, { timeout: 20_000 }).toBe(count);
  }

  test("a customer's event is found with one search, by a value of its payload or either spelling of its id", async () => {
    const { page, client } = used;
    const subscription = await subscribe(used);
    const [id = ""] = await publish("sync.completed", { collection_name: "Rocket Factory" });
    await publish("sync.completed", { collection_name: "Shoe Factory" }, 20);
    const clicks = await countClicks(page);
    for (const text of ["collection_name:Rocket Factory", id, prefixed("msg", id)]) {
      await search(page, text);
      const results = page.getByRole("option", { name: /sync\.completed/ });
      await results.waitFor();
      expect(await results.count()).toBe(1);
      await page.keyboard.press("Enter");
      await page.waitForURL(`**/messages/${id}*`);
    }
    expect(clicks()).toBe(0);
    await client.webhooks.deleteSubscription(subscription.id);
  });

  test("two clicks after the search, the response of the endpoint explains why an event did not arrive", async () => {
    const { page, client, receiver } = used;
    receiver.respond = (response) => {
      response.statusCode = 500;
      response.end("the database is down");
    };
    const subscription = await subscribe(used, "/broken", { retry_schedule: [] });
    const [id = ""] = await publish("sync.failed", {});
    await failed("sync.failed", 1);
    await search(page, id);
    const clicks = await countClicks(page);
    await page.getByRole("option", { name: /sync\.failed/ }).click();
    await page.getByText(/Last result: HTTP 500, “the database is down”\. /).waitFor();
    await page.getByRole("button", { name: /HTTP 500/ }).click();
    const response = page.getByRole("region", { name: "Response" }).first();
    await response.getByText("the database is down").waitFor();
    expect(clicks()).toBe(2);
    await client.webhooks.deleteSubscription(subscription.id);
  });

  test("50 failures of one type are repaired with four clicks, and those of other types stay", async () => {
    const { page, client, receiver } = used;
    receiver.respond = status(500);
    const subscription = await subscribe(used, "/hook", { retry_schedule: [] });
    await publish("sync.running", {});
    await publish("sync.cancelled", {}, 50);
    await failed("sync.cancelled", 50);
    await failed("sync.running", 1);
    receiver.respond = status(204);
    receiver.received.length = 0;
    await page.reload();
    const clicks = await countClicks(page);
    await page.getByRole("link", { name: "sync.cancelled" }).first().click();
    await page.getByRole("button", { name: "Recover all failed sync.cancelled…" }).click();
    const dialog = page.getByRole("dialog", { name: "Recover deliveries" });
    await dialog.getByText("50 deliveries to 1 subscription").waitFor();
    await dialog.getByRole("button", { name: "Re-queue 50" }).click();
    await dialog.getByText("50 of 50 re-queued · 50 delivered").waitFor();
    await picture(page, "repaired");
    await dialog.getByRole("button", { name: "Close" }).last().click();
    await dialog.waitFor({ state: "detached" });
    expect(clicks()).toBe(4);
    expect(receiver.received).toHaveLength(50);
    await failed("sync.running", 1);
    await client.webhooks.deleteSubscription(subscription.id);
  });
});
