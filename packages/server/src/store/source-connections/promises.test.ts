import { expect, test } from "vitest";
import type { Collection } from "../../domain/collection.ts";
import type { CollectionId, SourceConnectionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { ListCollections } from "../collections/interface.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import {
  collectionOf,
  connect,
  connectionKey,
  connectionOf,
  end,
  entity,
  eventTypesOf,
  found,
  jobOf,
  makeCollection,
  makeJob,
  purge,
  startedJob,
  syncOf,
} from "../fixtures/producer-samples.ts";
import { t0, unlimited, World } from "../fixtures/samples.ts";

/** The promises every store keeps about collections and source connections. Each driver's test calls this. */
bothStoresKeep("producers", (open) => {
  test("a collection is read as it was created, with its connections, oldest first", async () => {
    await using world = await World.open(open);
    const made = await makeCollection(world, { syncConfig: '{"handlers":{"a":9007199254740993}}' });
    const first = await connect(world, made, { name: "First" });
    const second = await connect(world, made, { name: "Second", authenticatedAt: null });
    await syncOf(world, first, []);
    await makeJob(world, first);
    const view = await world.store.readCollection(made);
    const common = { source: "directory" };
    expect(view).toEqual({
      ...made,
      connections: [
        { ...common, id: first.id, name: "First", isAuthenticated: true, lastJob: "pending", hasCompleted: true },
        { ...common, id: second.id, name: "Second", isAuthenticated: false, lastJob: null, hasCompleted: false },
      ],
    });
  });

  test("a readable id is unique in an organization, and free again after its collection is deleted", async () => {
    await using world = await World.open(open);
    const made = await makeCollection(world, { readableId: "docs" });
    const twin = collectionOf(world, { readableId: "docs" });
    const announce = [world.message({ eventType: "collection.created" })];
    expect(await world.store.createCollection({ collection: twin, announce })).toBe("taken");
    expect(await eventTypesOf(world)).toEqual([]);
    const organizationId = await world.addOrganization();
    await makeCollection(world, { organizationId, readableId: "docs" });
    await deleteCollection(world, made);
    expect(await world.store.createCollection({ collection: twin, announce })).toBe("created");
    expect(await eventTypesOf(world)).toEqual(["collection.created"]);
  });

  test("collections are listed newest first, page by page or with a skip, and found by name or readable id", async () => {
    await using world = await World.open(open);
    const ids: CollectionId[] = [];
    for (const name of ["Sales Data", "Süpport", "100% Sales"]) ids.unshift((await makeCollection(world, { name })).id);
    await makeCollection(world, { organizationId: await world.addOrganization() });
    const { organizationId } = world;
    const all = { organizationId, limit: 10, cursor: null, skip: 0, search: null };
    const list = async (changes: Partial<ListCollections>) =>
      (await world.store.listCollections({ ...all, ...changes })).map((collection) => collection.id);
    expect(await list({})).toEqual(ids);
    expect(await list({ limit: 1, skip: 1 })).toEqual([ids[1]]);
    expect(await list({ cursor: ids[0] ?? null })).toEqual(ids.slice(1));
    expect(await list({ search: "sALES" })).toEqual([ids[0], ids[2]]);
    expect(await list({ search: "%" })).toEqual([ids[0]]);
    expect(await world.store.countCollections({ organizationId, search: null })).toBe(3);
    expect(await world.store.countCollections({ organizationId, search: "SüPP" })).toBe(1);
  });

  test("a collection changes, with its announcement, only if it is still as the caller read it", async () => {
    await using world = await World.open(open);
    const before = await makeCollection(world);
    const after = { ...before, name: "Papers", syncConfig: '{"a":1}', modifiedAt: t0 + 5 };
    const announce = [world.message({ eventType: "collection.updated" })];
    expect(await world.store.updateCollection({ before: { ...before, name: "Other" }, after, announce })).toBe(false);
    expect(await eventTypesOf(world)).toEqual([]);
    expect(await world.store.updateCollection({ before, after, announce })).toBe(true);
    expect(await world.store.updateCollection({ before, after, announce: [] })).toBe(false);
    expect(await world.store.readCollection(before)).toMatchObject({ name: "Papers", syncConfig: '{"a":1}' });
    expect(await eventTypesOf(world)).toEqual(["collection.updated"]);
  });

  test("a change whose announcement cannot be stored is not stored either", async () => {
    await using world = await World.open(open);
    const before = await makeCollection(world);
    const twice = await world.accept();
    const after = { ...before, name: "Papers" };
    await expect(world.store.updateCollection({ before, after, announce: [twice] })).rejects.toThrow();
    expect((await world.store.readCollection(before))?.name).toBe("Docs");
  });

  test("deleting a collection deletes its connections, and announces each deletion once", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const connection = await connect(world, collection);
    await syncOf(world, connection, [entity("a", "herons"), entity("b", "herons too")]);
    const announce = [world.message({ eventType: "collection.deleted" })];
    expect(await deleteCollection(world, collection, [], announce)).toBe("changed");
    expect(await eventTypesOf(world)).toEqual([]);
    expect(await deleteCollection(world, collection, [connection.id], announce)).toBe("deleted");
    expect(await deleteCollection(world, collection, [connection.id], [])).toBe("not_found");
    expect(await eventTypesOf(world)).toEqual(["collection.deleted"]);
    expect(await world.store.readCollection(collection)).toBeNull();
    expect(await world.store.readSourceConnection(connectionKey(connection))).toBeNull();
    expect(await world.store.readCredentials({ sourceConnectionId: connection.id })).toBeNull();
    expect(await found(world, collection, "herons")).toEqual([]);
  });

  test("nothing is deleted while a job is under way", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const connection = await connect(world, collection);
    const job = await startedJob(world, connection);
    const key = { ...connectionKey(connection), now: world.now };
    const announce = [world.message()];
    expect(await deleteCollection(world, collection, [connection.id], announce)).toBe("job_under_way");
    expect(await world.store.deleteSourceConnection({ ...key, announce })).toBe("job_under_way");
    expect(await eventTypesOf(world)).toEqual([]);
    await end(world, job);
    expect(await world.store.deleteSourceConnection({ ...key, announce })).toBe("deleted");
    expect(await world.store.deleteSourceConnection({ ...key, announce: [] })).toBe("not_found");
    expect(await eventTypesOf(world)).toHaveLength(1);
  });

  test("the rows of deleted connections are removed in bounded steps, and others are not touched", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const [gone, stays] = [await connect(world, collection), await connect(world, collection)];
    const chunks = Array.from({ length: 5 }, (_, i) => `heron number ${i}`);
    await syncOf(world, gone, [entity("a", chunks), entity("b", chunks)]);
    await syncOf(world, stays, [entity("c", chunks)]);
    await world.store.deleteSourceConnection({ ...connectionKey(gone), now: world.now, announce: [] });
    expect(await found(world, collection, "heron")).toEqual(Array(5).fill("c"));
    expect(await purge(world, 4)).toBeGreaterThan(3);
    expect(await found(world, collection, "heron")).toEqual(Array(5).fill("c"));
    expect(await world.store.listSyncJobs({ ...connectionKey(gone), limit: 9, cursor: null })).toEqual([]);
    await deleteCollection(world, collection, [stays.id]);
    await purge(world);
    expect(await world.store.deleteOrganization({ organizationId: world.organizationId, now: t0 })).toBe("deleted");
  });

  test("an organization that has a collection is in use", async () => {
    await using world = await World.open(open);
    await makeCollection(world);
    expect(await world.store.deleteOrganization({ organizationId: world.organizationId, now: t0 })).toBe("in_use");
  });

  test("a connection is read as it was created, and its credentials only on request", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const made = await connect(
      world,
      collection,
      { description: "Notes", metadata: { team: "a" }, config: { path: "/a" } },
      { key: "s3cret" },
    );
    const view = await world.store.readSourceConnection(connectionKey(made));
    expect(view).toEqual({
      ...made,
      lastJob: null,
      lastSuccessAt: null,
      runs: { total: 0, completed: 0, failed: 0 },
      authorization: null,
      entitiesByType: [],
    });
    expect(await world.store.readCredentials({ sourceConnectionId: made.id })).toEqual({ key: "s3cret" });
  });

  test("a connection and its first job are stored together, and not for a deleted collection", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const connection = connectionOf(world, collection);
    const announce = [world.message({ eventType: "source_connection.created" }), world.message()];
    const job = jobOf(world, connection);
    const create = { connection, credentials: {}, job, announce, connectionsMax: unlimited };
    const gone = collectionOf(world);
    const stray = connectionOf(world, gone);
    expect(await world.store.createSourceConnection({ ...create, connection: stray })).toBe("collection_not_found");
    const organizationId = await world.addOrganization();
    expect(await world.store.createSourceConnection({ ...create, connection: { ...connection, organizationId } })).toBe(
      "collection_not_found",
    );
    expect(await eventTypesOf(world)).toEqual([]);
    expect(await world.store.createSourceConnection(create)).toBe("created");
    expect(await eventTypesOf(world)).toHaveLength(2);
    expect(await world.store.readSourceConnection(connectionKey(connection))).toMatchObject({
      lastJob: create.job,
      runs: { total: 1, completed: 0, failed: 0 },
    });
  });

  test("the number of connections in a collection is bounded", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    for (let made = 0; made < limits.connectionsPerCollectionMax; made++) await connect(world, collection);
    const connection = connectionOf(world, collection);
    const create = { connection, credentials: {}, job: null, announce: [world.message()], connectionsMax: unlimited };
    expect(await world.store.createSourceConnection(create)).toBe("collection_full");
    expect(await eventTypesOf(world)).toEqual([]);
  });

  test("the number of connections of an organization is bounded even for concurrent callers, independently of other organizations", async () => {
    await using world = await World.open(open);
    const collections = [await makeCollection(world), await makeCollection(world)];
    const made = await Promise.all(
      Array.from({ length: 40 }, (_, at) => {
        const connection = connectionOf(world, collections[at % 2] ?? collectionOf(world));
        const create = { connection, credentials: {}, job: null, announce: [], connectionsMax: 7 };
        return world.store.createSourceConnection(create).then((result) => ({ result, connection }));
      }),
    );
    expect(Map.groupBy(made, ({ result }) => result).get("created")).toHaveLength(7);
    expect(Map.groupBy(made, ({ result }) => result).get("full")).toHaveLength(33);
    const organizationId = await world.addOrganization();
    const others = connectionOf(world, await makeCollection(world, { organizationId }), { organizationId });
    const create = { connection: others, credentials: {}, job: null, announce: [], connectionsMax: 1 };
    expect(await world.store.createSourceConnection(create)).toBe("created");
    const gone = made.find(({ result }) => result === "created")?.connection;
    if (gone === undefined) throw new Error("No connection was created.");
    await world.store.deleteSourceConnection({ ...connectionKey(gone), now: t0, announce: [] });
    const next = connectionOf(world, collections[0] ?? collectionOf(world));
    expect(await world.store.createSourceConnection({ ...create, connection: next, connectionsMax: 7 })).toBe(
      "created",
    );
  });

  test("connections are listed newest first, for one organization, of one collection or of all", async () => {
    await using world = await World.open(open);
    const [docs, mail] = [await makeCollection(world), await makeCollection(world)];
    const ids: SourceConnectionId[] = [];
    for (const collection of [docs, mail, docs]) ids.unshift((await connect(world, collection)).id);
    const organizationId = await world.addOrganization();
    await connect(world, await makeCollection(world, { organizationId, readableId: docs.readableId }));
    const all = { organizationId: world.organizationId, collection: null, limit: 9, skip: 0, cursor: null };
    const idsOf = async (changes: object) =>
      (await world.store.listSourceConnections({ ...all, ...changes })).map((connection) => connection.id);
    expect(await idsOf({})).toEqual(ids);
    expect(await idsOf({ collection: docs.readableId })).toEqual([ids[0], ids[2]]);
    expect(await idsOf({ limit: 1, cursor: ids[0] })).toEqual([ids[1]]);
    expect(await idsOf({ skip: 2 })).toEqual([ids[2]]);
  });

  test("an update changes only the given fields of a connection", async () => {
    await using world = await World.open(open);
    const made = await connect(world, await makeCollection(world), { authenticatedAt: null }, null);
    const key = connectionKey(made);
    expect(await world.store.updateSourceConnection({ ...key, changes: { name: "New" }, now: t0 + 1 })).toBe(true);
    const renamed = await world.store.readSourceConnection(key);
    expect(renamed).toMatchObject({ ...made, name: "New", modifiedAt: t0 + 1 });
    const authentication = {
      authMethod: "direct" as const,
      credentials: { key: "k" },
      tokensExpireAt: null,
      syncId: world.newId<"sync">(),
    };
    const changes = { config: { path: "/b" }, description: "d", metadata: { team: "b" }, authentication };
    await world.store.updateSourceConnection({ ...key, changes, now: t0 + 2 });
    expect(await world.store.readSourceConnection(key)).toMatchObject({
      name: "New",
      config: { path: "/b" },
      description: "d",
      metadata: { team: "b" },
      authenticatedAt: t0 + 2,
    });
    expect(await world.store.readCredentials({ sourceConnectionId: made.id })).toEqual({ key: "k" });
  });

  test("collections, connections and jobs are not found through another organization", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const connection = await connect(world, collection);
    const job = await syncOf(world, connection, [entity("a", "herons")]);
    const organizationId = await world.addOrganization();
    const key = { organizationId, sourceConnectionId: connection.id };
    const { store, now } = world;
    expect(await store.readCollection({ organizationId, readableId: collection.readableId })).toBeNull();
    expect(await store.readSourceConnection(key)).toBeNull();
    expect(await store.updateSourceConnection({ ...key, changes: { name: "Mine" }, now })).toBe(false);
    expect(await store.deleteSourceConnection({ ...key, now, announce: [] })).toBe("not_found");
    expect(await deleteCollection(world, { ...collection, organizationId }, [connection.id])).toBe("not_found");
    const before = { ...collection, organizationId };
    expect(await store.updateCollection({ before, after: { ...before, name: "Mine" }, announce: [] })).toBe(false);
    expect(await store.readSyncJob({ ...key, jobId: job.id })).toBeNull();
    expect(await store.listSyncJobs({ ...key, limit: 9, cursor: null })).toEqual([]);
    expect(await store.createSyncJob({ job: { ...jobOf(world, connection), organizationId }, announce: [] })).toEqual({
      kind: "not_found",
    });
    expect(await found(world, { ...collection, organizationId }, "herons")).toEqual([]);
  });
});

function deleteCollection(
  world: World,
  { organizationId, id }: Collection,
  connectionIds: readonly SourceConnectionId[] = [],
  announce: Parameters<World["store"]["deleteCollection"]>[0]["announce"] = [],
) {
  return world.store.deleteCollection({ organizationId, collectionId: id, connectionIds, now: world.now, announce });
}
