import { expect, test } from "vitest";
import { status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { accessFindings, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("the reason why a webhook did not arrive is three clicks away, and resending delivers it", async () => {
  const { page, client, receiver } = used;
  receiver.respond = (response) => {
    response.writeHead(500, { "x-request-id": "req_1" });
    response.end("the database is down");
  };
  await subscribe(used, "/broken", { retry_schedule: [] });
  const id = await publishExample(client, "sync.failed");
  await page.getByRole("link", { name: "Messages", exact: true }).click();
  const row = page.getByRole("row").filter({ hasText: id });
  await row.getByText("Failed", { exact: true }).waitFor();
  await row.getByRole("link").click();
  await page.getByRole("button", { name: /HTTP 500/ }).click();
  const reply = page.getByRole("region", { name: "Response" }).first();
  await reply.getByText("the database is down").waitFor();
  await reply.getByRole("row", { name: "x-request-id req_1" }).waitFor();
  await page.getByRole("rowheader", { name: "webhook-signature" }).waitFor();
  expect(await accessFindings(page)).toEqual([]);
  receiver.respond = status(204);
  await page.getByRole("button", { name: "Resend", exact: true }).click();
  await page.getByRole("button", { name: /HTTP 204/ }).waitFor();
  await page.getByText("Delivered").first().waitFor();
});
