import { expect, test } from "vitest";
import type { NodeId } from "../../domain/id.ts";
import type { ThrottleState } from "../../domain/throttle-state.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";

bothStoresKeep("limits", (open) => {
  test("a claim by hand finds its delivery behind any backlog, and claims no others", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const nodeId = await world.node();
    const resent = await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    for (let i = 0; i < 5; i++) await world.accept();
    const params = { nodeId, now: world.now, lanes: [{ subscriptionId: subscription.id, limit: 3, byHandOnly: true }] };
    expect(await world.store.claimDue(params)).toEqual([
      { subscriptionId: subscription.id, claimed: 0, drained: false },
    ]);
    const { organizationId } = world;
    const key = { organizationId, messageId: resent.id, subscriptionId: subscription.id };
    await world.store.resendMessage({ ...key, now: world.now });
    expect(await world.store.claimDue({ ...params, now: world.now - 1 })).toMatchObject([{ claimed: 0 }]);
    expect(await world.store.claimDue(params)).toEqual([
      { subscriptionId: subscription.id, claimed: 1, drained: false },
    ]);
    expect(await world.claim(await world.node(), subscription.id)).toHaveLength(5);
  });

  test("a claim by hand takes the next delivery of an ordered subscription if any of its deliveries was requested", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe({ ordered: true });
    const nodeId = await world.node();
    world.store.handOverTo(new NotingEngine(nodeId, 0));
    const first = await world.accept();
    const lanes = [{ subscriptionId: subscription.id, limit: 1, byHandOnly: true }];
    expect(await world.store.claimDue({ nodeId, now: world.now, lanes })).toMatchObject([{ claimed: 0 }]);
    const { organizationId } = world;
    const messages = [world.message()];
    await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: subscription.id });
    expect(await world.store.claimDue({ nodeId, now: world.now, lanes })).toMatchObject([{ claimed: 1 }]);
    const key = { messageId: first.id, subscriptionId: subscription.id };
    expect(await world.store.releaseDeliveries({ nodeId, deliveries: [key] })).toBe(1);
  });

  test("the most severe throttle state is shown while the node that reported it is alive", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const other = await world.subscribe();
    const [one, two] = [await world.node(20_000), await world.node()];
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    const shown = async () => (await world.store.readSubscription(key))?.throttleState;
    const down: ThrottleState = { state: "circuit_open", reason: "It is down.", since: 5, nextTryAt: 9 };
    const slow: ThrottleState = { state: "slowed_down", reason: "It is slow.", since: 4, nextTryAt: null };
    const note = (nodeId: NodeId, throttleState: ThrottleState | null) =>
      world.store.noteThrottleStates({ nodeId, throttleStates: [{ subscriptionId: subscription.id, throttleState }] });
    await note(one, slow);
    await note(one, down);
    await note(two, slow);
    expect(await shown()).toEqual(down);
    const { organizationId } = world;
    const listed = await world.store.listSubscriptions({ organizationId, cursor: null, limit: 10, oldestFirst: false });
    expect(new Map(listed.map(({ id, throttleState }) => [id, throttleState]))).toEqual(
      new Map([
        [subscription.id, down],
        [other.id, null],
      ]),
    );
    const message = { organizationId, messageId: (await world.accept()).id };
    const receivers = await world.store.listReceivers({ ...message, cursor: null, limit: 10, newestFirst: false });
    expect(receivers.map(({ id, throttleState }) => [id, throttleState])).toEqual([
      [subscription.id, down],
      [other.id, null],
    ]);
    await world.store.rescueDeliveries({ now: world.now + 20_000, limit: 10 });
    expect(await shown()).toEqual(slow);
    await note(two, null);
    expect(await shown()).toBeNull();
  });

  test("a throttle state of a missing subscription has no effect", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const throttleState: ThrottleState = { state: "half_open", reason: "It is tried.", since: 5, nextTryAt: null };
    const ids = [world.newId<"subscription">(), subscription.id];
    const throttleStates = ids.map((subscriptionId) => ({ subscriptionId, throttleState }));
    await world.store.noteThrottleStates({ nodeId: await world.node(), throttleStates });
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    expect(await world.store.readSubscription(key)).toMatchObject({ throttleState });
  });

  test("all nodes together claim within a rate limit, in bursts of at most one second's deliveries", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe({ rateLimit: 4 });
    const nodes = await Promise.all(Array.from({ length: 3 }, () => world.node()));
    const engine = new NotingEngine(nodes[0] as NodeId, 100);
    world.store.handOverTo(engine);
    for (let i = 0; i < 12; i++) await world.accept();
    expect(engine.taken).toEqual([]);
    const lanes = [{ subscriptionId: subscription.id, limit: 100 }];
    const claimedBy = async (nodeId: NodeId) => (await world.store.claimDue({ nodeId, now: world.now, lanes }))[0];
    const claims = await Promise.all(nodes.map(claimedBy));
    expect(claims.reduce((sum, claim) => sum + (claim?.claimed ?? 0), 0)).toBe(4);
    expect(await claimedBy(nodes[1] as NodeId)).toMatchObject({ claimed: 0, nextTokenAt: world.now + 250 });
    world.now += 500;
    expect(await claimedBy(nodes[2] as NodeId)).toMatchObject({ claimed: 2, nextTokenAt: world.now + 250 });
    world.now += 10_000;
    expect(await claimedBy(nodes[0] as NodeId)).toMatchObject({ claimed: 4, nextTokenAt: world.now + 250 });
  });

  test("a claim for a subscription with a rate limit takes no more than can start immediately", async () => {
    await using world = await World.open(open);
    const nodeId = await world.node();
    world.store.handOverTo(new NotingEngine(nodeId, 100));
    const subscription = await world.subscribe({ rateLimit: 50 });
    const free = await world.subscribe({ ordered: true });
    for (let i = 0; i < 5; i++) await world.accept();
    const claims = await world.store.claimDue({
      nodeId,
      now: world.now,
      lanes: [subscription, free].map(({ id }) => ({ subscriptionId: id, limit: 10, startingMax: 2 })),
    });
    expect(claims).toEqual([
      { subscriptionId: subscription.id, claimed: 2, drained: false },
      { subscriptionId: free.id, claimed: 5, drained: true },
    ]);
  });

  test("a changed or removed rate limit takes effect from the next claim on", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe({ rateLimit: 1 });
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    for (let i = 0; i < 6; i++) await world.accept();
    expect(await world.claim(await world.node(), subscription.id)).toHaveLength(1);
    expect(
      await world.store.updateSubscription({
        ...key,
        changes: { rateLimit: 2 },
        now: world.now,
        operationalEventIds: world.operationalEventIds,
      }),
    ).toMatchObject({
      rateLimit: 2,
    });
    world.now += 1_000;
    expect(await world.claim(await world.node(), subscription.id)).toHaveLength(2);
    await world.store.updateSubscription({
      ...key,
      changes: { rateLimit: null },
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await world.claim(await world.node(), subscription.id)).toHaveLength(3);
  });
});
