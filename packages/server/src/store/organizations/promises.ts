import { expect, test } from "vitest";
import type { ApiKey } from "../../domain/api-key.ts";
import type { OrganizationId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import { newOrganization } from "../../domain/organization.ts";
import { type OpenStore, t0, World } from "../fixtures/samples.ts";

export function organizationPromises(open: OpenStore): void {
  test("the first organization stays the first", async () => {
    await using world = await World.open(open.fresh);
    await world.addOrganization();
    expect((await world.store.readFirstOrganization({}))?.id).toBe(world.organizationId);
    expect(await world.store.listOrganizations({ limit: 9, cursor: null, oldestFirst: false })).toHaveLength(2);
  });

  test("an organization can be renamed, and deleted only when nothing of it is in use", async () => {
    await using world = await World.open(open);
    const organizationId = await world.addOrganization();
    const renamed = await world.store.updateOrganization({ organizationId, changes: { name: "Initech" }, now: t0 + 1 });
    expect(renamed).toMatchObject({ name: "Initech", modifiedAt: t0 + 1 });
    const subscription = await world.subscribe({ organizationId });
    await world.accept({ organizationId });
    await world.settleAll(subscription.id, { state: "delivered" });
    const deletion = { organizationId, now: t0 };
    expect(await world.store.deleteOrganization(deletion)).toBe("in_use");
    await world.store.deleteSubscription({
      organizationId,
      subscriptionId: subscription.id,
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await world.store.deleteOrganization(deletion)).toBe("deleted");
    expect(await world.store.deleteOrganization(deletion)).toBe("not_found");
    expect(await world.store.readOrganization({ organizationId })).toBeNull();
  });

  test("a deleted organization disappears with its uid and keys immediately, and its data is removed in steps", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const organizationId = world.newId<"organization">();
    const acme = newOrganization(organizationId, t0, { uid: "acme" });
    await store.createOrganization({ organization: acme });
    await store.createApiKey({ key: keyOf(world, { organizationId }), hash: "h" });
    const subscription = await world.subscribe({ organizationId });
    const made: Message[] = [];
    for (let i = 0; i < 5; i++) made.push(await world.accept({ organizationId, eventId: `evt-${i}` }));
    await world.settleAll(subscription.id, { state: "delivered" }, 2);
    await store.beginIdempotent({ organizationId, key: "k", requestHash: "h", createdAt: t0, now: t0 });
    await store.createRecovery({ recovery: world.recovery(subscription, t0, t0 + 1) });
    const kept = await world.accept({ eventId: "evt-1" });

    await store.deleteSubscription({
      organizationId,
      subscriptionId: subscription.id,
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await store.deleteOrganization({ organizationId, now: t0 })).toBe("deleted");
    expect(await store.findApiKey({ hash: "h", now: t0 })).toBeNull();
    expect(await store.findOrganization({ uid: "acme" })).toBeNull();
    expect(await store.listOrganizations({ limit: 9, cursor: null, oldestFirst: true })).toHaveLength(1);
    const heir = newOrganization(world.newId<"organization">(), t0, { uid: "acme" });
    expect(await store.createOrganization({ organization: heir })).toBe(true);

    const left = async () => {
      const read = made.map(({ id: messageId }) => store.readMessage({ organizationId, messageId }));
      return (await Promise.all(read)).filter((message) => message !== null).length;
    };
    const counts: number[] = [];
    while (await store.purgeOrganizations({ limit: 2 })) counts.push(await left());
    expect(counts.slice(0, 4)).toEqual([3, 1, 0, 0]);
    // The id is free, because no row names it any more.
    expect(await store.createOrganization({ organization: { ...acme, uid: null } })).toBe(true);
    await world.accept({ organizationId, eventId: "evt-1" });
    expect(await left()).toBe(0);
    const id = { organizationId: world.organizationId, messageId: kept.id };
    expect(await store.readMessage(id)).toEqual(kept);
  });

  test("an organization is found by its unique uid until it gives the uid up", async () => {
    await using world = await World.open(open.fresh);
    const [one, other] = [world.newId<"organization">(), world.newId<"organization">()];
    const acme = newOrganization(one, t0, { name: "Acme", uid: "acme", metadata: { tier: "gold" }, rateLimit: 50 });
    expect(await world.store.createOrganization({ organization: acme })).toBe(true);
    expect(await world.store.findOrganization({ uid: "acme" })).toEqual(acme);
    const twin = newOrganization(other, t0, { name: "Twin", uid: "acme" });
    expect(await world.store.createOrganization({ organization: twin })).toBe(false);
    expect(await world.store.readOrganization({ organizationId: other })).toBeNull();
    await world.store.createOrganization({ organization: { ...twin, uid: null } });
    const take = { organizationId: other, changes: { uid: "acme" }, now: t0 + 1 };
    expect(await world.store.updateOrganization(take)).toBe("uid_taken");
    const cleared = await world.store.updateOrganization({ ...take, organizationId: one, changes: { uid: null } });
    expect(cleared).toEqual({ ...acme, uid: null, modifiedAt: t0 + 1 });
    expect(await world.store.updateOrganization(take)).toMatchObject({ uid: "acme" });
    const nobody = world.newId<"organization">();
    expect(await world.store.updateOrganization({ ...take, organizationId: nobody })).toBe("not_found");
  });

  test("organizations are listed from either end, page by page", async () => {
    await using world = await World.open(open.fresh);
    const made = [world.organizationId];
    for (let i = 0; i < 4; i++) made.push(await world.addOrganization());
    const ids = async (cursor: OrganizationId | null, oldestFirst: boolean) =>
      (await world.store.listOrganizations({ limit: 2, cursor, oldestFirst })).map(({ id }) => id);
    expect(await ids(null, true)).toEqual(made.slice(0, 2));
    expect(await ids(made[1] ?? null, true)).toEqual(made.slice(2, 4));
    expect(await ids(null, false)).toEqual([made[4], made[3]]);
    expect(await ids(made[2] ?? null, false)).toEqual([made[1], made[0]]);
  });

  test("a key is found by its hash until it expires, is rotated or deleted", async () => {
    await using world = await World.open(open.fresh);
    const key = keyOf(world, { expiresAt: t0 + 100 });
    await world.store.createApiKey({ key, hash: "h1" });
    const find = (hash: string, now: number) => world.store.findApiKey({ hash, now });
    expect(await find("h1", t0 + 99)).toEqual(key);
    expect(await find("h1", t0 + 100)).toBeNull();
    expect(await find("other", t0)).toBeNull();
    const id = { organizationId: world.organizationId, keyId: key.id };
    await world.store.rotateApiKey({ ...id, hash: "h2", prefix: "weft_new", overlapUntil: null });
    expect([await find("h1", t0), (await find("h2", t0))?.prefix]).toEqual([null, "weft_new"]);
    await world.store.deleteApiKey(id);
    expect(await find("h2", t0)).toBeNull();
  });

  test("the previous hash of a rotated key is accepted until the overlap ends, and never after the key expires", async () => {
    await using world = await World.open(open.fresh);
    const key = keyOf(world, { expiresAt: t0 + 100 });
    await world.store.createApiKey({ key, hash: "h1" });
    const id = { organizationId: world.organizationId, keyId: key.id };
    const knows = async (now: number) => {
      const found = await Promise.all(["h1", "h2", "h3"].map((hash) => world.store.findApiKey({ hash, now })));
      return found.map((one) => one !== null);
    };
    const rotated = await world.store.rotateApiKey({ ...id, hash: "h2", prefix: "p", overlapUntil: t0 + 50 });
    expect(rotated).toEqual({ ...key, prefix: "p", overlapUntil: t0 + 50 });
    expect(await knows(t0 + 49)).toEqual([true, true, false]);
    expect(await knows(t0 + 50)).toEqual([false, true, false]);
    await world.store.rotateApiKey({ ...id, hash: "h3", prefix: "p", overlapUntil: t0 + 500 });
    expect(await knows(t0)).toEqual([false, true, true]);
    expect(await knows(t0 + 100)).toEqual([false, false, false]);
    await world.store.rotateApiKey({ ...id, hash: "h1", prefix: "p", overlapUntil: null });
    expect(await knows(t0)).toEqual([true, false, false]);
  });

  test("keys are listed, rotated and deleted in their own organization only", async () => {
    await using world = await World.open(open.fresh);
    const key = keyOf(world);
    await world.store.createApiKey({ key, hash: "h" });
    const organizationId = await world.addOrganization();
    expect(await world.store.listApiKeys({ organizationId, limit: 9, cursor: null })).toEqual([]);
    expect(
      await world.store.rotateApiKey({ organizationId, keyId: key.id, hash: "x", prefix: "x", overlapUntil: null }),
    ).toBeNull();
    expect(await world.store.deleteApiKey({ organizationId, keyId: key.id })).toBeNull();
    expect(await world.store.listApiKeys({ organizationId: world.organizationId, limit: 9, cursor: null })).toEqual([
      key,
    ]);
  });
}

function keyOf(world: World, changes: Partial<ApiKey> = {}): ApiKey {
  return {
    id: world.newId<"apiKey">(),
    organizationId: world.organizationId,
    name: "CI",
    prefix: "weft_abc",
    scopes: ["read", "publish"],
    createdAt: t0,
    expiresAt: null,
    overlapUntil: null,
    ...changes,
  };
}
