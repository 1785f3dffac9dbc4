import { AirweaveSDKClient } from "@airweave/sdk";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { adminKey, startWeft } from "../../packages/server/src/api/svix/fixtures/svix-clients.ts";

let weft: RunningWeft;
let client: AirweaveSDKClient;

beforeAll(async () => {
  weft = await startWeft({ WEFT_TEST_SOURCES: "true" });
  client = new AirweaveSDKClient({ baseUrl: weft.url, apiKey: adminKey });
});
afterAll(() => weft[Symbol.asyncDispose]());

const stub = { short_name: "stub", authentication: { credentials: { stub_key: "k" } } };

test("every method of the TypeScript SDK is called by a test of this file", () => {
  const { collections, sourceConnections, sources } = client;
  const methods = [collections, sourceConnections, sources].map((resource) =>
    Object.getOwnPropertyNames(Object.getPrototypeOf(resource)).filter((name) => !/^(constructor|_|__)/.test(name)),
  );
  expect(methods).toEqual([
    ["list", "create", "get", "delete", "refreshAllSourceConnections", "searchGetLegacy", "search"],
    ["list", "create", "get", "delete", "update", "run", "getSourceConnectionJobs", "cancelJob"],
    ["list", "get"],
  ]);
});

test("its collections, source connections, jobs and searches work", async () => {
  const collection = await client.collections.create({ name: "Documents" });
  const readable_collection_id = collection.readable_id;
  expect(await client.collections.list({ limit: 10 })).toContainEqual(expect.objectContaining({ id: collection.id }));
  expect(await client.collections.get(readable_collection_id)).toMatchObject({ name: "Documents" });
  expect((await client.sources.list()).map(({ short_name }) => short_name)).toContain("stub");
  expect(await client.sources.get("stub")).toMatchObject({ short_name: "stub" });

  const connection = await client.sourceConnections.create({
    ...stub,
    readable_collection_id,
    config: { entity_count: 12 },
    sync_immediately: false,
  });
  const job = await client.sourceConnections.run(connection.id, { force_full_sync: true });
  expect(job).toMatchObject({ source_connection_id: connection.id, status: "pending" });
  const newestJob = async () =>
    (await client.sourceConnections.getSourceConnectionJobs(connection.id, { limit: 1 }))[0];
  await vi.waitFor(async () => expect(await newestJob()).toMatchObject({ id: job.id, status: "completed" }), 20_000);
  expect(await client.sourceConnections.get(connection.id)).toMatchObject({ status: "active" });
  expect(await client.sourceConnections.list({ collection: readable_collection_id })).toHaveLength(1);

  const query = "amber anchor archive balance beacon bridge";
  const found = await client.collections.search(readable_collection_id, { query, limit: 3 });
  expect(found.results).toHaveLength(3);
  const older = await client.collections.searchGetLegacy(readable_collection_id, { query, limit: 3 });
  expect(older).toMatchObject({ status: "success", response_type: "raw" });

  expect(await client.sourceConnections.update(connection.id, { name: "Renamed" })).toMatchObject({ name: "Renamed" });
  const jobs = await client.collections.refreshAllSourceConnections(readable_collection_id);
  expect(jobs).toEqual([expect.objectContaining({ source_connection_id: connection.id })]);
  await vi.waitFor(async () => expect((await newestJob())?.status).toBe("completed"), 20_000);
  expect(await client.sourceConnections.delete(connection.id)).toMatchObject({ id: connection.id });
  expect(await client.collections.delete(readable_collection_id)).toMatchObject({ id: collection.id });
});

test("its client cancels a running job, and its error for a second run has the status 400", async () => {
  const { readable_id: readable_collection_id } = await client.collections.create({ name: "Slow documents" });
  const config = { entity_count: 10, generation_delay_ms: 10_000 };
  const { id } = await client.sourceConnections.create({ ...stub, readable_collection_id, config });
  const [job] = await client.sourceConnections.getSourceConnectionJobs(id);
  await expect(client.sourceConnections.run(id)).rejects.toMatchObject({
    statusCode: 400,
    body: { detail: expect.stringMatching(/already (pending|running)/) },
  });
  expect((await client.sourceConnections.cancelJob(id, job?.id ?? "")).status).toMatch(/^cancell(ing|ed)$/);
  await client.sourceConnections.delete(id);
});
