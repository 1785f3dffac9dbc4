import { expect, test } from "vitest";
import { healthStatus, healthStatuses } from "../../domain/health.ts";
import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { newSubscription, type Subscription } from "../../domain/subscription.ts";
import { type Target, type TargetKind, targetKinds } from "../../domain/target.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { t0, unlimited, World } from "../fixtures/samples.ts";
import type { Page } from "../page.ts";
import type {
  FoundSubscription,
  SearchSubscriptions,
  SortedSubscriptions,
  SubscriptionPosition,
  SubscriptionSort,
} from "./interface.ts";

bothStoresKeep("subscriptions", (open) => {
  test("a subscription sends no trace context until it is set to", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const { id: subscriptionId } = await world.subscribe();
    const key = { organizationId, subscriptionId };
    const sent = async () => (await store.readDeliverySettings({ subscriptionId, now: world.now }))?.sendsTraceContext;
    expect(await sent()).toBe(false);
    const { operationalEventIds, now } = world;
    const changes = { sendsTraceContext: true };
    expect(await store.updateSubscription({ ...key, changes, now, operationalEventIds })).toMatchObject(changes);
    expect(await sent()).toBe(true);
    const { id } = await world.subscribe({ sendsTraceContext: true });
    expect(await store.readSubscription({ organizationId, subscriptionId: id })).toMatchObject(changes);
  });

  test("a subscription is read as it was created", async () => {
    await using world = await World.open(open);
    const made = await world.subscribe({
      uid: "alerts",
      eventTypes: ["sync.failed", "collection.*"],
      channels: ["a"],
      metadata: { team: "data" },
      description: "Alerts",
      filters: '{"source_type":["github",null,7.0,9007199254740993,true]}',
      headers: { Authorization: "Bearer t0ken" },
      retryDelaysMs: [1_000, 60_000],
    });
    expect(await world.store.readSubscription(keyOf(world, made.id))).toEqual(made);
  });

  test("each kind of target is read as it was created, and only the settings for deliveries have its credential", async () => {
    await using world = await World.open(open);
    const { store } = world;
    const target = { kind: "slack", url: "https://a.b/***", template: "{{error}}" } as const;
    const subscription = { ...(await world.subscribe()), id: world.newId<"subscription">(), target };
    const secret = "whsec_c2VjcmV0LXNlY3JldC1zZWNyZXQ=";
    const common = { operationalEventIds: world.operationalEventIds, subscriptionsMax: unlimited };
    await store.createSubscription({ subscription, secret, credential: "https://a.b/c", ...common });
    const key = keyOf(world, subscription.id);
    expect(await store.readSubscription(key)).toEqual(subscription);
    const settings = () => store.readDeliverySettings({ subscriptionId: subscription.id, now: t0 });
    expect(await settings()).toMatchObject({ target, credential: "https://a.b/c" });
    const changes = { template: null, credential: "https://a.b/d" };
    await store.updateSubscription({ ...key, changes, now: t0, operationalEventIds: world.operationalEventIds });
    expect(await settings()).toMatchObject({ target: { ...target, template: null }, credential: "https://a.b/d" });
    for (const kind of targetKinds) {
      const url = `https://example.com/${kind}`;
      const given = targetOf(kind, url);
      const { id: subscriptionId } = await world.subscribe({ target: given });
      expect((await store.readSubscription(keyOf(world, subscriptionId)))?.target).toEqual(given);
      const read = await store.readDeliverySettings({ subscriptionId, now: t0 });
      expect(read).toMatchObject({ target: given, credential: null });
    }
  });

  test("the number of subscriptions of an organization is bounded even for concurrent callers, independently of other organizations", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const create = (changes: Partial<Subscription> = {}) => {
      const id = world.newId<"subscription">();
      const target = { kind: "webhook", url: "https://example.com/hook" } as const;
      const subscription = newSubscription({
        id,
        organizationId,
        target,
        eventTypes: ["sync.*"],
        createdAt: t0,
        ...changes,
      });
      return store.createSubscription({
        subscription,
        secret: "whsec_c2Vj",
        operationalEventIds: world.operationalEventIds,
        subscriptionsMax: 7,
      });
    };
    const made = await Promise.all(Array.from({ length: 40 }, () => create()));
    expect(made.filter((result) => result === "created")).toHaveLength(7);
    expect(made.filter((result) => result === "full")).toHaveLength(33);
    const listed = await store.listSubscriptions({ organizationId, limit: 50, cursor: null, oldestFirst: true });
    expect(listed).toHaveLength(7);
    expect(await create({ organizationId: await world.addOrganization() })).toBe("created");
    const subscriptionId = listed[0]?.id ?? world.newId<"subscription">();
    await store.deleteSubscription({
      organizationId,
      subscriptionId,
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await create()).toBe("created");
    expect(await create()).toBe("full");
  });

  test("a uid is unique in an organization, and free again after its subscription is deleted", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const made = await world.subscribe({ uid: "mine" });
    const other = await world.subscribe({ organizationId: await world.addOrganization(), uid: "mine" });
    expect(await store.findSubscription({ organizationId, uid: "mine" })).toEqual(made);
    const twin = { ...made, id: world.newId<"subscription">() };
    const create = {
      subscription: twin,
      secret: "whsec_c2VjcmV0",
      operationalEventIds: world.operationalEventIds,
      subscriptionsMax: unlimited,
    };
    expect(await store.createSubscription(create)).toBe("uid_taken");
    expect(await store.readSubscription(keyOf(world, twin.id))).toBeNull();
    expect(await store.findSubscription({ organizationId: other.organizationId, uid: "mine" })).toEqual(other);

    const third = await world.subscribe();
    const change = (uid: string | null) => ({
      ...keyOf(world, third.id),
      changes: { uid },
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await store.updateSubscription(change("mine"))).toBe("uid_taken");
    await store.deleteSubscription({
      ...keyOf(world, made.id),
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await store.findSubscription({ organizationId, uid: "mine" })).toBeNull();
    expect(await store.updateSubscription(change("mine"))).toMatchObject({ id: third.id, uid: "mine" });
    expect(await store.updateSubscription(change("mine"))).toMatchObject({ uid: "mine" });
    expect(await store.updateSubscription(change(null))).toMatchObject({ uid: null });
  });

  test("subscriptions are listed newest first, page by page, for one organization", async () => {
    await using world = await World.open(open);
    const made: SubscriptionId[] = [];
    for (let i = 0; i < 3; i++) made.unshift((await world.subscribe()).id);
    const other = await world.addOrganization();
    await world.subscribe({ organizationId: other });
    const { organizationId } = world;
    async function listed(oldestFirst: boolean): Promise<SubscriptionId[]> {
      const page = { organizationId, limit: 2, oldestFirst };
      const first = await world.store.listSubscriptions({ ...page, cursor: null });
      const second = await world.store.listSubscriptions({ ...page, cursor: first.at(-1)?.id ?? null });
      return [...first, ...second].map((subscription) => subscription.id);
    }
    expect(await listed(false)).toEqual(made);
    expect(await listed(true)).toEqual(made.toReversed());
  });

  test("subscriptions are found by a part of their names, by health and by whether they are disabled", async () => {
    await using world = await World.open(open);
    const { organizationId } = world;
    const outcomes = ["", "1", "10", "0001", "1110000", "1111111111"];
    const made: SubscriptionId[] = [];
    for (const [index, recent] of outcomes.entries()) {
      const subscription = await world.subscribe({
        url: `https://example.com/Hook-${index}`,
        description: index === 1 ? "For 100% of_alerts" : null,
        uid: index === 2 ? "ORDERS" : null,
        eventTypes: [`type.${index}`],
      });
      for (const outcome of [...recent].reverse()) {
        world.now += 1;
        await world.accept({ eventType: `type.${index}` });
        await world.settleAll(
          subscription.id,
          outcome === "1" ? { state: "delivered" } : { state: "failed", gone: false },
        );
      }
      if (index % 2 === 0) {
        const changes = { disabledReason: "by_request" } as const;
        await world.store.updateSubscription({
          ...keyOf(world, subscription.id),
          changes,
          now: t0,
          operationalEventIds: world.operationalEventIds,
        });
      }
      made.push(subscription.id);
    }
    await world.subscribe({ organizationId: await world.addOrganization() });
    const all = { organizationId, text: null, eventTypes: null, health: null, isDisabled: null, limit: 2 };
    async function found(filters: Partial<Omit<SearchSubscriptions, "limit">>): Promise<FoundSubscription[]> {
      const items: FoundSubscription[] = [];
      for (let cursor: SubscriptionId | null = null; ; ) {
        const page: Page<FoundSubscription, SubscriptionId> = await world.store.searchSubscriptions({
          ...all,
          ...filters,
          cursor,
        });
        items.push(...page.items);
        if (page.next === null) return items;
        cursor = page.next;
      }
    }
    const indexes = async (filters: Partial<Omit<SearchSubscriptions, "limit">>) =>
      (await found(filters)).map(({ id }) => made.indexOf(id));
    expect(await indexes({})).toEqual([5, 4, 3, 2, 1, 0]);
    expect(await indexes({ text: "hook-3" })).toEqual([3]);
    expect(await indexes({ text: "100% OF_" })).toEqual([1]);
    expect(await indexes({ text: "%" })).toEqual([1]);
    expect(await indexes({ text: "orders" })).toEqual([2]);
    expect(await indexes({ isDisabled: true })).toEqual([4, 2, 0]);
    expect(await indexes({ isDisabledAutomatically: true })).toEqual([]);
    expect(await indexes({ isDisabled: false, text: "example.com" })).toEqual([5, 3, 1]);
    const everyone = await found({});
    for (const health of healthStatuses) {
      const expected = everyone.filter((subscription) => healthStatus(subscription.health) === health);
      expect(await found({ health })).toEqual(expected);
      expect(expected, health).not.toEqual([]);
    }
    async function sorted(sort: SubscriptionSort, descending = false): Promise<number[]> {
      const order: number[] = [];
      for (let position: SortedSubscriptions["position"] = null; ; ) {
        const page: SubscriptionPosition[] = await world.store.sortSubscriptions({
          ...all,
          sort,
          descending,
          position,
        });
        order.push(...page.map(({ subscription }) => made.indexOf(subscription.id)));
        const last = page.at(-1);
        if (last === undefined) return order;
        position = { key: last.key, id: last.subscription.id };
      }
    }
    expect(await sorted("url")).toEqual([0, 1, 2, 3, 4, 5]);
    expect(await sorted("url", true)).toEqual([5, 4, 3, 2, 1, 0]);
    const attempted = everyone.map(({ id, lastAttemptAt }) => ({ index: made.indexOf(id), at: lastAttemptAt ?? 0 }));
    const byAttempt = attempted.toSorted((a, b) => b.at - a.at || b.index - a.index).map(({ index }) => index);
    expect(await sorted("last_attempt", true)).toEqual(byAttempt);
    expect(await sorted("last_attempt")).toEqual(byAttempt.toReversed());
    const rank = { failing: 0, degraded: 1, healthy: 2, unknown: 3 };
    const byHealth = everyone
      .map(({ id, health }) => ({ index: made.indexOf(id), rank: rank[healthStatus(health)] }))
      .toSorted((a, b) => a.rank - b.rank || a.index - b.index)
      .map(({ index }) => index);
    expect(await sorted("health")).toEqual(byHealth);
    expect(everyone.at(-1)?.lastAttemptAt).toBeNull();
    expect(everyone[0]?.lastAttemptAt).toBe(world.now);
  });

  test("subscriptions are found by an event type that they select by name or by wildcard", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const made = [
      await world.subscribe({ eventTypes: ["sync.failed", "collection.created"] }),
      await world.subscribe({ eventTypes: ["sync.*"] }),
      await world.subscribe({ eventTypes: ["*"] }),
      await world.subscribe({ eventTypes: ["collection.*"] }),
    ];
    await world.subscribe({ organizationId: await world.addOrganization() });
    const found = async (eventTypes: readonly string[]) => {
      const filter = { organizationId, text: null, health: null, isDisabled: null, limit: 10, cursor: null };
      const { items } = await store.searchSubscriptions({ ...filter, eventTypes });
      return items.map(({ id }) => made.findIndex((subscription) => subscription.id === id)).toReversed();
    };
    expect(await found(["sync.failed"])).toEqual([0, 1, 2]);
    expect(await found(["sync.completed"])).toEqual([1, 2]);
    expect(await found(["collection.created"])).toEqual([0, 2, 3]);
    expect(await found(["sync.completed", "collection.deleted"])).toEqual([1, 2, 3]);
    expect(await found(["synced"])).toEqual([2]);
  });

  test("a message has a match if an enabled subscription has its type and one of its channels, or all", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const hasMatch = (eventType: string, channels: string[] | null = null) =>
      store.hasMatch({ organizationId, eventType, channels });
    await world.subscribe({ eventTypes: ["sync.*"], channels: ["a"] });
    await world.subscribe({ eventTypes: ["*"], disabledReason: "by_request" });
    expect(await hasMatch("sync.failed", ["b", "a"])).toBe(true);
    expect(await hasMatch("sync.failed", ["b"])).toBe(false);
    expect(await hasMatch("sync.failed")).toBe(false);
    expect(await hasMatch("collection.created", ["a"])).toBe(false);
    const { id } = await world.subscribe({ eventTypes: ["sync.failed"] });
    expect(await hasMatch("sync.failed")).toBe(true);
    await store.deleteSubscription({ ...keyOf(world, id), now: t0, operationalEventIds: world.operationalEventIds });
    expect(await hasMatch("sync.failed")).toBe(false);
  });

  test("an update changes only the given fields", async () => {
    await using world = await World.open(open);
    const made = await world.subscribe({ description: "old", headers: { "x-a": "1" } });
    const key = keyOf(world, made.id);
    const changed = await world.store.updateSubscription({
      ...key,
      changes: { url: "https://new.example/" },
      now: t0 + 5,
      operationalEventIds: world.operationalEventIds,
    });
    expect(changed).toEqual({ ...made, target: { ...made.target, url: "https://new.example/" }, updatedAt: t0 + 5 });
    const cleared = await world.store.updateSubscription({
      ...key,
      changes: { description: null, headers: {}, retryDelaysMs: [], filters: '{"a":[1]}' },
      now: t0 + 6,
      operationalEventIds: world.operationalEventIds,
    });
    expect(cleared).toMatchObject({ description: null, headers: {}, retryDelaysMs: [], filters: '{"a":[1]}' });
  });

  test("a subscription cannot be read, changed, deleted or rotated through another organization", async () => {
    await using world = await World.open(open);
    const made = await world.subscribe();
    const key = { organizationId: await world.addOrganization(), subscriptionId: made.id };
    expect(await world.store.readSubscription(key)).toBeNull();
    expect(
      await world.store.updateSubscription({
        ...key,
        changes: { url: "https://evil.example/" },
        now: t0,
        operationalEventIds: world.operationalEventIds,
      }),
    ).toBe("not_found");
    expect(
      await world.store.deleteSubscription({ ...key, now: t0, operationalEventIds: world.operationalEventIds }),
    ).toBeNull();
    expect(await world.store.readSecrets({ ...key, now: t0 })).toBeNull();
    expect(
      await world.store.rotateSecret({
        ...key,
        secret: "whsec_AAAA",
        overlapUntil: t0,
        now: t0,
        operationalEventIds: world.operationalEventIds,
      }),
    ).toBe(false);
    expect(await world.store.readSubscription(keyOf(world, made.id))).toEqual(made);
  });

  test("deleting a subscription returns it, and afterwards nothing of it can be claimed, read or sent to", async () => {
    await using world = await World.open(open.fresh);
    const made = await world.subscribe();
    await world.accept();
    const key = keyOf(world, made.id);
    expect(
      await world.store.deleteSubscription({ ...key, now: t0, operationalEventIds: world.operationalEventIds }),
    ).toEqual(made);
    expect(await world.store.readSubscription(key)).toBeNull();
    expect(
      await world.store.deleteSubscription({ ...key, now: t0, operationalEventIds: world.operationalEventIds }),
    ).toBeNull();
    expect(await world.store.readDeliverySettings({ subscriptionId: made.id, now: t0 })).toBeNull();
    expect(await world.claim(await world.node(), made.id)).toEqual([]);
    expect(await world.store.findDueLanes({ limit: 9 })).toEqual([]);
  });

  test("attempts under way during a deletion are recorded, and their retries are cancelled", async () => {
    await using world = await World.open(open.fresh);
    const made = await world.subscribe();
    await world.accept();
    const nodeId = await world.node();
    const [delivery] = await world.claim(nodeId, made.id);
    if (delivery === undefined) throw new Error("Nothing was claimed.");
    await world.store.deleteSubscription({
      ...keyOf(world, made.id),
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    const records = [world.record(delivery, { state: "due", dueAt: t0, scheduleStep: 1 })];
    expect(await world.store.recordAttempts({ nodeId, records, now: t0 })).toEqual([true]);
    expect(await world.claim(nodeId, made.id)).toEqual([]);
    expect(await world.store.findDueLanes({ limit: 9 })).toEqual([]);
  });

  test("disabling skips waiting deliveries, and enabling accepts new messages and restarts the failure clock", async () => {
    await using world = await World.open(open);
    const made = await world.subscribe();
    const key = keyOf(world, made.id);
    await world.accept();
    await world.settleAll(made.id, { state: "failed", gone: false });
    await world.accept();
    await world.store.updateSubscription({
      ...key,
      changes: { disabledReason: "by_request" },
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await world.claim(await world.node(), made.id)).toEqual([]);
    const enabled = await world.store.updateSubscription({
      ...key,
      changes: { disabledReason: null },
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    expect(enabled).toMatchObject({ health: { failingSince: null } });
    expect(await world.claim(await world.node(), made.id)).toEqual([]);
    const message = await world.accept();
    expect((await world.claim(await world.node(), made.id)).map((delivery) => delivery.messageId)).toEqual([
      message.id,
    ]);
  });

  test("after a rotation both secrets sign until the overlap ends, the new one first", async () => {
    await using world = await World.open(open);
    const made = await world.subscribe({}, "whsec_b2xk");
    const key = keyOf(world, made.id);
    await world.store.rotateSecret({
      ...key,
      secret: "whsec_bmV3",
      overlapUntil: t0 + 1_000,
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    const live = async (now: number) =>
      (await world.store.readDeliverySettings({ subscriptionId: made.id, now }))?.secrets.map(({ secret }) => secret);
    expect(await live(t0 + 999)).toEqual(["whsec_bmV3", "whsec_b2xk"]);
    expect(await live(t0 + 1_000)).toEqual(["whsec_bmV3"]);
    expect((await world.store.readSecrets({ ...key, now: t0 }))?.[0]).toEqual({
      secret: "whsec_bmV3",
      createdAt: t0,
      expiresAt: null,
    });
  });

  test("an expired secret is kept until the next rotation under its number, and is deleted with its subscription", async () => {
    await using world = await World.open(open);
    const made = await world.subscribe({}, "whsec_b2xk");
    const key = keyOf(world, made.id);
    const rotate = (secret: string, now: number) =>
      world.store.rotateSecret({
        ...key,
        secret,
        overlapUntil: now,
        now,
        operationalEventIds: world.operationalEventIds,
      });
    const kept = async () =>
      (await world.store.readKeptSecrets(key)).map(({ position, secret }) => [position, secret]).sort();
    await rotate("whsec_bWlk", t0);
    expect(await kept()).toEqual([
      [1, "whsec_b2xk"],
      [2, "whsec_bWlk"],
    ]);
    await rotate("whsec_bmV3", t0 + 1_000);
    expect(await kept()).toEqual([
      [2, "whsec_bWlk"],
      [3, "whsec_bmV3"],
    ]);
    const other = { ...key, organizationId: await world.addOrganization() };
    expect(await world.store.readKeptSecrets(other)).toEqual([]);
    await world.store.deleteSubscription({ ...key, now: t0, operationalEventIds: world.operationalEventIds });
    expect(await kept()).toEqual([]);
  });

  test("a rotation without overlap leaves only the new secret, even after earlier rotations", async () => {
    await using world = await World.open(open);
    const made = await world.subscribe({}, "whsec_b2xk");
    const key = keyOf(world, made.id);
    await world.store.rotateSecret({
      ...key,
      secret: "whsec_bWlk",
      overlapUntil: t0 + 1_000,
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    await world.store.rotateSecret({
      ...key,
      secret: "whsec_bmV3",
      overlapUntil: t0,
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    const target = await world.store.readDeliverySettings({ subscriptionId: made.id, now: t0 });
    expect(target?.secrets.map(({ secret }) => secret)).toEqual(["whsec_bmV3"]);
  });

  test("the number of live secrets is bounded, and the oldest ones are dropped", async () => {
    await using world = await World.open(open);
    const made = await world.subscribe();
    const key = keyOf(world, made.id);
    for (let i = 0; i < limits.secretsLiveMax + 3; i++) {
      await world.store.rotateSecret({
        ...key,
        secret: `whsec_${i}`,
        overlapUntil: t0 + 1_000,
        now: t0,
        operationalEventIds: world.operationalEventIds,
      });
    }
    const secrets = await world.store.readSecrets({ ...key, now: t0 });
    expect(secrets).toHaveLength(limits.secretsLiveMax);
    expect(secrets?.[0]?.secret).toBe(`whsec_${limits.secretsLiveMax + 2}`);
  });

  test("the listener is called for every change after its commit", async () => {
    await using world = await World.open(open.fresh);
    const changed: SubscriptionId[] = [];
    world.store.onSubscriptionChange((id) => changed.push(id));
    const made = await world.subscribe();
    const key = keyOf(world, made.id);
    await world.store.updateSubscription({
      ...key,
      changes: { url: "https://b.example/" },
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    await world.store.rotateSecret({
      ...key,
      secret: "whsec_AAAA",
      overlapUntil: t0,
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    await world.store.deleteSubscription({ ...key, now: t0, operationalEventIds: world.operationalEventIds });
    expect(changed.length).toBeGreaterThanOrEqual(4);
    expect(new Set(changed)).toEqual(new Set([made.id]));
  });
});

function keyOf(world: World, subscriptionId: SubscriptionId) {
  return { organizationId: world.organizationId, subscriptionId };
}

function targetOf(kind: TargetKind, url: string): Target {
  switch (kind) {
    case "webhook":
      return { kind, url };
    case "listener":
      return { kind, url, heardAt: t0 };
    case "mcp":
      return { kind, url, mcpId: "sub_1", principal: "p", keyId: null, arguments: '{"a":1}', expiresAt: t0 + 1 };
    default:
      return { kind, url, template: null };
  }
}
