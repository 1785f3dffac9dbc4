import { expect, test } from "vitest";
import { accessFindings, subscribe, useConsole } from "./fixtures/console.ts";

const used = useConsole();

const wellFormed = {
  event_type: "sync.completed",
  collection_readable_id: "sales-data-ab123",
  collection_name: "Sales Data",
  source_connection_id: "660e8400-e29b-41d4-a716-446655440001",
  source_type: "github",
  timestamp: "2026-01-15T14:30:00.000Z",
};

/** Publishes a payload as text, so that it can contain text that no object can. */
async function publish(payload: string): Promise<string> {
  const reply = await fetch(`${used.weft.url}/v1/events`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: `{"event_type":"sync.completed","payload":${payload}}`,
  });
  expect(reply.status).toBe(200);
  return ((await reply.json()) as { id: string }).id;
}

function withMore(more: Record<string, unknown>): string {
  return JSON.stringify({ ...wellFormed, ...more });
}

async function openMessage(id: string) {
  await used.page.goto(`${used.weft.url}/console/messages/${id}`);
  const payload = used.page.getByRole("region", { name: "Payload" });
  await payload.getByText('"sync.completed"').waitFor();
  return payload;
}

test("markup and scripts in a payload are shown as text and never run", async () => {
  const attack = `<img src=x onerror="document.title='owned'"><script>document.title='owned'</script>`;
  const id = await publish(withMore({ collection_name: attack, [attack]: attack }));
  const payload = await openMessage(id);
  await payload.getByText("<script>", { exact: false }).first().waitFor();
  expect(await used.page.locator("main img, main script").count()).toBe(0);
  expect(await used.page.title()).not.toContain("owned");
});

test("characters that hide or reverse text are shown as escapes, and right-to-left text stays readable", async () => {
  const id = await publish(
    withMore({
      collection_name: "safe\u202Etxt.exe",
      note: "zero\u200Bwidth",
      arabic: "\u0645\u0631\u062D\u0628\u0627",
    }),
  );
  const payload = await openMessage(id);
  for (const text of ["\\u202e", "\\u200b", "\u0645\u0631\u062D\u0628\u0627"])
    await payload.getByText(text, { exact: false }).first().waitFor();
});

test("numbers keep their digits and repeated names are shown repeatedly", async () => {
  const id = await publish(`${withMore({}).slice(0, -1)},"big":12345678901234567890.10,"twice":1,"twice":2}`);
  const payload = await openMessage(id);
  await payload.getByText("12345678901234567890.10").waitFor();
  expect(await payload.getByText('"twice"').count()).toBe(2);
});

test("a payload of 256 KiB in very many lines is rendered partly, and all of it can be scrolled to", async () => {
  const items = Array.from({ length: 20_000 }, (_, index) => `item ${index}`);
  const id = await publish(withMore({ items: items.slice(0, 14_000) }));
  const payload = await openMessage(id);
  expect(await payload.locator("pre > div").count()).toBeLessThan(700);
  await payload.evaluate((element) => element.scrollTo(0, element.scrollHeight));
  await payload.getByText('"item 13999"').waitFor();
});

test("extreme depth and length are shown without a crash", async () => {
  const depth = 500;
  const deep = `${"[".repeat(depth)}1${"]".repeat(depth)}`;
  const id = await publish(`${withMore({ long: "x".repeat(100_000) }).slice(0, -1)},"deep":${deep}}`);
  const payload = await openMessage(id);
  await payload.getByText("… +", { exact: false }).first().waitFor();
  expect(await accessFindings(used.page)).toEqual([]);
});

test("markup in a response of an endpoint does not reach the page either", async () => {
  const { page, client, receiver, weft } = used;
  receiver.respond = (response) => {
    response.writeHead(500, { "content-type": "text/html" });
    response.end("<h1>Broken</h1><script>document.title='owned'</script>");
  };
  const { id } = await subscribe(used, "/markup", { retry_schedule: [] });
  const attempt = await client.webhooks.sendTestEvent(id, { event_type: "sync.completed" });
  await page.goto(`${weft.url}/console/messages/${attempt.message_id}?attempt=${attempt.id}`);
  await page.getByText("<h1>Broken</h1>", { exact: false }).first().waitFor();
  expect(await page.title()).not.toContain("owned");
});
