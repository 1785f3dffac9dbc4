import { expect, test } from "vitest";
import type { MessageId, OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";
import { anyMessage } from "../messages/interface.ts";

const perCommit = limits.fanOutPerOrganizationAndCommitMax;

bothStoresKeep("fan-outs in steps", (open) => {
  test("a fan-out that is too large for its commit continues in further commits, in order, without a gap or a duplicate", async () => {
    await using world = await World.open(open.fresh);
    const subscriptions = await subscribeMany(world, 50);
    const engine = await listening(world);
    const messages = await acceptMany(world, 100);
    const atOnce = perCommit / subscriptions.length;
    expect(engine.taken).toHaveLength(perCommit);
    expect(await world.store.fanOutWaits({})).toBe(true);
    const later = await world.accept();
    expect(engine.taken).toHaveLength(perCommit);
    let before = engine.taken.length;
    await world.finishFanOuts(() => {
      expect(engine.taken.length).toBeLessThanOrEqual(before + limits.fanOutPerStepMax);
      before = engine.taken.length;
    });
    expect(await world.store.fanOutWaits({})).toBe(false);
    const order = [...messages, later].map(({ id }) => id);
    for (const [index, { id }] of subscriptions.entries()) {
      const taken = claimedBy(engine, id);
      expect(taken, `subscription ${index}`).toEqual(order);
      expect(taken.slice(0, atOnce)).toEqual(order.slice(0, atOnce));
    }
    const next = await world.accept();
    expect(engine.takenMessages.filter((id) => id === next.id)).toHaveLength(subscriptions.length);
  });

  test("a step returns the messages with a trace context whose fan-out it completes", async () => {
    await using world = await World.open(open.fresh);
    await subscribeMany(world, 50);
    await acceptMany(world, 100);
    const traceContext = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const message = await world.accept({ traceContext });
    await world.accept();
    const completed = [];
    while (await world.store.fanOutWaits({})) {
      completed.push(...(await world.store.advanceFanOut({ after: null })).completed);
    }
    const { id, organizationId, eventType, createdAt } = message;
    expect(completed).toEqual([{ id, organizationId, eventType, createdAt, traceContext }]);
  });

  test("while the fan-outs of one organization wait, the messages of others are fanned out immediately", async () => {
    await using world = await World.open(open.fresh);
    await subscribeMany(world, 50);
    const other = await world.addOrganization();
    const neighbour = await world.subscribe({ organizationId: other });
    const engine = await listening(world);
    const [, message] = await Promise.all([acceptMany(world, 100), world.accept({ organizationId: other })]);
    expect(claimedBy(engine, neighbour.id)).toEqual([message.id]);
    expect(await world.store.fanOutWaits({})).toBe(true);
  });

  test("waiting organizations share each step, and one fan-out may take several", async () => {
    await using world = await World.open(open.fresh);
    const other = await world.addOrganization();
    const subscriptionsOfEach = 200;
    const mine = await subscribeMany(world, subscriptionsOfEach);
    const theirs = await subscribeMany(world, subscriptionsOfEach, { organizationId: other });
    const engine = await listening(world);
    const perOrganization = perCommit / subscriptionsOfEach + 1;
    const message = (await acceptMany(world, perOrganization)).at(-1)?.id;
    const theirMessage = (await acceptMany(world, perOrganization, other)).at(-1)?.id;
    const taken = (waiting: MessageId | undefined) =>
      engine.taken.filter(({ messageId }) => messageId === waiting).map(({ subscriptionId }) => subscriptionId);
    expect([taken(message), taken(theirMessage)]).toEqual([[], []]);
    await world.store.advanceFanOut({ after: null });
    expect(taken(message)).toHaveLength(limits.fanOutPerStepMax / 2);
    expect(taken(theirMessage)).toHaveLength(limits.fanOutPerStepMax / 2);
    await world.finishFanOuts();
    expect(taken(message).toSorted()).toEqual(mine.map(({ id }) => id));
    expect(taken(theirMessage).toSorted()).toEqual(theirs.map(({ id }) => id));
  });

  test("a waiting fan-out skips new and deleted subscriptions, and keeps deliveries for disabled ones", async () => {
    await using world = await World.open(open.fresh);
    const [first, deleted, disabled] = await subscribeMany(world, 50);
    const { organizationId } = world;
    const messages = await acceptMany(world, 100);
    world.now += 10_000;
    const late = await world.subscribe();
    const keyOf = (id: SubscriptionId | undefined) => ({ organizationId, subscriptionId: id ?? late.id });
    await world.store.deleteSubscription({
      ...keyOf(deleted?.id),
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    await world.store.updateSubscription({
      ...keyOf(disabled?.id),
      changes: { disabledReason: "by_request" },
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    const engine = await listening(world);
    await world.finishFanOuts();
    const last = messages.at(-1)?.id;
    expect(claimedBy(engine, first?.id)).toContain(last);
    expect(claimedBy(engine, late.id)).toEqual([]);
    expect(claimedBy(engine, deleted?.id)).toEqual([]);
    expect(claimedBy(engine, disabled?.id)).toEqual([]);
    const states = await world.store.countStates({ organizationId, messageIds: last === undefined ? [] : [last] });
    expect(states[0]?.counts).toMatchObject({ skipped: 1 });
  });

  test("a fan-out does not repeat a delivery that a resend made before it", async () => {
    await using world = await World.open(open.fresh);
    const [first] = await subscribeMany(world, 50);
    const { organizationId } = world;
    const messages = await acceptMany(world, 100);
    const last = messages.at(-1) as Message;
    await world.store.resendMessage({
      organizationId,
      messageId: last.id,
      subscriptionId: first?.id ?? null,
      now: world.now,
    });
    const engine = await listening(world);
    await world.finishFanOuts();
    expect(claimedBy(engine, first?.id)).not.toContain(last.id);
    const claimed = await world.claim(engine.nodeId, (first as { id: SubscriptionId }).id);
    expect(claimed.filter(({ messageId }) => messageId === last.id)).toMatchObject([{ trigger: "manual" }]);
  });

  test("a message has not succeeded while its fan-out waits, and a message with a deleted payload is not fanned out", async () => {
    await using world = await World.open(open.fresh);
    const [first, second] = await subscribeMany(world, 50);
    const { organizationId } = world;
    const messages = await acceptMany(world, 100);
    const [waiting, deleted] = [messages.at(-1) as Message, messages.at(-2) as Message];
    const resent = { organizationId, messageId: waiting.id, subscriptionId: first?.id ?? null, now: world.now };
    await world.store.resendMessage(resent);
    const nodeId = await world.node();
    for (const claimed of await world.claim(nodeId, (first as { id: SubscriptionId }).id, 1_000)) {
      const records = [world.record(claimed, { state: "delivered" })];
      await world.store.recordAttempts({ nodeId, records, now: world.now });
    }
    expect(await idsOf(world, organizationId, "success")).not.toContain(waiting.id);
    await world.store.deletePayload({ organizationId, messageId: deleted.id, now: world.now });
    const engine = await listening(world);
    await world.finishFanOuts();
    expect(claimedBy(engine, second?.id)).toContain(waiting.id);
    expect(claimedBy(engine, second?.id)).not.toContain(deleted.id);
  });

  test("an ordered subscription gets waiting messages before later ones", async () => {
    await using world = await World.open(open.fresh);
    await subscribeMany(world, 49);
    const ordered = await world.subscribe({ ordered: true });
    const messages = await acceptMany(world, 60);
    const later = await world.accept();
    const nodeId = await world.node();
    await world.finishFanOuts();
    const claimed = await world.claim(nodeId, ordered.id);
    expect(claimed.map(({ messageId }) => messageId)).toEqual([...messages, later].map(({ id }) => id));
  });
});

async function subscribeMany(
  world: World,
  count: number,
  changes: { organizationId?: OrganizationId } = {},
): Promise<{ id: SubscriptionId }[]> {
  const made: { id: SubscriptionId }[] = [];
  // A database advances this many at a time, however busy it is.
  while (made.length < count) {
    const some = Math.min(50, count - made.length);
    made.push(...(await Promise.all(Array.from({ length: some }, () => world.subscribe(changes)))));
  }
  return made.toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

async function acceptMany(
  world: World,
  count: number,
  organizationId: OrganizationId = world.organizationId,
): Promise<Message[]> {
  const messages = Array.from({ length: count }, () => world.message({ organizationId }));
  await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
  return messages;
}

async function listening(world: World): Promise<NotingEngine> {
  const engine = new NotingEngine(await world.node(), 100_000);
  world.store.handOverTo(engine);
  return engine;
}

function claimedBy(engine: NotingEngine, id: SubscriptionId | undefined): MessageId[] {
  return engine.taken.filter(({ subscriptionId }) => subscriptionId === id).map(({ messageId }) => messageId);
}

async function idsOf(world: World, organizationId: OrganizationId, status: "success"): Promise<MessageId[]> {
  const page = await world.store.listMessages({ organizationId, ...anyMessage, status, limit: 250, cursor: null });
  return page.items.map(({ id }) => id);
}
