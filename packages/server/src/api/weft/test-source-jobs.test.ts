import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { TestDatabases } from "../../store/postgres/fixtures/test-databases.ts";
import type { HttpResponse, RunningWeft } from "../fixtures/running-weft.ts";
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
const headers = { "x-api-key": adminKey };

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  let collection: string;

  beforeAll(async () => {
    weft = await startWeft({ ...(await settings[database]()), WEFT_TEST_SOURCES: "true" });
    collection = (await weft.post("/collections", { name: "Documents" }, { headers })).body.readable_id;
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  function create(short_name: string, config: object, sync_immediately = true): Promise<HttpResponse> {
    const authentication = { credentials: { [short_name === "timed" ? "timed_key" : "stub_key"]: "a key" } };
    const body = { short_name, readable_collection_id: collection, config, authentication, sync_immediately };
    return weft.post("/source-connections", body, { headers });
  }

  async function endedJob(connectionId: string, jobs = 1): Promise<HttpResponse["body"]> {
    const list = async () => (await weft.get(`/source-connections/${connectionId}/jobs`, { headers })).body;
    const isOver = ({ status }: { status: string }) => ["completed", "failed", "cancelled"].includes(status);
    await vi.waitFor(async () => expect((await list()).filter(isOver)).toHaveLength(jobs), { timeout: 20_000 });
    return (await list())[0];
  }

  test("an incremental stub inserts only new entities, and a full sync deletes those that are gone", async () => {
    const { id } = (await create("incremental_stub", { entity_count: 5 })).body;
    expect(await endedJob(id)).toMatchObject({ status: "completed", entities_inserted: 6 });
    const path = `/source-connections/${id}`;
    const sync = async (jobs: number, query = "") => {
      expect((await weft.post(`${path}/run${query}`, undefined, { headers })).status).toBe(200);
      const job = await endedJob(id, jobs);
      return [job.status, job.entities_inserted, job.entities_updated, job.entities_deleted];
    };
    const resize = (entity_count: number) => weft.call("PATCH", path, { headers, body: { config: { entity_count } } });
    await resize(10);
    expect(await sync(2)).toEqual(["completed", 5, 1, 0]);
    expect(await sync(3)).toEqual(["completed", 0, 0, 0]);
    await resize(3);
    expect(await sync(4, "?force_full_sync=true")).toEqual(["completed", 0, 1, 7]);
    expect((await weft.get(path, { headers })).body.entities).toMatchObject({
      total_entities: 4,
      by_type: { StubContainerEntity: { count: 1 }, SmallStubEntity: { count: 3 } },
    });
  });

  test("a timed source of 20 entities inserts 21, of two types", async () => {
    const { id } = (await create("timed", { entity_count: 20, duration_seconds: 0.1 })).body;
    expect(await endedJob(id)).toMatchObject({ status: "completed", entities_inserted: 21 });
    const { entities } = (await weft.get(`/source-connections/${id}`, { headers })).body;
    expect(entities.by_type).toMatchObject({ TimedContainerEntity: { count: 1 }, TimedEntity: { count: 20 } });
    const definitions = async (name: string) =>
      (await weft.get(`/entities/definitions/by-source/?source_short_name=${name}`, { headers })).body;
    expect(await definitions("timed")).toMatchObject([
      { short_name: "timed_container_entity", name: "TimedContainerEntity", module_name: "timed" },
      { short_name: "timed_entity", class_name: "TimedEntity", entity_schema: { type: "object" } },
    ]);
    expect(await definitions("nothing")).toEqual([]);
  });

  test.each([
    ["runtime_error", undefined, null, "error"],
    ["source_rate_limit_error", undefined, null, "error"],
    ["timeout", undefined, null, "error"],
    ["cancelled", undefined, null, "error"],
    ["source_auth_error", "oauth", "oauth_credentials_expired", "needs_reauth"],
    ["token_expired", "static", "api_key_invalid", "needs_reauth"],
    ["source_auth_error", "auth_provider", null, "error"],
  ])(
    "a job that fails with %s of %s reports it at once, with the category %s",
    async (exception_type, kind, category, status) => {
      const config = { exception_type, trigger_after: 2, ...(kind !== undefined && { auth_provider_kind: kind }) };
      const { id } = (await create("exception_stub", config)).body;
      const job = await endedJob(id);
      expect(job).toMatchObject({ status: "failed", entities_inserted: 3, error_category: category });
      expect(job.error).toMatch(/^\[ExceptionStub\] /);
      const connection = (await weft.get(`/source-connections/${id}`, { headers })).body;
      expect(connection).toMatchObject({ status, error_category: category, error_message: job.error });
      const again = await weft.post(`/source-connections/${id}/run`, undefined, { headers });
      expect(again.status).toBe(category === null ? 200 : 409);
      if (category === null) await endedJob(id, 2);
    },
  );

  test("an exception stub fails with its own message, never fails beyond its entities, and can refuse the create", async () => {
    const failing = (await create("exception_stub", { error_message: "As configured, with a key.", trigger_after: -1 }))
      .body;
    expect(await endedJob(failing.id)).toMatchObject({ error: "As configured, with a key.", entities_inserted: 10 });
    const working = (await create("exception_stub", { entity_count: 5, trigger_after: 5 })).body;
    expect(await endedJob(working.id)).toMatchObject({ status: "completed", entities_inserted: 5 });
    expect((await create("exception_stub", { fail_on_validate: true })).status).toBe(400);
    expect((await create("exception_stub", { exception_type: "unknown" })).status).toBe(422);
  });

  test("the entities of a stub are found by the words stub and test, and filtered by type", async () => {
    const config = { entity_count: 40, inject_special_tokens: true, custom_content_prefix: "Zanzibar" };
    const { id } = (await create("stub", config)).body;
    expect(await endedJob(id)).toMatchObject({ status: "completed", entities_inserted: 40 });
    const search = async (query: string, filter?: unknown) => {
      const body = { query, filter, limit: 200 };
      return (await weft.post(`/collections/${collection}/search/instant`, body, { headers })).body.results;
    };
    for (const query of ["stub", "test", "Zanzibar"]) expect((await search(query)).length, query).toBeGreaterThan(10);
    const field = "airweave_system_metadata.entity_type";
    const files = await search("Zanzibar", [{ conditions: [{ field, operator: "contains", value: "file" }] }]);
    expect(files.length).toBeGreaterThan(0);
    for (const { airweave_system_metadata: found } of files) expect(found.entity_type).toMatch(/FileEntity$/);
    const breadcrumb = { field: "breadcrumbs.name", operator: "equals", value: "Stub Container" };
    const created = { field: "created_at", operator: "less_than", value: "2024-01-01T12:00:00Z" };
    const early = await search("Zanzibar", [{ conditions: [breadcrumb, created] }]);
    expect(
      new Set(early.map(({ airweave_system_metadata: found }: (typeof files)[0]) => found.original_entity_id)).size,
    ).toBe(11);
    expect((await search("Zanzibar"))[0].textual_representation).toContain("<|endoftext|>");
  });
});
