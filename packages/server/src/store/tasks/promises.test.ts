import { expect, test } from "vitest";
import type { BackgroundTask, PayloadPurge, Survey, TaskStatus } from "../../domain/background-task.ts";
import { firstIdAt, type OrganizationId, type TaskId } from "../../domain/id.ts";
import { undelivered } from "../../domain/recovery.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { t0, World } from "../fixtures/samples.ts";

bothStoresKeep("tasks", (open) => {
  test("a purge deletes the messages that an organization had published by then, in steps, and cancels waiting deliveries", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    for (let i = 0; i < 5; i++) await world.accept();
    const other = await world.addOrganization();
    const foreign = await world.accept({ organizationId: other });
    world.now += 1_000;
    const later = await world.accept();
    const purge = purgeOf(world, { until: t0 + 1_000, total: 5 });
    await world.store.createTask({ task: purge });
    const step = () => world.store.advanceTask({ taskId: purge.id, now: world.now, messagesMax: 2 });
    expect(await step()).toMatchObject({ status: "running", examined: 2, deleted: 2, updatedAt: world.now });
    expect(await step()).toMatchObject({ status: "running", examined: 4, deleted: 4 });
    expect(await world.store.findRunningTasks({ limit: 9 })).toEqual([purge.id]);
    expect(await step()).toMatchObject({ status: "finished", examined: 5, deleted: 5 });
    expect(await step()).toBeNull();
    expect(await world.store.findRunningTasks({ limit: 9 })).toEqual([]);
    const payload = async ({ id }: { id: typeof later.id }, organizationId: OrganizationId) =>
      (await world.store.readMessage({ organizationId, messageId: id }))?.payload;
    expect([await payload(later, world.organizationId), await payload(foreign, other)]).toEqual(['{"n":1}', '{"n":1}']);
    const due = await world.claim(await world.node(), subscription.id);
    expect(due.map(({ messageId }) => messageId)).toEqual([later.id]);
  });

  test("a purge skips messages that were deleted before, and does not count them again", async () => {
    await using world = await World.open(open);
    const first = await world.accept();
    await world.accept();
    world.now += 1;
    await world.store.deletePayload({ organizationId: world.organizationId, messageId: first.id, now: world.now });
    const purge = purgeOf(world, { until: world.now, total: 2 });
    await world.store.createTask({ task: purge });
    const done = await world.store.advanceTask({ taskId: purge.id, now: world.now, messagesMax: 100 });
    expect(done).toMatchObject({ status: "finished", examined: 2, deleted: 1 });
  });

  test("a survey counts the delivered messages of each organization in its window, for any size of the steps", async () => {
    await using world = await World.open(open);
    const [first, second] = [await world.subscribe(), await world.subscribe()];
    await world.accept();
    await world.settleAll(first.id, { state: "delivered" });
    world.now += 1_000;
    for (let i = 0; i < 5; i++) await world.accept();
    await world.settleAll(first.id, { state: "delivered" });
    // The first of them is of the message before the window.
    await world.settleAll(second.id, { state: "delivered" }, 3);
    await world.settleAll(second.id, { state: "failed", gone: false });
    const empty = await world.addOrganization();
    const gone = await world.addOrganization();
    await world.store.deleteOrganization({ organizationId: gone, now: world.now });
    world.now += 1_000;
    await world.accept();
    await world.settleAll(first.id, { state: "delivered" });
    const survey = surveyOf(world, "delivery_survey", [world.organizationId, gone, empty]);
    await world.store.createTask({ task: survey });
    const finding = { uid: null, patterns: [] };
    let after: BackgroundTask | null = survey;
    for (let steps = 0; steps < 20 && (after as Survey).status === "running"; steps++) {
      after = await world.store.advanceTask({ taskId: survey.id, now: world.now, messagesMax: 2 });
    }
    expect(after).toMatchObject({ status: "finished", left: [], counted: 0 });
    expect((after as Survey).found).toEqual([
      { ...finding, organizationId: world.organizationId, delivered: 7 },
      { ...finding, organizationId: empty, delivered: 0 },
    ]);
    expect(await world.store.readTask({ organizationId: null, taskId: survey.id })).toEqual(after);
  });

  test("a survey of event types lists those that current subscriptions name", async () => {
    await using world = await World.open(open);
    await world.subscribe({ eventTypes: ["sync.*", "collection.created"] });
    await world.subscribe({ eventTypes: ["collection.created"] });
    const deleted = await world.subscribe({ eventTypes: ["collection.deleted"] });
    await world.store.deleteSubscription({
      organizationId: world.organizationId,
      subscriptionId: deleted.id,
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    const survey = surveyOf(world, "event_type_survey", [world.organizationId]);
    await world.store.createTask({ task: survey });
    const done = await world.store.advanceTask({ taskId: survey.id, now: world.now, messagesMax: 100 });
    expect((done as Survey).found).toEqual([
      {
        organizationId: world.organizationId,
        uid: null,
        delivered: 0,
        patterns: ["collection.created", "sync.*"],
      },
    ]);
  });

  test("a cancelled task takes no further step, keeps its progress, and stays cancelled", async () => {
    await using world = await World.open(open.fresh);
    const { store, organizationId } = world;
    const kept = [];
    for (let i = 0; i < 4; i++) kept.push(await world.accept());
    world.now += 1_000;
    const purge = purgeOf(world, { total: 4 });
    const survey = surveyOf(world, "delivery_survey", [organizationId]);
    for (const task of [purge, survey]) await store.createTask({ task });
    await store.advanceTask({ taskId: purge.id, now: world.now, messagesMax: 2 });
    const cancel = (whose: OrganizationId | null, taskId: TaskId) =>
      store.cancelTask({ organizationId: whose, taskId, now: world.now + 1 });
    expect(await cancel(await world.addOrganization(), purge.id)).toBe(false);
    expect(await cancel(organizationId, survey.id)).toBe(false);
    expect(await cancel(organizationId, purge.id)).toBe(true);
    expect(await cancel(null, survey.id)).toBe(true);
    expect(await cancel(organizationId, purge.id)).toBe(false);
    for (const taskId of [purge.id, survey.id]) {
      expect(await store.advanceTask({ taskId, now: world.now, messagesMax: 2 })).toBeNull();
    }
    expect(await store.findRunningTasks({ limit: 9 })).toEqual([]);
    const cancelled = { ...purge, status: "cancelled", examined: 2, deleted: 2, cursor: kept[1]?.id };
    const ended = { updatedAt: world.now + 1 };
    expect(await store.readTask({ organizationId, taskId: purge.id })).toEqual({ ...cancelled, ...ended });
    expect(await store.readTask({ organizationId: null, taskId: survey.id })).toEqual({
      ...{ ...survey, status: "cancelled" },
      ...ended,
    });
    const all = { organizationId, includesSurveys: false, kind: null, oldestFirst: false, limit: 9, cursor: null };
    const list = async (statuses: readonly TaskStatus[], includesSurveys = false) =>
      (await store.listTasks({ ...all, includesSurveys, statuses })).map(idOf);
    expect(await list(["cancelled"])).toEqual([purge.id]);
    expect(await list(["failed", "cancelled"], true)).toEqual([survey.id, purge.id]);
    expect(await list(["running", "finished", "failed"], true)).toEqual([]);
    expect(await store.deleteTasksBefore({ before: world.now + 10, limit: 9 })).toBe(2);
  });

  test("recoveries and tasks are one list by time, from either end, for one organization or for all", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const other = await world.addOrganization();
    const purge = purgeOf(world, {});
    const recovery = world.recovery(subscription, t0, t0 + 1);
    const foreign = purgeOf(world, { organizationId: other });
    const survey = surveyOf(world, "delivery_survey", []);
    const replay = world.recovery(subscription, t0, t0 + 1, {
      kind: "replay",
      filter: {
        ...{ eventTypes: ["a"], channel: "c", tag: "t", state: "failed", statusClass: 500 },
        ...{ standings: ["missing"], messageIds: [world.newId<"message">()], payload: '{"n":[1,"a"]}' },
        attempted: { statusClass: "5xx" as const, since: 1, until: null },
      },
    });
    await world.store.createTask({ task: purge });
    await world.store.createRecovery({ recovery });
    await world.store.createTask({ task: foreign });
    await world.store.createTask({ task: survey });
    await world.store.createRecovery({ recovery: { ...replay, status: "completed" } });
    const all = {
      organizationId: null,
      includesSurveys: false,
      statuses: null,
      kind: null,
      oldestFirst: false,
      limit: 9,
      cursor: null,
    };
    const list = async (more: Partial<Parameters<typeof world.store.listTasks>[0]>) =>
      (await world.store.listTasks({ ...all, ...more })).map(idOf);
    expect(await list({})).toEqual([replay.id, survey.id, foreign.id, recovery.id, purge.id]);
    expect(await list({ organizationId: world.organizationId })).toEqual([replay.id, recovery.id, purge.id]);
    expect(await list({ limit: 2, cursor: survey.id })).toEqual([foreign.id, recovery.id]);
    expect(await list({ limit: 2, oldestFirst: true })).toEqual([purge.id, recovery.id]);
    expect(await list({ limit: 2, oldestFirst: true, cursor: foreign.id })).toEqual([survey.id, replay.id]);
    expect(await list({ statuses: ["finished"] })).toEqual([replay.id]);
    expect(await list({ statuses: ["failed", "cancelled"] })).toEqual([]);
    expect(await list({ kind: "payload_purge" })).toEqual([foreign.id, purge.id]);
    expect(await list({ kind: "undelivered", statuses: ["running"] })).toEqual([recovery.id]);
    const read = (taskId: string, organizationId: OrganizationId | null) =>
      world.store.readTask({ organizationId, taskId: taskId as TaskId });
    expect(await read(replay.id, world.organizationId)).toEqual({
      kind: "recovery",
      recovery: { ...replay, status: "completed" },
    });
    expect(await read(foreign.id, other)).toEqual(foreign);
    for (const id of [foreign.id, survey.id]) expect(await read(id, world.organizationId)).toBeNull();
    expect(await read(survey.id, null)).toEqual(survey);
  });

  test("ended tasks are deleted after their time, and running ones are kept", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const ended = purgeOf(world, { status: "finished" });
    const running = purgeOf(world, {});
    await world.store.createTask({ task: ended });
    await world.store.createTask({ task: running });
    await world.store.createRecovery({ recovery: { ...world.recovery(subscription, t0, t0), status: "completed" } });
    world.now += 1_000;
    const young = purgeOf(world, { status: "finished" });
    await world.store.createTask({ task: young });
    expect(await world.store.deleteTasksBefore({ before: t0 + 1_000, limit: 1 })).toBe(1);
    expect(await world.store.deleteTasksBefore({ before: t0 + 1_000, limit: 9 })).toBe(1);
    const all = {
      organizationId: null,
      includesSurveys: false,
      statuses: null,
      kind: null,
      oldestFirst: false,
      limit: 9,
      cursor: null,
    };
    expect((await world.store.listTasks(all)).map(idOf)).toEqual([young.id, running.id]);
  });

  test("messages are counted up to a time, in one organization", async () => {
    await using world = await World.open(open);
    const { organizationId } = world;
    for (let i = 0; i < 3; i++) await world.accept();
    await world.accept({ organizationId: await world.addOrganization() });
    world.now += 1;
    await world.accept();
    expect(await world.store.countMessages({ organizationId, until: world.now })).toBe(3);
  });

  test("deleting an organization deletes its tasks", async () => {
    await using world = await World.open(open.fresh);
    const other = await world.addOrganization();
    const purge = purgeOf(world, { organizationId: other });
    await world.store.createTask({ task: purge });
    await world.store.deleteOrganization({ organizationId: other, now: world.now });
    while (await world.store.purgeOrganizations({ limit: 9 }));
    expect(await world.store.readTask({ organizationId: null, taskId: purge.id })).toBeNull();
  });

  test("a recovery fails when its subscription is deleted while it runs", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const recovery = world.recovery(subscription, t0, t0 + 1, undelivered);
    await world.store.createRecovery({ recovery });
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    await world.store.deleteSubscription({ ...key, now: t0 + 5, operationalEventIds: world.operationalEventIds });
    const task = await world.store.readTask({ organizationId: null, taskId: recovery.id as string as TaskId });
    expect(task).toMatchObject({ recovery: { status: "failed", updatedAt: t0 + 5 } });
  });
});

function idOf(task: BackgroundTask): string {
  return task.kind === "recovery" ? task.recovery.id : task.id;
}

function purgeOf(world: World, changes: Partial<PayloadPurge>): PayloadPurge {
  return {
    kind: "payload_purge",
    id: world.newId<"task">(),
    organizationId: world.organizationId,
    status: "running",
    until: world.now,
    total: 0,
    examined: 0,
    deleted: 0,
    cursor: firstIdAt(0),
    createdAt: world.now,
    updatedAt: world.now,
    ...changes,
  };
}

function surveyOf(world: World, kind: Survey["kind"], left: readonly OrganizationId[]): Survey {
  return {
    kind,
    id: world.newId<"task">(),
    status: "running",
    since: t0 + 1_000,
    until: t0 + 2_000,
    total: left.length,
    left,
    cursor: firstIdAt(0),
    counted: 0,
    found: [],
    createdAt: world.now,
    updatedAt: world.now,
  };
}
