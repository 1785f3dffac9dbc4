import { expect, test } from "vitest";
import { status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { accessFindings, picture, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole();

/** Publishes events that fail permanently, and waits until they have. */
async function failures(count: number, eventType: string): Promise<string[]> {
  const { client } = used;
  used.receiver.respond = status(500);
  const ids: string[] = [];
  for (let i = 0; i < count; i++) ids.push(await publishExample(client, eventType));
  await expect
    .poll(
      async () =>
        (await client.webhooks.listMessages({ event_types: [eventType], status: "failed", limit: 250 })).items.length,
    )
    .toBeGreaterThanOrEqual(count);
  used.receiver.respond = status(204);
  used.receiver.received.length = 0;
  return ids;
}

test("all failures that match the filters of a list are repaired, with a plan before and the outcomes after", async () => {
  const { page, client, receiver } = used;
  const { id } = await subscribe(used, "/hook", { retry_schedule: [] });
  await failures(50, "sync.completed");
  await failures(1, "sync.failed");
  await page.getByRole("link", { name: "Messages", exact: true }).click();
  await page.getByRole("heading", { level: 1, name: "Messages" }).waitFor();
  await page.getByRole("combobox", { name: "Event type" }).selectOption("sync.completed");
  await page.getByRole("button", { name: "Recover…" }).click();
  const dialog = page.getByRole("dialog", { name: "Recover deliveries" });
  await dialog.getByText("50 deliveries to 1 subscription").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "recover-plan");
  await dialog.getByRole("button", { name: "Re-queue 50" }).click();
  await dialog.getByText("50 of 50 re-queued · 50 delivered").waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "recover-progress");
  expect(receiver.received).toHaveLength(50);
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await dialog.waitFor({ state: "detached" });
  expect((await client.webhooks.listMessages({ status: "failed" })).items.map(({ event_type }) => event_type)).toEqual([
    "sync.failed",
  ]);
  await client.webhooks.deleteSubscription(id);
});

test("a recovery keeps the filter of the list by the class of a response", async () => {
  const { page, client, receiver } = used;
  const { id } = await subscribe(used, "/hook", { retry_schedule: [] });
  await failures(2, "sync.pending");
  const types = encodeURIComponent('["sync.pending"]');
  const since = new Date(Date.now() - 3_600_000).toISOString();
  await page.goto(`${used.weft.url}/console/messages?types=${types}&status_class=4xx&attempted_since=${since}`);
  await page.getByRole("button", { name: "Recover…" }).click();
  const dialog = page.getByRole("dialog", { name: "Recover deliveries" });
  await dialog.getByText("No deliveries match.").waitFor();
  await dialog.getByRole("combobox", { name: "Response" }).selectOption("5xx");
  await dialog.getByRole("button", { name: "Re-queue 2" }).click();
  await dialog.getByText("2 of 2 re-queued · 2 delivered").waitFor();
  expect(receiver.received).toHaveLength(2);
  await client.webhooks.deleteSubscription(id);
});

test("selected messages are recovered, and no others", async () => {
  const { page, client, receiver } = used;
  const { id } = await subscribe(used, "/hook", { retry_schedule: [] });
  const [, second] = await failures(3, "sync.running");
  await page.goto(`${used.weft.url}/console/messages?types=${encodeURIComponent('["sync.running"]')}`);
  await page.getByRole("checkbox", { name: `Select sync.running ${second}` }).check();
  await page.getByRole("button", { name: "Recover 1 selected…" }).click();
  const dialog = page.getByRole("dialog", { name: "Recover deliveries" });
  await dialog.getByText("1 selected message").waitFor();
  await dialog.getByRole("button", { name: "Re-queue 1" }).click();
  await dialog.getByText("1 of 1 re-queued · 1 delivered").waitFor();
  expect(receiver.received).toHaveLength(1);
  await client.webhooks.deleteSubscription(id);
});

test("a running recovery is paused, resumed and cancelled on the page of its subscription", async () => {
  const { page, client } = used;
  const { id } = await subscribe(used, "/hook", { event_types: ["collection.created"] });
  await client.webhooks.updateSubscription(id, { disabled: true });
  const types = (await client.webhooks.listEventTypes()).items;
  const payload = types.find(({ name }) => name === "collection.created")?.example ?? {};
  const batch = Array.from({ length: 1_000 }, () => ({ event_type: "collection.created", payload }));
  for (let i = 0; i < 6; i++) await client.events.publishEvents(batch);
  await client.webhooks.updateSubscription(id, { disabled: false });
  await page.goto(`${used.weft.url}/console/subscriptions/${id}?tab=recovery`);
  await page.getByRole("button", { name: "Recover…" }).click();
  const dialog = page.getByRole("dialog", { name: "Recover deliveries" });
  await dialog.getByRole("button", { name: /^Re-queue / }).click();
  await dialog.getByRole("button", { name: "Pause" }).click();
  await dialog.getByText("Paused").waitFor();
  await dialog.getByRole("button", { name: "Close" }).last().click();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.getByText("Running", { exact: true }).waitFor();
  await page.getByRole("button", { name: "Cancel recovery" }).click();
  await page.getByText("Cancelled", { exact: true }).waitFor();
  await client.webhooks.deleteSubscription(id);
});

test("the background tasks that run are shown on the overview with their progress, and cancelled there", async () => {
  const { page, client, weft } = used;
  const { id } = await subscribe(used, "/hook", { retry_schedule: [] });
  const since = new Date(Date.now() - 60_000).toISOString();
  // A recovery without deliveries may end before it is paused.
  const paused = async () => {
    const { id: begun } = await client.webhooks.recoverMessages(id, { since });
    return await client.webhooks.pauseRecovery(id, begun).catch(() => null);
  };
  let recovery = await paused();
  while (recovery === null) recovery = await paused();
  await page.goto(`${weft.url}/console/`);
  const card = page.getByRole("region", { name: "Running background tasks" });
  const row = card.getByRole("row").filter({ hasText: "Recovery" });
  await row.waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await row.getByRole("button", { name: "Cancel: Recovery" }).click();
  await page.getByText("The task was cancelled.").waitFor();
  await card.waitFor({ state: "detached" });
  const { status: ended } = await client.webhooks.getRecovery(id, recovery.id);
  expect(ended).toBe("cancelled");
  await client.webhooks.deleteSubscription(id);
});
