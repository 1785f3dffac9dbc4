import { afterEach, beforeEach, expect, test } from "vitest";
import { keyOf } from "./fixtures/test-weft.ts";
import { testApiPromises } from "./sources/http/fixtures/api-promises.ts";
import { SyncedSource } from "./sources/http/fixtures/synced-source.ts";
import { notionId, TestNotion } from "./sources/notion/fixtures/test-notion.ts";
import { notionSource } from "./sources/notion/notion-source.ts";

const hour = 3_600_000;
let notion: TestNotion;
let synced: SyncedSource;

beforeEach(async () => {
  notion = await TestNotion.open();
  synced = await SyncedSource.open(notionSource);
});

afterEach(async () => {
  await synced[Symbol.asyncDispose]();
  await notion[Symbol.asyncDispose]();
});

function connect(config: Record<string, unknown> = {}) {
  return synced.weft.connect("notion", {
    config: { api_url: notion.apiUrl, ...config },
    credentials: { token: "ntn_12345" },
  });
}

const now = () => synced.clock.now();

test("pages and data sources are read, with properties, content, containers and web addresses", async () => {
  const home = notion.put(1, { editedAt: now() - 3 * hour, title: "Handbook" });
  const birds = notion.put(2, {
    ...{ editedAt: now() - 2 * hour, object: "data_source", title: "Birds" },
    properties: { Diet: {}, Seen: {} },
    parent: { type: "page_id", page_id: home },
  });
  const heron = notion.put(3, {
    ...{ editedAt: now() - hour, title: "Heron", markdown: "Herons **wade**." },
    parent: { type: "data_source_id", data_source_id: birds, database_id: notionId(50) },
    properties: {
      Diet: { id: "a", type: "multi_select", multi_select: [{ name: "fish" }, { name: "frogs" }] },
      Seen: { id: "b", type: "date", date: { start: "2026-01-02", end: null } },
      Rare: { id: "c", type: "checkbox", checkbox: false },
      Photo: { id: "d", type: "files", files: [{ name: "heron.jpg", type: "file", file: { url: "https://x.test" } }] },
      Pond: { id: "e", type: "relation", relation: [{ id: home }] },
      Note: { id: "f", type: "rich_text", rich_text: [{ plain_text: "Shy " }, { plain_text: "birds" }] },
      Wrong: { id: "g", type: "number", number: "NaN" },
      Odd: { id: "h", type: "__proto__" },
    },
  });
  notion.pageSize = 1;
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 3, failed: 0, error: null });
  expect(await synced.found(connection, "wade")).toMatchObject([
    {
      ...{ entityId: heron, type: "page", name: "Heron", url: `https://www.notion.so/${heron.replaceAll("-", "")}` },
      breadcrumbs: [
        { id: home, type: "page", name: "Handbook" },
        { id: birds, type: "data_source", name: "Birds" },
      ],
      text: "# Heron\n\nDiet: fish, frogs\nSeen: 2026-01-02\nRare: no\nPhoto: heron.jpg\nNote: Shy birds\n\nHerons **wade**.",
    },
  ]);
  expect(await synced.found(connection, "properties")).toMatchObject([{ entityId: birds, type: "data_source" }]);
});

test("a later job reads the edited pages, and removes those in the trash", async () => {
  for (let number = 1; number <= 5; number++) notion.put(number, { editedAt: now() - number * hour });
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ inserted: 5 });
  synced.clock.forward(hour);
  notion.log.length = 0;
  expect(await synced.sync(connection)).toMatchObject({ inserted: 0, updated: 0, deleted: 0, skipped: 0 });
  expect(notion.log).toEqual(["200 /v1/search", "200 /v1/search"]);
  notion.put(4, { editedAt: now(), markdown: "Edited" });
  notion.put(6, { editedAt: now() });
  notion.put(2, { editedAt: now(), inTrash: true });
  expect(await synced.sync(connection)).toMatchObject({ inserted: 1, updated: 1, deleted: 1, skipped: 0 });
});

test("pages that are no longer shared are found in a full read, which requests no unchanged page", async () => {
  for (let number = 1; number <= 3; number++) notion.put(number, { editedAt: now() - number * hour });
  const connection = await connect({ full_every_hours: 2 });
  await synced.sync(connection);
  notion.objects.delete(notionId(2));
  notion.put(9, { editedAt: now() - 100 * hour, title: "Shared later" });
  synced.clock.forward(hour);
  expect(await synced.sync(connection)).toMatchObject({ inserted: 0, deleted: 0 });
  synced.clock.forward(hour);
  notion.log.length = 0;
  expect(await synced.sync(connection)).toMatchObject({ inserted: 1, deleted: 1, skipped: 2 });
  expect(notion.requestsFor("markdown")).toBe(1);
});

test("a search that is not complete deletes nothing", async () => {
  notion.put(1, { editedAt: now() - hour });
  notion.put(2, { editedAt: now() - hour });
  const connection = await connect({ full_every_hours: 1 });
  await synced.sync(connection);
  notion.objects.delete(notionId(2));
  notion.isComplete = false;
  synced.clock.forward(hour);
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", deleted: 0, failed: 1 });
});

test("the omitted parts of a large page are read separately, each once", async () => {
  notion.put(1, { editedAt: now() });
  for (let number = 10; number < 13; number++) notion.omittedBlocks.set(notionId(number), `Part ${number}`);
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ inserted: 1 });
  expect((await synced.found(connection, "content"))[0]?.text).toMatch(/Content 1\n\nPart 10\n\nPart 11\n\nPart 12$/);
  expect(notion.requestsFor("markdown")).toBe(4);
});

test("a page that is deleted while it is read is left out, and containers without access are omitted", async () => {
  notion.put(1, { editedAt: now(), parent: { type: "page_id", page_id: notionId(77) } });
  notion.put(2, { editedAt: now() });
  notion.interruption = ({ url, response }) =>
    url.pathname === `/v1/pages/${notionId(2)}/markdown` && notion.refuse(response, 404, "object_not_found");
  const connection = await connect();
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", inserted: 1, failed: 0 });
  expect(await synced.found(connection, "content")).toMatchObject([{ entityId: notionId(1), breadcrumbs: [] }]);
});

test("a page whose content Notion does not return is a problem, and a missing capability deletes nothing", async () => {
  notion.put(1, { editedAt: now() });
  notion.put(2, { editedAt: now() });
  const connection = await connect();
  await synced.sync(connection);
  synced.clock.forward(hour);
  notion.put(1, { editedAt: now() });
  notion.put(2, { editedAt: now(), markdown: "Edited" });
  const refuse = (status: number, code: string, page: string) => {
    notion.interruption = ({ url, response }) =>
      url.pathname.startsWith(`/v1/pages/${page}`) && notion.refuse(response, status, code);
  };
  refuse(403, "restricted_resource", "");
  expect(await synced.sync(connection)).toMatchObject({ state: "failed", deleted: 0 });
  const authentication = { kind: "direct", credentials: { token: "ntn_12345" } } as const;
  await synced.weft.connections.update(keyOf(connection), { authentication });
  refuse(400, "validation_error", notionId(1));
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", updated: 1, failed: 1, deleted: 0 });
});

test("where Notion does not list the trash, a later job completes without it", async () => {
  notion.put(1, { editedAt: now() - hour });
  const connection = await connect();
  await synced.sync(connection);
  notion.interruption = ({ body, response }) =>
    JSON.stringify(body).includes("in_trash") && notion.refuse(response, 400, "validation_error");
  expect(await synced.sync(connection)).toMatchObject({ state: "completed", deleted: 0 });
});

test("containers that contain each other do not occupy the job", async () => {
  notion.put(1, { editedAt: now(), parent: { type: "page_id", page_id: notionId(2) } });
  notion.put(2, { editedAt: now(), parent: { type: "page_id", page_id: notionId(1) } });
  expect(await synced.sync(await connect())).toMatchObject({ state: "completed", inserted: 2 });
});

test("an integration without the capability to read content needs its owner", async () => {
  notion.put(1, { editedAt: now() });
  notion.interruption = ({ response }) => notion.refuse(response, 403, "restricted_resource");
  expect((await synced.sync(await connect())).error).toBe("The token does not have access to Notion's data.");
});

testApiPromises<TestNotion>({
  ...{ shortName: "notion", name: "Notion", urlSetting: "api_url", source: notionSource },
  open: async () => {
    const notion = await TestNotion.open();
    notion.pageSize = 1;
    for (let number = 1; number <= 3; number++) notion.put(number, { editedAt: Date.now() - number * hour });
    return notion;
  },
  config: ({ apiUrl }) => ({ api_url: apiUrl }),
  credentials: { token: "ntn_12345" },
  wrongCredentials: { token: "ntn_wrong" },
  isLaterPage: ({ body }) => typeof body === "object" && body !== null && "start_cursor" in body,
  limit: (notion, { response }) => notion.refuse(response, 429, "rate_limited", { "retry-after": "90" }),
  emptyPage: (notion, { url, response }, next_cursor) =>
    url.pathname === "/v1/search" &&
    notion.json(response, { object: "list", results: [], next_cursor, has_more: true }),
  scope: null,
});
