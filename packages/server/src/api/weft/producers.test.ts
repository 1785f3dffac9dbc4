import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { Authentication } from "../../auth/authentication.ts";
import { ManualClock } from "../../delivery/fixtures/manual-clock.ts";
import { BytesUnderWay } from "../../http/bytes-under-way.ts";
import { CallLimits } from "../../http/call-limits.ts";
import { keyChallenge, problemResponse } from "../../http/error-response.ts";
import { jsonMediaTypes } from "../../http/request-body.ts";
import type { Route } from "../../http/route.ts";
import { createServer } from "../../http/server.ts";
import { Turns } from "../../http/turns.ts";
import { testSandbox } from "../../sync/fixtures/test-sandbox.ts";
import { openTestWeft, silentReporter, type TestWeft } from "../../sync/fixtures/test-weft.ts";
import { directorySource } from "../../sync/sources/directory/directory-source.ts";
import { stubSource } from "../../sync/sources/stub/stub-source.ts";
import { timedSource } from "../../sync/sources/timed/timed-source.ts";
import { collectionRoutes } from "./collections.ts";
import { searchRoutes } from "./search.ts";
import { sourceConnectionRoutes } from "./source-connections.ts";
import { sourceRoutes } from "./sources.ts";
import { syncJobRoutes } from "./sync-jobs.ts";
import { weftDocument } from "./weft-api.ts";

let weft: TestWeft;
let routes: Route[];
let server: ReturnType<typeof createServer>;

beforeEach(async () => {
  weft = await openTestWeft({
    sources: [directorySource({ allowedFolders: ["/"], sandbox: testSandbox }), stubSource, timedSource],
  });
  const { store, collections, connections, authorizations, organizationId } = weft;
  routes = [
    ...collectionRoutes({ store, collections }),
    ...searchRoutes(store),
    ...sourceRoutes(weft.runner.sources),
    ...sourceConnectionRoutes({ store, connections, authorizations, now: weft.origin.now }),
    ...syncJobRoutes({ store, connections }),
  ];
  const settings = { auth: "none", adminKey: null, localKey: null, defaultOrganizationId: organizationId } as const;
  const authentication = new Authentication(store, settings, { note: () => {} }, weft.origin.now);
  server = createServer({
    apis: [
      {
        prefix: "",
        routes,
        authenticate: (headers) => authentication.authenticate(headers),
        renderError: problemResponse,
        challenge: keyChallenge,
        anyOrigin: false,
        jsonMediaTypes,
      },
    ],
    store,
    reporter: silentReporter,
    origin: weft.origin,
    clock: new ManualClock(0),
    organizationId,
    callLimits: new CallLimits(null, weft.origin.now),
    bytesUnderWay: new BytesUnderWay(),
    turns: new Turns(),
    loopbackNamesOnly: false,
    console: { folder: import.meta.dirname, frameAncestors: [], portalLogo: null },
    documentation: "",
  });
});

afterEach(async () => {
  await server.close();
  await weft[Symbol.asyncDispose]();
});

async function call(method: "GET" | "POST" | "PATCH" | "DELETE", url: string, body?: object, headers = {}) {
  const response = await server.inject({ method, url, headers, ...(body === undefined ? {} : { payload: body }) });
  return { status: response.statusCode, body: response.json(), link: response.headers.link };
}

async function connected(config: object = {}, more: object = {}) {
  const { body: collection } = await call("POST", "/collections", { name: "Docs" });
  const { body } = await call("POST", "/source-connections", {
    short_name: "stub",
    readable_collection_id: collection.readable_id,
    authentication: { credentials: { stub_key: "sk-secret" } },
    config,
    ...more,
  });
  const key = { organizationId: weft.organizationId, sourceConnectionId: body.id };
  return { collection, connection: body, key };
}

test("a collection is created, read, changed and deleted under its readable id, with every field", async () => {
  const made = await call("POST", "/v1/collections/", {
    name: "Sales Data",
    readable_id: "sales",
    sync_config: { a: 1 },
  });
  expect(made).toMatchObject({ status: 200 });
  expect(made.body).toEqual({
    id: expect.any(String),
    name: "Sales Data",
    readable_id: "sales",
    created_at: expect.stringMatching(/\.\d{3}Z$/),
    modified_at: made.body.created_at,
    organization_id: weft.organizationId,
    status: "NEEDS SOURCE",
    vector_size: 0,
    embedding_model_name: "none",
    sync_config: { a: 1 },
    created_by_email: null,
    modified_by_email: null,
    source_connection_summaries: [],
  });
  expect((await call("GET", "/collections/sales")).body).toEqual(made.body);
  expect((await call("GET", "/collections/count")).body).toBe(1);
  expect((await call("PATCH", "/collections/sales", { name: "Renamed" })).body).toMatchObject({ name: "Renamed" });
  expect((await call("DELETE", "/collections/sales")).body).toMatchObject({ name: "Renamed" });
  const gone = await call("GET", "/collections/sales");
  expect(gone).toMatchObject({ status: 404, body: { detail: "Collection not found" } });
});

test("mistakes in a collection are located, and an existing readable id is a 400", async () => {
  for (const body of [{ name: "abc" }, { name: "x".repeat(65) }, { name: "Fine", readable_id: "No" }, { more: 1 }]) {
    expect((await call("POST", "/collections", body)).status, JSON.stringify(body)).toBe(422);
  }
  await call("POST", "/collections", { name: "Docs", readable_id: "docs" });
  expect((await call("POST", "/collections", { name: "Docs", readable_id: "docs" })).status).toBe(400);
});

test("lists are pages that link to the next, by cursor, and can be skipped into", async () => {
  const ids: string[] = [];
  for (let i = 0; i < 3; i++) ids.unshift((await call("POST", "/collections", { name: `Docs ${i}` })).body.id);
  const first = await call("GET", "/collections?limit=2&skip=0");
  expect(first.body.map(({ id }: { id: string }) => id)).toEqual(ids.slice(0, 2));
  const next = /<([^>]+)>/.exec(String(first.link))?.[1] ?? "";
  expect((await call("GET", next)).body.map(({ id }: { id: string }) => id)).toEqual(ids.slice(2));
  expect((await call("GET", "/collections?skip=2")).body).toHaveLength(1);
  expect((await call("GET", "/collections?search=docs%201")).body).toHaveLength(1);
});

test("sources are listed with the fields of their settings and credentials", async () => {
  const { body } = await call("GET", "/sources");
  expect(body.map((source: { short_name: string }) => source.short_name)).toEqual(["directory", "stub", "timed"]);
  expect((await call("GET", "/sources/stub")).body).toMatchObject({
    class_name: "StubSource",
    auth_methods: ["direct"],
    auth_fields: {
      fields: [{ name: "stub_key", type: "string", required: true, is_secret: false, is_multiline: false }],
    },
    config_fields: {
      fields: expect.arrayContaining([expect.objectContaining({ name: "seed", type: "number", required: false })]),
    },
  });
  expect((await call("GET", "/sources/directory")).body.config_fields.fields).toMatchObject([
    { name: "path", required: true },
    { name: "include", type: "array", items_type: "string", required: false },
    { name: "exclude" },
    { name: "max_file_bytes" },
  ]);
  expect((await call("GET", "/sources/nothing")).status).toBe(404);
});

test("a connection syncs immediately, shows its status, and never shows its credentials", async () => {
  const { collection, connection, key } = await connected({ entity_count: 12 });
  expect(connection).toMatchObject({ status: "syncing", sync: { total_runs: 1, last_job: { status: "pending" } } });
  await weft.ended(key, connection.sync.last_job.id);
  const { body } = await call("GET", `/source-connections/${connection.id}`);
  expect(body).toMatchObject({
    status: "active",
    config: { entity_count: 12 },
    auth: { method: "direct", authenticated: true, expires_at: null, claim_token: null },
    schedule: null,
    sync: {
      total_runs: 1,
      successful_runs: 1,
      failed_runs: 0,
      last_job: { status: "completed", entities_inserted: 12 },
    },
    entities: { total_entities: 12, by_type: { StubContainerEntity: { count: 1 } } },
    error_message: null,
  });
  expect(JSON.stringify(body)).not.toContain("sk-secret");
  const listed = await call("GET", `/source-connections?collection=${collection.readable_id}`);
  expect(listed.body).toMatchObject([
    { id: connection.id, is_authenticated: true, entity_count: 12, status: "active" },
  ]);
  expect((await call("GET", `/collections/${collection.readable_id}`)).body).toMatchObject({
    status: "ACTIVE",
    source_connection_summaries: [{ short_name: "stub", name: "Stub Connection" }],
  });
});

test("the connections of one collection are listed below it, in pages, and an unknown collection is a 404", async () => {
  const { collection, connection } = await connected();
  await connected();
  const more = { short_name: "stub", authentication: { credentials: { stub_key: "k" } }, sync_immediately: false };
  const body = { ...more, readable_collection_id: collection.readable_id };
  const newest = (await call("POST", "/source-connections", body)).body;
  const list = `/collections/${collection.readable_id}/source-connections`;
  const ids = async (url: string) => (await call("GET", url)).body.map(({ id }: { id: string }) => id);
  expect(await ids(list)).toEqual([newest.id, connection.id]);
  expect(await ids(`/v1${list}/?skip=1`)).toEqual([connection.id]);
  const first = await call("GET", `${list}?limit=1`);
  const next = /<([^>]+)>/.exec(String(first.link))?.[1] ?? "";
  expect([first.body[0].id, ...(await ids(next))]).toEqual([newest.id, connection.id]);
  const empty = (await call("POST", "/collections", { name: "Empty" })).body.readable_id;
  expect(await ids(`/collections/${empty}/source-connections`)).toEqual([]);
  const unknown = await call("GET", "/collections/unknown/source-connections");
  expect(unknown).toMatchObject({ status: 404, body: { detail: "Collection not found" } });
});

test("an impossible connection returns a status that explains why", async () => {
  const { body } = await call("POST", "/collections", { name: "Docs" });
  const good = {
    short_name: "stub",
    readable_collection_id: body.readable_id,
    authentication: { credentials: { stub_key: "k" } },
  };
  const status = async (changes: object) => (await call("POST", "/source-connections", { ...good, ...changes })).status;
  expect(await status({ short_name: "nothing" })).toBe(404);
  expect(await status({ readable_collection_id: "nowhere" })).toBe(404);
  expect(await status({ authentication: null })).toBe(400);
  expect(await status({ authentication: { access_token: "t" } })).toBe(400);
  expect(await status({ authentication: { redirect_uri: "https://a.example", client_id: "c" } })).toBe(400);
  expect(await status({ authentication: { provider_readable_id: "p" } })).toBe(400);
  expect(await status({ authentication: { credentials: {} } })).toBe(422);
  expect(await status({ authentication: { credentials: { stub_key: "k" }, more: 1 } })).toBe(422);
  expect(await status({ config: { entity_count: 0 } })).toBe(422);
  expect(await status({ schedule: { cron: "every hour" } })).toBe(422);
  expect(await status({ schedule: { cron: "0 * * * *", time_zone: "Mars/Olympus" } })).toBe(422);
  expect(await status({ schedule: { continuous: true } })).toBe(422);
  expect(await status({ schedule: { cron: null } })).toBe(200);
});

test("a source that can be watched accepts a continuous schedule, and none with a time as well", async () => {
  const sources = (await call("GET", "/sources")).body as { short_name: string; supports_continuous: boolean }[];
  const watched = sources.filter((source) => source.supports_continuous).map((source) => source.short_name);
  expect(watched).toEqual(["directory"]);
  const folder = mkdtempSync(join(tmpdir(), "weft-watched-"));
  const { connection } = await connected({}, { sync_immediately: false });
  const request = {
    short_name: "directory",
    readable_collection_id: connection.readable_collection_id,
    config: { path: folder },
    sync_immediately: false,
  };
  const both = { continuous: true, cron: "0 6 * * *" };
  expect((await call("POST", "/source-connections", { ...request, schedule: both })).status).toBe(422);
  const made = await call("POST", "/source-connections", { ...request, schedule: { continuous: true } });
  expect(made.body).toMatchObject({ schedule: { cron: null, next_run: null, continuous: true } });
  const path = `/source-connections/${made.body.id}`;
  expect((await call("PATCH", path, { schedule: { continuous: false } })).body.schedule).toBeNull();
  rmSync(folder, { recursive: true });
});

test("a schedule is stored with its next run, paused, resumed, changed and removed", async () => {
  const schedule = { cron: "0 6 * * *", time_zone: "Europe/Berlin" };
  const { connection } = await connected({}, { sync_immediately: false, schedule });
  expect(connection).toMatchObject({ status: "active", schedule: { ...schedule, continuous: false } });
  const listed = (await call("GET", "/source-connections")).body as { id: string; schedule: unknown }[];
  expect(listed.find(({ id }) => id === connection.id)?.schedule).toEqual(connection.schedule);
  const next = new Date(connection.schedule.next_run);
  expect(next.getTime()).toBeGreaterThan(Date.now());
  const inBerlin = new Intl.DateTimeFormat("en", { timeZone: "Europe/Berlin", timeStyle: "short", hour12: false });
  expect(inBerlin.format(next)).toBe("06:00");
  const path = `/source-connections/${connection.id}`;
  const paused = (await call("POST", `${path}/pause`)).body;
  expect(paused).toMatchObject({ status: "inactive", schedule: { ...schedule, next_run: null } });
  expect((await call("POST", `${path}/pause`)).body).toEqual(paused);
  expect((await call("POST", `${path}/resume`)).body).toMatchObject({
    status: "active",
    schedule: { next_run: expect.any(String) },
  });
  const changed = await call("PATCH", path, { schedule: { cron: "30 * * * *" } });
  expect(changed.body.schedule).toMatchObject({ cron: "30 * * * *", time_zone: "UTC" });
  expect((await call("PATCH", path, { name: "Renamed" })).body.schedule).toMatchObject({ cron: "30 * * * *" });
  expect((await call("PATCH", path, { schedule: { cron: "nonsense" } })).status).toBe(422);
  expect((await call("PATCH", path, { schedule: null })).body.schedule).toBeNull();
});

test("a job is run, refused while another is unfinished, cancelled once, and listed", async () => {
  const { connection, key } = await connected({ generation_delay_ms: 10_000 }, { sync_immediately: false });
  const path = `/source-connections/${connection.id}`;
  expect((await call("GET", path)).body).toMatchObject({ status: "active", sync: { total_runs: 0, last_job: null } });
  const job = await call("POST", `${path}/run`);
  expect(job).toMatchObject({
    status: 200,
    body: { status: "pending", source_connection_id: connection.id, error: null },
  });
  await weft.job(key, job.body.id, ({ state }) => state === "running");
  expect((await call("GET", `${path}/sync-id`)).body).toEqual({ sync_id: connection.sync_id });
  const refused = await call("POST", `${path}/run`, {});
  expect(refused).toMatchObject({ status: 400, body: { detail: expect.stringContaining("already running") } });
  const cancel = `${path}/jobs/${job.body.id}/cancel`;
  expect((await call("POST", cancel)).body).toMatchObject({ status: "cancelling", completed_at: null });
  await weft.ended(key, job.body.id);
  expect((await call("POST", cancel)).status).toBe(400);
  expect((await call("GET", `${path}/jobs`)).body).toMatchObject([
    { id: job.body.id, status: "cancelled", duration_seconds: expect.any(Number) },
  ]);
});

test("the progress of a running job is shown in the list of jobs and as the connection's last job", async () => {
  const { connection } = await connected({ entity_count: 1_000, generation_delay_ms: 300 });
  const path = `/source-connections/${connection.id}`;
  const soFar = { status: "running", entities_inserted: expect.any(Number), completed_at: null };
  const isOnItsWay = { timeout: 20_000 };
  await expect.poll(async () => (await call("GET", path)).body.sync.last_job.entities_inserted, isOnItsWay).not.toBe(0);
  expect((await call("GET", path)).body.sync.last_job).toMatchObject(soFar);
  const [job] = (await call("GET", `${path}/jobs`)).body;
  expect(job).toMatchObject({ ...soFar, entities_updated: 0, entities_deleted: 0, entities_failed: 0 });
  expect(job.entities_inserted).toBeGreaterThan(0);
});

test("the same idempotency key runs a sync once", async () => {
  const { connection } = await connected({ generation_delay_ms: 10_000 }, { sync_immediately: false });
  const run = () => call("POST", `/source-connections/${connection.id}/run`, undefined, { "idempotency-key": "once" });
  const first = await run();
  expect(await run()).toEqual(first);
});

test("invalid ids, and objects that do not exist, are not found", async () => {
  const { connection } = await connected({}, { sync_immediately: false });
  const missing = "00000000-0000-0000-0000-000000000000";
  for (const [method, path] of [
    ["GET", "/source-connections/not-an-id"],
    ["GET", `/source-connections/${missing}`],
    ["PATCH", `/source-connections/${missing}`],
    ["DELETE", `/source-connections/${missing}`],
    ["POST", `/source-connections/${missing}/run`],
    ["GET", `/source-connections/${missing}/jobs`],
    ["POST", `/source-connections/${connection.id}/jobs/${missing}/cancel`],
    ["POST", `/source-connections/${connection.id}/jobs/x/cancel`],
    ["GET", "/collections/nowhere/search?query=x"],
  ] as const) {
    expect((await call(method, path, method === "PATCH" ? {} : undefined)).status, path).toBe(404);
  }
});

test("a collection's chunks are searched by their words, with any text as the query", async () => {
  const { collection, connection, key } = await connected({ entity_count: 5 });
  await weft.ended(key, connection.sync.last_job.id);
  const path = `/collections/${collection.readable_id}/search`;
  const { body: entities } = await call("GET", `${path}?query=amber%20OR%20%22harbor*%20(&limit=100`);
  const { body } = await call("GET", `${path}?query=amber+anchor+archive+balance+beacon+bridge&limit=2`);
  expect(entities).toMatchObject({ response_type: "raw", completion: null });
  expect(body.status).toBe("success");
  expect(body.results.length).toBeGreaterThan(0);
  expect(body.results[0]).toMatchObject({ source_connection_id: connection.id, source_type: "stub", chunk_index: 0 });
  const [best] = body.results;
  const [[from, to]] = best.matches;
  expect(best.snippet.slice(from, to)).toMatch(/^(amber|anchor|archive|balance|beacon|bridge)/i);
  expect(Date.parse(best.updated_at)).toBeLessThanOrEqual(Date.now());
  expect((await call("GET", `${path}?query=zzzz`)).body).toMatchObject({ results: [], status: "no_results" });
  const found = async (filters: string) =>
    (await call("GET", `${path}?query=amber&${filters}`)).body.results.length > 0;
  expect(await found("source_types=stub&source_types=timed")).toBe(true);
  expect(await found("source_types=timed")).toBe(false);
  expect(await found(`source_connection_id=${connection.id}&updated_since=2024-01-01T00:00:00Z`)).toBe(true);
  expect(await found("updated_until=2024-01-01T00:00:00Z")).toBe(false);
  expect(await found("source_connection_id=nothing")).toBe(false);
  expect((await call("GET", path)).status).toBe(422);
});

test("deleting a connection returns it, and afterwards it is not found", async () => {
  const { connection } = await connected({}, { sync_immediately: false });
  const changed = await call("PATCH", `/source-connections/${connection.id}`, { name: "Mine", config: { seed: 1 } });
  expect(changed.body).toMatchObject({ name: "Mine", config: { seed: 1 } });
  expect((await call("DELETE", `/source-connections/${connection.id}`)).body).toMatchObject({ name: "Mine" });
  expect((await call("GET", `/source-connections/${connection.id}`)).status).toBe(404);
});

test("every response of these routes is documented", () => {
  const document = JSON.stringify(weftDocument(routes, "0"));
  for (const name of [
    "Collection",
    "Source",
    "SourceConnection",
    "SourceConnectionListItem",
    "SyncJob",
    "SearchResponse",
  ]) {
    expect(document).toContain(`#/components/schemas/${name}"`);
  }
});
