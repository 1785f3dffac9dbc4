import { expect, test } from "vitest";
import type { Attempt } from "../../domain/attempt.ts";
import type { SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { World } from "../fixtures/samples.ts";
import { anyAttempt, anyAttemptListItem } from "./interface.ts";

bothStoresKeep("attempts", (open) => {
  test("an attempt is found by its message and its id, and not through another organization", async () => {
    await using world = await World.open(open);
    const { organizationId } = world;
    const subscription = await world.subscribe();
    const message = await world.accept();
    const attempt = await attempted(world, message, subscription.id);
    const key = { organizationId, messageId: message.id, attemptId: attempt.id };
    expect(await world.store.readAttempt(key)).toEqual(attempt);
    const others = [
      { ...key, attemptId: world.newId<"attempt">() },
      { ...key, messageId: (await world.accept()).id },
      { ...key, organizationId: await world.addOrganization() },
    ];
    for (const other of others) {
      expect(await world.store.readAttempt(other)).toBeNull();
      expect(await world.store.expungeResponse(other)).toBe(false);
    }
    expect(await world.store.readAttempt(key)).toEqual(attempt);
  });

  test("an attempt is found by its id alone, with the event type of its message, and only in its organization", async () => {
    await using world = await World.open(open);
    const { organizationId } = world;
    const subscription = await world.subscribe();
    const attempt = await attempted(world, await world.accept({ eventType: "sync.failed" }), subscription.id);
    const found = await world.store.findAttempt({ organizationId, attemptId: attempt.id });
    expect(found).toEqual({ kind: "made", eventType: "sync.failed", ...attempt });
    expect(await world.store.findAttempt({ organizationId, attemptId: world.newId<"attempt">() })).toBeNull();
    const other = await world.addOrganization();
    expect(await world.store.findAttempt({ organizationId: other, attemptId: attempt.id })).toBeNull();
  });

  test("deleting a response deletes its body and its headers, and keeps everything else about the attempt", async () => {
    await using world = await World.open(open);
    const { organizationId } = world;
    const subscription = await world.subscribe();
    const message = await world.accept();
    const attempt = await attempted(world, message, subscription.id, {
      responseBody: "a secret",
      responseHeaders: "x-note: a secret",
    });
    const key = { organizationId, messageId: message.id, attemptId: attempt.id };
    expect(await world.store.readAttempt(key)).toEqual(attempt);
    expect(await world.store.expungeResponse(key)).toBe(true);
    expect(await world.store.expungeResponse(key)).toBe(true);
    const expunged = { responseBody: "EXPUNGED", responseHeaders: null };
    expect(await world.store.readAttempt(key)).toEqual({ ...attempt, ...expunged });
  });

  test("a failed attempt counts as retrying only while its delivery waits for the next attempt", async () => {
    await using world = await World.open(open);
    const { organizationId, store } = world;
    const subscription = await world.subscribe();
    const message = await world.accept();
    const dueAt = world.now + 60_000;
    await world.settleAll(subscription.id, { state: "due", dueAt, scheduleStep: 1 });
    const params = { ...anyAttempt, organizationId, subscriptionId: subscription.id, limit: 5, cursor: null };
    const failed = async () => (await store.listAttempts({ ...params, outcome: "failed" })).items.length;
    expect(await failed()).toBe(1);
    await store.resendMessage({
      organizationId,
      messageId: message.id,
      subscriptionId: subscription.id,
      now: world.now,
    });
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    expect(await failed()).toBe(2);
  });

  test("an attempt has a next attempt only until another attempt follows it or its delivery ends", async () => {
    await using world = await World.open(open);
    const { organizationId, store } = world;
    const subscription = await world.subscribe();
    const message = await world.accept();
    const next = async () => {
      const page = { organizationId, messageId: message.id, subscriptionId: null, limit: 9, cursor: null };
      const { items } = await store.listAttemptItems({ ...anyAttemptListItem, ...page });
      return items.map(({ nextAttemptAt }) => nextAttemptAt);
    };
    const dueAt = world.now + 60_000;
    await world.settleAll(subscription.id, { state: "due", dueAt, scheduleStep: 1 });
    expect(await next()).toEqual([dueAt]);
    world.now = dueAt;
    await world.settleAll(subscription.id, { state: "due", dueAt: dueAt + 5, scheduleStep: 2 });
    expect(await next()).toEqual([dueAt + 5, null]);
    world.now = dueAt + 5;
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    expect(await next()).toEqual([null, null, null]);
  });

  test("lists and counts contain no data of another organization", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const message = await world.accept();
    await attempted(world, message, subscription.id);
    await world.accept();
    const organizationId = await world.addOrganization();
    const page = { organizationId, limit: 5, cursor: null };
    const key = { organizationId, subscriptionId: subscription.id };
    const nothing = { items: [], next: null };
    const { store, now } = world;
    expect(await store.listAttempts({ ...anyAttempt, ...page, subscriptionId: subscription.id })).toEqual(nothing);
    expect(await store.listAttempts({ ...anyAttempt, ...page, messageId: message.id })).toEqual(nothing);
    const filters = { eventTypes: null, channel: null, tag: null, since: null, until: null, oldestFirst: false };
    expect(await store.listDeliveries({ ...page, ...key, ...filters, progress: null })).toEqual(nothing);
    expect(await store.listReceivers({ ...page, messageId: message.id, newestFirst: false })).toEqual([]);
    const none = { messages: [], unread: [] };
    expect(await store.readMessages({ organizationId, messageIds: [message.id] })).toEqual(none);
    expect(await store.countDeliveries({ ...key, since: 0, until: now + 1, limit: 5 })).toEqual({
      pending: 0,
      retrying: 0,
      setAside: 0,
    });
  });

  test("messages are read in pages, and missing ones are left out", async () => {
    await using world = await World.open(open);
    const { organizationId, store } = world;
    const made = [await world.accept(), await world.accept({ channels: ["a"] }), await world.accept()];
    const ids = made.map(({ id }) => id).toReversed();
    const found = await store.readMessages({ organizationId, messageIds: [...ids, world.newId<"message">()] });
    expect(found).toEqual({ messages: made.toReversed(), unread: [] });
    const none = { messages: [], unread: [] };
    expect(await store.readMessages({ organizationId, messageIds: [] })).toEqual(none);
  });

  test("the subscriptions that a message was sent to include deleted ones and are listed in pages", async () => {
    await using world = await World.open(open);
    const { organizationId, store } = world;
    const [first, second, third] = [await world.subscribe(), await world.subscribe(), await world.subscribe()];
    const message = await world.accept();
    await attempted(world, message, first.id);
    await store.deleteSubscription({
      organizationId,
      subscriptionId: first.id,
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    await store.deleteSubscription({
      organizationId,
      subscriptionId: second.id,
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    const params = { organizationId, messageId: message.id, limit: 2, newestFirst: false };
    expect(await store.listReceivers({ ...params, cursor: null })).toMatchObject([
      {
        id: first.id,
        target: first.target,
        delivery: { state: "delivered", attempts: 1, nextAttemptAt: null },
        lastAttemptAt: world.now,
      },
      { id: second.id, target: second.target, delivery: { state: "cancelled", attempts: 0, nextAttemptAt: null } },
    ]);
    expect(await store.listReceivers({ ...params, cursor: second.id })).toEqual([
      {
        ...third,
        delivery: { state: "due", attempts: 0, scheduleStep: 0, nextAttemptAt: world.now },
        lastAttemptAt: null,
      },
    ]);
  });

  test("the deliveries of several messages are counted by state, without those of other organizations", async () => {
    await using world = await World.open(open);
    const { organizationId, store } = world;
    const nobody = await world.accept();
    const [first, second] = [await world.subscribe(), await world.subscribe()];
    const [sent, waiting] = [await world.accept(), await world.accept()];
    await attempted(world, sent, first.id);
    await store.deleteSubscription({
      organizationId,
      subscriptionId: second.id,
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    const messageIds = [waiting.id, sent.id, nobody.id, world.newId<"message">()];
    const counted = await store.countStates({ organizationId, messageIds });
    expect(new Map(counted.map(({ messageId, counts }) => [messageId, counts]))).toEqual(
      new Map([
        [sent.id, { delivered: 1, cancelled: 1 }],
        [waiting.id, { claimed: 1, cancelled: 1 }],
      ]),
    );
    expect(await store.countStates({ organizationId: world.newId<"organization">(), messageIds })).toEqual([]);
    expect(await store.countStates({ organizationId, messageIds: [] })).toEqual([]);
  });

  test("deliveries are counted up to the requested number", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    for (let i = 0; i < 5; i++) await world.accept();
    const counted = await world.store.countDeliveries({ ...key, since: 0, until: world.now + 1, limit: 3 });
    expect(counted).toEqual({ pending: 3, retrying: 0, setAside: 0 });
  });
});

/** Makes an attempt of a message that is due. */
async function attempted(
  world: World,
  message: Message,
  subscriptionId: SubscriptionId,
  changes: Partial<Attempt> = {},
): Promise<Attempt> {
  const nodeId = await world.node();
  const claimed = await world.claim(nodeId, subscriptionId);
  const delivery = claimed.find(({ messageId }) => messageId === message.id);
  if (delivery === undefined) throw new Error("The message is not due.");
  const record = world.record(delivery, { state: "delivered" }, changes);
  await world.store.recordAttempts({ nodeId, records: [record], now: world.now });
  return record.attempt;
}
