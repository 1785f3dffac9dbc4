import { expect, test } from "vitest";
import { status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { accessFindings, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("the overview, subscriptions, messages, attempts and recoveries are filtered by event type", async () => {
  const { page, client, weft, receiver } = used;
  receiver.respond = status(500);
  const { id } = await subscribe(used, "/sync", { retry_schedule: [] });
  await subscribe(used, "/collections", { event_types: ["collection.*"] });
  const failed = await publishExample(client, "sync.failed");
  const completed = await publishExample(client, "sync.completed");
  for (const messageId of [failed, completed]) {
    const state = async () => (await client.webhooks.listMessageDeliveries(messageId)).items.at(-1)?.state;
    await expect.poll(state).toBe("failed");
  }

  await page.goto(`${weft.url}/console/`);
  const failures = page.getByRole("region", { name: "Failed messages" }).getByRole("row");
  await expect.poll(() => failures.count()).toBe(3);
  await page.getByLabel("Event type").selectOption("sync.failed");
  await expect.poll(() => failures.count()).toBe(2);
  expect(page.url()).toContain("sync.failed");
  expect(await accessFindings(page)).toEqual([]);
  await page.getByRole("link", { name: "All failed messages" }).click();
  const messages = page.getByRole("region", { name: "Messages" }).getByRole("row");
  await expect.poll(() => messages.count()).toBe(2);

  await page.goto(`${weft.url}/console/subscriptions`);
  const subscriptions = page.getByRole("region", { name: "Subscriptions" }).getByRole("row");
  await expect.poll(() => subscriptions.count()).toBe(3);
  await page.getByLabel("Event type").selectOption("sync.completed");
  await expect.poll(() => subscriptions.count()).toBe(2);
  await subscriptions.getByRole("link", { name: receiver.url("/sync") }).waitFor();

  const since = new Date(Date.now() - 3_600_000).toISOString();
  const recover = (types: string[]) =>
    client.webhooks.recoverByFilter({ since, subscription_ids: [id], event_types: types });
  await recover(["sync.failed"]);
  await recover(["sync.completed"]);
  await page.goto(`${weft.url}/console/subscriptions/${id}?tab=recovery`);
  const recoveries = page.getByRole("region", { name: "Recoveries" }).getByRole("row");
  await expect.poll(() => recoveries.count()).toBe(3);
  await page.getByLabel("Event type").selectOption("sync.failed");
  await expect.poll(() => recoveries.count()).toBe(2);
  await recoveries.getByText("sync.failed").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await page.getByRole("tab", { name: "Attempts" }).click();
  await page.getByLabel("Event type").selectOption("sync.failed");
  const attempts = page.getByRole("region", { name: "Attempts" }).getByRole("row");
  await expect.poll(() => attempts.filter({ hasText: "sync.completed" }).count()).toBe(0);
  await expect.poll(() => attempts.filter({ hasText: "sync.failed" }).count()).toBeGreaterThan(0);
});
