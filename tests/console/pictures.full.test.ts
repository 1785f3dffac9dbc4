import { beforeAll, expect, test, vi } from "vitest";
import {
  accessFindings,
  layoutShift,
  openPage,
  picture,
  publishExample,
  subscribe,
  useConsole,
} from "./fixtures/console.ts";

const used = useConsole();

/** Every page, by the name of its picture, with example data. */
const pages: Record<string, string> = {
  overview: "/",
  messages: "/messages",
  message: "/messages/MESSAGE?attempt=ATTEMPT",
  "messages-filtered": "/messages?status=failed&since=24h&payload=collection_name:Finance",
  subscriptions: "/subscriptions",
  subscription: "/subscriptions/SUBSCRIPTION",
  "subscription-statistics": "/subscriptions/SUBSCRIPTION?tab=statistics&window=1h",
  "subscription-recovery": "/subscriptions/SUBSCRIPTION?tab=recovery",
  "subscription-secret": "/subscriptions/SUBSCRIPTION?tab=secret",
  "subscription-new": "/subscriptions/new",
  "subscription-edit": "/subscriptions/SUBSCRIPTION/edit",
  "event-types": "/event-types",
  "event-type": "/event-types/sync.completed?language=python&framework=fastapi&subscription=SUBSCRIPTION",
  "event-type-new": "/new-event-type",
  "event-type-own": "/event-types/invoice.sent",
  "event-type-edit": "/event-types/invoice.sent/edit",
  freshness: "/freshness",
  collections: "/collections",
  collection: "/collections/COLLECTION?query=handbook",
  "source-connections": "/source-connections",
  "source-connection": "/source-connections/CONNECTION",
  "source-connection-new": "/source-connections/new?collection=COLLECTION&source=directory",
  "api-keys": "/api-keys",
  organizations: "/organizations",
  "audit-log": "/audit-log",
  settings: "/settings",
  "not-found": "/nothing-here",
};

const waiting = { timeout: 20_000, interval: 100 };
const ids: Record<string, string> = {};

beforeAll(async () => {
  const { client, receiver } = used;
  receiver.respond = (response, { path }) => {
    response.writeHead(path === "/broken" ? 500 : 204, { "content-type": "application/json" });
    response.end(path === "/broken" ? '{"error":"the database is down"}' : undefined);
  };
  await subscribe(used, "/healthy", { description: "Search index" });
  const broken = await subscribe(used, "/broken", {
    retry_schedule: [0],
    description: "Billing",
    headers: { "x-team": "a" },
  });
  const schema = { type: "object", properties: { id: { type: "integer" } } };
  await client.webhooks.createEventType({
    name: "invoice.sent",
    description: "An invoice was sent to the customer.",
    deprecated: true,
    schemas: { "1": schema, "2": { ...schema, examples: [{ id: 42 }] } },
  });
  const collection = await client.collections.createCollection({ name: "Handbook" });
  const connection = await client.sourceConnections.createSourceConnection({
    name: "Documents",
    short_name: "directory",
    readable_collection_id: collection.readable_id,
    config: { path: new URL("../../docs/decisions", import.meta.url).pathname },
  });
  await vi.waitFor(async () => {
    const { items } = await client.sourceConnections.listSyncJobs(connection.id);
    expect(items[0]?.status).toBe("completed");
  }, waiting);
  const message = await publishExample(client, "sync.failed");
  await vi.waitFor(async () => {
    const { items } = await client.webhooks.listMessageDeliveries(message);
    expect(items.map(({ state }) => state).sort()).toEqual(["delivered", "failed"]);
  }, waiting);
  const { items } = await client.webhooks.listAttempts(broken.id, { event_types: ["sync.failed"] });
  Object.assign(ids, {
    MESSAGE: message,
    ATTEMPT: items[0]?.id ?? "",
    SUBSCRIPTION: broken.id,
    COLLECTION: collection.readable_id,
    CONNECTION: connection.id,
  });
});

function addressOf(path: string): string {
  return `${used.weft.url}/console${path.replaceAll(/[A-Z]{5,}/g, (name) => encodeURIComponent(ids[name] ?? name))}`;
}

/** An expression for the browser: the texts with a backtick that are no code. */
const backticksOutsideCode = `
  [...document.querySelectorAll("body *:not(code, pre, textarea, script, style)")]
    .filter((element) => element.closest("code, pre") === null)
    .flatMap((element) => [...element.childNodes])
    .filter(({ nodeType, nodeValue }) => nodeType === Node.TEXT_NODE && nodeValue.includes("\`"))
    .map(({ nodeValue }) => nodeValue)
`;

test.each(Object.entries(pages))(
  "the page %s is accessible in both themes, does not shift while it loads, and fits narrow and wide screens",
  async (name, path) => {
    for (const colorScheme of ["light", "dark"] as const) {
      const page = await openPage(used, { colorScheme, reducedMotion: "reduce" });
      await page.goto(addressOf(path));
      await page.getByRole("heading", { level: 1 }).waitFor();
      await expect.poll(() => page.locator("[aria-busy=true]").count()).toBe(0);
      expect(await layoutShift(page), `${name}, ${colorScheme}`).toBeLessThan(0.1);
      expect(await accessFindings(page), `${name}, ${colorScheme}`).toEqual([]);
      expect(await page.evaluate(backticksOutsideCode), `${name}: code that is not shown as code`).toEqual([]);
      await picture(page, `${name}-${colorScheme}`);
      for (const width of [360, 390, 1_024, 2_560]) {
        await page.setViewportSize({ width, height: 900 });
        const overflow = await page.evaluate(
          "document.documentElement.scrollWidth - document.documentElement.clientWidth",
        );
        expect(overflow, `${name} at ${width} px`).toBeLessThanOrEqual(0);
        if (colorScheme === "light") await picture(page, `${name}-${width}`);
      }
      await page.context().close();
    }
  },
);
