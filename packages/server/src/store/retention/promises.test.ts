import { expect, test } from "vitest";
import type { Attempt } from "../../domain/attempt.ts";
import type { MessageId } from "../../domain/id.ts";
import type { ExpiredRange } from "../../domain/retention.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { t0, World } from "../fixtures/samples.ts";
import { anyMessage } from "../messages/interface.ts";
import type { ExpiredDelivery } from "./interface.ts";

const day = 86_400_000;

/** The promises about messages that have expired. */
bothStoresKeep("retention", (open) => {
  test("messages expire by their organization, event type and age, the oldest first and in bounded steps", async () => {
    await using world = await World.open(open);
    const other = await world.addOrganization();
    const old = [await world.accept(), await world.accept({ eventType: "sync.failed" }), await world.accept()];
    await world.accept({ organizationId: other });
    world.now += 10 * day;
    const young = await world.accept();
    const expired = (range: Partial<ExpiredRange>, limit = 10) =>
      world.store.findExpiredMessages({
        ...{ organizationId: world.organizationId, eventType: null, before: t0 + day, limit },
        ...range,
      });
    const [first, failed, last] = old.map(({ id }) => id) as [MessageId, MessageId, MessageId];
    expect(await expired({})).toEqual([first, failed, last]);
    expect(await expired({}, 2)).toEqual([first, failed]);
    expect(await expired({ eventType: "sync.completed" })).toEqual([first, last]);
    expect(await expired({ eventType: "sync.failed" })).toEqual([failed]);
    expect(await expired({ eventType: "no.such.type" })).toEqual([]);
    expect(await expired({ before: t0 })).toEqual([]);
    expect(await expired({ before: world.now + 1 })).toEqual([first, failed, last, young.id]);
  });

  test("the deliveries and attempts of messages are read in pages, without those of other organizations and messages", async () => {
    await using world = await World.open(open);
    const subscriptions = [await world.subscribe(), await world.subscribe(), await world.subscribe()];
    const messages = [await world.accept(), await world.accept()];
    const unrelated = await world.accept();
    for (const { id } of subscriptions) await world.settleAll(id, { state: "delivered" });
    const messageIds = messages.map(({ id }) => id);
    const keys = messageIds.flatMap((messageId) => subscriptions.map(({ id }) => `${messageId} ${id}`));

    const deliveries = await pages<ExpiredDelivery>((after, limit) =>
      world.store.readExpiredDeliveries({ ...key(world, messageIds), after, limit }),
    );
    expect(deliveries.map(({ messageId, subscriptionId }) => `${messageId} ${subscriptionId}`)).toEqual(keys);
    expect(deliveries.every(({ state, attempts }) => state === "delivered" && attempts === 1)).toBe(true);

    const attempts = await pages<Attempt>((after, limit) =>
      world.store.readExpiredAttempts({ ...key(world, messageIds), after, limit }),
    );
    expect(attempts.map(({ messageId, subscriptionId }) => `${messageId} ${subscriptionId}`).sort()).toEqual(keys);
    expect(attempts.every(({ succeeded, responseStatus }) => succeeded && responseStatus === 200)).toBe(true);

    const organizationId = await world.addOrganization();
    const others = { messageIds: [...messageIds, unrelated.id], after: null, limit: 10 };
    expect(await world.store.readExpiredDeliveries({ organizationId, ...others })).toEqual([]);
    expect(await world.store.readExpiredAttempts({ organizationId, ...others })).toEqual([]);
  });

  test("deleted messages leave no deliveries and attempts, and messages of another organization stay", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const [deleted, kept] = [await world.accept({ eventId: "event" }), await world.accept()];
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    const other = await world.addOrganization();
    const messageIds = [deleted.id];
    expect(await world.store.deleteMessages({ organizationId: other, messageIds })).toBe(0);
    expect(await world.store.deleteMessages({ organizationId: world.organizationId, messageIds })).toBe(1);
    expect(await world.store.deleteMessages({ organizationId: world.organizationId, messageIds })).toBe(0);
    const page = { after: null, limit: 10 };
    expect(await world.store.readExpiredDeliveries({ ...key(world, messageIds), ...page })).toEqual([]);
    expect(await world.store.readExpiredAttempts({ ...key(world, messageIds), ...page })).toEqual([]);
    const { items } = await world.store.listMessages({
      ...{ organizationId: world.organizationId, limit: 10, cursor: null },
      ...anyMessage,
    });
    expect(items.map(({ id }) => id)).toEqual([kept.id]);
    // The event id is free again.
    expect((await world.accept({ eventId: "event" })).id).not.toBe(deleted.id);
  });

  test("exactly one of the live nodes is the first", async () => {
    await using world = await World.open(open.fresh);
    const isFirst = (nodeId: Awaited<ReturnType<World["node"]>>) => world.store.isFirstNode({ nodeId, now: world.now });
    const first = await world.node(10_000);
    world.now += 1;
    const second = await world.node(60_000);
    expect([await isFirst(first), await isFirst(second)]).toEqual([true, false]);
    world.now += 20_000;
    expect([await isFirst(first), await isFirst(second)]).toEqual([false, true]);
    world.now += 60_000;
    expect([await isFirst(first), await isFirst(second)]).toEqual([false, false]);
  });
});

function key(world: World, messageIds: readonly MessageId[]) {
  return { organizationId: world.organizationId, messageIds };
}

/** All rows, read two at a time. */
async function pages<Row>(read: (after: Row | null, limit: number) => Promise<Row[]>): Promise<readonly Row[]> {
  const rows: Row[] = [];
  for (;;) {
    const page = await read(rows.at(-1) ?? null, 2);
    rows.push(...page);
    if (page.length < 2) return rows;
  }
}
