import { expect, test } from "vitest";
import type { SubscriptionId } from "../../domain/id.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { type OpenStore, t0, World } from "./samples.ts";

export function recoveryPromises(open: OpenStore): void {
  test("a recovery makes due what failed, was skipped or was never made, and nothing else", async () => {
    await using world = await World.open(open);
    const before = await world.accept();
    const unwanted = await world.accept({ eventType: "collection.created" });
    const subscription = await world.subscribe();
    const failed = await world.accept();
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    await setDisabled(world, subscription.id, true);
    const skipped = await world.accept();
    await setDisabled(world, subscription.id, false);
    world.now += 1;
    const window = { since: t0, until: world.now };
    expect(await world.store.countRecoverable({ ...keyOf(world, subscription.id), ...window })).toBe(3);
    const { recovered } = await recoverAll(world, subscription, window);
    expect(recovered).toBe(3);
    const due = await world.claim(await world.node(), subscription.id);
    expect(due.map((delivery) => delivery.messageId)).toEqual([before.id, failed.id, skipped.id]);
    expect(due.map((delivery) => [delivery.trigger, delivery.scheduleStep])).toEqual(Array(3).fill(["recovery", 0]));
    expect(due.map((delivery) => delivery.messageId)).not.toContain(unwanted.id);
  });

  test("a test of one subscription is recovered for nobody, itself included", async () => {
    await using world = await World.open(open);
    const [tested, other] = [await world.subscribe(), await world.subscribe()];
    const { organizationId } = world;
    const test = { organizationId, messages: [world.message()], idempotency: null, testOf: tested.id };
    await world.store.acceptMessages(test);
    await world.settleAll(tested.id, { state: "failed", gone: false });
    world.now += 1;
    for (const { id } of [tested, other]) {
      expect(await world.store.countRecoverable({ ...keyOf(world, id), since: t0, until: world.now })).toBe(0);
    }
  });

  test("the window is [since, until)", async () => {
    await using world = await World.open(open);
    await world.accept();
    world.now += 1_000;
    const inside = await world.accept();
    world.now += 1_000;
    await world.accept();
    const subscription = await world.subscribe();
    await recoverAll(world, subscription, { since: t0 + 1_000, until: t0 + 2_000 });
    const due = await world.claim(await world.node(), subscription.id);
    expect(due.map((delivery) => delivery.messageId)).toEqual([inside.id]);
  });

  test("filters hold for what was never made", async () => {
    await using world = await World.open(open);
    const wanted = await world.accept({ payload: '{"source_type":"github"}' });
    await world.accept({ payload: '{"source_type":"slack"}' });
    const subscription = await world.subscribe({ filters: { source_type: ["github"] } });
    world.now += 1;
    await recoverAll(world, subscription, { since: t0, until: world.now });
    const due = await world.claim(await world.node(), subscription.id);
    expect(due.map((delivery) => delivery.messageId)).toEqual([wanted.id]);
  });

  test("it goes step by step, waits while enough is due, and goes on where it stopped", async () => {
    await using world = await World.open(open);
    for (let i = 0; i < 10; i++) await world.accept();
    const subscription = await world.subscribe();
    world.now += 1;
    const recovery = world.recovery(subscription, t0, world.now);
    await world.store.createRecovery({ recovery });
    const step = () =>
      world.store.advanceRecovery({ recoveryId: recovery.id, now: world.now, dueMax: 4, messagesMax: 100 });
    expect(await step()).toMatchObject({ status: "running", recovered: 4 });
    expect(await step()).toMatchObject({ status: "running", recovered: 4 });
    await world.settleAll(subscription.id, { state: "delivered" });
    expect(await step()).toMatchObject({ status: "running", recovered: 8 });
    await world.settleAll(subscription.id, { state: "delivered" });
    expect(await step()).toMatchObject({ status: "completed", recovered: 10 });
    expect(await world.store.findRunningRecoveries({ limit: 9 })).toEqual([]);
    expect(await step()).toBeNull();
  });

  test("a message is recovered once, however the steps are cut", async () => {
    await using world = await World.open(open);
    for (let i = 0; i < 7; i++) await world.accept();
    const subscription = await world.subscribe();
    world.now += 1;
    const recovery = world.recovery(subscription, t0, world.now);
    await world.store.createRecovery({ recovery });
    const statuses = [];
    for (let i = 0; i < 5; i++) {
      const params = { recoveryId: recovery.id, now: world.now, dueMax: 100, messagesMax: 2 };
      statuses.push((await world.store.advanceRecovery(params))?.recovered);
    }
    expect(statuses).toEqual([2, 4, 6, 7, undefined]);
  });

  test("deleting the subscription ends its recoveries", async () => {
    await using world = await World.open(open);
    await world.accept();
    const subscription = await world.subscribe();
    const recovery = world.recovery(subscription, t0, t0 + 1);
    await world.store.createRecovery({ recovery });
    await world.store.deleteSubscription({ ...keyOf(world, subscription.id), now: world.now, tellAs: world.tellAs });
    expect(await world.store.findRunningRecoveries({ limit: 9 })).toEqual([]);
  });

  test("recoveries are read and listed for their own subscription and organization", async () => {
    await using world = await World.open(open);
    const [subscription, neighbour] = [await world.subscribe(), await world.subscribe()];
    const older = world.recovery(subscription, t0, t0 + 5);
    const newer = world.recovery(subscription, t0, t0 + 6);
    for (const recovery of [older, newer]) await world.store.createRecovery({ recovery });
    const key = keyOf(world, subscription.id);
    expect(await world.store.readRecovery({ ...key, recoveryId: older.id })).toEqual(older);
    expect(await world.store.readRecovery({ ...keyOf(world, neighbour.id), recoveryId: older.id })).toBeNull();
    const other = await world.addOrganization();
    expect(await world.store.readRecovery({ ...key, organizationId: other, recoveryId: older.id })).toBeNull();
    expect(await world.store.listRecoveries({ ...key, limit: 5, cursor: null })).toEqual([newer, older]);
    expect(await world.store.listRecoveries({ ...key, limit: 5, cursor: newer.id })).toEqual([older]);
  });
}

function keyOf(world: World, subscriptionId: SubscriptionId) {
  return { organizationId: world.organizationId, subscriptionId };
}

function setDisabled(world: World, subscriptionId: SubscriptionId, disabled: boolean) {
  const changes = { disabledReason: disabled ? ("by_request" as const) : null };
  return world.store.updateSubscription({
    ...keyOf(world, subscriptionId),
    changes,
    now: world.now,
    tellAs: world.tellAs,
  });
}

async function recoverAll(world: World, subscription: Subscription, window: { since: number; until: number }) {
  const recovery = world.recovery(subscription, window.since, window.until);
  await world.store.createRecovery({ recovery });
  const params = { recoveryId: recovery.id, now: world.now, dueMax: 1_000, messagesMax: 1_000 };
  const done = await world.store.advanceRecovery(params);
  if (done?.status !== "completed") throw new Error(`The recovery did not complete: ${JSON.stringify(done)}.`);
  return done;
}
