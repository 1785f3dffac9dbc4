import { expect, test } from "vitest";
import type { OrganizationId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { streamKinds } from "../../domain/stream-kind.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { connect, end, entity, makeCollection, startedJob } from "../fixtures/producer-samples.ts";
import { World } from "../fixtures/samples.ts";
import type { ReadStream, StreamChange, StreamPage, StreamPosition } from "./interface.ts";

const hour = 3_600_000;

/** The changes since a position, in the order of the commits. */
bothStoresKeep("streams", (open) => {
  test("a new stream starts at the present, and then returns every commit in order", async () => {
    await using world = await World.open(open);
    await world.accept();
    const from = await begun(world);
    const messages = [await world.accept(), await world.accept({ id: world.message().id }), await world.accept()];
    const page = await read(world, from);
    expect(idsIn(page)).toEqual(messages.map(({ id }) => id));
    expect(page).toMatchObject({ isGap: false, isEnd: true });
    expect(idsIn(await read(world, page.position))).toEqual([]);
  });

  test("a message appears in streams at its commit, even if its id is much older", async () => {
    await using world = await World.open(open);
    const late = world.message();
    world.now += hour;
    const before = await world.accept();
    const from = await begun(world);
    await world.accept({ id: late.id });
    const after = await world.accept();
    expect(before.id > late.id).toBe(true);
    expect(idsIn(await read(world, from))).toEqual([late.id, after.id]);
  });

  test("the changes of an organization appear only in its own streams, even with a position of another organization", async () => {
    await using world = await World.open(open);
    const other = await world.addOrganization();
    const from = await begun(world, other);
    await world.accept();
    const foreign = await world.accept({ organizationId: other });
    expect(idsIn(await read(world, from, { organizationId: other }))).toEqual([foreign.id]);
    const own = await world.accept();
    const strayed = await read(world, from);
    expect(idsIn(strayed)).not.toContain(foreign.id);
    expect(strayed.isGap || idsIn(strayed).includes(own.id)).toBe(true);
  });

  test("attempts appear with the event type, without the response body", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    await world.accept();
    const from = await begun(world);
    await world.settleAll(subscription.id, { state: "delivered" });
    const page = await read(world, from, { kinds: ["attempt"] });
    expect(changesIn(page)).toMatchObject([
      {
        kind: "attempt",
        eventType: "sync.completed",
        attempt: { subscriptionId: subscription.id, succeeded: true, responseStatus: 200, responseBody: null },
      },
    ]);
  });

  test("a subscription appears when it is created, changed or deleted, and when its health or throttle state changes", async () => {
    await using world = await World.open(open);
    let from = await begun(world);
    const newChanges = async () => {
      const page = await read(world, from, { kinds: ["subscription"] });
      from = page.position;
      return changesIn(page);
    };
    const subscription = await world.subscribe();
    const { id: subscriptionId, organizationId } = subscription;
    expect(await newChanges()).toMatchObject([{ subscription: { id: subscriptionId, health: { recent: "" } } }]);
    for (const [health, isChange] of [
      ["1", true],
      ["11", false],
    ] as const) {
      await world.accept();
      await world.settleAll(subscriptionId, { state: "delivered" });
      expect(await newChanges(), health).toMatchObject(
        isChange ? [{ subscription: { health: { recent: health } } }] : [],
      );
    }
    const throttleState = { state: "circuit_open", reason: "Down.", since: world.now, nextTryAt: null } as const;
    await world.store.noteThrottleStates({
      nodeId: await world.node(),
      throttleStates: [{ subscriptionId, throttleState }],
    });
    expect(await newChanges()).toMatchObject([{ subscription: { throttleState }, isDeleted: false }]);
    await world.store.deleteSubscription({
      organizationId,
      subscriptionId,
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await newChanges()).toMatchObject([{ subscription: { id: subscriptionId }, isDeleted: true }]);
  });

  test("a sync job appears from its start to its end, with its current counts", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    let from = await begun(world);
    const newChanges = async () => {
      const page = await read(world, from, { kinds: ["sync_job"] });
      from = page.position;
      return changesIn(page);
    };
    const job = await startedJob(world, connection);
    expect(await newChanges()).toMatchObject([{ kind: "sync_job", job: { id: job.id, state: "running" } }]);
    const batch = { jobId: job.id, gone: [], failed: [], cursor: null, now: world.now };
    await world.store.storeEntities({ ...batch, entities: [entity("a", "one"), entity("b", "two")] });
    await world.store.storeEntities({ ...batch, entities: [entity("c", "three")] });
    expect(await newChanges()).toMatchObject([{ job: { counts: { inserted: 3 } } }]);
    await end(world, job);
    expect(await newChanges()).toMatchObject([{ job: { state: "completed" } }]);
  });

  test("changes that were committed together are read in pages without a gap or a repeat", async () => {
    await using world = await World.open(open);
    const from = await begun(world);
    const count = limits.changeLogEntryChangesMax * 3 + 7;
    const messages = Array.from({ length: count }, () => world.message());
    const { organizationId } = world;
    await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
    const more = await world.accept();
    const pages: StreamPage[] = [];
    do pages.push(await read(world, pages.at(-1)?.position ?? from, { entriesMax: 1 }));
    while (pages.at(-1)?.isEnd === false);
    expect(pages.length).toBeGreaterThanOrEqual(5);
    expect(pages.flatMap(idsIn)).toEqual([...messages.map(({ id }) => id), more.id]);
    for (const page of pages) expect(changesIn(page).length).toBeLessThanOrEqual(limits.changeLogEntryChangesMax);
  });

  test("a stream can resume after any step of a page", async () => {
    await using world = await World.open(open);
    const from = await begun(world);
    const messages = Array.from({ length: limits.changeLogEntryChangesMax + 1 }, () => world.message());
    const { organizationId } = world;
    await world.accept();
    await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
    await world.accept();
    const { steps } = await read(world, from);
    expect(steps.length).toBe(4);
    for (const [index, { position }] of steps.entries()) {
      expect(idsIn(await read(world, position))).toEqual(idsIn({ steps: steps.slice(index + 1) }));
    }
  });

  test("a page ends at the requested position, and the rest follows", async () => {
    await using world = await World.open(open);
    const from = await begun(world);
    const first = await world.accept();
    const { position: until } = await read(world, from);
    const second = await world.accept();
    const page = await read(world, from, { until });
    expect([idsIn(page), page.isEnd]).toEqual([[first.id], true]);
    expect(idsIn(await read(world, page.position))).toEqual([second.id]);
  });

  test("payloads appear byte for byte on request, with the requested receivers of each message", async () => {
    await using world = await World.open(open);
    const [wanting, other] = [await world.subscribe(), await world.subscribe({ eventTypes: ["collection.*"] })];
    const from = await begun(world);
    await world.accept({ payload: '{ "n": 12345678901234567890 }' });
    const receivers = [wanting.id, other.id];
    const [change] = changesIn(await read(world, from, { kinds: ["message"], withPayloads: true, receivers }));
    expect(change).toMatchObject({
      message: { payload: '{ "n": 12345678901234567890 }', eventType: "sync.completed" },
      sentTo: [wanting.id],
    });
    const [plain] = changesIn(await read(world, from, { kinds: ["message"] }));
    expect(plain).toMatchObject({ message: { payload: "" }, sentTo: [] });
  });

  test("a page has room for a bounded size of payloads, and marks those that it leaves out", async () => {
    await using world = await World.open(open);
    const from = await begun(world);
    const payload = JSON.stringify({ text: "x".repeat(250 * 1024) });
    const messages = Array.from({ length: 7 }, () => world.message({ payload }));
    const { organizationId } = world;
    await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
    const changes = changesIn(await read(world, from, { kinds: ["message"], withPayloads: true }));
    const newChanges = changes.flatMap((change) => (change.kind === "message" ? [change] : []));
    expect(newChanges.map(({ message }) => message.id)).toEqual(messages.map(({ id }) => id));
    expect(newChanges.map(({ isPayloadLeftOut }) => isPayloadLeftOut)).toEqual([
      false,
      false,
      false,
      false,
      true,
      true,
      true,
    ]);
    for (const { message, isPayloadLeftOut } of newChanges)
      expect(message.payload).toBe(isPayloadLeftOut ? "" : payload);
    const plain = changesIn(await read(world, from, { kinds: ["message"] }));
    expect(plain.every((change) => change.kind === "message" && !change.isPayloadLeftOut)).toBe(true);
  });

  test("an expired, invalid or foreign position is a gap, and the stream continues from now", async () => {
    await using world = await World.open(open);
    await world.accept();
    const from = await begun(world);
    await world.accept();
    const { position } = await read(world, from);
    const strange = [
      "",
      "nothing",
      "s1-0-0-0",
      "p1-0-0---",
      "p1-zzzzzzzzzz-zzzzzzzzzzzzz-1.2-3.4-5.6",
      "s1-zzzzzzzzzzz-zzzzzzzzzzz-zzzzzzzzzzz",
      "x".repeat(20_000),
      `${position}0`,
    ];
    for (const after of strange) {
      const page = await read(world, after);
      expect(page, after.slice(0, 50)).toMatchObject({ isGap: true, steps: [], isEnd: true });
      const next = await world.accept();
      expect(idsIn(await read(world, page.position))).toEqual([next.id]);
    }
    // Later than the moment at which the position was made.
    expect(await read(world, position, { keptMs: -hour })).toMatchObject({ isGap: true, steps: [] });
  });

  test("recent entries are kept, and a position after which entries may have expired is a gap", async () => {
    await using world = await World.open(open.fresh);
    const from = await begun(world);
    await world.accept();
    const { position } = await read(world, from);
    expect(await world.store.forgetChangeLogEntries({ keptMs: hour, limit: 100 })).toBe(0);
    expect(await read(world, position)).toMatchObject({ isGap: false });
    await world.accept();
    expect(await world.store.forgetChangeLogEntries({ keptMs: -hour, limit: 1 })).toBe(1);
    expect(await read(world, position)).toMatchObject({ isGap: true });
  });

  test("a commit after all entries expired is either returned or a gap, and never left out", async () => {
    await using world = await World.open(open.fresh);
    const from = await begun(world);
    for (let i = 0; i < 5; i++) await world.accept();
    const { position } = await read(world, from);
    await world.store.forgetChangeLogEntries({ keptMs: -hour, limit: 100 });
    const next = await world.accept();
    const page = await read(world, position);
    expect(page.isGap || idsIn(page).includes(next.id)).toBe(true);
    await world.store.forgetChangeLogEntries({ keptMs: -hour, limit: 100 });
    const last = await world.accept();
    const later = await read(world, page.position);
    expect(later.isGap || idsIn(later).includes(last.id)).toBe(true);
  });

  test("a stream is notified of every commit that changes its organization, and of no other", async () => {
    await using world = await World.open(open);
    const newChanges: OrganizationId[] = [];
    world.store.onChangeLogEntries((id) => newChanges.push(id));
    await world.accept();
    expect(newChanges).toEqual([world.organizationId]);
    const subscription = await world.subscribe();
    expect(newChanges.length).toBe(2);
    await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    expect(new Set(newChanges)).toEqual(new Set([world.organizationId]));
    expect(newChanges.length).toBeGreaterThanOrEqual(4);
  });
});

async function begun(world: World, organizationId = world.organizationId): Promise<StreamPosition> {
  return (await read(world, null, { organizationId })).position;
}

function read(world: World, after: StreamPosition | null, changes: Partial<ReadStream> = {}): Promise<StreamPage> {
  return world.store.readStream({
    organizationId: world.organizationId,
    after,
    until: null,
    kinds: streamKinds,
    withPayloads: false,
    receivers: [],
    entriesMax: 100,
    keptMs: hour,
    ...changes,
  });
}

function changesIn({ steps }: Pick<StreamPage, "steps">): StreamChange[] {
  return steps.flatMap(({ changes }) => changes);
}

function idsIn(page: Pick<StreamPage, "steps">): string[] {
  return changesIn(page).map(idOf);
}

function idOf(change: StreamChange): string {
  switch (change.kind) {
    case "message":
      return change.message.id;
    case "attempt":
      return change.attempt.id;
    case "subscription":
      return change.subscription.id;
    case "sync_job":
      return change.job.id;
  }
}
