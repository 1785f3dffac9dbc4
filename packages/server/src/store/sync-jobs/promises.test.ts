import { expect, test } from "vitest";
import type { SyncJobId } from "../../domain/id.ts";
import type { FullSlots } from "../../domain/job-slots.ts";
import { limits } from "../../domain/limits.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import {
  anyUnseen,
  cancelled,
  connect,
  connectionKey,
  end,
  entity,
  eventTypesOf,
  jobOf,
  makeCollection,
  makeJob,
  startedJob,
  syncOf,
} from "../fixtures/producer-samples.ts";
import { t0, World } from "../fixtures/samples.ts";

async function pendingIds(
  { store }: World,
  { inSlots = [], full = {}, limit = 9 }: { inSlots?: SyncJobId[]; full?: Partial<FullSlots>; limit?: number },
): Promise<SyncJobId[]> {
  const found = await store.findPendingJobs({ inSlots, full: { organizations: [], sources: [], ...full }, limit });
  return found.map(({ id }) => id);
}

/** The promises every store keeps about sync jobs. */
bothStoresKeep("sync jobs", (open) => {
  test("a connection has at most one unfinished job, even for concurrent callers", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const results = await Promise.all(
      Array.from({ length: 10 }, () =>
        world.store.createSyncJob({ job: jobOf(world, connection), announce: [world.message()] }),
      ),
    );
    expect(results.filter((result) => result.kind === "created")).toHaveLength(1);
    expect(results.filter((result) => result.kind === "under_way")).toHaveLength(9);
    expect(await eventTypesOf(world)).toHaveLength(1);
  });

  test("a due schedule creates one job, whichever node is first, and moves to its next time", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const schedule = { cron: "0 6 * * *", timeZone: "Europe/Berlin" };
    const collection = await makeCollection(world);
    const connection = await connect(world, collection, { schedule, nextRunAt: t0 + 10 });
    await connect(world, collection);
    const due = (now: number) => store.findDueConnections({ now, limit: 10 });
    expect(await due(t0 + 9)).toEqual([]);
    expect(await due(t0 + 10)).toEqual([connection]);
    const make = (dueAt: number, nextRunAt: number) =>
      store.createScheduledJob({ job: jobOf(world, connection), announce: [world.message()], dueAt, nextRunAt });
    const made = await Promise.all([make(t0 + 10, t0 + 20), make(t0 + 10, t0 + 20), make(t0 + 10, t0 + 20)]);
    expect(made.filter(Boolean)).toHaveLength(1);
    expect(await due(t0 + 19)).toEqual([]);
    // While a job is unfinished it replaces the one that was due.
    expect(await make(t0 + 20, t0 + 30)).toBe(false);
    expect((await due(t0 + 30))[0]?.nextRunAt).toBe(t0 + 30);
    expect(await eventTypesOf(world)).toHaveLength(1);
  });

  test("a change makes a continuous schedule due once, unless a job began after it or is pending", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const collection = await makeCollection(world);
    const connection = await connect(world, collection, { schedule: { continuous: true } });
    const other = await connect(world, collection, { schedule: { cron: "0 6 * * *", timeZone: "UTC" } });
    const note = (changedAt: number, dueAt = changedAt, { id } = connection) =>
      store.noteChange({ sourceConnectionId: id, changedAt, dueAt, apartMs: 100 });
    expect(await note(t0, t0, other)).toBe(false);
    expect(await note(t0, t0 + 5)).toBe(true);
    expect(await note(t0 + 1)).toBe(false);
    const [due] = await store.findDueConnections({ now: t0 + 5, limit: 10 });
    expect(due).toEqual({ ...connection, nextRunAt: t0 + 5 });
    const job = jobOf(world, connection);
    expect(await store.createScheduledJob({ job, announce: [], dueAt: t0 + 5, nextRunAt: null })).toBe(true);
    expect(await note(t0 + 6)).toBe(false);
    await store.startSyncJob({ jobId: job.id, nodeId: world.newId<"node">(), now: t0 + 10, announce: [] });
    expect(await note(t0 + 10)).toBe(false);
    expect(await note(t0 + 11)).toBe(true);
    const dueNext = async (now: number) => (await store.findDueConnections({ now, limit: 10 })).length;
    expect([await dueNext(job.createdAt + 99), await dueNext(job.createdAt + 100)]).toEqual([0, 1]);
    await store.updateSourceConnection({
      ...connectionKey(connection),
      changes: { nextRunAt: null, pausedAt: t0 },
      now: t0,
    });
    expect(await note(t0 + 12)).toBe(false);
  });

  test("connections with a continuous schedule are found, with whether a job of theirs is unfinished", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const collection = await makeCollection(world);
    const schedule = { continuous: true } as const;
    const [idle, busy, paused, deleted, other] = [
      await connect(world, collection, { schedule }),
      await connect(world, collection, { schedule }),
      await connect(world, collection, { schedule }),
      await connect(world, collection, { schedule }),
      await connect(world, collection, { schedule: { cron: "0 6 * * *", timeZone: "UTC" } }),
    ];
    await connect(world, collection, { schedule, authenticatedAt: null }, null);
    await syncOf(world, idle, []);
    await makeJob(world, busy);
    await store.updateSourceConnection({ ...connectionKey(paused), changes: { pausedAt: t0 }, now: t0 });
    await store.deleteSourceConnection({ ...connectionKey(deleted), now: t0, announce: [] });
    const found = () => store.findWatchedConnections({ limit: 10 });
    expect(await found()).toEqual([
      { ...idle, isUnderWay: false },
      { ...busy, isUnderWay: true },
    ]);
    const change = (connection: typeof idle, to: typeof schedule | typeof other.schedule) =>
      store.updateSourceConnection({ ...connectionKey(connection), changes: { schedule: to }, now: t0 });
    await change(idle, other.schedule);
    await change(other, schedule);
    expect((await found()).map(({ id }) => id)).toEqual([busy.id, other.id]);
    expect(await store.readSourceConnection(connectionKey(other))).toMatchObject({ schedule });
    expect(await store.findWatchedConnections({ limit: 1 })).toHaveLength(1);
  });

  test("a connection that is paused, deleted or waits for credentials is never due", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const schedule = { cron: "0 6 * * *", timeZone: "UTC" };
    const collection = await makeCollection(world);
    const [paused, deleted] = [
      await connect(world, collection, { schedule, nextRunAt: t0 }),
      await connect(world, collection, { schedule, nextRunAt: t0 }),
    ];
    await connect(world, collection, { schedule, nextRunAt: t0, authenticatedAt: null }, null);
    await store.updateSourceConnection({ ...connectionKey(paused), changes: { pausedAt: t0 }, now: t0 });
    await store.deleteSourceConnection({ ...connectionKey(deleted), now: t0, announce: [] });
    expect(await store.findDueConnections({ now: t0 + 1, limit: 10 })).toEqual([]);
    const job = jobOf(world, paused);
    expect(await store.createScheduledJob({ job, announce: [], dueAt: t0, nextRunAt: null })).toBe(false);
    await store.updateSourceConnection({ ...connectionKey(paused), changes: { pausedAt: null }, now: t0 });
    expect(await store.findDueConnections({ now: t0 + 1, limit: 10 })).toHaveLength(1);
    const changes = { schedule: null, nextRunAt: null };
    await store.updateSourceConnection({ ...connectionKey(paused), changes, now: t0 });
    expect(await store.findDueConnections({ now: t0 + 1, limit: 10 })).toEqual([]);
    expect(await store.readSourceConnection(connectionKey(paused))).toMatchObject(changes);
  });

  test("a job keeps whether it reads everything", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const job = { ...jobOf(world, connection), readsEverything: true };
    await world.store.createSyncJob({ job, announce: [] });
    expect((await world.store.readSyncPlan({ jobId: job.id }))?.job).toEqual(job);
  });

  test("every state that is not final counts as unfinished, and is returned", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const again = () => world.store.createSyncJob({ job: jobOf(world, connection), announce: [] });
    const job = await makeJob(world, connection);
    expect(await again()).toEqual({ kind: "under_way", state: "pending" });
    await world.store.startSyncJob({ jobId: job.id, nodeId: world.newId<"node">(), now: world.now, announce: [] });
    expect(await again()).toEqual({ kind: "under_way", state: "running" });
    await world.store.cancelRunningJob({ jobId: job.id, announce: [] });
    expect(await again()).toEqual({ kind: "under_way", state: "cancelling" });
    await end(world, job);
    expect(await again()).toEqual({ kind: "created" });
  });

  test("a job starts once, even with concurrent runners, and the one that started it announces it", async () => {
    await using world = await World.open(open);
    const job = await makeJob(world, await connect(world, await makeCollection(world)));
    const starts = await Promise.all(
      Array.from({ length: 5 }, () =>
        world.store.startSyncJob({
          jobId: job.id,
          nodeId: world.newId<"node">(),
          now: t0 + 7,
          announce: [world.message()],
        }),
      ),
    );
    expect(starts.filter(Boolean)).toHaveLength(1);
    expect(await eventTypesOf(world)).toHaveLength(1);
    expect((await world.store.readSyncPlan({ jobId: job.id }))?.job).toMatchObject({
      state: "running",
      startedAt: t0 + 7,
    });
  });

  test("a job ends once: a second end, or one from another state, stores and announces nothing", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const job = await startedJob(world, connection);
    const message = () => [world.message({ eventType: "sync.failed" })];
    const pendingEnd = { from: "pending" as const, job: cancelled(job, t0), announce: message() };
    expect(await world.store.endSyncJob(pendingEnd)).toBe(false);
    expect(await end(world, job, { kind: "failed", reason: "Out of reach." }, message())).toBe(true);
    expect(await world.store.endSyncJob({ ...pendingEnd, from: "running", announce: message() })).toBe(false);
    expect(await eventTypesOf(world)).toEqual(["sync.failed"]);
    expect(await world.store.readSyncJob({ ...connectionKey(connection), jobId: job.id })).toMatchObject({
      state: "failed",
      error: "Out of reach.",
      startedAt: t0,
      endedAt: t0,
    });
  });

  test("a job that failed with a category leaves its connection without accepted credentials, unless it got new ones", async () => {
    await using world = await World.open(open);
    const collection = await makeCollection(world);
    const failed = { kind: "failed", reason: "Refused.", category: "api_key_invalid" } as const;
    const needsReauthAt = async (connection: SourceConnection) =>
      (await world.store.readSourceConnection(connectionKey(connection)))?.needsReauthAt;
    const refused = await connect(world, collection);
    const job = await startedJob(world, refused);
    world.now += 10;
    await end(world, job, failed);
    expect(await needsReauthAt(refused)).toBe(world.now);
    expect(await world.store.readSyncJob({ ...connectionKey(refused), jobId: job.id })).toMatchObject({
      state: "failed",
      errorCategory: "api_key_invalid",
    });
    const other = await connect(world, collection);
    await end(world, await startedJob(world, other), { kind: "failed", reason: "Out of reach." });
    expect(await needsReauthAt(other)).toBeNull();
    const replaced = await connect(world, collection);
    const late = await startedJob(world, replaced);
    world.now += 10;
    const authentication = { authMethod: "direct", credentials: {}, tokensExpireAt: null } as const;
    await world.store.updateSourceConnection({
      ...connectionKey(replaced),
      changes: { authentication: { ...authentication, syncId: world.newId<"sync">() } },
      now: world.now,
    });
    await end(world, late, failed);
    expect(await needsReauthAt(replaced)).toBeNull();
  });

  test("a job that was cancelled before it began has no start", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const job = await makeJob(world, connection);
    await world.store.endSyncJob({ from: "pending", job: cancelled(job, t0 + 3), announce: [] });
    expect(
      await world.store.startSyncJob({
        jobId: job.id,
        nodeId: world.newId<"node">(),
        now: t0 + 4,
        announce: [world.message()],
      }),
    ).toBe(false);
    expect(await world.store.readSyncJob({ ...connectionKey(connection), jobId: job.id })).toEqual({
      ...job,
      state: "cancelled",
      startedAt: null,
      endedAt: t0 + 3,
    });
    expect(await eventTypesOf(world)).toEqual([]);
  });

  test("only a running job becomes cancelling, which is announced once, and a cancelling one stores no more entities", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const job = await makeJob(world, connection);
    const cancel = () =>
      world.store.cancelRunningJob({ jobId: job.id, announce: [world.message({ eventType: "sync.cancelling" })] });
    expect(await cancel()).toBe(false);
    expect(await eventTypesOf(world)).toEqual([]);
    await world.store.startSyncJob({ jobId: job.id, nodeId: world.newId<"node">(), now: t0, announce: [] });
    expect(await cancel()).toBe(true);
    expect(await cancel()).toBe(true);
    expect(await eventTypesOf(world)).toEqual(["sync.cancelling"]);
    const batch = { jobId: job.id, entities: [entity("a", "late")], gone: [], failed: [], cursor: null, now: t0 };
    expect(await world.store.storeEntities(batch)).toBeNull();
    expect(await world.store.deleteUnseenEntities({ jobId: job.id, ...anyUnseen })).toBeNull();
    await end(world, job);
    expect(await cancel()).toBe(false);
    expect((await world.store.readSourceConnection(connectionKey(connection)))?.entityCount).toBe(0);
  });

  test("jobs are listed newest first, page by page", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const ids = [];
    for (let i = 0; i < 3; i++) ids.unshift((await syncOf(world, connection, [])).id);
    const key = connectionKey(connection);
    const first = await world.store.listSyncJobs({ ...key, limit: 2, cursor: null });
    const second = await world.store.listSyncJobs({ ...key, limit: 2, cursor: first.at(-1)?.id ?? null });
    expect([...first, ...second].map((job) => job.id)).toEqual(ids);
  });

  test("the newest jobs of a connection are kept, and counted by their outcome", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const oldest = await syncOf(world, connection, []);
    for (let i = 0; i < limits.syncJobsKeptPerConnectionMax; i++) {
      await end(world, await startedJob(world, connection), { kind: i % 2 === 0 ? "done" : "cancelled" });
    }
    await end(world, await startedJob(world, connection), { kind: "failed", reason: "No." });
    const key = connectionKey(connection);
    expect(await world.store.readSyncJob({ ...key, jobId: oldest.id })).toBeNull();
    const kept = limits.syncJobsKeptPerConnectionMax;
    const view = await world.store.readSourceConnection(key);
    expect(view?.runs).toEqual({ total: kept, completed: kept / 2 - 1, failed: 1 });
    expect(view?.lastJob?.state).toBe("failed");
  });

  test("a connection and lists of connections show when the newest completed job ended, even if later jobs failed", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const key = connectionKey(connection);
    const params = { organizationId: world.organizationId, collection: null, limit: 9, skip: 0, cursor: null };
    async function lastSuccess(): Promise<number | null | undefined> {
      const view = await world.store.readSourceConnection(key);
      const [listed] = await world.store.listSourceConnections(params);
      expect(listed?.lastSuccessAt).toBe(view?.lastSuccessAt);
      return view?.lastSuccessAt;
    }
    await end(world, await startedJob(world, connection), { kind: "failed", reason: "No." });
    expect(await lastSuccess()).toBeNull();
    const ends = [];
    for (const kind of ["done", "done", "cancelled"] as const) {
      world.now += 1_000;
      ends.push(world.now);
      await end(world, await startedJob(world, connection), { kind });
    }
    await startedJob(world, connection);
    expect(await lastSuccess()).toBe(ends[1]);
  });

  test("pending jobs are found in turns: the organization with the fewest unfinished jobs first, and its oldest job first", async () => {
    await using world = await World.open(open.fresh);
    const busy = await makeCollection(world);
    const idle = await makeCollection(world, { organizationId: await world.addOrganization() });
    await startedJob(world, await connect(world, busy));
    const [busyFirst, busySecond] = [
      await makeJob(world, await connect(world, busy)),
      await makeJob(world, await connect(world, busy)),
    ];
    const idleJobs = [];
    for (let i = 0; i < 3; i++) idleJobs.push(await makeJob(world, await connect(world, idle)));
    const [idleFirst, idleSecond, idleThird] = idleJobs.map(({ id }) => id);
    const next = (inSlots: SyncJobId[] = [], limit = 9) => pendingIds(world, { inSlots, limit });
    expect(await next()).toEqual([idleFirst, busyFirst.id, idleSecond, busySecond.id, idleThird]);
    expect(await next([], 1)).toEqual([idleFirst]);
    // A job in a slot that has not started yet counts as running.
    if (idleFirst === undefined || idleSecond === undefined) throw new Error("Three were made.");
    expect(await next([idleFirst, idleSecond])).toEqual([busyFirst.id, busySecond.id, idleThird]);
    expect(await next([idleFirst, busyFirst.id])).toEqual([idleSecond, busySecond.id, idleThird]);
  });

  test("no pending job is found of full organizations and sources, and each job has both", async () => {
    await using world = await World.open(open.fresh);
    const mine = await makeCollection(world);
    const organizationId = await world.addOrganization();
    const other = await makeCollection(world, { organizationId });
    const folder = await makeJob(world, await connect(world, mine));
    const repository = await makeJob(world, await connect(world, mine, { source: "git" }));
    const others = await makeJob(world, await connect(world, other, { source: "git" }));
    const find = (full: Partial<FullSlots>) => pendingIds(world, { full });
    expect(await find({ organizations: [organizationId] })).toEqual([folder.id, repository.id]);
    expect(await find({ sources: ["git"] })).toEqual([folder.id]);
    expect(await find({ organizations: [world.organizationId], sources: ["directory"] })).toEqual([others.id]);
    expect(await find({ organizations: [world.organizationId, organizationId] })).toEqual([]);
    const full = { organizations: [], sources: ["directory"] };
    expect(await world.store.findPendingJobs({ inSlots: [repository.id], full, limit: 9 })).toEqual([
      { id: others.id, organizationId, source: "git" },
    ]);
  });

  test("unfinished jobs of every organization are found by their states, oldest first", async () => {
    await using world = await World.open(open.fresh);
    const collection = await makeCollection(world);
    await makeJob(world, await connect(world, collection));
    const running = await startedJob(world, await connect(world, collection));
    const other = await makeCollection(world, { organizationId: await world.addOrganization() });
    const cancelling = await startedJob(world, await connect(world, other));
    await world.store.cancelRunningJob({ jobId: cancelling.id, announce: [] });
    await syncOf(world, await connect(world, collection), []);
    const left = await world.store.findUnfinishedJobs({ states: ["running", "cancelling"], limit: 9 });
    expect(left.map((job) => job.id)).toEqual([running.id, cancelling.id]);
    expect(await world.store.findUnfinishedJobs({ states: ["pending"], limit: 9 })).toHaveLength(1);
  });

  test("a plan shows the collection as it is now", async () => {
    await using world = await World.open(open);
    const before = await makeCollection(world);
    const connection = await connect(world, before);
    const job = await makeJob(world, connection);
    await world.store.updateCollection({ before, after: { ...before, name: "Papers" }, announce: [] });
    const plan = await world.store.readSyncPlan({ jobId: job.id });
    expect(plan).toEqual({ job, syncId: connection.syncId, connection, collectionName: "Papers" });
    expect(await world.store.readSyncPlan({ jobId: world.newId<"syncJob">() })).toBeNull();
  });
});
