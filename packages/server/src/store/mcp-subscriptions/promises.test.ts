import { expect, test } from "vitest";
import type { Scope } from "../../domain/api-key.ts";
import { defaultNamespace } from "../../domain/organization.ts";
import { newSubscription } from "../../domain/subscription.ts";
import type { McpTarget } from "../../domain/target.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { type OpenStore, t0, unlimited, World } from "../fixtures/samples.ts";
import type { NewMcpSubscription } from "./interface.ts";

const hour = 3_600_000;
const secret = "whsec_YWdlbnRzLWFnZW50cy1hZ2VudHM=";
const otherSecret = "whsec_b3RoZXJzLW90aGVycy1vdGhlcnM=";

class AgentWorld implements AsyncDisposable {
  readonly world: World;

  private constructor(world: World) {
    this.world = world;
  }

  static async open(open: OpenStore): Promise<AgentWorld> {
    return new AgentWorld(await World.open(open));
  }

  async put(changes: Partial<McpTarget> = {}, more: Partial<NewMcpSubscription> = {}) {
    const { world } = this;
    const target: McpTarget = {
      ...{ kind: "mcp", url: "https://agent.example.com/", mcpId: "sub_1", principal: "agent", keyId: null },
      ...{ arguments: '{"source_type":"git"}', expiresAt: world.now + hour, ...changes },
    };
    const subscription = newSubscription({
      ...{ id: world.newId<"subscription">(), organizationId: world.organizationId, target },
      ...{ eventTypes: ["sync.completed"], createdAt: world.now },
    });
    return await world.store.putMcpSubscription({
      ...{ subscription: { ...subscription, target }, secret, turn: null, now: world.now },
      ...{ overlapUntil: world.now + hour, ofPrincipalMax: unlimited, ofOrganizationMax: unlimited },
      operationalEventIds: world.operationalEventIds,
      ...more,
    });
  }

  find(mcpId = "sub_1") {
    const { store, organizationId, now } = this.world;
    return store.findMcpSubscription({ organizationId, mcpId, now });
  }

  async found() {
    const subscription = await this.find();
    if (subscription === null) throw new Error("The subscription does not exist.");
    return { organizationId: this.world.organizationId, subscriptionId: subscription.id };
  }

  get turnKey() {
    const { organizationId, now } = this.world;
    return { organizationId, mcpId: "sub_1", now };
  }

  async ended() {
    const { store, now, organizationId } = this.world;
    const all = await store.findEndedMcpSubscriptions({ now, limit: unlimited });
    return all.filter((key) => key.organizationId === organizationId);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.world[Symbol.asyncDispose]();
  }
}

bothStoresKeep("the subscriptions of agents", (open) => {
  test("the same subscription again is a refresh: it gets the new end and secret, and its pending deliveries stay", async () => {
    await using agents = await AgentWorld.open(open);
    const { world } = agents;
    expect(await agents.put()).toEqual({ kind: "created" });
    const key = await agents.found();
    await world.accept();
    world.now += 1_000;
    expect(await agents.put({}, { secret: otherSecret })).toEqual({ kind: "refreshed" });
    expect(await agents.found()).toEqual(key);
    expect((await agents.find())?.target).toMatchObject({ expiresAt: world.now + hour });
    const live = await world.store.readSecrets({ ...key, now: world.now });
    expect(live?.map((one) => one.secret)).toEqual([otherSecret, secret]);
    expect(await world.store.readSecrets({ ...key, now: world.now + hour })).toHaveLength(1);
    expect(await world.settleAll(key.subscriptionId, { state: "delivered" })).toBe(1);
    expect(await agents.put({}, { secret: otherSecret })).toEqual({ kind: "refreshed" });
    expect(await world.store.readSecrets({ ...key, now: world.now })).toHaveLength(2);
  });

  test("a refresh enables a subscription that was disabled", async () => {
    await using agents = await AgentWorld.open(open);
    const { world } = agents;
    await agents.put();
    const key = await agents.found();
    const { now, operationalEventIds } = world;
    await world.store.updateSubscription({ ...key, changes: { disabledReason: "failing" }, now, operationalEventIds });
    await agents.put();
    expect(await agents.find()).toMatchObject({ disabledReason: null });
  });

  test("the last of several requests about a subscription wins", async () => {
    await using agents = await AgentWorld.open(open);
    const { world } = agents;
    const { operationalEventIds } = world;
    const first = await world.store.takeMcpTurn(agents.turnKey);
    const second = await world.store.takeMcpTurn(agents.turnKey);
    expect(await agents.put({}, { turn: first })).toEqual({ kind: "superseded" });
    expect(await agents.find()).toBeNull();
    const third = await world.store.takeMcpTurn(agents.turnKey);
    expect(third).toBeGreaterThan(second);
    expect(await world.store.deleteMcpSubscription({ ...agents.turnKey, operationalEventIds })).toBe(false);
    expect(await agents.put({}, { turn: third })).toEqual({ kind: "superseded" });
    const last = await world.store.takeMcpTurn(agents.turnKey);
    expect(await agents.put({}, { turn: last })).toEqual({ kind: "created" });
    expect(await world.store.deleteMcpSubscription({ ...agents.turnKey, operationalEventIds })).toBe(true);
    expect(await agents.find()).toBeNull();
  });

  test("concurrent requests for one subscription create one", async () => {
    await using agents = await AgentWorld.open(open);
    const put = await Promise.all(Array.from({ length: 5 }, () => agents.put()));
    expect(put.map(({ kind }) => kind).sort()).toEqual(["created", "refreshed", "refreshed", "refreshed", "refreshed"]);
  });

  test("the subscriptions of a principal and of an organization are bounded, and do not count as others", async () => {
    await using agents = await AgentWorld.open(open);
    const { world } = agents;
    const bounds = { ofPrincipalMax: 2, ofOrganizationMax: 3 };
    const puts = Array.from({ length: 4 }, (_, index) => agents.put({ mcpId: `sub_${index}` }, bounds));
    const kinds = (await Promise.all(puts)).map(({ kind }) => kind);
    expect(kinds.sort()).toEqual(["created", "created", "full", "full"]);
    const other = { principal: "another agent" };
    expect(await agents.put({ ...other, mcpId: "sub_8" }, bounds)).toEqual({ kind: "created" });
    expect(await agents.put({ ...other, mcpId: "sub_9" }, bounds)).toEqual({ kind: "full", max: 3 });
    const exceeded = (mcpId: string, principal: string, now = bounds) =>
      world.store.findExceededMcpLimit({ organizationId: world.organizationId, mcpId, principal, ...now });
    expect(await exceeded("sub_9", "another agent")).toBe(3);
    expect(await exceeded("sub_8", "another agent")).toBeNull();
    const wide = { ...bounds, ofOrganizationMax: 4 };
    expect([await exceeded("sub_9", "agent", wide), await exceeded("sub_9", "another agent", wide)]).toEqual([2, null]);
    const { organizationId, operationalEventIds } = world;
    const subscription = newSubscription({
      ...{ id: world.newId<"subscription">(), organizationId, target: { kind: "webhook", url: "https://a.b/" } },
      ...{ eventTypes: ["*"], createdAt: t0 },
    });
    const created = { subscription, secret, operationalEventIds, subscriptionsMax: 1 };
    expect(await world.store.createSubscription(created)).toBe("created");
  });

  test("nothing is claimed after the end, and what waits is cancelled", async () => {
    await using agents = await AgentWorld.open(open);
    const { world } = agents;
    await agents.put();
    const { subscriptionId } = await agents.found();
    const { id: messageId } = await world.accept();
    world.now += hour;
    expect(await agents.find()).toBeNull();
    expect(await world.store.readDeliverySettings({ subscriptionId, now: world.now })).toBeNull();
    expect(await world.settleAll(subscriptionId, { state: "delivered" })).toBe(0);
    const { organizationId } = world;
    const counts = await world.store.countStates({ organizationId, messageIds: [messageId] });
    expect(JSON.stringify([...counts])).toContain("cancelled");
  });

  test("one that has expired is deleted without a reason, unless it was refreshed, and can be made again", async () => {
    await using agents = await AgentWorld.open(open);
    const { world } = agents;
    await agents.put();
    const key = await agents.found();
    const { operationalEventIds } = world;
    const remove = () => world.store.removeEndedMcpSubscription({ ...key, now: world.now, operationalEventIds });
    expect([await agents.ended(), await remove()]).toEqual([[], null]);
    world.now += hour;
    expect(await agents.ended()).toEqual([key]);
    expect(await remove()).toMatchObject({ target: { mcpId: "sub_1" }, reason: null, secrets: [{ secret }] });
    expect([await agents.ended(), await remove()]).toEqual([[], null]);
    expect(await agents.put()).toEqual({ kind: "created" });
    world.now += hour;
    expect(await agents.put()).toEqual({ kind: "created" });
    expect(await agents.ended()).toEqual([]);
    expect(await agents.found()).not.toEqual(key);
  });

  test("a deleted key, a removed event type and an operator end a subscription with the reason", async () => {
    await using agents = await AgentWorld.open(open);
    const { world } = agents;
    const { store, organizationId } = world;
    const keyId = world.newId<"apiKey">();
    const key = {
      ...{ id: keyId, organizationId, name: "", prefix: "", scopes: ["subscribe"] as Scope[], createdAt: t0 },
      ...{ expiresAt: null, overlapUntil: null, lastUsedAt: null, rotatedAt: null },
    } as const;
    await store.createApiKey({ key, hash: keyId });
    await agents.put({ keyId });
    await agents.put({ mcpId: "sub_2" });
    const { subscriptionId } = await agents.found();
    expect(await store.deleteApiKey({ organizationId, keyId })).toMatchObject({ id: keyId });
    expect(await agents.ended()).toEqual([{ organizationId, subscriptionId }]);
    const removed = await store.removeEndedMcpSubscription({
      ...{ organizationId, subscriptionId, now: world.now },
      operationalEventIds: world.operationalEventIds,
    });
    expect(removed).toMatchObject({ reason: "access_revoked" });
    const second = await agents.find("sub_2");
    const ofSecond = { organizationId, subscriptionId: second?.id ?? subscriptionId };
    expect(await store.endMcpSubscription({ ...ofSecond, reason: "access_revoked" })).toBe(true);
    expect(await store.endMcpSubscription({ ...ofSecond, reason: "access_revoked" })).toBe(false);
    expect(await agents.ended()).toEqual([ofSecond]);
  });

  test("the subscriptions to a removed event type end in all organizations, in steps", async () => {
    await using first = await AgentWorld.open(open.fresh as OpenStore);
    const { store } = first.world;
    const type = { namespace: defaultNamespace, eventType: "sync.completed" };
    await first.put();
    await first.put({ mcpId: "sub_2" });
    expect(await store.listMcpEventTypes({ now: t0 })).toEqual([type]);
    expect(await store.hasMcpSubscriptions({ now: t0 })).toBe(true);
    const end = () => store.endMcpSubscriptionsTo({ ...type, reason: "event_removed", limit: 1 });
    expect([await end(), await end(), await end()]).toEqual([1, 1, 0]);
    expect(await first.ended()).toHaveLength(2);
    expect(await store.listMcpEventTypes({ now: t0 })).toEqual([]);
    expect(await store.hasMcpSubscriptions({ now: t0 })).toBe(false);
  });

  test("the arguments of live subscriptions to an event type are listed in pages, and a changed schema ends them", async () => {
    await using agents = await AgentWorld.open(open.fresh as OpenStore);
    const { store, operationalEventIds } = agents.world;
    for (const mcpId of ["sub_1", "sub_2", "sub_3"]) await agents.put({ mcpId, arguments: `{"id":"${mcpId}"}` });
    await agents.put({ mcpId: "sub_4", expiresAt: t0 + 1 });
    const type = { namespace: defaultNamespace, eventType: "sync.completed", now: t0 + 1, limit: 2 };
    const first = await store.listMcpArguments({ ...type, cursor: null });
    const second = await store.listMcpArguments({ ...type, cursor: first.at(-1)?.subscriptionId ?? null });
    expect([first, second].map((page) => page.map((one) => one.arguments))).toEqual([
      ['{"id":"sub_1"}', '{"id":"sub_2"}'],
      ['{"id":"sub_3"}'],
    ]);
    expect(await store.listMcpArguments({ ...type, namespace: "org_other", cursor: null })).toEqual([]);
    const key = await agents.found();
    expect(first[0]).toMatchObject(key);
    expect(await store.endMcpSubscription({ ...key, reason: "schema_changed" })).toBe(true);
    const removed = await store.removeEndedMcpSubscription({ ...key, now: t0, operationalEventIds });
    expect(removed).toMatchObject({ reason: "schema_changed", target: { mcpId: "sub_1" } });
  });

  test("a callback is verified for its principal until the time, and is forgotten afterwards", async () => {
    await using agents = await AgentWorld.open(open.fresh as OpenStore);
    const { store, organizationId } = agents.world;
    const callback = { organizationId, principal: "agent", url: "https://agent.example.com/" };
    const isVerified = (more: object = {}) => store.isMcpCallbackVerified({ ...callback, now: t0, ...more });
    expect(await isVerified()).toBe(false);
    await store.noteMcpCallback({ ...callback, verifiedUntil: t0 + 1 });
    await store.noteMcpCallback({ ...callback, verifiedUntil: t0 + 2 });
    expect([await isVerified(), await isVerified({ now: t0 + 1 }), await isVerified({ now: t0 + 2 })]).toEqual([
      true,
      true,
      false,
    ]);
    expect(await isVerified({ principal: "another agent" })).toBe(false);
    await store.takeMcpTurn(agents.turnKey);
    const forget = (now: number) => store.forgetMcpRecords({ now, turnsBefore: now, limit: 10 });
    expect([await forget(t0), await forget(t0 + 2), await forget(t0 + 2)]).toEqual([0, 1, 0]);
  });
});
