import { expect, test } from "vitest";
import type { ApiKey } from "../../domain/api-key.ts";
import type { ApiKeyId, Id, OrganizationId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import { defaultNamespace, newOrganization, type Organization } from "../../domain/organization.ts";
import type { ApiKeySort } from "../api-keys/interface.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { eventTypesOf } from "../fixtures/producer-samples.ts";
import { t0, World } from "../fixtures/samples.ts";
import type { Page, SortPosition } from "../page.ts";
import type { OrganizationSort } from "./interface.ts";

bothStoresKeep("organizations", (open) => {
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
    expect(await store.findOrganization({ namespace: defaultNamespace, uid: "acme" })).toBeNull();
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

  test("the messages about an organization are stored only if it was created or deleted", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const organizationId = world.newId<"organization">();
    const organization = newOrganization(organizationId, t0, { uid: "acme" });
    const create = () =>
      store.createOrganization({ organization, announce: [world.message({ eventType: "organization.created" })] });
    const remove = () =>
      store.deleteOrganization({
        ...{ organizationId, now: t0 },
        announce: [world.message({ eventType: "organization.deleted" })],
      });
    expect([await create(), await create()]).toEqual([true, false]);
    expect(await eventTypesOf(world)).toEqual(["organization.created"]);
    const subscription = await world.subscribe({ organizationId });
    expect(await remove()).toBe("in_use");
    await store.deleteSubscription({
      ...{ organizationId, subscriptionId: subscription.id, now: t0 },
      operationalEventIds: world.operationalEventIds,
    });
    expect([await remove(), await remove()]).toEqual(["deleted", "not_found"]);
    expect(await eventTypesOf(world)).toEqual(["organization.created", "organization.deleted"]);
  });

  test("whether an organization accepts unknown event types is stored, and is refused at first", async () => {
    await using world = await World.open(open);
    const organizationId = await world.addOrganization();
    const read = async () => (await world.store.readOrganization({ organizationId }))?.unknownEventTypes;
    expect(await read()).toBe("refuse");
    await world.store.updateOrganization({ organizationId, changes: { unknownEventTypes: "accept" }, now: t0 });
    expect(await read()).toBe("accept");
    await world.store.updateOrganization({ organizationId, changes: { name: "Initech" }, now: t0 });
    expect(await read()).toBe("accept");
  });

  test("an organization is found by its unique uid until it gives the uid up", async () => {
    await using world = await World.open(open.fresh);
    const [one, other] = [world.newId<"organization">(), world.newId<"organization">()];
    const acme = newOrganization(one, t0, {
      name: "Acme",
      description: "Rockets",
      uid: "acme",
      metadata: { tier: "gold" },
      rateLimit: 50,
    });
    expect(await world.store.createOrganization({ organization: acme })).toBe(true);
    expect(await world.store.findOrganization({ namespace: defaultNamespace, uid: "acme" })).toEqual(acme);
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

  test("a uid is unique in its namespace, where alone it is found", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const acmeIn = (namespace: string) =>
      newOrganization(world.newId<"organization">(), t0, { uid: "acme", namespace });
    const [main, a, b] = [acmeIn(defaultNamespace), acmeIn("org_a"), acmeIn("org_b")];
    for (const organization of [main, a, b]) expect(await store.createOrganization({ organization })).toBe(true);
    for (const { namespace } of [main, a, b]) {
      expect(await store.createOrganization({ organization: acmeIn(namespace) })).toBe(false);
    }
    for (const made of [main, a, b]) {
      expect(await store.findOrganization({ namespace: made.namespace, uid: "acme" })).toEqual(made);
      expect(await store.readOrganization({ organizationId: made.id })).toEqual(made);
    }
    expect(await store.findOrganization({ namespace: "org_c", uid: "acme" })).toBeNull();
    const other = { ...newOrganization(world.newId<"organization">(), t0, { uid: "other", namespace: "org_a" }) };
    await store.createOrganization({ organization: other });
    const rename = { organizationId: other.id, changes: { uid: "acme" }, now: t0 };
    expect(await store.updateOrganization(rename)).toBe("uid_taken");
    await store.deleteOrganization({ organizationId: a.id, now: t0 });
    expect(await store.updateOrganization(rename)).toMatchObject({ uid: "acme", namespace: "org_a" });
    const listed = async (namespace: string | null) => {
      const filters = { namespace, hasSubscriptions: false, hasNotOnlyDisabled: false, oldestFirst: true };
      return (await store.filterOrganizations({ ...filters, limit: 9, cursor: null })).items.map(({ id }) => id);
    };
    expect(await listed("org_a")).toEqual([other.id]);
    expect(await listed("org_c")).toEqual([]);
    expect(await listed(defaultNamespace)).toEqual([world.organizationId, main.id]);
    expect(await listed(null)).toEqual([world.organizationId, main.id, b.id, other.id]);
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

  test("organizations without subscriptions, or with disabled ones only, can be left out from either end", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const [disabled, mixed, deleted] = [
      await world.addOrganization(),
      await world.addOrganization(),
      await world.addOrganization(),
    ];
    const first = world.organizationId;
    await world.subscribe({ organizationId: disabled, disabledReason: "by_request" });
    await world.subscribe({ organizationId: mixed, disabledReason: "gone" });
    await world.subscribe({ organizationId: mixed });
    const { id: subscriptionId } = await world.subscribe({ organizationId: deleted });
    const { operationalEventIds } = world;
    await store.deleteSubscription({ organizationId: deleted, subscriptionId, now: t0, operationalEventIds });
    for (const [hasSubscriptions, hasNotOnlyDisabled, expected] of [
      [false, false, [first, disabled, mixed, deleted]],
      [true, false, [disabled, mixed]],
      [false, true, [first, mixed, deleted]],
      [true, true, [mixed]],
    ] as const) {
      for (const oldestFirst of [true, false]) {
        const found: OrganizationId[] = [];
        for (let cursor: OrganizationId | null = null; ; ) {
          const filters = { namespace: null, hasSubscriptions, hasNotOnlyDisabled, oldestFirst };
          const page: Page<Organization, OrganizationId> = await store.filterOrganizations({
            ...filters,
            limit: 1,
            cursor,
          });
          found.push(...page.items.map(({ id }) => id));
          if (page.next === null) break;
          cursor = page.next;
        }
        expect(found).toEqual(oldestFirst ? expected : expected.toReversed());
      }
    }
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
    await world.store.rotateApiKey({ ...id, hash: "h2", prefix: "weft_new", overlapUntil: null, now: t0 + 9 });
    expect([await find("h1", t0), (await find("h2", t0))?.prefix]).toEqual([null, "weft_new"]);
    expect(await world.store.readApiKey(id)).toMatchObject({ id: key.id, rotatedAt: t0 + 9 });
    expect(await world.store.readApiKey({ ...id, organizationId: world.newId<"organization">() })).toBeNull();
    await world.store.deleteApiKey(id);
    expect(await find("h2", t0)).toBeNull();
    expect(await world.store.readApiKey(id)).toBeNull();
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
    const rotated = await world.store.rotateApiKey({ ...id, hash: "h2", prefix: "p", overlapUntil: t0 + 50, now: t0 });
    expect(rotated).toEqual({ ...key, prefix: "p", rotatedAt: t0, overlapUntil: t0 + 50 });
    expect(await knows(t0 + 49)).toEqual([true, true, false]);
    expect(await knows(t0 + 50)).toEqual([false, true, false]);
    await world.store.rotateApiKey({ ...id, hash: "h3", prefix: "p", overlapUntil: t0 + 500, now: t0 });
    expect(await knows(t0)).toEqual([false, true, true]);
    expect(await knows(t0 + 100)).toEqual([false, false, false]);
    await world.store.rotateApiKey({ ...id, hash: "h1", prefix: "p", overlapUntil: null, now: t0 });
    expect(await knows(t0)).toEqual([true, false, false]);
  });

  test("the last use of a key is stored at most once a minute, and never goes back", async () => {
    await using world = await World.open(open.fresh);
    const [key, other] = [keyOf(world), keyOf(world)];
    await world.store.createApiKey({ key, hash: "h1" });
    await world.store.createApiKey({ key: other, hash: "h2" });
    const note = (...times: number[]) =>
      world.store.noteKeyUses({ uses: times.map((usedAt) => ({ keyId: key.id, usedAt })) });
    const lastUse = async () => (await world.store.findApiKey({ hash: "h1", now: t0 }))?.lastUsedAt;
    await note(t0);
    expect(await lastUse()).toBe(t0);
    await note(t0 - 120_000, t0 + 59_999);
    expect(await lastUse()).toBe(t0);
    await note(t0 + 60_000);
    expect(await lastUse()).toBe(t0 + 60_000);
    expect((await world.store.findApiKey({ hash: "h2", now: t0 }))?.lastUsedAt).toBeNull();
  });

  test("keys are sorted by a value, page by page in both directions, within their organization", async () => {
    await using world = await World.open(open.fresh);
    const { store, organizationId } = world;
    const made = ["beta", "Alpha", "gamma"].map((name, index) => keyOf(world, { name, createdAt: t0 + index }));
    for (const key of made) await store.createApiKey({ key, hash: key.name });
    await store.createApiKey({ key: keyOf(world, { organizationId: await world.addOrganization() }), hash: "other" });
    const [beta, alpha] = made;
    const uses = [alpha, beta].map((key, index) => ({ keyId: key?.id as ApiKeyId, usedAt: t0 + index * 600_000 }));
    await store.noteKeyUses({ uses });
    const names = async (sort: ApiKeySort, descending: boolean) => {
      const read = (position: SortPosition<ApiKeyId> | null) =>
        store.sortApiKeys({ organizationId, sort, descending, position, limit: 2 });
      return (await everyPosition(read)).map(({ key }) => key.name);
    };
    expect(await names("name", false)).toEqual(["Alpha", "beta", "gamma"]);
    expect(await names("name", true)).toEqual(["gamma", "beta", "Alpha"]);
    expect(await names("last_used", true)).toEqual(["beta", "Alpha", "gamma"]);
    expect(await names("last_used", false)).toEqual(["gamma", "Alpha", "beta"]);
    expect(await names("created", false)).toEqual(["beta", "Alpha", "gamma"]);
  });

  test("organizations are sorted by a value, page by page in both directions, without that of the operators", async () => {
    await using world = await World.open(open.fresh);
    const { store } = world;
    const [first] = await store.listOrganizations({ limit: 9, cursor: null, oldestFirst: true });
    const rename = (organizationId: OrganizationId, name: string) =>
      store.updateOrganization({ organizationId, changes: { name }, now: t0 });
    await rename(world.organizationId, "initech");
    for (const name of ["Acme", "globex", "acme"]) await rename(await world.addOrganization(), name);
    const names = async (sort: OrganizationSort, descending: boolean) => {
      const read = (position: SortPosition<OrganizationId> | null) =>
        store.sortOrganizations({ sort, descending, position, limit: 1 });
      return (await everyPosition(read)).map(({ organization }) => organization.name);
    };
    expect(first?.id).toBe(world.organizationId);
    expect(await names("name", false)).toEqual(["Acme", "acme", "globex", "initech"]);
    expect(await names("name", true)).toEqual(["initech", "globex", "acme", "Acme"]);
    expect(await names("created", false)).toEqual(["initech", "Acme", "globex", "acme"]);
    expect(await names("created", true)).toEqual(["acme", "globex", "Acme", "initech"]);
  });

  test("keys are listed, rotated and deleted in their own organization only", async () => {
    await using world = await World.open(open.fresh);
    const key = keyOf(world);
    await world.store.createApiKey({ key, hash: "h" });
    const organizationId = await world.addOrganization();
    expect(await world.store.listApiKeys({ organizationId, limit: 9, cursor: null })).toEqual([]);
    expect(
      await world.store.rotateApiKey({
        organizationId,
        keyId: key.id,
        hash: "x",
        prefix: "x",
        overlapUntil: null,
        now: t0,
      }),
    ).toBeNull();
    expect(await world.store.deleteApiKey({ organizationId, keyId: key.id })).toBeNull();
    expect(await world.store.listApiKeys({ organizationId: world.organizationId, limit: 9, cursor: null })).toEqual([
      key,
    ]);
  });
});

/** Every page of a sorted list from the first to the end. */
async function everyPosition<Kind extends string, Item extends { readonly position: SortPosition<Id<Kind>> }>(
  read: (position: SortPosition<Id<Kind>> | null) => Promise<readonly Item[]>,
): Promise<Item[]> {
  const all: Item[] = [];
  for (let position: SortPosition<Id<Kind>> | null = null; ; ) {
    const page: readonly Item[] = await read(position);
    all.push(...page);
    const last = page.at(-1);
    if (last === undefined) return all;
    position = last.position;
  }
}

function keyOf(world: World, changes: Partial<ApiKey> = {}): ApiKey {
  return {
    id: world.newId<"apiKey">(),
    organizationId: world.organizationId,
    name: "CI",
    prefix: "weft_abc",
    scopes: ["read", "publish"],
    createdAt: t0,
    rotatedAt: null,
    expiresAt: null,
    overlapUntil: null,
    lastUsedAt: null,
    ...changes,
  };
}
