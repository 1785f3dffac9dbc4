import { expect, test } from "vitest";
import { accessFindings, picture, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("the subscription of an agent is listed with its event, arguments, principal and end, and can be ended", async () => {
  const { page, weft, receiver, client } = used;
  receiver.respond = (response, { body }) => void response.writeHead(200).end(body);
  const name = "sync.completed";
  const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
  const delivery = { mode: "webhook", url: receiver.url("/agent"), secret };
  const params = {
    ...{ name, delivery, arguments: { source_type: ["git", "web"] } },
    _meta: {
      "io.modelcontextprotocol/protocolVersion": "2026-07-28",
      "io.modelcontextprotocol/clientCapabilities": {},
    },
  };
  const made = await fetch(`${weft.url}/mcp`, {
    method: "POST",
    headers: {
      "content-type": "application/json",
      accept: "application/json, text/event-stream",
      "mcp-protocol-version": "2026-07-28",
      "mcp-method": "events/subscribe",
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method: "events/subscribe", params }),
  });
  const { result } = (await made.json()) as { result: { id: string } };
  await page.goto(`${weft.url}/console/subscriptions`);
  await page.getByText("Agent: subscribed to sync.completed through MCP").waitFor();
  await picture(page, "subscriptions-of-agents");
  await page.getByRole("link", { name: /agent/ }).first().click();
  await page.getByText(result.id).first().waitFor();
  await page.getByText('source_type: ["git","web"]').waitFor();
  await page.getByText("dev", { exact: true }).waitFor();
  expect(await page.getByRole("link", { name: "Edit" }).count()).toBe(0);
  expect(await page.getByRole("tab", { name: "Signing secret" }).count()).toBe(0);
  expect(await page.content()).not.toContain(secret.slice(6));
  expect(await accessFindings(page)).toEqual([]);
  await picture(page, "subscription-of-an-agent");
  await page.getByRole("button", { name: "End", exact: true }).click();
  await page.getByRole("button", { name: "End subscription" }).click();
  await expect.poll(async () => (await client.webhooks.listSubscriptions()).items, { timeout: 15_000 }).toEqual([]);
  await expect
    .poll(() => receiver.received.map(({ body }) => JSON.parse(body).type))
    .toEqual(["verification", "terminated"]);
});
