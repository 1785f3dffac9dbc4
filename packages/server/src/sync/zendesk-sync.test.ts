import { afterEach, beforeEach, expect, test } from "vitest";
import { testApiPromises } from "./sources/http/fixtures/api-promises.ts";
import { SyncedSource } from "./sources/http/fixtures/synced-source.ts";
import { TestZendesk } from "./sources/zendesk/fixtures/test-zendesk.ts";
import { isZendesk } from "./sources/zendesk/zendesk-addresses.ts";
import { zendeskSource } from "./sources/zendesk/zendesk-source.ts";

const hour = 3_600_000;
const credentials = { email: "ada@example.com", api_token: "zd-12345" };
let zendesk: TestZendesk;
let synced: SyncedSource;

beforeEach(async () => {
  zendesk = await TestZendesk.open();
  synced = await SyncedSource.open(zendeskSource);
});

afterEach(async () => {
  await synced[Symbol.asyncDispose]();
  await zendesk[Symbol.asyncDispose]();
});

function connect(config: Record<string, unknown> = {}) {
  return synced.weft.connect("zendesk", { config: { url: zendesk.apiUrl, ...config }, credentials });
}

const now = () => synced.clock.now();

test("tickets with public comments and published articles are read, with web addresses and containers", async () => {
  zendesk.pageSize = 1;
  zendesk.putTicket(1, now() - 2 * hour);
  zendesk.putTicket(2, now() - hour, { subject: "Invoice herons", assignee_id: 2, type: "problem" });
  zendesk.comment(2, "My invoice is wrong.");
  zendesk.comment(2, "Ask finance.", { author_id: 2, public: false });
  zendesk.comment(2, "We corrected it.", { author_id: 2, attachments: [{ file_name: "invoice.pdf" }] });
  zendesk.putTicket(3, now() - hour, { status: "deleted" });
  zendesk.putArticle(10, now() - hour, { body: '<h2>Pay</h2><p>Otters <a href="/x">pay</a>.</p><script>1</script>' });
  zendesk.putArticle(11, now() - hour, { draft: true });
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 3, failed: 0, error: null });
  expect(await synced.found(connection, "herons")).toMatchObject([
    {
      ...{ entityId: "ticket/2", type: "ticket", name: "Invoice herons", url: `${zendesk.origin}/agent/tickets/2` },
      text: [
        "# Invoice herons",
        "Status: open\nType: problem\nPriority: high\nRequester: Ada\nAssignee: Grace\nTags: billing",
        "## Ada, 2026-01-02\n\nMy invoice is wrong.",
        "## Grace, 2026-01-02\n\nWe corrected it.",
        "Files: invoice.pdf",
      ].join("\n\n"),
    },
  ]);
  expect(await synced.found(connection, "otters")).toMatchObject([
    {
      ...{ entityId: "article/10", type: "article", url: "https://example.zendesk.com/hc/en-us/articles/10" },
      text: "# Article 10\n\nLabels: help\n\n## Pay\n\nOtters [pay](https://example.zendesk.com/x).",
      breadcrumbs: [
        { id: "category/30", type: "category", name: "Help" },
        { id: "section/20", type: "section", name: "Billing" },
      ],
    },
  ]);
});

test("the settings select internal notes, and leave comments out", async () => {
  zendesk.putTicket(1, now() - hour);
  zendesk.comment(1, "Public");
  zendesk.comment(1, "Private otters", { public: false });
  const withNotes = await connect({ internal_notes: true });
  await synced.sync(withNotes);
  expect((await synced.found(withNotes, "otters"))[0]?.text).toMatch(/## Ada, 2026-01-02 \(internal note\)\n\nPrivate/);
  zendesk.log.length = 0;
  const without = await connect({ comments: false, content: ["tickets"] });
  await synced.sync(without);
  expect((await synced.found(without, "description"))[0]?.text).toMatch(/Description 1$/);
  expect(zendesk.log).toHaveLength(1);
});

test("a later job continues the export, and removes deleted tickets and articles that became drafts", async () => {
  for (let id = 1; id <= 5; id++) zendesk.putTicket(id, now() - (10 - id) * hour);
  for (let id = 10; id <= 12; id++) zendesk.putArticle(id, now() - hour);
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ inserted: 8 });
  synced.clock.forward(hour);
  zendesk.log.length = 0;
  expect(await synced.sync(connection)).toMatchObject({ inserted: 0, updated: 0, deleted: 0, skipped: 0 });
  expect(zendesk.log).toHaveLength(2);
  zendesk.putTicket(2, now(), { status: "solved" });
  zendesk.putTicket(3, now(), { status: "deleted" });
  zendesk.putTicket(6, now());
  zendesk.putArticle(10, now(), { body: "<p>New</p>" });
  zendesk.putArticle(11, now(), { draft: true });
  expect(await synced.sync(connection)).toMatchObject({ inserted: 1, updated: 2, deleted: 2, skipped: 0 });
});

test("deleted articles are found in a full read, which requests nothing for unchanged tickets", async () => {
  zendesk.putTicket(1, now() - hour);
  zendesk.comment(1, "Text");
  zendesk.putArticle(10, now() - hour);
  zendesk.putArticle(11, now() - hour);
  const connection = await connect({ full_every_hours: 2 });
  await synced.sync(connection);
  zendesk.articles.delete(11);
  synced.clock.forward(hour);
  expect(await synced.sync(connection)).toMatchObject({ deleted: 0 });
  synced.clock.forward(hour);
  zendesk.log.length = 0;
  expect(await synced.sync(connection)).toMatchObject({ deleted: 1, skipped: 2, inserted: 0 });
  expect(zendesk.log).toHaveLength(2);
});

test("a job that ends among the tickets continues after the last page that was stored", async () => {
  zendesk.pageSize = 2;
  zendesk.putTicket(1, now() - hour);
  const connection = await connect({ content: ["tickets"] });
  await synced.sync(connection);
  for (let id = 2; id <= 7; id++) zendesk.putTicket(id, now());
  zendesk.interruption = ({ url, response }) =>
    url.pathname.includes("/tickets/6/") && zendesk.json(response, { error: "Unprocessable" }, 422);
  const error = "Zendesk returned the error Unprocessable.";
  expect(await synced.sync(connection)).toMatchObject({ state: "failed", inserted: 4, error });
  zendesk.interruption = () => false;
  zendesk.log.length = 0;
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 2, skipped: 0 });
  expect(zendesk.requestsFor("comments")).toBe(2);
});

test("an account without a help center has only tickets", async () => {
  zendesk.hasHelpCenter = false;
  zendesk.putTicket(1, now());
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 1 });
  expect(await synced.sync(connection)).toMatchObject({ state: "completed" });
});

test("a request waits when the budget of the minute is used up", async () => {
  zendesk.putTicket(1, now());
  zendesk.interruption = ({ response }) => {
    response.setHeader("ratelimit-remaining", zendesk.log.length === 0 ? "0" : "100");
    response.setHeader("ratelimit-reset", "40");
    return false;
  };
  expect(await synced.sync(await connect())).toMatchObject({ state: "completed", inserted: 1 });
  expect(synced.parts.waits.map((ms) => Math.round(ms / 1_000))).toEqual([40]);
});

test("HTML that is expensive to convert is a problem of its article only", async () => {
  zendesk.putArticle(10, now(), { body: "<b>".repeat(200_000) });
  zendesk.putArticle(11, now());
  expect(await synced.sync(await connect({ content: ["articles"] }))).toMatchObject({
    ...{ state: "completed", inserted: 1, failed: 1 },
  });
}, 60_000);

test("only addresses of Zendesk itself receive the operator's client", () => {
  expect(isZendesk("https://example.zendesk.com")).toBe(true);
  for (const url of [
    "http://a.zendesk.com",
    "https://zendesk.com.test",
    "https://a.b.zendesk.com",
    "https://a.zendesk.com:8443",
    "x",
  ]) {
    expect(isZendesk(url), url).toBe(false);
  }
});

test("an address with a path cannot be connected", async () => {
  await expect(connect({ url: `${zendesk.apiUrl}/api` })).rejects.toThrow(/must not have a path/);
});

testApiPromises<TestZendesk>({
  ...{ shortName: "zendesk", name: "Zendesk", urlSetting: "url", source: zendeskSource },
  open: async () => {
    const zendesk = await TestZendesk.open();
    zendesk.pageSize = 1;
    for (let id = 1; id <= 3; id++) zendesk.putTicket(id, Date.now() - (10 - id) * hour);
    return zendesk;
  },
  config: ({ apiUrl }) => ({ url: apiUrl, content: ["tickets"] }),
  credentials,
  wrongCredentials: { ...credentials, api_token: "wrong" },
  isLaterPage: ({ url }) => url.searchParams.has("cursor"),
  limit: (zendesk, { response }) =>
    zendesk.json(response, { error: "APIRateLimitExceeded" }, 429, { "retry-after": "90" }),
  emptyPage: (zendesk, { response }, after_cursor) =>
    zendesk.json(response, { tickets: [], users: [], after_cursor, end_of_stream: false }),
  scope: "read",
});
