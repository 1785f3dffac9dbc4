import { expect, test } from "vitest";
import type { Subscription } from "../../domain/subscription.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";

const payload = JSON.stringify("x".repeat(98));

/** A node's memory has room for payloads; each of these has a hundred characters. */
bothStoresKeep("held bytes", (open) => {
  test("a commit hands over payloads while there is room for them, and leaves the rest due", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const engine = new NotingEngine(await world.node(), 10, 250);
    world.store.handOverTo(engine);
    const messages = Array.from({ length: 5 }, () => world.message({ payload }));
    const { organizationId } = world;
    await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
    expect(engine.takenMessages).toEqual(messages.slice(0, 3).map(({ id }) => id));
    expect(engine.backlogged).toEqual([subscription.id]);
  });

  test("a payload uses room by its length in bytes, not in characters", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const engine = new NotingEngine(await world.node(), 10, 250);
    world.store.handOverTo(engine);
    const wide = JSON.stringify("é".repeat(124));
    const messages = Array.from({ length: 2 }, () => world.message({ payload: wide }));
    const { organizationId } = world;
    await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
    expect(engine.takenMessages).toEqual([messages[0]?.id]);
    await claim(world, engine, [subscription]);
    expect(engine.takenMessages).toHaveLength(1);
  });

  for (const ordered of [false, true]) {
    const kind = ordered ? "ordered" : "plain";
    test(`a claim for ${kind} subscriptions takes payloads in order while there is room for them, and no more`, async () => {
      await using world = await World.open(open);
      const lanes = [await world.subscribe({ ordered }), await world.subscribe({ ordered })];
      const messages = [];
      for (let i = 0; i < 3; i++) messages.push((await world.accept({ payload })).id);
      const engine = new NotingEngine(await world.node(), 10, 350);
      world.store.handOverTo(engine);
      expect(await claim(world, engine, lanes)).toMatchObject([
        { claimed: 3, drained: true },
        { claimed: 1, drained: false },
      ]);
      expect(engine.takenMessages).toEqual([...messages, messages[0]]);
      expect(await claim(world, engine, lanes)).toMatchObject([
        { claimed: 0, drained: true },
        { claimed: 0, drained: false },
      ]);
    });
  }

  test("plain and ordered subscriptions that are claimed for together share the room", async () => {
    await using world = await World.open(open);
    const lanes = [await world.subscribe(), await world.subscribe({ ordered: true })];
    for (let i = 0; i < 3; i++) await world.accept({ payload });
    const engine = new NotingEngine(await world.node(), 10, 400);
    world.store.handOverTo(engine);
    expect(await claim(world, engine, lanes)).toMatchObject([{ claimed: 3 }, { claimed: 1 }]);
  });

  test("the deliveries that a commit claims reduce the room for those that it creates", async () => {
    await using world = await World.open(open);
    const [claimed, made] = [await world.subscribe({ eventTypes: ["old"] }), await world.subscribe()];
    for (let i = 0; i < 2; i++) await world.accept({ payload, eventType: "old" });
    const engine = new NotingEngine(await world.node(), 10, 300);
    world.store.handOverTo(engine);
    const messages = Array.from({ length: 3 }, () => world.message({ payload }));
    const { organizationId } = world;
    // The first commit begins at once; the two that follow share the next.
    await Promise.all([
      world.store.checkWrites({ length: 0 }),
      claim(world, engine, [claimed]),
      world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null }),
    ]);
    expect(engine.taken.map(({ subscriptionId }) => subscriptionId)).toEqual([claimed.id, claimed.id, made.id]);
  });

  test("a node that holds nothing gets a delivery that is larger than all its room", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const nodeId = await world.node();
    const [first, second] = [new NotingEngine(nodeId, 10, 1), new NotingEngine(nodeId, 10, 1)];
    world.store.handOverTo(first);
    const handedOver = await world.accept({ payload });
    const waits = await world.accept({ payload });
    expect(first.takenMessages).toEqual([handedOver.id]);
    world.store.handOverTo(second);
    await claim(world, second, [subscription]);
    expect(second.takenMessages).toEqual([waits.id]);
  });
});

function claim(world: World, { nodeId }: NotingEngine, subscriptions: readonly Subscription[]) {
  const lanes = subscriptions.map(({ id }) => ({ subscriptionId: id, limit: 5 }));
  return world.store.claimDue({ nodeId, now: world.now, lanes });
}
