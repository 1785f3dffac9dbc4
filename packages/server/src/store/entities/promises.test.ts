import fc from "fast-check";
import { expect, test } from "vitest";
import type { NumberField, OrderOperator, SearchFilter, TextField, TimeField } from "../../domain/search-filter.ts";
import type { SyncCounts } from "../../domain/sync-job.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import {
  anyUnseen,
  connect,
  connectionKey,
  end,
  entity,
  found,
  makeCollection,
  startedJob,
  syncOf,
} from "../fixtures/producer-samples.ts";
import { t0, World } from "../fixtures/samples.ts";
import type { SourceConnectionChanges } from "../source-connections/interface.ts";
import { anyEntity, type EntityRecord, type SearchFilters } from "./interface.ts";

/** The promises every store keeps about entities, their chunks, and searching them. */
bothStoresKeep("entities", (open) => {
  test("entities are counted as new, changed, unchanged or vanished", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const first = await syncOf(world, connection, [entity("a", ["1", "2"]), entity("b", "b"), entity("c", "c")]);
    expect(first.counts).toEqual(counts({ inserted: 3, chunksWritten: 4 }));
    const second = await syncOf(world, connection, [
      entity("a", ["3"]),
      { ...entity("b", "b"), chunks: null },
      entity("d", "d"),
    ]);
    expect(second.counts).toEqual(counts({ inserted: 1, updated: 1, skipped: 1, deleted: 1, chunksWritten: 2 }));
    expect((await world.store.readSourceConnection(connectionKey(connection)))?.entityCount).toBe(3);
  });

  test("an entity that a job yields twice counts once, as it was first", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const job = await startedJob(world, await connect(world, collection));
    const batch = { jobId: job.id, gone: [], failed: [], cursor: null, now: t0 };
    await world.store.storeEntities({ ...batch, entities: [entity("a", "heron"), entity("a", "trout")] });
    const after = await world.store.storeEntities({ ...batch, entities: [entity("a", "trout")] });
    expect(after).toEqual(counts({ inserted: 1, chunksWritten: 1 }));
    expect(await found(world, collection, "trout")).toEqual([]);
    expect(await found(world, collection, "heron")).toEqual(["a"]);
  });

  test("an entity that several tries of one job read counts once, with its overall outcome and its last content", async () => {
    await using world = await World.open(open);
    const { store } = world;
    const collection = await makeCollection(world);
    const connection = await connect(world, collection);
    await syncOf(world, connection, [
      entity("same", "1"),
      entity("later", "2"),
      entity("busy", "3"),
      entity("away", "4"),
    ]);
    world.now += 10;
    const job = await startedJob(world, connection);
    const batch = { jobId: job.id, gone: [], failed: [], cursor: null, now: world.now };
    const first = [
      entity("new", "heron"),
      entity("twice", "x"),
      entity("same", "1"),
      entity("later", "2"),
      entity("away", "4"),
    ];
    const failed = [
      { id: "busy", keeps: true },
      { id: "never seen", keeps: true },
    ];
    expect(await store.storeEntities({ ...batch, entities: first, failed })).toEqual(
      counts({ inserted: 2, skipped: 3, failed: 2, chunksWritten: 2 }),
    );
    expect(await store.beginNextTry({ jobId: job.id, failed: 0 })).toBe(true);
    const second = [
      entity("new", "trout"),
      entity("twice", "x"),
      entity("same", "1"),
      entity("later", "5"),
      entity("busy", "3"),
    ];
    expect(await store.storeEntities({ ...batch, entities: second })).toEqual(
      counts({ inserted: 2, updated: 1, skipped: 3, chunksWritten: 4 }),
    );
    // Within one try the first version of an entity is kept.
    await store.storeEntities({ ...batch, entities: [entity("new", "otter")] });
    expect(await found(world, collection, "trout")).toEqual(["new"]);
    const rest = await store.deleteUnseenEntities({ jobId: job.id, ...anyUnseen });
    expect(rest).toEqual({
      next: null,
      counts: counts({ inserted: 2, updated: 1, skipped: 3, deleted: 1, chunksWritten: 4 }),
    });
    expect(await hashes(world, connection, ["new", "twice", "same", "later", "busy", "away"])).toEqual([
      "busy",
      "later",
      "new",
      "same",
      "twice",
    ]);
    await end(world, job);
    expect(await store.beginNextTry({ jobId: job.id, failed: 0 })).toBe(false);
  });

  test("entities that the last try could not read stay, and those that only an earlier try could not read are deleted", async () => {
    await using world = await World.open(open);
    const { store } = world;
    const connection = await connect(world, await makeCollection(world));
    await syncOf(world, connection, [entity("a", "1"), entity("b", "2")]);
    const job = await startedJob(world, connection);
    const batch = { jobId: job.id, entities: [], gone: [], cursor: null, now: world.now };
    await store.storeEntities({
      ...batch,
      failed: [
        { id: "a", keeps: true },
        { id: "b", keeps: true },
      ],
    });
    await store.beginNextTry({ jobId: job.id, failed: 1 });
    await store.storeEntities({ ...batch, failed: [{ id: "b", keeps: true }] });
    const rest = await store.deleteUnseenEntities({ jobId: job.id, ...anyUnseen });
    expect(rest).toEqual({ next: null, counts: counts({ failed: 2, deleted: 1 }) });
    expect(await hashes(world, connection, ["a", "b"])).toEqual(["b"]);
  });

  test("failed entities are counted, and the job decides whether they stay", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    await syncOf(world, connection, [entity("kept", "1"), entity("unfit", "2"), entity("gone", "3")]);
    const job = await startedJob(world, connection);
    const failed = [
      { id: "kept", keeps: true },
      { id: "unfit", keeps: false },
      { id: "never seen", keeps: true },
    ];
    await world.store.storeEntities({ jobId: job.id, entities: [], gone: [], failed, cursor: null, now: t0 });
    const result = await world.store.deleteUnseenEntities({ jobId: job.id, ...anyUnseen });
    expect(result).toEqual({ counts: counts({ failed: 3, deleted: 2 }), next: null });
    expect(await hashes(world, connection, ["kept", "unfit", "gone"])).toEqual(["kept"]);
  });

  test("deleted entities are removed and counted if they existed, and entities stored in the same batch remain", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const connection = await connect(world, collection);
    await syncOf(world, connection, [entity("a", "heron"), entity("b", "trout"), entity("c", "otter")]);
    const job = await startedJob(world, connection);
    const batch = { jobId: job.id, failed: [], cursor: null, now: t0 };
    const gone = ["a", "b", "never there"];
    const after = await world.store.storeEntities({ ...batch, gone, entities: [entity("b", "trout")] });
    expect(after).toEqual(counts({ deleted: 2, inserted: 1, chunksWritten: 1 }));
    expect(await hashes(world, connection, ["a", "b", "c"])).toEqual(["b", "c"]);
    expect(await found(world, collection, "heron")).toEqual([]);
    expect((await world.store.readSourceConnection(connectionKey(connection)))?.entityCount).toBe(2);
  });

  test("a cursor is stored with its batch, for its connection alone, until the next cursor replaces it", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const [mine, other] = [await connect(world, collection), await connect(world, collection)];
    const job = await startedJob(world, mine);
    const batch = { jobId: job.id, entities: [], gone: [], failed: [], now: t0 };
    const read = () => world.store.readSyncCursor({ sourceConnectionId: mine.id });
    expect(await read()).toBeNull();
    await world.store.storeEntities({ ...batch, cursor: { value: "one \u{1F40D}", config: mine.config } });
    await world.store.storeEntities({ ...batch, cursor: null });
    expect(await read()).toBe("one \u{1F40D}");
    await world.store.storeEntities({ ...batch, cursor: { value: "two", config: mine.config } });
    expect(await read()).toBe("two");
    expect(await world.store.readSyncCursor({ sourceConnectionId: other.id })).toBeNull();
    await end(world, job);
    await world.store.storeEntities({ ...batch, cursor: { value: "late", config: mine.config } });
    expect(await read()).toBe("two");
  });

  test("batches of a job are stored in the order of the calls, and none after a failed one", async () => {
    await using world = await World.open(open);
    const { store } = world;
    const connection = await connect(world, await makeCollection(world));
    const job = await startedJob(world, connection);
    const batch = { jobId: job.id, gone: [], failed: [], now: t0 };
    const storeOne = (batchesBefore: number, one: EntityRecord) =>
      store.storeEntities({
        ...batch,
        ...{ batchesBefore, entities: [one], cursor: { value: one.id, config: connection.config } },
      });
    const stored = await Promise.all([
      storeOne(0, entity("a", "1")),
      storeOne(1, entity("b", "2")),
      storeOne(2, entity("c", "3")),
    ]);
    expect(stored.map((each) => each?.inserted)).toEqual([1, 2, 3]);
    // Without its chunks, an entity that changed cannot be stored.
    const unfit = { ...entity("a", "4"), chunks: null };
    const results = await Promise.allSettled([
      storeOne(3, { ...unfit, replacesEarlier: true }),
      storeOne(4, entity("d", "5")),
    ]);
    expect(results.map(({ status }) => status)).toEqual(["rejected", "rejected"]);
    expect(await store.readSyncCursor({ sourceConnectionId: connection.id })).toBe("c");
    expect(await hashes(world, connection, ["a", "b", "c", "d"])).toEqual(["a", "b", "c"]);
    expect(await storeOne(3, entity("d", "5"))).toMatchObject({ inserted: 4 });
  });

  test("a step deletes fewer entities if they have many chunks", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const texts = (count: number) => Array.from({ length: count }, (_, at) => `chunk ${at}`);
    const sizes = { "a/1": 700, "a/2": 300, "a/3": 1, "b/1": 1_100, "b/2": 1 };
    await syncOf(
      world,
      connection,
      Object.entries(sizes).map(([id, size]) => entity(id, texts(size))),
    );
    const found = await world.store.readEntityHashes({ sourceConnectionId: connection.id, entityIds: ["a/1", "b/2"] });
    expect(found.map(({ entityId, chunks }) => [entityId, chunks])).toEqual([
      ["a/1", 700],
      ["b/2", 1],
    ]);
    const job = await startedJob(world, connection);
    const step = async (after: string | null) => {
      const params = { jobId: job.id, seenBy: [], idPrefix: "", after, limit: 9, deletedMax: 9 };
      const done = await world.store.deleteUnseenEntities(params);
      return [done?.counts.deleted, done?.next];
    };
    expect(await step(null)).toEqual([2, "a/2"]);
    expect(await step("a/2")).toEqual([3, "a/3"]);
    expect(await step("a/3")).toEqual([4, "b/1"]);
    expect(await step("b/1")).toEqual([5, null]);
    expect(await hashes(world, connection, Object.keys(sizes))).toEqual([]);
  });

  test("a cursor is dropped when the settings that it was read with change", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const job = await startedJob(world, connection);
    const cursor = { value: "old", config: connection.config };
    const store = () =>
      world.store.storeEntities({ jobId: job.id, entities: [], gone: [], failed: [], cursor, now: t0 });
    const change = (changes: SourceConnectionChanges) =>
      world.store.updateSourceConnection({ ...connectionKey(connection), changes, now: t0 });
    const read = () => world.store.readSyncCursor({ sourceConnectionId: connection.id });
    await store();
    await change({
      name: "Renamed",
      authentication: {
        authMethod: "direct",
        credentials: { key: "other" },
        tokensExpireAt: null,
        syncId: world.newId<"sync">(),
      },
    });
    expect(await read()).toBe("old");
    await change({ config: { path: "/srv/other" } });
    expect(await read()).toBeNull();
    await store();
    expect(await read()).toBeNull();
  });

  test("unseen entities are deleted in bounded steps", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const ids = ["a", "b", "c", "d", "e"];
    await syncOf(
      world,
      connection,
      ids.map((id) => entity(id, id)),
    );
    const job = await startedJob(world, connection);
    await world.store.storeEntities({
      jobId: job.id,
      entities: [entity("c", "c")],
      gone: [],
      failed: [],
      cursor: null,
      now: t0,
    });
    const step = (after: string | null) =>
      world.store.deleteUnseenEntities({ jobId: job.id, ...anyUnseen, after, limit: 4, deletedMax: 2 });
    expect(await step(null)).toMatchObject({ next: "b", counts: { deleted: 2 } });
    expect(await step("b")).toMatchObject({ next: null, counts: { deleted: 4 } });
    expect(await hashes(world, connection, ids)).toEqual(["c"]);
  });

  test("entities below a prefix that no given job has seen are deleted in bounded steps, and others stay", async () => {
    await using world = await World.open(open);
    const { store } = world;
    const connection = await connect(world, await makeCollection(world));
    const ids = ["a", "a/", "a/1", "a/2", "a/3", "a/\u{10fffe}", "a0", "b/1"];
    await syncOf(
      world,
      connection,
      ids.map((id) => entity(id, id)),
    );
    const batch = { gone: [], failed: [], cursor: null, now: t0 };
    const earlier = await startedJob(world, connection);
    await store.storeEntities({ ...batch, jobId: earlier.id, entities: [entity("a/1", "a/1")] });
    await end(world, earlier);
    const job = await startedJob(world, connection);
    const failed = [{ id: "a/2", keeps: true }];
    await store.storeEntities({ ...batch, jobId: job.id, entities: [entity("a/4", "new")], failed });
    const part = { jobId: job.id, seenBy: [earlier.id], idPrefix: "a/" };
    const step = (after: string | null, limit: number, deletedMax: number) =>
      store.deleteUnseenEntities({ ...part, after, limit, deletedMax });
    expect(await step(null, 3, 9)).toMatchObject({ next: "a/3", counts: { deleted: 1 } });
    expect(await step("a/3", 3, 9)).toMatchObject({ next: null, counts: { deleted: 2 } });
    expect(await hashes(world, connection, [...ids, "a/4"])).toEqual(["a", "a/", "a/1", "a/2", "a/4", "a0", "b/1"]);
    expect(
      await store.deleteUnseenEntities({ ...part, idPrefix: "", after: null, limit: 99, deletedMax: 1 }),
    ).toMatchObject({
      next: "a",
      counts: { deleted: 3 },
    });
    await store.deleteUnseenEntities({ ...part, idPrefix: "", after: "a", limit: 99, deletedMax: 99 });
    expect(await hashes(world, connection, [...ids, "a/4"])).toEqual(["a/1", "a/2", "a/4"]);
    await end(world, job);
    expect(await step(null, 9, 9)).toBeNull();
  });

  test("a version that replaces an earlier one of the same job counts once, with its overall outcome", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const connection = await connect(world, collection);
    await syncOf(world, connection, [entity("old", "heron")]);
    world.now += 10;
    const job = await startedJob(world, connection);
    const store = (entities: EntityRecord[]) =>
      world.store.storeEntities({ jobId: job.id, entities, gone: [], failed: [], cursor: null, now: world.now });
    await store([entity("old", "heron"), entity("new", "wren")]);
    const again = { replacesEarlier: true };
    expect(await store([entity("old", "owl", again), entity("new", "stork", again)])).toEqual(
      counts({ inserted: 1, updated: 1, chunksWritten: 3 }),
    );
    expect(await found(world, collection, "stork")).toEqual(["new"]);
    expect(await found(world, collection, "heron")).toEqual([]);
  });

  test("a job that has ended stores no more entities, and a job of another connection does not change these", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const [mine, other] = [await connect(world, collection), await connect(world, collection)];
    await syncOf(world, mine, [entity("a", "mine")]);
    await syncOf(world, other, [entity("a", "theirs")]);
    expect((await syncOf(world, other, [])).counts).toEqual(counts({ deleted: 1 }));
    expect(await found(world, collection, "mine")).toEqual(["a"]);
    const job = await startedJob(world, mine);
    await end(world, job);
    const late = { jobId: job.id, entities: [entity("z", "late")], gone: [], failed: [], cursor: null, now: t0 };
    expect(await world.store.storeEntities(late)).toBeNull();
    expect(await hashes(world, mine, ["a", "z"])).toEqual(["a"]);
  });

  test("entities are counted by type, with the time of the last change of each type", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    await syncOf(world, connection, [entity("a", "1"), entity("b", "2"), entity("c", "3", { type: "page" })]);
    world.now += 500;
    await syncOf(world, connection, [entity("a", "1"), entity("b", "new"), entity("c", "3", { type: "page" })]);
    expect((await world.store.readSourceConnection(connectionKey(connection)))?.entitiesByType).toEqual([
      { type: "file", count: 2, lastUpdated: t0 + 500 },
      { type: "page", count: 1, lastUpdated: t0 },
    ]);
  });

  test("counts match the source after any series of jobs, and the store contains exactly its entities", async () => {
    await using world = await World.open(open);
    const content = fc.dictionary(fc.constantFrom("a", "b", "c", "d", "e"), fc.constantFrom("x", "y", "z"));
    await fc.assert(
      fc.asyncProperty(fc.array(content, { minLength: 1, maxLength: 4 }), async (jobs) => {
        const connection = await connect(world, await makeCollection(world));
        let held: Record<string, string> = {};
        for (const next of jobs) {
          const job = await syncOf(
            world,
            connection,
            Object.entries(next).map(([id, text]) => entity(id, text)),
          );
          expect(job.counts).toEqual(expectedCounts(held, next));
          held = next;
        }
        const view = await world.store.readSourceConnection(connectionKey(connection));
        expect(view?.entityCount).toBe(Object.keys(held).length);
        expect(await hashes(world, connection, ["a", "b", "c", "d", "e"])).toEqual(Object.keys(held).sort());
      }),
      { numRuns: 25 },
    );
  });

  test("search finds chunks by any form of their words, best first, with the positions of the matches", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const connection = await connect(world, collection);
    await syncOf(world, connection, [
      entity("one", ["Nothing here.", "The heron was running along the river."]),
      entity("two", "A river, and nothing more."),
      entity("three", "Café in Zürich"),
    ]);
    const { organizationId, id } = collection;
    const search = (query: string, page = { limit: 9, offset: 0 }) =>
      world.store.searchCollection({ ...anyEntity, organizationId, collectionId: id, query, ...page });
    const [best, ...others] = await search("herons run river");
    expect(best).toMatchObject({
      sourceConnectionId: connection.id,
      source: "directory",
      entityId: "one",
      type: "file",
      name: "one",
      url: null,
      position: 1,
      text: "The heron was running along the river.",
    });
    expect(others.map((hit) => hit.entityId)).toEqual(["two"]);
    expect(best?.score).toBeGreaterThan(others[0]?.score ?? 0);
    expect(await search("herons run river", { limit: 1, offset: 1 })).toMatchObject([{ entityId: "two" }]);
    expect(await found(world, collection, "cafe zurich")).toEqual(["three"]);
  });

  test("text in languages without spaces between words is found by words and by parts of them", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    await syncOf(world, await connect(world, collection), [
      entity("zh", "我们在北京大学研究机器学习的方法。"),
      entity("ja", "東京都の天気は晴れです。猫がいる。ﾃｽﾄ"),
      entity("th", "ภาษาไทยเป็นภาษาที่สวยงาม"),
      entity("ko", "대한민국에서는 고양이를 좋아합니다"),
      entity("rare", "the character 𠮷野家"),
      entity("en", "a heron"),
    ]);
    const queries: Record<string, string[]> = {
      机器学习: ["zh"],
      大学: ["zh"],
      京: ["ja", "zh"],
      京都: ["ja"],
      天気: ["ja"],
      猫: ["ja"],
      テスト: ["ja"],
      ภาษา: ["th"],
      สวย: ["th"],
      고양이: ["ko"],
      한민: ["ko"],
      𠮷野: ["rare"],
      "heron 大学": ["en", "zh"],
      学机: [],
      犬: [],
    };
    for (const [query, ids] of Object.entries(queries)) {
      expect((await found(world, collection, query)).toSorted(), query).toEqual(ids);
    }
    const [best] = await found(world, collection, "東京の天気");
    expect(best).toBe("ja");
  });

  test("a search can exclude sources, connections and times", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const files = await connect(world, collection);
    await syncOf(world, files, [entity("old", "heron"), entity("changed", "heron")]);
    world.now += 1_000;
    const after = world.now;
    const other = await connect(world, collection);
    await syncOf(world, other, [entity("new", "heron")]);
    await syncOf(world, files, [entity("old", "heron"), entity("changed", "heron and river")]);
    const { organizationId, id: collectionId } = collection;
    const search = async (filters: Partial<SearchFilters>) => {
      const page = { organizationId, collectionId, query: "heron", limit: 9, offset: 0 };
      const hits = await world.store.searchCollection({ ...page, ...anyEntity, ...filters });
      return hits.map(({ entityId }) => entityId).sort();
    };
    expect(await search({})).toEqual(["changed", "new", "old"]);
    expect(await search({ sources: ["directory", "stub"] })).toEqual(["changed", "new", "old"]);
    expect(await search({ sources: ["stub"] })).toEqual([]);
    expect(await search({ sources: ["directory", "\0", "\ud800"] })).toEqual(["changed", "new", "old"]);
    expect(await search({ sources: ["\0", "a\0b", "\ud800"] })).toEqual([]);
    const entityIds = ["old", "\0", "\ud800"];
    expect(await world.store.readEntityHashes({ sourceConnectionId: files.id, entityIds })).toHaveLength(1);
    expect(await search({ sourceConnectionIds: [other.id] })).toEqual(["new"]);
    expect(await search({ updatedSince: after })).toEqual(["changed", "new"]);
    expect(await search({ updatedUntil: after })).toEqual(["old"]);
    expect(await search({ updatedSince: after, sourceConnectionIds: [files.id] })).toEqual(["changed"]);
    const [old] = await world.store.searchCollection({
      ...anyEntity,
      organizationId,
      collectionId,
      query: "heron",
      limit: 1,
      offset: 0,
      updatedUntil: after,
    });
    expect(old?.updatedAt).toBeLessThan(after);
  });

  test("a search filter compares every field of a chunk and its entity, in the database", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const files = await connect(world, collection);
    const firstSecond = Math.floor(world.now / 1_000);
    const first = await syncOf(world, files, [
      entity("a", ["heron one", "heron two"], { name: "Alpha" }),
      entity("b", "heron", { name: "beta 100%", type: "page" }),
    ]);
    world.now += 5_000;
    const second = await syncOf(world, files, [
      { ...entity("a", ["heron one", "heron two"], { name: "Alpha" }), chunks: null },
      entity("b", "heron again", { name: "beta 100%", type: "page" }),
    ]);
    const other = await connect(world, collection, { source: "web" });
    const third = await syncOf(world, other, [entity("c", "heron", { name: "Gamma" })]);
    const nested = await connect(world, collection, { source: "wiki" });
    const breadcrumbs = [
      { id: "f1", type: "space", name: "Birds" },
      { id: "f2", type: "folder", name: "Wetland" },
    ];
    const inSource = { createdAt: (firstSecond - 9) * 1_000, updatedAt: (firstSecond - 5) * 1_000 };
    const fourth = await syncOf(world, nested, [entity("d", "heron", { name: "Delta", breadcrumbs, ...inSource })]);
    const { organizationId, id: collectionId } = collection;
    const search = async (filter: SearchFilter) => {
      const page = { organizationId, collectionId, query: "heron", limit: 9, offset: 0 };
      const hits = await world.store.searchCollection({ ...page, ...anyEntity, filter });
      return hits.map(({ entityId, position }) => `${entityId}${position}`).sort();
    };
    const all = ["a0", "a1", "b0", "c0", "d0"];
    const isIn = (field: TextField, values: readonly string[], negated = false) =>
      search([[{ kind: "isIn", field, values, negated }]]);
    const metadata = "airweave_system_metadata";
    expect(await search([])).toEqual(all);
    expect(await isIn("entity_id", ["a__chunk_1", "c__chunk_0"])).toEqual(["a1", "c0"]);
    expect(await isIn("name", ["Alpha"])).toEqual(["a0", "a1"]);
    expect(await isIn("name", ["alpha"])).toEqual([]);
    expect(await isIn(`${metadata}.entity_type`, ["page"], true)).toEqual(["a0", "a1", "c0", "d0"]);
    expect(await isIn(`${metadata}.entity_type`, ["page"])).toEqual(["b0"]);
    expect(await isIn(`${metadata}.entity_type`, ["page", "file", "it's"])).toEqual(all);
    expect(await isIn(`${metadata}.source_name`, ["web"])).toEqual(["c0"]);
    expect(await isIn(`${metadata}.original_entity_id`, ["b", "c"])).toEqual(["b0", "c0"]);
    expect(await isIn(`${metadata}.sync_id`, [files.syncId ?? ""])).toEqual(["a0", "a1", "b0"]);
    expect(await isIn(`${metadata}.sync_job_id`, [first.id])).toEqual(["a0", "a1"]);
    expect(await isIn(`${metadata}.sync_job_id`, [second.id, third.id])).toEqual(["b0", "c0"]);
    expect(await isIn(`${metadata}.sync_job_id`, [fourth.id])).toEqual(["d0"]);
    expect(await isIn("name", [])).toEqual([]);
    expect(await isIn("name", [], true)).toEqual(all);
    expect(await isIn("breadcrumbs.name", ["Alpha"])).toEqual([]);
    expect(await isIn("breadcrumbs.name", ["Wetland", "Alpha"])).toEqual(["d0"]);
    expect(await isIn("breadcrumbs.entity_id", ["f2"])).toEqual(["d0"]);
    expect(await isIn("breadcrumbs.entity_type", ["space"], true)).toEqual(["a0", "a1", "b0", "c0"]);
    expect(await isIn("breadcrumbs.name", ["Alpha"], true)).toEqual(all);
    expect(await isIn("breadcrumbs.name", ["Wetland"], true)).toEqual(["a0", "a1", "b0", "c0"]);
    const contains = (field: TextField, value: string) => search([[{ kind: "contains", field, value }]]);
    expect(await contains("name", "ALPH")).toEqual(["a0", "a1"]);
    expect(await contains("name", "100%")).toEqual(["b0"]);
    expect(await contains("name", "_")).toEqual([]);
    expect(await contains("breadcrumbs.entity_id", "a")).toEqual([]);
    expect(await contains("breadcrumbs.name", "WET")).toEqual(["d0"]);
    const order = (field: TimeField | NumberField, operator: OrderOperator, value: number) =>
      search([[{ kind: "order", field, operator, value }]]);
    expect(await order(`${metadata}.chunk_index`, "greater_than", 0)).toEqual(["a1"]);
    expect(await order(`${metadata}.chunk_index`, "less_than_or_equal", 0)).toEqual(["a0", "b0", "c0", "d0"]);
    expect(await order("updated_at", "greater_than", firstSecond)).toEqual(["b0", "c0"]);
    expect(await order("created_at", "less_than_or_equal", firstSecond)).toEqual(["a0", "a1", "b0", "d0"]);
    expect(await order("created_at", "less_than", firstSecond)).toEqual(["d0"]);
    expect(await order("updated_at", "less_than", firstSecond - 4)).toEqual(["d0"]);
    expect(await order("created_at", "greater_than_or_equal", firstSecond + 1)).toEqual(["c0"]);
    const created = { kind: "isIn", field: "created_at", values: [firstSecond], negated: true } as const;
    expect(await search([[created]])).toEqual(["c0", "d0"]);
    const one = { kind: "contains", field: "name", value: "a" } as const;
    const page = { kind: "isIn", field: `${metadata}.entity_type`, values: ["page"], negated: false } as const;
    expect(await search([[one, page], [created]])).toEqual(["b0", "c0", "d0"]);
  });

  test("a search returns only entities of the given types", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    await syncOf(world, await connect(world, collection), [
      entity("a", "heron"),
      entity("b", "heron", { type: "page" }),
      entity("c", "heron", { type: "it's" }),
    ]);
    const search = async (types: readonly string[], filter: SearchFilter | null = null) => {
      const { organizationId, id: collectionId } = collection;
      const page = { organizationId, collectionId, query: "heron", limit: 9, offset: 0 };
      const hits = await world.store.searchCollection({ ...page, ...anyEntity, types, filter });
      return hits.map(({ entityId }) => entityId).sort();
    };
    expect(await search(["page", "it's"])).toEqual(["b", "c"]);
    expect(await search(["page", "\0", "\ud800"])).toEqual(["b"]);
    expect(await search([])).toEqual([]);
    const files = {
      kind: "isIn",
      field: "airweave_system_metadata.entity_type",
      values: ["file"],
      negated: false,
    } as const;
    expect(await search(["page"], [[files]])).toEqual([]);
    expect(await search(["page", "file"], [[files]])).toEqual(["a"]);
  });

  test("words in the name of an entity and of its breadcrumbs rank higher than words in its text", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const inWetland = { breadcrumbs: [{ id: "w", type: "folder", name: "Wetland birds" }] };
    const rest = "one two three four five six seven eight nine ten eleven twelve";
    await syncOf(world, await connect(world, collection), [
      entity("body", `The heron is named here. ${rest}`),
      entity("title", `It stands in the water. ${rest}`, { name: "Heron" }),
      entity("folder", `It catches fish. ${rest}`, { name: "Diet", ...inWetland }),
      entity("mentions", `A wetland is wet. ${rest}`),
      entity("cjk", `A page. ${rest}`, { name: "東京都の天気" }),
    ]);
    expect(await found(world, collection, "heron")).toEqual(["title", "body"]);
    expect(await found(world, collection, "wetlands")).toEqual(["folder", "mentions"]);
    expect(await found(world, collection, "天気")).toEqual(["cjk"]);
    await syncOf(world, await connect(world, await makeCollection(world)), [entity("other", "x", { name: "Heron" })]);
    expect(await found(world, collection, "heron")).toEqual(["title", "body"]);
  });

  test("an entity that moved is found by its new breadcrumbs only", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const connection = await connect(world, collection);
    const at = (name: string) => ({ breadcrumbs: [{ id: name, type: "folder", name }], hash: `in ${name}` });
    await syncOf(world, connection, [entity("a", "text", at("Marsh"))]);
    await syncOf(world, connection, [entity("a", "text", at("River"))]);
    expect(await found(world, collection, "marsh")).toEqual([]);
    expect(await found(world, collection, "river")).toEqual(["a"]);
  });

  test("a result names the sync, the job that wrote the entity, and when it was first stored", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const connection = await connect(world, collection);
    const createdAt = world.now;
    const first = await syncOf(world, connection, [entity("a", "heron"), entity("b", "trout")]);
    world.now += 1_000;
    const second = await syncOf(world, connection, [entity("a", "heron, changed"), entity("b", "trout")]);
    const { organizationId, id: collectionId } = collection;
    const page = { ...anyEntity, organizationId, collectionId, limit: 9, offset: 0 };
    const [changed] = await world.store.searchCollection({ ...page, query: "heron" });
    const { syncId } = connection;
    expect(changed).toMatchObject({ syncId, syncJobId: second.id, createdAt, updatedAt: world.now });
    const [unchanged] = await world.store.searchCollection({ ...page, query: "trout" });
    expect(unchanged).toMatchObject({
      syncId,
      syncJobId: first.id,
      createdAt,
      updatedAt: createdAt,
      breadcrumbs: null,
    });
    const breadcrumbs = [{ id: "f", type: "folder", name: 'It\'s "here"' }];
    await syncOf(world, connection, [entity("c", "otter", { createdAt: 1_000, updatedAt: 2_000, breadcrumbs })]);
    const [dated] = await world.store.searchCollection({ ...page, query: "otter" });
    expect(dated).toMatchObject({ createdAt: 1_000, updatedAt: 2_000, breadcrumbs: JSON.stringify(breadcrumbs) });
  });

  test("a search finds nothing outside its collection", async () => {
    await using world = await World.open(open);
    const [docs, mail] = [await makeCollection(world), await makeCollection(world)];
    await syncOf(world, await connect(world, docs), [entity("a", "heron")]);
    await syncOf(world, await connect(world, mail), [entity("b", "heron")]);
    expect(await found(world, docs, "heron")).toEqual(["a"]);
    expect(await found(world, mail, "heron")).toEqual(["b"]);
    expect(await found(world, docs, `c${mail.id.replaceAll("-", "")}`)).toEqual([]);
  });

  test("any text is a valid query, and operators, quotes and control characters have no effect", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    await syncOf(world, await connect(world, collection), [entity("a", "heron AND trout")]);
    for (const query of [
      '"',
      "heron OR",
      "NEAR(",
      "text:heron*",
      "scope : x",
      "^heron",
      "-",
      "( )",
      "\0heron",
      "AND",
    ]) {
      expect(await found(world, collection, query), query).toEqual(/heron|AND/.test(query) ? ["a"] : []);
    }
    await fc.assert(
      fc.asyncProperty(fc.string({ unit: "binary", maxLength: 200 }), async (query) => {
        expect(await found(world, collection, query)).toBeInstanceOf(Array);
      }),
      { numRuns: 200 },
    );
  });
});

function counts(changes: Partial<SyncCounts>): SyncCounts {
  return { inserted: 0, updated: 0, deleted: 0, skipped: 0, failed: 0, chunksWritten: 0, ...changes };
}

function expectedCounts(held: Record<string, string>, next: Record<string, string>): SyncCounts {
  const ids = Object.keys(next);
  const inserted = ids.filter((id) => held[id] === undefined).length;
  const updated = ids.filter((id) => held[id] !== undefined && held[id] !== next[id]).length;
  const deleted = Object.keys(held).filter((id) => next[id] === undefined).length;
  return counts({
    inserted,
    updated,
    deleted,
    skipped: ids.length - inserted - updated,
    chunksWritten: inserted + updated,
  });
}

async function hashes(
  world: World,
  { id }: { id: Parameters<World["store"]["readEntityHashes"]>[0]["sourceConnectionId"] },
  entityIds: readonly string[],
): Promise<string[]> {
  const stored = await world.store.readEntityHashes({ sourceConnectionId: id, entityIds });
  return stored.map((row) => row.entityId).sort();
}
