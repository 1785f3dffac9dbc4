import { expect, test } from "vitest";
import type { NodeId } from "../../domain/id.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";

bothStoresKeep("listeners", (open) => {
  test("deliveries to a listener wait for its connection: no engine gets, sees or claims them", async () => {
    await using world = await World.open(open.fresh);
    const listener = await listen(world);
    const engine = new NotingEngine(await world.node(), 100);
    world.store.handOverTo(engine);
    await world.accept();
    expect(engine.taken).toEqual([]);
    expect(await world.store.findDueLanes({ limit: 10 })).toEqual([]);
    const lanes = [{ subscriptionId: listener.id, limit: 10 }];
    expect(await world.store.claimDue({ nodeId: engine.nodeId, now: world.now, lanes })).toMatchObject([
      { claimed: 0, drained: true },
    ]);
    expect(await sight(world, listener, await world.node())).toEqual({
      disabledReason: null,
      held: 0,
      dueAt: world.now,
    });
  });

  test("connections claim due deliveries in order, never the same one twice, and their outcomes are recorded", async () => {
    await using world = await World.open(open);
    const listener = await listen(world);
    const [one, other] = [await world.node(), await world.node()];
    const [first, second, third] = [await world.accept(), await world.accept(), await world.accept()];
    const claimed = await claim(world, listener, one, 2);
    expect(claimed).toMatchObject([
      { messageId: first.id, eventType: "sync.completed", payload: first.payload, attempts: 0 },
      { messageId: second.id },
    ]);
    expect(await claim(world, listener, other)).toMatchObject([{ messageId: third.id }]);
    expect(await claim(world, listener, other)).toEqual([]);
    expect(await sight(world, listener, one)).toMatchObject({ held: 2, dueAt: null });
    const key = { organizationId: world.organizationId, subscriptionId: listener.id, messageId: first.id };
    expect(await world.store.readClaimed({ ...key, nodeId: one })).toEqual(claimed[0]);
    expect(await world.store.readClaimed({ ...key, nodeId: other })).toBeNull();
    const records = claimed.map((delivery) => world.record(delivery, { state: "delivered" }));
    const recordFrom = (nodeId: NodeId) => world.store.recordAttempts({ nodeId, records, now: world.now });
    // One batch has both, because a store may record those of several nodes together.
    expect(await Promise.all([recordFrom(other), recordFrom(one)])).toEqual([
      [false, false],
      [true, true],
    ]);
    expect(await recordFrom(one)).toEqual([false, false]);
  });

  test("a failed delivery is due again at its time, with its attempts counted", async () => {
    await using world = await World.open(open);
    const listener = await listen(world);
    await world.accept();
    const nodeId = await world.node();
    const [delivery] = await claim(world, listener, nodeId);
    if (delivery === undefined) throw new Error("Nothing was claimed.");
    const dueAt = world.now + 5_000;
    const records = [world.record(delivery, { state: "due", dueAt, scheduleStep: 1 })];
    await world.store.recordAttempts({ nodeId, records, now: world.now });
    expect(await claim(world, listener, nodeId)).toEqual([]);
    expect(await sight(world, listener, nodeId)).toMatchObject({ held: 0, dueAt });
    world.now = dueAt;
    expect(await claim(world, listener, nodeId)).toMatchObject([{ attempts: 1, scheduleStep: 1 }]);
  });

  test("the deliveries of a connection are due again when its heartbeats stop, and an expired one gets nothing", async () => {
    await using world = await World.open(open.fresh);
    const listener = await listen(world);
    const message = await world.accept();
    const nodeId = await world.node(1_000);
    const [delivery] = await claim(world, listener, nodeId);
    if (delivery === undefined) throw new Error("Nothing was claimed.");
    world.now += 1_001;
    expect(await world.store.rescueDeliveries({ now: world.now, limit: 10 })).toBe(1);
    expect(await claim(world, listener, nodeId)).toEqual([]);
    const records = [world.record(delivery, { state: "delivered" })];
    expect(await world.store.recordAttempts({ nodeId, records, now: world.now })).toEqual([false]);
    expect(await claim(world, listener, await world.node())).toMatchObject([{ messageId: message.id, attempts: 0 }]);
  });

  test("a connection gets nothing from a disabled listener, a subscription with a URL, or another organization", async () => {
    await using world = await World.open(open);
    const listener = await listen(world);
    const endpoint = await world.subscribe();
    const nodeId = await world.node();
    world.store.handOverTo(new NotingEngine(await world.node(), 0));
    await world.accept();
    expect(await claim(world, endpoint, nodeId)).toEqual([]);
    expect(await sight(world, endpoint, nodeId)).toBeNull();
    const stranger = { organizationId: await world.addOrganization(), subscriptionId: listener.id, nodeId };
    expect(await world.store.readListener(stranger)).toBeNull();
    expect(await world.store.claimForListener({ ...stranger, now: world.now, limit: 10 })).toEqual([]);
    const key = { organizationId: world.organizationId, subscriptionId: listener.id };
    const changes = { disabledReason: "by_request" } as const;
    await world.store.updateSubscription({
      ...key,
      changes,
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await claim(world, listener, nodeId)).toEqual([]);
    expect(await sight(world, listener, nodeId)).toMatchObject({ disabledReason: "by_request" });
  });

  test("listeners without a recent connection are found until they are deleted", async () => {
    await using world = await World.open(open.fresh);
    const listener = await listen(world);
    const other = await listen(world, { uid: "other" });
    await world.subscribe();
    const silent = (heardBefore: number) => world.store.findSilentListeners({ heardBefore, limit: 10 });
    expect(await silent(world.now)).toEqual([]);
    const { organizationId } = world;
    await world.store.noteHeard({ organizationId, subscriptionId: other.id, now: world.now + 10 });
    const key = { organizationId, subscriptionId: listener.id };
    expect(await silent(world.now + 1)).toEqual([key]);
    await world.store.deleteSubscription({ ...key, now: world.now, operationalEventIds: world.operationalEventIds });
    expect(await silent(world.now + 1)).toEqual([]);
    expect(await world.store.readSubscription({ ...key, subscriptionId: other.id })).toMatchObject({
      target: { ...other.target, heardAt: world.now + 10 },
    });
  });
});

function listen(world: World, changes: Partial<Subscription> = {}): Promise<Subscription> {
  const target = { kind: "listener", url: "listener://laptop", heardAt: world.now } as const;
  return world.subscribe({ uid: "laptop", target, ...changes });
}

function claim(world: World, { id: subscriptionId }: Subscription, nodeId: NodeId, limit = 10) {
  const { organizationId, now } = world;
  return world.store.claimForListener({ organizationId, subscriptionId, nodeId, now, limit });
}

function sight(world: World, { id: subscriptionId }: Subscription, nodeId: NodeId) {
  return world.store.readListener({ organizationId: world.organizationId, subscriptionId, nodeId });
}
