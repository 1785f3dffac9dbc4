import { expect, test } from "vitest";
import { accessFindings, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("attempts are shown by the class of their status, and a segment opens the list of its attempts", async () => {
  const { page, client, receiver, weft } = used;
  const statuses = [204, 404, 503];
  receiver.respond = (response) => response.writeHead(statuses.shift() ?? 204).end();
  const { id } = await subscribe(used, "/classes", { retry_schedule: [] });
  for (const count of [1, 2, 3]) {
    await publishExample(client);
    await expect.poll(async () => (await client.webhooks.getSubscriptionStats(id)).attempts).toBe(count);
  }
  await page.goto(`${weft.url}/console/`);
  const main = page.getByRole("main");
  for (const name of ["2xx 1", "4xx 1", "5xx 1"]) await main.getByRole("link", { name, exact: true }).waitFor();
  expect(await accessFindings(page)).toEqual([]);
  await main.getByRole("link", { name: /^5xx: 1 from/ }).click();
  await page.getByRole("heading", { level: 1, name: "Messages" }).waitFor();
  const broken = new URL(page.url()).searchParams;
  expect(broken.get("status_class")).toBe("5xx");
  expect(Date.parse(broken.get("attempted_until") ?? "")).toBeGreaterThan(
    Date.parse(broken.get("attempted_since") ?? ""),
  );
  const messages = page.getByRole("region", { name: "Messages" });
  await expect.poll(() => messages.getByRole("row").count()).toBe(2);
  await messages.getByLabel("Response").selectOption("All");
  await expect.poll(() => messages.getByRole("row").count()).toBe(4);
  expect(await accessFindings(page)).toEqual([]);

  await page.goto(`${weft.url}/console/subscriptions/${id}?tab=statistics&window=1h`);
  await main.getByRole("link", { name: "4xx 1", exact: true }).click();
  const attempts = page.getByRole("region", { name: "Attempts" });
  await attempts.getByText("HTTP 404").waitFor();
  await expect.poll(() => attempts.getByRole("row").count()).toBe(2);
  await attempts.getByLabel("Response").selectOption("5xx");
  await attempts.getByText("HTTP 503").waitFor();
  expect(new URL(page.url()).searchParams.get("status_class")).toBe("5xx");
});
