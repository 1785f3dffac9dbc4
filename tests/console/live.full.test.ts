import { expect, test } from "vitest";
import { accessFindings, publishExample, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole();

test("messages appear by themselves, and change when they are delivered", async () => {
  const { page, client, receiver } = used;
  await page.getByText("Live", { exact: true }).waitFor();
  let letArrive = () => {};
  await subscribe(used, "/live");
  receiver.respond = (response) => {
    letArrive = () => response.end();
  };
  await page.getByRole("link", { name: "Messages", exact: true }).click();
  await page.getByText("No messages yet").waitFor();
  const id = await publishExample(client);
  const row = page.getByRole("row").filter({ hasText: id });
  await row.getByText("Pending").waitFor();
  await expect.poll(() => receiver.open).toBe(1);
  letArrive();
  await row.getByText("Delivered").waitFor();
});

test("the overview shows failing subscriptions first, and counts waiting deliveries", async () => {
  const { page, client, receiver } = used;
  await subscribe(used, "/fails", { retry_schedule: [3_600] });
  receiver.respond = (response, { path }) => {
    response.statusCode = path === "/fails" ? 500 : 204;
    response.end();
  };
  for (let count = 0; count < 4; count++) await publishExample(client);
  const attention = page.getByRole("region", { name: "Needs attention" });
  await attention.getByRole("link", { name: /\/fails/ }).waitFor();
  await attention.getByText("Failing").waitFor();
  await page.getByText("Success rate").waitFor();
  await page.getByRole("list", { name: "Attempts over time by status" }).waitFor();
  expect(await accessFindings(page)).toEqual([]);
});

test("a broken connection is opened again, and the page catches up", async () => {
  const { page, client } = used;
  await page.getByRole("link", { name: "Messages", exact: true }).click();
  await page.getByText("Live", { exact: true }).waitFor();
  await page.context().setOffline(true);
  const id = await publishExample(client, "sync.running");
  await page.context().setOffline(false);
  await page.getByRole("row").filter({ hasText: id }).waitFor();
});

test("two attempts are compared side by side, with their differences marked", async () => {
  const { page, weft, client, receiver } = used;
  let tries = 0;
  await subscribe(used, "/second-time", { retry_schedule: [0] });
  receiver.respond = (response, { path }) => {
    response.statusCode = path === "/second-time" && tries++ === 0 ? 500 : 200;
    response.end("all right");
  };
  const id = await publishExample(client, "sync.pending");
  await page.goto(`${weft.url}/console/messages/${id}`);
  const delivery = page.getByRole("listitem").filter({ hasText: "/second-time" });
  const choices = delivery.getByRole("checkbox");
  await expect.poll(() => choices.count()).toBe(2);
  await choices.nth(0).check();
  await choices.nth(1).check();
  const dialog = page.getByRole("dialog");
  await dialog.getByRole("cell", { name: "HTTP 500" }).waitFor();
  await dialog.getByRole("cell", { name: "HTTP 200" }).waitFor();
  expect(await accessFindings(page)).toEqual([]);
});

test("a form, a menu and a dialog are used without a mouse", async () => {
  const { page, weft } = used;
  const { id } = await subscribe(used, "/keyboard");
  await page.goto(`${weft.url}/console/subscriptions/${id}`);
  await page.getByRole("button", { name: "More" }).focus();
  await page.keyboard.press("Enter");
  await page.getByRole("menuitem", { name: "Disable" }).waitFor();
  await page.keyboard.press("ArrowDown");
  await page.keyboard.press("ArrowUp");
  await page.keyboard.press("Enter");
  await page.getByRole("dialog").waitFor();
  await page.keyboard.press("Escape");
  await expect.poll(() => page.getByRole("dialog").count()).toBe(0);
  await page.keyboard.press("Tab");
  expect(await page.evaluate("document.activeElement !== document.body")).toBe(true);
});

test("the selected theme is kept", async () => {
  const { page } = used;
  const theme = () => page.evaluate("document.documentElement.dataset.theme");
  await page.getByRole("button", { name: "Account" }).click();
  await page.getByRole("menuitem", { name: /Dark/ }).click();
  expect(await theme()).toBe("dark");
  await page.reload();
  await page.getByRole("heading", { name: "Overview" }).waitFor();
  expect(await theme()).toBe("dark");
});
