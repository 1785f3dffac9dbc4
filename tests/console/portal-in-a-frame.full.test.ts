import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { expect, test } from "vitest";
import { openPage, subscribe, useConsole } from "./fixtures/console.ts";

// The platform's own page, of another origin. It listens before Weft gets its address.
let framed = "";
const platform = createServer((_request, response) => {
  response.setHeader("content-type", "text/html");
  response.end(`<!doctype html><title>A platform</title><iframe src="${framed}" width="1200" height="800"></iframe>`);
});
await new Promise<void>((resolve) => platform.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${(platform.address() as AddressInfo).port}`;

const used = useConsole({ variables: { WEFT_FRAME_ANCESTORS: origin } });

test("a platform embeds the portal in its own page", async () => {
  await using _ = { [Symbol.asyncDispose]: async () => void platform.close() };
  await subscribe(used, "/customer");
  framed = (await used.client.session.createPortalSession()).url;
  const page = await openPage(used);
  await page.goto(origin);
  const portal = page.frameLocator("iframe");
  await portal.getByRole("heading", { name: "Overview" }).waitFor();
  await portal.getByText("Live", { exact: true }).waitFor();
  await portal.getByRole("link", { name: "Endpoints", exact: true }).click();
  await portal.getByRole("link", { name: /\/customer/ }).waitFor();
  expect(await portal.getByRole("link", { name: "Audit log" }).count()).toBe(0);
  await page.context().close();
});
