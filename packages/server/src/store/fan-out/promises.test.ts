import { expect, test } from "vitest";
import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { undelivered } from "../../domain/recovery.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";

bothStoresKeep("fan-out", (open) => {
  test("a message is due for each subscription that matches its type by name, by wildcard or by no restriction", async () => {
    await using world = await World.open(open.fresh);
    const subscribed = [
      await world.subscribe({ eventTypes: ["sync.completed", "sync.*"] }),
      await world.subscribe({ eventTypes: ["sync.*"] }),
      await world.subscribe({ eventTypes: ["*"] }),
    ];
    await world.subscribe({ eventTypes: ["sync.failed", "collection.*"] });
    await world.accept();
    expect(await dueLanes(world)).toEqual(subscribed.map((subscription) => subscription.id).sort());
  });

  test("a subscription of another organization gets no message", async () => {
    await using world = await World.open(open.fresh);
    const other = await world.addOrganization();
    await world.subscribe({ organizationId: other });
    await world.accept();
    expect(await dueLanes(world)).toEqual([]);
  });

  test("filters select messages by payload", async () => {
    await using world = await World.open(open.fresh);
    const github = await world.subscribe({ filters: '{"source_type":["github","gitlab"],"n":[1]}' });
    await world.subscribe({ filters: '{"source_type":["slack"]}' });
    await world.accept({ payload: '{"source_type":"github","n":1}' });
    await world.accept({ payload: '{"source_type":"github","n":2}' });
    expect(await dueLanes(world)).toEqual([github.id]);
    expect(await world.claim(await world.node(), github.id)).toHaveLength(1);
  });

  test("filters compare numbers by their exact value, beyond the precision of a double", async () => {
    await using world = await World.open(open.fresh);
    const neighbour = await world.subscribe({ filters: '{"account.id":[9007199254740992]}' });
    const matching = await world.subscribe({ filters: '{"account.id":[9007199254740993]}' });
    const none = await world.subscribe({ filters: '{"account":[null]}' });
    await world.accept({ payload: '{"account":{"id":1,"id":9007199254740993.0}}' });
    expect(await dueLanes(world)).toEqual([matching.id]);
    await world.accept({ payload: '{"account":{"id":9.007199254740992e15}}' });
    expect(await dueLanes(world)).toEqual([neighbour.id, matching.id]);
    await world.accept({ payload: '{"account":null}' });
    expect(await dueLanes(world)).toEqual([neighbour.id, matching.id, none.id]);
  });

  test("channels select messages: the message and the subscription must share one, or name any", async () => {
    await using world = await World.open(open.fresh);
    const some = await world.subscribe({ channels: ["a", "b"] });
    const all = await world.subscribe();
    await world.accept({ channels: ["c"] });
    await world.accept();
    expect(await dueLanes(world)).toEqual([all.id]);
    const message = await world.accept({ channels: ["c", "b"] });
    const claimed = await world.claim(await world.node(), some.id);
    expect(claimed.map(({ messageId }) => messageId)).toEqual([message.id]);
  });

  test("a payload that is not JSON matches no filter", async () => {
    await using world = await World.open(open.fresh);
    await world.subscribe({ filters: '{"n":[1]}' });
    const all = await world.subscribe();
    await world.accept({ payload: "n=1", contentType: "text/plain" });
    expect(await dueLanes(world)).toEqual([all.id]);
    const [claimed] = await world.claim(await world.node(), all.id);
    expect(claimed).toMatchObject({ payload: "n=1", contentType: "text/plain" });
  });

  test("a message with a later delivery time is not handed over, and does not delay the messages after it", async () => {
    await using world = await World.open(open.fresh);
    const { id } = await world.subscribe();
    const engine = new NotingEngine(await world.node(), 10);
    world.store.handOverTo(engine);
    const later = await world.accept({ deliverAt: world.now + 1_000 });
    const next = await world.accept();
    expect(engine.takenMessages).toEqual([next.id]);
    expect(await world.store.findDueLanes({ limit: 10 })).toMatchObject([
      { subscriptionId: id, dueAt: world.now + 1_000 },
    ]);
    world.now += 1_000;
    expect((await world.claim(await world.node(), id)).map(({ messageId }) => messageId)).toEqual([later.id]);
  });

  test("a changed subscription takes effect from its commit on, with its event types, filters and deletion", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe({ eventTypes: ["sync.failed"] });
    await world.accept();
    expect(await dueLanes(world)).toEqual([]);
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    await world.store.updateSubscription({
      ...key,
      changes: { eventTypes: ["sync.completed"] },
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    await world.accept();
    expect(await dueLanes(world)).toEqual([subscription.id]);
    await world.settleAll(subscription.id, { state: "delivered" });
    await world.store.updateSubscription({
      ...key,
      changes: { filters: '{"n":[2]}' },
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    await world.accept();
    await world.store.deleteSubscription({ ...key, now: world.now, operationalEventIds: world.operationalEventIds });
    await world.accept({ payload: '{"n":2}' });
    expect(await dueLanes(world)).toEqual([]);
  });

  test("a test event goes to its subscription alone, whether it matches or not", async () => {
    await using world = await World.open(open.fresh);
    await world.subscribe();
    const tested = await world.subscribe({ eventTypes: ["collection.created"], filters: '{"n":[99]}' });
    const message = world.message();
    await world.store.acceptMessages({
      organizationId: world.organizationId,
      messages: [message],
      idempotency: null,
      testOf: tested.id,
    });
    expect(await dueLanes(world)).toEqual([tested.id]);
    expect(await world.claim(await world.node(), tested.id)).toMatchObject([
      { trigger: "test", messageId: message.id },
    ]);
  });

  test("a test event of an ordered subscription waits behind its due deliveries", async () => {
    await using world = await World.open(open.fresh);
    const ordered = await world.subscribe({ ordered: true });
    const engine = new NotingEngine(await world.node(), 100);
    world.store.handOverTo(engine);
    const { organizationId } = world;
    const [earlier, tested] = [await world.accept(), world.message()];
    await world.store.acceptMessages({ organizationId, messages: [tested], idempotency: null, testOf: ordered.id });
    expect(engine.taken).toEqual([]);
    const [first] = await world.claim(engine.nodeId, ordered.id);
    expect(first).toMatchObject({ messageId: earlier.id, ordered: true });
    expect(await world.claim(engine.nodeId, ordered.id)).toEqual([]);
  });

  test("the deliveries of a commit are handed over claimed and in order, and no other node can claim them", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const engine = new NotingEngine(await world.node(), 100);
    world.store.handOverTo(engine);
    const messages = [];
    for (let i = 0; i < 5; i++) messages.push((await world.accept({ payload: `{"n":${i}}` })).id);
    expect(engine.takenMessages).toEqual(messages);
    expect(engine.taken[3]).toMatchObject({ payload: '{"n":3}', attempts: 0, scheduleStep: 0, trigger: "scheduled" });
    expect(await dueLanes(world)).toEqual([]);
    expect(await world.claim(await world.node(), subscription.id)).toEqual([]);
  });

  test("deliveries without room wait as due rows, and the engine learns that their lanes are backlogged", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const engine = new NotingEngine(await world.node(), 2);
    world.store.handOverTo(engine);
    for (let i = 0; i < 3; i++) await world.accept();
    expect(engine.taken).toHaveLength(2);
    expect(engine.backlogged).toEqual([subscription.id]);
    expect(await world.claim(engine.nodeId, subscription.id)).toHaveLength(1);
  });

  test("a closed lane gets no deliveries while the other lanes do", async () => {
    await using world = await World.open(open.fresh);
    const [closed, open_] = [await world.subscribe(), await world.subscribe()];
    const engine = new NotingEngine(await world.node(), 100);
    engine.closed = [closed.id];
    world.store.handOverTo(engine);
    await world.accept();
    expect(engine.taken.map((delivery) => delivery.subscriptionId)).toEqual([open_.id]);
    expect(engine.backlogged).toEqual([closed.id]);
  });

  test("one commit hands a bounded number of deliveries to a lane, and later ones wait behind them", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const engine = new NotingEngine(await world.node(), 10_000);
    world.store.handOverTo(engine);
    const messages = Array.from({ length: limits.laneHandedOverMax + 10 }, () => world.message());
    const { organizationId } = world;
    await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
    expect(engine.takenMessages).toEqual(messages.slice(0, limits.laneHandedOverMax).map((message) => message.id));
    expect(engine.backlogged).toEqual([subscription.id]);
    const rest = await world.claim(engine.nodeId, subscription.id);
    expect(rest.map((delivery) => delivery.messageId)).toEqual(
      messages.slice(limits.laneHandedOverMax).map((message) => message.id),
    );
  });

  test("the deliveries of an organization without room wait as due rows, and those of others are handed over", async () => {
    await using world = await World.open(open);
    const waiting = await world.subscribe();
    const other = await world.addOrganization();
    const theirs = await world.subscribe({ organizationId: other });
    const engine = new NotingEngine(await world.node(), 100);
    engine.full = [world.organizationId];
    world.store.handOverTo(engine);
    await world.accept();
    await world.accept({ organizationId: other });
    expect(engine.taken.map(({ subscriptionId }) => subscriptionId)).toEqual([theirs.id]);
    expect(engine.backlogged).toEqual([waiting.id]);
  });

  test("messages that are published while a subscription is disabled are stored as skipped", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe({ disabledReason: "by_request" });
    const engine = new NotingEngine(await world.node(), 100);
    world.store.handOverTo(engine);
    await world.accept();
    expect(engine.taken).toEqual([]);
    expect(await dueLanes(world)).toEqual([]);
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    expect(await world.recoverable({ ...key, scope: undelivered, since: 0, until: world.now + 1 })).toBe(1);
  });
});

async function dueLanes(world: World): Promise<SubscriptionId[]> {
  const lanes = await world.store.findDueLanes({ limit: 100 });
  return lanes.map((lane) => lane.subscriptionId).sort();
}
