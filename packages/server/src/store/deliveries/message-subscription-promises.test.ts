import { expect, test } from "vitest";
import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import type { Message } from "../../domain/message.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { World } from "../fixtures/samples.ts";
import type { MatchMessages, MessageSubscription } from "./interface.ts";

bothStoresKeep("the subscriptions of a message", (open) => {
  test("each subscription that existed is listed with its delivery or with the reason why it has none", async () => {
    await using world = await World.open(open);
    const made = await world.subscribe();
    const typed = await world.subscribe({ eventTypes: ["collection.*"] });
    const channelled = await world.subscribe({ channels: ["billing"] });
    const filtered = await world.subscribe({ filters: '{"a.b":[1,2],"n":[1]}' });
    const flat = await world.subscribe({ filters: '{"x.y":["z"]}' });
    const absent = await world.subscribe({ filters: '{"nothing":[true]}' });
    await world.subscribe({ organizationId: await world.addOrganization() });
    const message = await world.accept({
      channels: ["other"],
      payload: '{"n":1,"a":{"b":12345678901234567890.10},"x.y":"w","x":{"y":"z"}}',
    });
    await world.subscribe();
    const listed = await all(world, message);
    expect(listed.map(({ id, mismatch }) => [id, mismatch])).toEqual([
      [absent.id, { kind: "filter", field: "nothing", value: null, wanted: "[true]" }],
      [flat.id, { kind: "filter", field: "x.y", value: '"w"', wanted: '["z"]' }],
      [filtered.id, { kind: "filter", field: "a.b", value: "12345678901234567890.10", wanted: "[1,2]" }],
      [channelled.id, { kind: "channel" }],
      [typed.id, { kind: "event_type" }],
      [made.id, null],
    ]);
    expect(listed.at(-1)).toMatchObject({ ...made, delivery: { state: "due", attempts: 0 }, waitsForFanOut: false });
    expect(listed.slice(0, -1).map(({ delivery }) => delivery)).toEqual(Array(5).fill(null));
  });

  test("the newest messages are matched with settings that are not stored, and test events are left out", async () => {
    await using world = await World.open(open);
    const { organizationId, store } = world;
    const rare = await world.accept({ eventType: "sync.failed", payload: '{"a":{"b":1.0}}' });
    const channelled = await world.accept({ eventType: "collection.created", channels: ["billing"] });
    const deleted = await world.accept({ eventType: "collection.created" });
    await store.deletePayload({ organizationId, messageId: deleted.id, now: world.now });
    for (let i = 0; i < 3; i++) await world.accept({ eventType: "other.created" });
    const testOf = (await world.subscribe()).id;
    await store.acceptMessages({
      ...{ organizationId, idempotency: null, testOf },
      messages: [world.message({ eventType: "sync.failed" })],
    });
    const matched = async (settings: Partial<MatchMessages["settings"]>, more: Partial<MatchMessages> = {}) => {
      const whole = { eventTypes: ["*"], channels: null, filters: null, ...settings };
      const params = { organizationId, settings: whole, namedTypes: [], limit: 10, ...more };
      return (await store.matchMessages(params)).map(({ message, mismatch }) => [message.id, mismatch]);
    };
    const eventTypes = ["sync.*"];
    expect(await matched({ eventTypes, filters: '{"a.b":[1]}' })).toEqual([[rare.id, null]]);
    expect(await matched({ eventTypes, filters: '{"a.b":["1"]}' })).toEqual([
      [rare.id, { kind: "filter", field: "a.b", value: "1.0", wanted: '["1"]' }],
    ]);
    expect(await matched({ eventTypes }, { limit: 2 })).toEqual([]);
    expect(await matched({ eventTypes }, { limit: 2, namedTypes: ["sync.failed"] })).toEqual([[rare.id, null]]);
    const created = { eventTypes: ["collection.created"] };
    expect(await matched({ ...created, channels: ["other"] })).toEqual([
      [deleted.id, { kind: "channel" }],
      [channelled.id, { kind: "channel" }],
    ]);
    expect(await matched({ ...created, filters: '{"n":[null]}' })).toMatchObject([
      [deleted.id, { kind: "payload_deleted" }],
      [channelled.id, expect.anything()],
    ]);
    expect(await matched(created)).toEqual([
      [deleted.id, null],
      [channelled.id, null],
    ]);
    expect(await matched({}, { organizationId: await world.addOrganization() })).toEqual([]);
  });

  test("pages of one subscription list every subscription exactly once", async () => {
    await using world = await World.open(open);
    for (let i = 0; i < 3; i++) {
      await world.subscribe();
      await world.subscribe({ eventTypes: ["collection.*"] });
      await remove(world, (await world.subscribe()).id);
    }
    const gone = await world.subscribe({ eventTypes: ["collection.*"] });
    world.now += 1;
    const message = await world.accept();
    world.now += 1;
    await remove(world, gone.id);
    const [onePage, byOne] = [await all(world, message), await all(world, message, 1)];
    expect(byOne).toEqual(onePage);
    expect(onePage).toHaveLength(7);
    expect(onePage[0]).toMatchObject({ id: gone.id, deletedAt: world.now, delivery: null });
  });

  test("a subscription that is newer than the message is listed only with a delivery", async () => {
    await using world = await World.open(open);
    const message = await world.accept();
    const [newer, resent] = [await world.subscribe(), await world.subscribe()];
    const { organizationId, now } = world;
    await world.store.resendMessage({ organizationId, messageId: message.id, subscriptionId: resent.id, now });
    const listed = await all(world, message);
    expect(listed).toMatchObject([{ id: resent.id, delivery: { state: "due" } }]);
    expect(listed.map(({ id }) => id)).not.toContain(newer.id);
  });

  test("a test event and a deleted payload have reasons of their own", async () => {
    await using world = await World.open(open);
    const { organizationId } = world;
    const [tested, other] = [await world.subscribe(), await world.subscribe({ filters: '{"n":[2]}' })];
    const event = world.message();
    await world.store.acceptMessages({ organizationId, messages: [event], idempotency: null, testOf: tested.id });
    expect(await all(world, event)).toMatchObject([
      { id: other.id, mismatch: { kind: "test" } },
      { id: tested.id, mismatch: null },
    ]);
    const message = await world.accept();
    await world.store.deletePayload({ organizationId, messageId: message.id, now: world.now });
    expect(await all(world, message)).toMatchObject([
      { id: other.id, mismatch: { kind: "payload_deleted" } },
      { id: tested.id, delivery: { state: "cancelled" } },
    ]);
  });

  test("a subscription that the fan-out has not reached is listed as waiting, whether it matches or not", async () => {
    await using world = await World.open(open.fresh);
    const count = 10;
    for (let i = 0; i < count; i++) await world.subscribe({ filters: i % 2 === 0 ? '{"n":[2]}' : null });
    const perCommit = limits.fanOutPerOrganizationAndCommitMax / count;
    const message = world.message();
    const messages = [...Array.from({ length: perCommit }, () => world.message()), message];
    const { organizationId } = world;
    await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
    const waiting = await all(world, message);
    expect(waiting.filter(({ waitsForFanOut }) => waitsForFanOut)).not.toEqual([]);
    expect(waiting.filter(({ waitsForFanOut, mismatch }) => waitsForFanOut && mismatch !== null)).toEqual([]);
    await world.finishFanOuts();
    const done = await all(world, message);
    expect(done.filter(({ waitsForFanOut }) => waitsForFanOut)).toEqual([]);
    expect(done.filter(({ mismatch }) => mismatch?.kind === "filter")).toHaveLength(count / 2);
  });

  test("the time since which a subscription is disabled is kept, for every reason", async () => {
    await using world = await World.open(open);
    const { id } = await world.subscribe();
    const key = { organizationId: world.organizationId, subscriptionId: id };
    const disabledAt = async () => (await world.store.readSubscription(key))?.disabledAt;
    const change = (disabledReason: "by_request" | null) =>
      world.store.updateSubscription({
        ...key,
        changes: { disabledReason },
        now: world.now,
        operationalEventIds: world.operationalEventIds,
      });
    expect(await disabledAt()).toBeNull();
    world.now += 5;
    const since = world.now;
    await change("by_request");
    world.now += 5;
    await change("by_request");
    expect(await disabledAt()).toBe(since);
    await change(null);
    expect(await disabledAt()).toBeNull();
    await world.accept();
    await world.settleAll(id, { state: "failed", gone: true });
    expect(await disabledAt()).toBe(world.now);
    expect((await world.subscribe({ disabledReason: "by_request" })).disabledAt).toBe(world.now);
  });
});

async function all(world: World, message: Message, limit = 250): Promise<MessageSubscription[]> {
  const found: MessageSubscription[] = [];
  let cursor: SubscriptionId | null = null;
  do {
    const { organizationId, id: messageId } = message;
    const page = await world.store.listMessageSubscriptions({ organizationId, messageId, limit, cursor });
    expect(page.items.length).toBeLessThanOrEqual(limit);
    found.push(...page.items);
    cursor = page.next;
  } while (cursor !== null);
  return found;
}

async function remove(world: World, subscriptionId: SubscriptionId): Promise<void> {
  const { organizationId, now, operationalEventIds } = world;
  await world.store.deleteSubscription({ organizationId, subscriptionId, now, operationalEventIds });
}
