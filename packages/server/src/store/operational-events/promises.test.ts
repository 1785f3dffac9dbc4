import { expect, test } from "vitest";
import { type NodeId, type OrganizationId, prefixed, type SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { failuresUntilFailing, operatorsOrganizationId } from "../../domain/operational-event.ts";
import { newOrganization } from "../../domain/organization.ts";
import { noAccess, type ReceiverAccess } from "../../domain/receiver-access.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { anyAttemptListItem } from "../attempts/interface.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { NotingEngine, type OpenStore, t0, unlimited, World } from "../fixtures/samples.ts";
import { anyMessage } from "../messages/interface.ts";
import { namespaceOperatorsId } from "../namespace-operators.ts";

/** The promises about operational events. */
bothStoresKeep("operators", (open) => {
  test("each change to a subscription stores its operational event in the same commit, with the uids of its owners", async () => {
    await using world = await openWithOperators(open);
    const { store, organizationId } = world;
    await store.updateOrganization({ organizationId, changes: { uid: "acme" }, now: t0 });
    const { id } = await world.subscribe({ uid: "alerts" });
    const key = { organizationId, subscriptionId: id };
    const change = (changes: Parameters<typeof store.updateSubscription>[0]["changes"]) =>
      store.updateSubscription({ ...key, changes, now: t0, operationalEventIds: world.operationalEventIds });
    await change({ url: "https://new.example/" });
    await change({ disabledReason: "by_request" });
    await change({ disabledReason: "by_request" });
    await change({ disabledReason: null, uid: "pages" });
    await store.rotateSecret({
      ...key,
      secret: "whsec_bmV3",
      overlapUntil: t0,
      now: t0,
      operationalEventIds: world.operationalEventIds,
    });
    await store.deleteSubscription({ ...key, now: t0, operationalEventIds: world.operationalEventIds });

    const ids = { appId: prefixed("app", organizationId), appUid: "acme", endpointId: prefixed("ep", id) };
    const alerts = { ...ids, endpointUid: "alerts" };
    const pages = { ...ids, endpointUid: "pages" };
    expect(await operationalEvents(world)).toEqual([
      ["endpoint.created", alerts],
      ["endpoint.updated", alerts],
      ["endpoint.updated", alerts],
      ["endpoint.disabled", { ...alerts, trigger: "manual", failSince: null }],
      ["endpoint.updated", alerts],
      ["endpoint.updated", pages],
      ["endpoint.enabled", pages],
      ["endpoint.updated", pages],
      ["endpoint.deleted", pages],
    ]);
  });

  test("a change that fails stores no operational event", async () => {
    await using world = await openWithOperators(open);
    const { store } = world;
    const made = await world.subscribe({ uid: "alerts" });
    const twin = { ...made, id: world.newId<"subscription">() };
    const create = {
      subscription: twin,
      secret: "whsec_bmV3",
      operationalEventIds: world.operationalEventIds,
      subscriptionsMax: unlimited,
    };
    await store.createSubscription(create);
    const nobody = {
      organizationId: world.organizationId,
      subscriptionId: twin.id,
      now: t0,
      operationalEventIds: world.operationalEventIds,
    };
    await store.updateSubscription({ ...nobody, changes: { url: "https://new.example/" } });
    await store.rotateSecret({ ...nobody, secret: "whsec_bmV3", overlapUntil: t0 });
    await store.deleteSubscription(nobody);
    expect(await eventNames(world)).toEqual(["endpoint.created"]);
  });

  test("a message is failing after its fourth failure, exhausted after its last, and recovered if it arrives afterwards", async () => {
    await using world = await openWithOperators(open);
    const { id } = await world.subscribe({ uid: "alerts" });
    const message = await world.accept({ eventId: "order-42" });
    const nodeId = await world.node();
    for (let scheduleStep = 1; scheduleStep <= failuresUntilFailing; scheduleStep++) {
      expect(await eventNames(world)).toEqual(["endpoint.created"]);
      await attempt(world, nodeId, id, { state: "due", dueAt: world.now, scheduleStep });
    }
    const lastAttempt = await newestAttempt(world, id);
    expect((await operationalEvents(world)).at(-1)).toEqual([
      "message.attempt.failing",
      {
        appId: prefixed("app", world.organizationId),
        appUid: null,
        endpointId: prefixed("ep", id),
        endpointUid: "alerts",
        msgId: prefixed("msg", message.id),
        msgEventId: "order-42",
        lastAttempt: { id: lastAttempt, responseStatusCode: 500, timestamp: new Date(t0).toISOString() },
      },
    ]);
    await attempt(world, nodeId, id, { state: "delivered" });
    await world.accept();
    await attempt(world, nodeId, id, { state: "delivered" });
    await world.accept();
    await attempt(world, nodeId, id, { state: "failed", gone: false });
    expect((await eventNames(world)).slice(1)).toEqual([
      "message.attempt.failing",
      "message.attempt.recovered",
      "message.attempt.exhausted",
    ]);
  });

  test("a receiver that is gone, and one that failed for five days, are announced as disabled once", async () => {
    await using world = await openWithOperators(open);
    const gone = await world.subscribe();
    for (let i = 0; i < 3; i++) await world.accept();
    await world.settleAll(gone.id, { state: "failed", gone: true });
    const names = await eventNames(world);
    expect(names.filter((name) => name === "endpoint.disabled")).toHaveLength(1);
    expect(names.filter((name) => name === "message.attempt.exhausted")).toHaveLength(3);

    const failing = await world.subscribe();
    const failingSince = world.now;
    await world.accept();
    await world.settleAll(failing.id, { state: "failed", gone: false });
    world.now += limits.failingMsUntilDisabled;
    for (let i = 0; i < 2; i++) await world.accept();
    await world.settleAll(failing.id, { state: "failed", gone: false });
    const disabled = (await operationalEvents(world)).filter(([name]) => name === "endpoint.disabled");
    expect(disabled).toHaveLength(2);
    expect(disabled[1]?.[1]).toMatchObject({
      endpointId: prefixed("ep", failing.id),
      trigger: "automatic",
      failSince: new Date(failingSince).toISOString(),
    });
  });

  test("an expiring client certificate is announced once, and again after it was replaced", async () => {
    await using world = await openWithOperators(open);
    const { id: subscriptionId } = await world.subscribe({ access: accessUntil(world.now + 1_000) });
    const later = await world.subscribe({ access: accessUntil(world.now + 1_001) });
    const key = { organizationId: world.organizationId, subscriptionId };
    const before = world.now + 1_000;
    const found = async () => {
      const ids = await world.store.findExpiringCertificates({ before, limit: 10_000 });
      return ids.filter((id) => [subscriptionId, later.id].includes(id));
    };
    const announce = () =>
      world.store.announceExpiringCertificate({
        ...{ subscriptionId, before, now: world.now },
        operationalEventId: world.newId<"message">(),
      });
    expect(await found()).toEqual([subscriptionId]);
    const announced = await Promise.all([announce(), announce(), announce()]);
    expect(announced.filter((isAnnounced) => isAnnounced)).toHaveLength(1);
    expect(await found()).toEqual([]);
    const events = (await operationalEvents(world)).filter(([name]) => name === "endpoint.certificate_expiring");
    expect(events.map(([, data]) => data)).toMatchObject([
      { endpointId: prefixed("ep", subscriptionId), expiresAt: new Date(before).toISOString() },
    ]);

    const change = async (expiresAt: number) => {
      const { now, operationalEventIds } = world;
      await world.store.updateSubscription({
        ...key,
        changes: { access: accessUntil(expiresAt) },
        now,
        operationalEventIds,
      });
    };
    await change(before + 1);
    expect([await found(), await announce()]).toEqual([[], false]);
    await change(before);
    expect([await found(), await announce()]).toEqual([[subscriptionId], true]);
  });

  test("an attempt that is not recorded stores no operational event", async () => {
    await using world = await openWithOperators(open);
    const { id } = await world.subscribe();
    await world.accept();
    const [delivery] = await world.claim(await world.node(), id);
    if (delivery === undefined) throw new Error("Nothing was claimed.");
    const records = [world.record(delivery, { state: "failed", gone: true })];
    const other = await world.node();
    expect(await world.store.recordAttempts({ nodeId: other, records, now: world.now })).toEqual([false]);
    expect(await eventNames(world)).toEqual(["endpoint.created"]);
  });

  test("operators' subscriptions get matching operational events, handed over with the commit that stores them", async () => {
    await using world = await openWithOperators(open);
    const disabled = await operatorSubscription(world, ["endpoint.disabled"]);
    const everything = await operatorSubscription(world, ["*"]);
    const { id } = await world.subscribe();
    await world.accept();
    const nodeId = await world.node();
    const [delivery] = await world.claim(nodeId, id);
    if (delivery === undefined) throw new Error("Nothing was claimed.");
    const engine = new NotingEngine(nodeId, 100);
    world.store.handOverTo(engine);
    const records = [world.record(delivery, { state: "failed", gone: true })];
    await world.store.recordAttempts({ nodeId, records, now: world.now });
    const got = ({ id }: Subscription) =>
      engine.taken.filter(({ subscriptionId }) => subscriptionId === id).map(({ payload }) => JSON.parse(payload).type);
    expect(got(disabled)).toEqual(["endpoint.disabled"]);
    expect(got(everything).sort()).toEqual(["endpoint.disabled", "message.attempt.exhausted"]);
  });

  test("the operators' own subscriptions cause no operational events, so that a failure cannot cause the next one", async () => {
    await using world = await openWithOperators(open);
    const own = await operatorSubscription(world, ["*"]);
    await world.subscribe();
    await world.settleAll(own.id, { state: "failed", gone: false });
    await world.settleAll(own.id, { state: "failed", gone: true });
    const key = { organizationId: operatorsOrganizationId, subscriptionId: own.id };
    await world.store.deleteSubscription({ ...key, now: t0, operationalEventIds: world.operationalEventIds });
    expect(await eventNames(world)).toEqual(["endpoint.created"]);
  });

  test("a fact about a namespace is announced to its operators as well, as soon as they have an organization", async () => {
    await using world = await openWithOperators(open);
    const [ofEu, ofUs] = ["org_eu", "org_us"].map(namespaceOperatorsId) as [OrganizationId, OrganizationId];
    const tenant = world.newId<"organization">();
    const organization = newOrganization(tenant, t0, { namespace: "org_eu", uid: "acme" });
    await world.store.createOrganization({ organization });
    await world.subscribe({ organizationId: tenant });
    for (const id of [ofEu, ofUs]) await world.addOrganization(id);
    const own = await world.subscribe({ organizationId: ofEu, eventTypes: ["*"] });
    await world.subscribe({ organizationId: tenant });
    await world.subscribe();
    await world.settleAll(own.id, { state: "failed", gone: false });
    const [first, ofNamespace] = [await operationalEvents(world), await operationalEvents(world, ofEu)];
    expect(first.map(([name]) => name)).toEqual(["endpoint.created", "endpoint.created", "endpoint.created"]);
    expect(ofNamespace).toEqual(first.slice(1, 2));
    expect(ofNamespace[0]?.[1]).toMatchObject({ appId: prefixed("app", tenant), appUid: "acme" });
    expect(await operationalEvents(world, ofUs)).toEqual([]);
  });

  test("the organizations of operators have a list of their own, in pages", async () => {
    await using world = await openWithOperators(open);
    const ids = ["org_a", "org_b", "org_c"].map(namespaceOperatorsId);
    for (const id of ids) await world.addOrganization(id);
    const found: OrganizationId[] = [];
    for (;;) {
      const page = await world.store.listOrganizationsOfOperators({ cursor: found.at(-1) ?? null, limit: 2 });
      found.push(...page.map(({ id }) => id));
      if (page.length < 2) break;
    }
    expect(found).toEqual([operatorsOrganizationId, ...ids].sort());
    const all = { limit: 9, cursor: null, oldestFirst: true };
    const filters = { namespace: null, hasSubscriptions: false, hasNotOnlyDisabled: false };
    expect((await world.store.listOrganizations(all)).map(({ id }) => id)).toEqual([world.organizationId]);
    expect((await world.store.filterOrganizations({ ...all, ...filters })).items).toHaveLength(1);
  });

  test("the operators' organization is in no list and is never the first one", async () => {
    await using world = await openWithOperators(open);
    const { store } = world;
    for (const oldestFirst of [true, false]) {
      const listed = await store.listOrganizations({ limit: 9, cursor: null, oldestFirst });
      expect(listed.map(({ id }) => id)).toEqual([world.organizationId]);
    }
    expect((await store.readFirstOrganization({}))?.id).toBe(world.organizationId);
    expect((await store.readOrganization({ organizationId: operatorsOrganizationId }))?.id).toBe(
      operatorsOrganizationId,
    );
  });
});

async function openWithOperators(open: OpenStore): Promise<World> {
  const world = await World.open(open.fresh);
  await world.addOrganization(operatorsOrganizationId);
  return world;
}

function operatorSubscription(world: World, eventTypes: readonly string[]): Promise<Subscription> {
  return world.subscribe({ organizationId: operatorsOrganizationId, eventTypes });
}

/** Names and data of the operational events, in order. */
async function operationalEvents(
  world: World,
  organizationId = operatorsOrganizationId,
): Promise<[string, Record<string, unknown>][]> {
  const page = { ...anyMessage, organizationId, limit: 100, cursor: null, oldestFirst: true };
  const { items } = await world.store.listMessages(page);
  return items.map(({ eventType, payload }) => {
    const { type, data } = JSON.parse(payload) as { type: string; data: Record<string, unknown> };
    expect(type).toBe(eventType);
    return [type, data];
  });
}

async function eventNames(world: World): Promise<string[]> {
  return (await operationalEvents(world)).map(([name]) => name);
}

async function attempt(
  world: World,
  nodeId: NodeId,
  subscriptionId: SubscriptionId,
  settled: Parameters<World["record"]>[1],
): Promise<void> {
  const [delivery] = await world.claim(nodeId, subscriptionId);
  if (delivery === undefined) throw new Error("Nothing was claimed.");
  await world.store.recordAttempts({ nodeId, records: [world.record(delivery, settled)], now: world.now });
}

async function newestAttempt(world: World, subscriptionId: SubscriptionId): Promise<string> {
  const { organizationId } = world;
  const page = {
    organizationId,
    subscriptionId,
    messageId: null,
    ...anyAttemptListItem,
    cursor: null,
    limit: 1,
  } as const;
  const [row] = (await world.store.listAttemptItems(page)).items;
  if (row?.kind !== "made") throw new Error("There is no attempt.");
  return prefixed("atmpt", row.id);
}

function accessUntil(expiresAt: number): ReceiverAccess {
  const clientCertificate = { certificates: "PEM", privateKey: "PEM", subject: "CN=weft", expiresAt };
  return { ...noAccess, clientCertificate };
}
