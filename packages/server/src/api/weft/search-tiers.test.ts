import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { TestDatabases } from "../../store/postgres/fixtures/test-databases.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, startWeft } from "../svix/fixtures/svix-clients.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const settings = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }),
};

// Words of the texts that the stub makes up.
const query = "amber anchor archive balance beacon bridge";
/** Settings of the stub, so that each entity has one chunk. */
const smallOnly = {
  ...{ medium_entity_weight: 0, large_entity_weight: 0, small_file_weight: 0 },
  ...{ large_file_weight: 0, code_file_weight: 0 },
};
const headers = { "x-api-key": adminKey };
const noLanguageModel =
  "Agentic search needs a language model, which this server does not have. Use /search/classic or /search/instant.";

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  let path: string;
  let connection: { id: string; sync_id: string };

  const search = (tier: string, body: Record<string, unknown>) =>
    weft.post(`${path}/search/${tier}`, body, { headers });
  const where = (...conditions: [string, string, unknown][]) => ({
    conditions: conditions.map(([field, operator, value]) => ({ field, operator, value })),
  });
  const events = async () => {
    const { body } = await weft.get("/v1/webhooks/messages?event_types=search.*&limit=100", { headers });
    return body.map(({ payload }: { payload: Record<string, unknown> }) => payload);
  };

  beforeAll(async () => {
    weft = await startWeft({ ...(await settings[database]()), WEFT_TEST_SOURCES: "true" });
    const { body: collection } = await weft.post("/v1/collections", { name: "Documents" }, { headers });
    path = `/v1/collections/${collection.readable_id}`;
    const request = {
      short_name: "stub",
      readable_collection_id: collection.readable_id,
      config: { entity_count: 20, ...smallOnly },
      authentication: { type: "direct", credentials: { stub_key: "k" } },
    };
    connection = (await weft.post("/v1/source-connections", request, { headers })).body;
    const status = async () => (await weft.get(`/v1/source-connections/${connection.id}`, { headers })).body.status;
    await vi.waitFor(async () => expect(await status()).toBe("active"), { timeout: 20_000 });
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  test("instant and classic search return the same chunks in the form of Airweave's SDKs, for every strategy", async () => {
    const found = await search("classic", { query, limit: 3 });
    expect(found.status).toBe(200);
    expect(found.body.results.length).toBeGreaterThan(0);
    const [result] = found.body.results;
    expect(result).toEqual({
      entity_id: `${result.airweave_system_metadata.original_entity_id}__chunk_0`,
      name: expect.any(String),
      relevance_score: expect.any(Number),
      breadcrumbs: [{ entity_id: "stub-container", name: "Stub Container", entity_type: "StubContainerEntity" }],
      created_at: expect.stringMatching(/^2024-.*Z$/),
      updated_at: expect.stringMatching(/^2024-.*Z$/),
      textual_representation: expect.any(String),
      airweave_system_metadata: {
        source_name: "stub",
        entity_type: expect.any(String),
        original_entity_id: expect.any(String),
        chunk_index: 0,
        sync_id: connection.sync_id,
        sync_job_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      },
      access: { viewers: null, is_public: null },
      web_url: "",
      url: null,
      raw_source_fields: {},
    });
    for (const retrieval_strategy of ["hybrid", "semantic", "keyword", "neural", null]) {
      expect((await search("instant", { query, limit: 3, retrieval_strategy })).body).toEqual(found.body);
    }
  });

  test("pages with an offset return every result once", async () => {
    const { body: all } = await search("instant", { query });
    const ids: string[] = [];
    for (let offset = 0; ; offset += 2) {
      const { body } = await search("instant", { query, limit: 2, offset });
      if (body.results.length === 0) break;
      ids.push(...body.results.map(({ entity_id }: { entity_id: string }) => entity_id));
    }
    expect(ids).toEqual(all.results.map(({ entity_id }: { entity_id: string }) => entity_id));
    expect(new Set(ids).size).toBe(ids.length);
    expect((await search("instant", { query, offset: 1_000_000_000 })).body).toEqual({ results: [] });
  });

  test("a filter's groups are alternatives, and its conditions hold together", async () => {
    const { body: all } = await search("classic", { query });
    const [one, two] = all.results;
    const ids = async (filter: unknown) => {
      const { body } = await search("classic", { query, filter });
      return body.results.map(({ entity_id }: { entity_id: string }) => entity_id).sort();
    };
    const original = "airweave_system_metadata.original_entity_id";
    const [first, second] = [one, two].map((result) => result.airweave_system_metadata.original_entity_id);
    expect(await ids([where([original, "equals", first])])).toEqual([one.entity_id]);
    expect(await ids([where([original, "equals", first]), where(["entity_id", "in", [two.entity_id]])])).toEqual(
      [one.entity_id, two.entity_id].sort(),
    );
    expect(await ids([where([original, "equals", first], [original, "equals", second])])).toEqual([]);
    expect(await ids([where(["airweave_system_metadata.source_name", "not_in", "stub"])])).toEqual([]);
    expect(await ids([where(["created_at", "greater_than", "2020-01-01"])])).toHaveLength(all.results.length);
    expect(await ids([])).toHaveLength(all.results.length);
  });

  test.each([
    [{ query: "x", filter: [{ conditions: [] }] }],
    [{ query: "x", filter: [where(["unknown", "equals", "a"])] }],
    [{ query: "x", filter: [where(["name", "like", "a"])] }],
    [{ query: "x", filter: [where(["name", "greater_than", "a"])] }],
    [{ query: "x", filter: [where(["created_at", "contains", "2026"])] }],
    [{ query: "x", filter: [where(["name", "equals", ["a"]])] }],
    [{ query: "x", filter: [where(["airweave_system_metadata.chunk_index", "equals", true])] }],
    [{ query: "x", filter: [where(["created_at", "equals", "yesterday"])] }],
    [{ query: "x", filter: Array.from({ length: 65 }, () => where(["name", "equals", "a"])) }],
    [{ query: "x", filter: [where(["name", "in", Array.from({ length: 251 }, String)])] }],
    [{ query: " \n" }],
    [{}],
  ])("the request %j is a 422 on every route", async (body) => {
    for (const tier of ["instant", "classic", "agentic", "agentic/stream"]) {
      expect((await search(tier, body)).status, tier).toBe(422);
    }
  });

  test("the older search route returns the same chunks, with filters in its own form", async () => {
    const { body: all } = await search("classic", { query });
    const legacy = (body: Record<string, unknown>) => weft.post(`${path}/search`, { query, ...body }, { headers });
    const ids = (results: { entity_id: string }[]) => results.map(({ entity_id }) => entity_id);
    const plain = await legacy({ expand_query: true, rerank: false });
    expect(Object.keys(plain.body)).toEqual(["results", "completion"]);
    expect(ids(plain.body.results)).toEqual(ids(all.results));
    const [first] = all.results;
    const key = "airweave_system_metadata.original_entity_id";
    const value = first.airweave_system_metadata.original_entity_id;
    const one = await legacy({ filter: { must: [{ key, match: { value } }] }, response_type: "raw" });
    expect(one.body).toMatchObject({ status: "success", response_type: "raw", completion: null });
    expect(one.headers.get("x-api-deprecation")).toBe("true");
    expect(ids(one.body.results)).toEqual([first.entity_id]);
    const others = await legacy({ filter: { must_not: [{ has_id: [first.entity_id] }] } });
    expect(ids(others.body.results)).toEqual(ids(all.results).slice(1));
    expect((await legacy({ filter: { must: [] }, source_connection_ids: [connection.id] })).body).toEqual(plain.body);
    expect((await legacy({ source_connection_ids: ["unknown"] })).body.results).toEqual([]);
    for (const filter of [{ key, match: { value } }, { any: [] }]) {
      const refused = await legacy({ filter });
      expect(refused).toMatchObject({ status: 422, body: { detail: expect.stringMatching(/filter.*must/) } });
    }
    for (const unknown of ["/v1/collections/unknown/search", "/v1/collections/unknown/search?query=x"]) {
      const call = unknown.includes("?") ? weft.get(unknown, { headers }) : weft.post(unknown, { query }, { headers });
      expect(await call).toMatchObject({ status: 404, body: { detail: "Collection 'unknown' not found." } });
    }
  });

  test("agentic search is refused because there is no language model, after every other check", async () => {
    const refused = await search("agentic", { query, thinking: true });
    expect(refused).toMatchObject({ status: 501, body: { code: "language_model_missing", detail: noLanguageModel } });
    const streamed = await search("agentic/stream", { query });
    expect(streamed.headers.get("content-type")).toMatch(/^text\/event-stream/);
    const event = { type: "error", message: noLanguageModel, duration_ms: 0 };
    expect(streamed).toMatchObject({ status: 200, text: `data: ${JSON.stringify(event)}\n\n` });
    const withoutKey = await weft.post(`${path}/search/agentic`, { query });
    expect(withoutKey.status).toBe(401);
    for (const tier of ["instant", "classic", "agentic", "agentic/stream"]) {
      const unknown = await weft.post(`/v1/collections/unknown/search/${tier}`, { query }, { headers });
      expect(unknown, tier).toMatchObject({ status: 404, body: { detail: "Collection 'unknown' not found" } });
    }
  });

  test("a search is announced with its results only while an enabled subscription selects the event", async () => {
    await search("classic", { query });
    expect(await events()).toEqual([]);
    const subscription = { url: "https://example.com/", event_types: ["search.completed"] };
    const { body: made } = await weft.post("/v1/webhooks/subscriptions", subscription, { headers });
    const { body: found } = await search("classic", { query });
    await search("instant", { query, limit: 1 });
    await search("agentic", { query });
    await weft.post("/v1/collections/unknown/search/instant", { query }, { headers });
    const [instant, classic, ...others] = await events();
    expect(others).toEqual([]);
    expect(instant).toMatchObject({ tier: "instant", collection_id: null });
    expect(classic).toEqual({
      event_type: "search.completed",
      organization_id: expect.any(String),
      request_id: expect.any(String),
      tier: "classic",
      plan: null,
      results: found.results.map((result: object) => ({ ...result, textual_representation: "" })),
      duration_ms: expect.any(Number),
      diagnostics: null,
      billable: true,
      collection_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      timestamp: expect.any(String),
    });
    await weft.call("PATCH", `/v1/webhooks/subscriptions/${made.id}`, { headers, body: { disabled: true } });
    await search("classic", { query });
    expect(await events()).toHaveLength(2);
  });
});
