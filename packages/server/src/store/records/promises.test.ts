import { expect, test } from "vitest";
import { anyAttempt } from "../attempts/interface.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { World } from "../fixtures/samples.ts";

const organizationsMax = 1_000;

bothStoresKeep("records of any organization", (open) => {
  test("a message, an attempt and a subscription are found by their id alone, with their organization", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const subscription = await world.subscribe();
    const message = await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    const { items } = await store.listAttempts({
      ...anyAttempt,
      organizationId,
      messageId: message.id,
      cursor: null,
      limit: 1,
    });
    const attemptId = items[0]?.id ?? "";
    expect(await store.findRecord({ id: message.id })).toEqual({ kind: "message", organizationId, id: message.id });
    expect(await store.findRecord({ id: attemptId })).toEqual({ kind: "attempt", organizationId, id: attemptId });
    const found = { kind: "subscription", organizationId, id: subscription.id };
    expect(await store.findRecord({ id: subscription.id })).toEqual(found);
    const key = { organizationId, subscriptionId: subscription.id };
    await store.deleteSubscription({ ...key, now: world.now, operationalEventIds: world.operationalEventIds });
    expect(await store.findRecord({ id: subscription.id })).toBeNull();
    expect(await store.findRecord({ id: world.newId<"message">() })).toBeNull();
  });

  test("events of several organizations are found by their event id, up to the limit", async () => {
    await using world = await World.open(open.fresh);
    const others = [world.organizationId, await world.addOrganization(), await world.addOrganization()];
    const accepted = [];
    for (const organizationId of others) accepted.push(await world.accept({ organizationId, eventId: "order-7" }));
    await world.accept({ eventId: "order-70" });
    const find = (limit: number, max = organizationsMax) =>
      world.store.findEvents({ eventId: "order-7", organizationsMax: max, limit });
    const all = accepted.map(({ organizationId, id: messageId }) => ({ organizationId, messageId }));
    expect(new Set(await find(10))).toEqual(new Set(all));
    expect(await find(2)).toHaveLength(2);
    expect(await find(10, 1)).toEqual([all[2]]);
    expect(await world.store.findEvents({ eventId: "none", organizationsMax, limit: 10 })).toEqual([]);
  });

  test("organizations are found by a part of their name or uid, in any case, newest first", async () => {
    await using world = await World.open(open.fresh);
    const { store, now } = world;
    const rename = (organizationId: typeof world.organizationId, changes: { name?: string; uid?: string }) =>
      store.updateOrganization({ organizationId, changes, now });
    const second = await world.addOrganization();
    await rename(world.organizationId, { name: "Acme Rockets" });
    await rename(second, { name: "Other", uid: "rockets-2" });
    const find = async (text: string, limit = 10, max = organizationsMax) =>
      (await store.searchOrganizations({ text, organizationsMax: max, limit })).map(({ id }) => id);
    expect(await find("rOCKETS")).toEqual([second, world.organizationId]);
    expect(await find("acme")).toEqual([world.organizationId]);
    expect(await find("rockets", 1)).toEqual([second]);
    expect(await find("acme", 10, 1)).toEqual([]);
    expect(await find("%")).toEqual([]);
  });
});
