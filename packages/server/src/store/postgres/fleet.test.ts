import { afterAll, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import type { MessageId, SubscriptionId } from "../../domain/id.ts";
import { machineClock } from "../fixtures/machine-clock.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";
import { TestDatabases } from "./fixtures/test-databases.ts";
import { openPostgresStore, type PostgresStore } from "./postgres-store.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

function openOn(url: string): Promise<PostgresStore> {
  return openPostgresStore(
    {
      url,
      masterKey: "a master key for a fleet",
      retentionMs: 90 * 86_400_000,
      connectionsMax: 4,
      preparesStatements: true,
    },
    machineClock,
  );
}

/** Several stores over one database, like the nodes of a fleet, and a world that uses the first one. */
async function fleet(
  size: number,
  database = databases.fresh(),
): Promise<{ world: World; stores: PostgresStore[] } & AsyncDisposable> {
  const url = await database;
  const stores = await Promise.all(Array.from({ length: size }, () => openOn(url)));
  const [first, ...others] = stores;
  const world = await World.open(async () => first as PostgresStore);
  return {
    world,
    stores,
    async [Symbol.asyncDispose]() {
      await Promise.all([world, ...others].map((opened) => opened[Symbol.asyncDispose]()));
    },
  };
}

test("nodes that start together on an empty database migrate it once, and all of them work", async () => {
  await using it = await fleet(5, databases.empty());
  const message = await it.world.accept();
  for (const store of it.stores) {
    const found = await store.readMessage({ organizationId: it.world.organizationId, messageId: message.id });
    expect(found).toEqual(message);
  }
});

test("nodes that create subscriptions concurrently do not exceed an organization's bound", async () => {
  await using it = await fleet(4);
  const { world } = it;
  const { organizationId } = world;
  const sample = await world.subscribe();
  const made = await Promise.all(
    Array.from({ length: 60 }, (_, at) => {
      const subscription = { ...sample, id: world.newId<"subscription">() };
      const create = {
        subscription,
        secret: "whsec_c2Vj",
        operationalEventIds: world.operationalEventIds,
        subscriptionsMax: 11,
      };
      return it.stores[at % it.stores.length]?.createSubscription(create);
    }),
  );
  expect(made.filter((result) => result === "created")).toHaveLength(10);
  expect(made.filter((result) => result === "full")).toHaveLength(50);
  const listed = await world.store.listSubscriptions({ organizationId, limit: 100, cursor: null, oldestFirst: true });
  expect(listed).toHaveLength(11);
});

test("a subscription that one node created receives messages from other nodes immediately after the response", async () => {
  await using it = await fleet(2);
  const { world } = it;
  const [, other] = it.stores;
  for (let i = 0; i < 5; i++) {
    const subscription = await world.subscribe();
    const message = world.message();
    const { organizationId } = world;
    await other?.acceptMessages({ organizationId, messages: [message], idempotency: null, testOf: null });
    expect(await dueSubscriptions(it.stores)).toContain(subscription.id);
  }
});

test("the same event published on many nodes at once is one message", async () => {
  await using it = await fleet(4);
  const { organizationId } = it.world;
  for (let round = 0; round < 10; round++) {
    const results = await Promise.all(
      it.stores.map((store) => {
        const messages = [it.world.message({ eventId: `event-${round}` }), it.world.message()];
        return store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
      }),
    );
    const ids = new Set(results.map((result) => (result.kind === "accepted" ? result.messages[0]?.id : null)));
    expect(ids.size).toBe(1);
    const fresh = results.filter((result) => result.kind === "accepted" && result.messages[0]?.duplicate === false);
    expect(fresh).toHaveLength(1);
  }
});

test("one idempotency key on many nodes concurrently is one request", async () => {
  await using it = await fleet(4);
  const { organizationId, now } = it.world;
  const idempotency = { organizationId, key: "key", requestHash: "hash", createdAt: now };
  const results = await Promise.all(
    it.stores.map((store) =>
      store.acceptMessages({ organizationId, messages: [it.world.message()], idempotency, testOf: null }),
    ),
  );
  expect(new Set(results.map((result) => JSON.stringify(result))).size).toBe(1);
  const begun = await Promise.all(
    it.stores.map((store) =>
      store.beginIdempotent({ organizationId, key: "another", requestHash: "h", createdAt: now, now }),
    ),
  );
  expect(begun.map(({ kind }) => kind).sort()).toEqual(["begun", "in_progress", "in_progress", "in_progress"]);
});

test("nodes that claim concurrently share the work, and no delivery is claimed twice", async () => {
  await using it = await fleet(4);
  const { world } = it;
  const subscription = await world.subscribe();
  const made = new Set<MessageId>();
  for (let i = 0; i < 60; i++) made.add((await world.accept()).id);
  const engines = await Promise.all(
    it.stores.map(async (store) => {
      const engine = new NotingEngine(await world.node(), 0);
      store.handOverTo(engine);
      return { store, engine };
    }),
  );
  const lanes = [{ subscriptionId: subscription.id, limit: 7 }];
  for (let turn = 0; turn < 4; turn++) {
    await Promise.all(
      engines.map(({ store, engine }) => store.claimDue({ nodeId: engine.nodeId, now: world.now, lanes })),
    );
  }
  const claimed = engines.flatMap(({ engine }) => engine.takenMessages);
  expect(new Set(claimed)).toEqual(made);
  expect(claimed).toHaveLength(made.size);
});

test("nodes that claim for an ordered subscription concurrently never hold two of its deliveries", async () => {
  await using it = await fleet(4);
  const { world } = it;
  const subscription = await world.subscribe({ ordered: true });
  for (let i = 0; i < 20; i++) await world.accept();
  const engines = await Promise.all(
    it.stores.map(async (store, index) => {
      const engine = new NotingEngine(await world.node(), 0);
      store.handOverTo(engine);
      // Each claims a different number, so that the remaining deliveries could tempt the next node.
      return { store, engine, lanes: [{ subscriptionId: subscription.id, limit: 2 + index }] };
    }),
  );
  await Promise.all(
    Array.from({ length: 5 }, () =>
      engines.map(({ store, engine, lanes }) => store.claimDue({ nodeId: engine.nodeId, now: world.now, lanes })),
    ).flat(),
  );
  expect(engines.filter(({ engine }) => engine.taken.length > 0)).toHaveLength(1);
});

test("the other nodes are notified of a change to a subscription", async () => {
  await using it = await fleet(3);
  const { world } = it;
  const subscription = await world.subscribe();
  const changesSeen = it.stores.map((store) => {
    const changes: SubscriptionId[] = [];
    store.onSubscriptionChange((id) => changes.push(id));
    return changes;
  });
  const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
  await world.store.updateSubscription({
    ...key,
    changes: { url: "https://example.com/other" },
    now: world.now,
    operationalEventIds: world.operationalEventIds,
  });
  await until("everybody has heard", () => changesSeen.every((changes) => changes.includes(subscription.id)));
});

test("the deliveries of an expired node are rescued once, although several nodes look for them", async () => {
  await using it = await fleet(3);
  const { world } = it;
  const subscription = await world.subscribe();
  for (let i = 0; i < 30; i++) await world.accept();
  const dead = await world.node(1_000);
  expect(await world.claim(dead, subscription.id)).toHaveLength(30);
  world.now += 1_000;
  const rescued = await Promise.all(
    it.stores.map(async (store) => {
      let count = 0;
      for (let step = 0; step < 6; step++) count += await store.rescueDeliveries({ now: world.now, limit: 10 });
      return count;
    }),
  );
  expect(rescued.reduce((sum, count) => sum + count, 0)).toBe(30);
});

test("messages of any time find a partition, even when many nodes need the same one concurrently", async () => {
  await using it = await fleet(3);
  const { world } = it;
  const { organizationId } = world;
  for (const days of [-400, 0, 400]) {
    world.now += days * 86_400_000;
    const made = it.stores.map(() => world.message());
    await Promise.all(
      it.stores.map((store, index) =>
        store.acceptMessages({
          organizationId,
          messages: made.slice(index, index + 1),
          idempotency: null,
          testOf: null,
        }),
      ),
    );
    for (const message of made) {
      expect(await world.store.readMessage({ organizationId, messageId: message.id })).toEqual(message);
    }
  }
});

test("no message is lost while nodes drop empty partitions and others store messages of the same time", async () => {
  await using it = await fleet(3);
  const { world } = it;
  const { organizationId } = world;
  const [dropping, ...storing] = it.stores;
  const before = world.now + 86_400_000;
  for (let round = 0; round < 6; round++) {
    const made = storing.map(() => world.message());
    let isStoring = true;
    const stored = Promise.all(
      storing.map((store, index) =>
        store.acceptMessages({
          organizationId,
          messages: made.slice(index, index + 1),
          idempotency: null,
          testOf: null,
        }),
      ),
    ).finally(() => {
      isStoring = false;
    });
    // The partition is dropped, and each message that needs it creates it again.
    while (isStoring) await dropping?.forgetBefore({ before, limit: 10, onlyEmpty: true });
    await stored;
    await dropping?.forgetBefore({ before, limit: 10, onlyEmpty: true });
    const messageIds = made.map(({ id }) => id);
    for (const [index, messageId] of messageIds.entries()) {
      expect(await world.store.readMessage({ organizationId, messageId })).toEqual(made[index]);
    }
    expect(await world.store.deleteMessages({ organizationId, messageIds })).toBe(messageIds.length);
  }
});

test("nodes that record attempts and roll minutes up concurrently lose no count and add none", async () => {
  await using it = await fleet(4);
  const { world } = it;
  const subscriptions = [await world.subscribe(), await world.subscribe(), await world.subscribe()];
  for (let i = 0; i < 24; i++) await world.accept();
  const engines: NotingEngine[] = [];
  for (const store of it.stores) {
    const engine = new NotingEngine(await world.node(), 0);
    store.handOverTo(engine);
    const lanes = subscriptions.map(({ id }) => ({ subscriptionId: id, limit: 6 }));
    await store.claimDue({ nodeId: engine.nodeId, now: world.now, lanes });
    engines.push(engine);
  }
  await Promise.all(
    it.stores.flatMap((store, index) =>
      (engines[index]?.taken ?? []).map((delivery) => {
        const records = [world.record(delivery, { state: "delivered" })];
        return store.recordAttempts({ nodeId: engines[index]?.nodeId ?? world.newId(), records, now: world.now });
      }),
    ),
  );
  const hour = 3_600_000;
  const before = world.now - (world.now % hour) + hour;
  const counted = async () => {
    const window = { subscriptionId: null, since: before - hour, until: before, stepMs: hour };
    const counts = await world.store.readAttemptCounts({ organizationId: world.organizationId, ...window });
    return counts.reduce((sum, { attempts }) => sum + attempts, 0);
  };
  expect(await counted()).toBe(72);
  await Promise.all(it.stores.map((store) => store.rollUpAttemptCounts({ before, limit: 5 })));
  expect(await counted()).toBe(72);
});

test("a row that violates a check is an error, and is not mistaken for a missing partition", async () => {
  await using it = await fleet(1);
  const refused = it.world.subscribe({ disabledReason: "no such reason" as never });
  await expect(refused).rejects.toThrow(/check constraint/);
});

async function dueSubscriptions([store]: readonly PostgresStore[]): Promise<SubscriptionId[]> {
  return ((await store?.findDueLanes({ limit: 100 })) ?? []).map((lane) => lane.subscriptionId);
}

test("a node with another master key is refused with a sentence", async () => {
  const url = await databases.fresh();
  await using _store = await openOn(url);
  await expect(
    openPostgresStore(
      {
        url,
        masterKey: "another master key",
        retentionMs: 86_400_000,
        connectionsMax: 2,
        preparesStatements: true,
      },
      machineClock,
    ),
  ).rejects.toThrow(/WEFT_MASTER_KEY is not the one/);
});

test("a wrong user or database is reported with a sentence that names the setting", async () => {
  const url = new URL(await databases.fresh());
  url.pathname = "/no_such_database";
  await expect(openOn(url.href)).rejects.toThrow(/PostgreSQL refuses: .*no_such_database.* WEFT_DATABASE_URL/);
});

test("everything works without prepared statements, as behind a pooler that lacks them", async () => {
  await using world = await World.open(async () =>
    openPostgresStore(
      {
        url: await databases.fresh(),
        masterKey: "a master key for a fleet",
        retentionMs: 86_400_000,
        connectionsMax: 2,
        preparesStatements: false,
      },
      machineClock,
    ),
  );
  const subscription = await world.subscribe();
  await world.accept();
  expect(await world.settleAll(subscription.id, { state: "delivered" })).toBe(1);
});
