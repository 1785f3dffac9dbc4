import { expect, test } from "vitest";
import type { Attempt } from "../../domain/attempt.ts";
import type { SettledDelivery } from "../../domain/delivery.ts";
import type { SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { undelivered } from "../../domain/recovery.ts";
import { type AttemptListItem, anyAttemptListItem } from "../attempts/interface.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";

bothStoresKeep("deliveries", (open) => {
  test("two nodes never hold the same delivery", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    for (let i = 0; i < 20; i++) await world.accept();
    const nodes = [await world.node(), await world.node()];
    const engine = new NotingEngine(nodes[0] ?? world.newId<"node">(), 0);
    world.store.handOverTo(engine);
    const lanes = [{ subscriptionId: subscription.id, limit: 4 }];
    await Promise.all(
      Array.from({ length: 10 }, (_, i) =>
        world.store.claimDue({ nodeId: nodes[i % 2] ?? engine.nodeId, now: world.now, lanes }),
      ),
    );
    const ids = engine.takenMessages;
    expect(ids).toHaveLength(20);
    expect(new Set(ids).size).toBe(20);
  });

  test("a claim takes messages in order, at most the requested number, and reports when none is left", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const made = [];
    for (let i = 0; i < 5; i++) made.push((await world.accept()).id);
    const engine = new NotingEngine(await world.node(), 0);
    world.store.handOverTo(engine);
    const params = { nodeId: engine.nodeId, now: world.now, lanes: [{ subscriptionId: subscription.id, limit: 3 }] };
    expect(await world.store.claimDue(params)).toMatchObject([{ claimed: 3, drained: false }]);
    expect(await world.store.claimDue(params)).toMatchObject([{ claimed: 2, drained: true }]);
    expect(engine.takenMessages).toEqual(made);
  });

  test("a new delivery for a drained lane is handed over after the deliveries that the same commit claimed from it", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const older = await world.accept();
    const engine = new NotingEngine(await world.node(), 10);
    engine.closed = [subscription.id];
    world.store.handOverTo(engine);
    const newer = world.message();
    const { organizationId } = world;
    await Promise.all([
      world.store.acceptMessages({ organizationId, messages: [newer], idempotency: null, testOf: null }),
      world.store.claimDue({
        nodeId: engine.nodeId,
        now: world.now,
        lanes: [{ subscriptionId: subscription.id, limit: 5 }],
      }),
    ]);
    expect(engine.takenMessages).toEqual([older.id, newer.id]);
    expect(engine.backlogged).toEqual([]);
  });

  test("a delivery that is due later is not claimed early", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const message = await world.accept();
    await world.settleAll(subscription.id, { state: "due", dueAt: world.now + 5_000, scheduleStep: 1 });
    const nodeId = await world.node();
    expect(await world.claim(nodeId, subscription.id)).toEqual([]);
    expect(await world.store.findDueLanes({ limit: 9 })).toEqual([
      { subscriptionId: subscription.id, organizationId: world.organizationId, dueAt: world.now + 5_000 },
    ]);
    world.now += 5_000;
    expect(await world.claim(nodeId, subscription.id)).toMatchObject([
      { messageId: message.id, attempts: 1, scheduleStep: 1, payload: message.payload },
    ]);
  });

  test("an attempt and the state it led to are recorded together, once", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    await world.accept();
    const nodeId = await world.node();
    const [delivery] = await world.claim(nodeId, subscription.id);
    if (delivery === undefined) throw new Error("Nothing was claimed.");
    const record = world.record(delivery, { state: "delivered" }, { responseBody: "ok" });
    const params = { nodeId, records: [record], now: world.now };
    expect(await world.store.recordAttempts(params)).toEqual([true]);
    const again = { ...params, records: [{ ...record, attempt: { ...record.attempt, id: world.newId<"attempt">() } }] };
    expect(await world.store.recordAttempts(again)).toEqual([false]);
    expect(await attempts(world, subscription.id)).toEqual([
      { kind: "made", eventType: "sync.completed", ...record.attempt },
    ]);
  });

  test("a node that lost its lease records nothing, and the delivery goes to another node", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    await world.accept();
    const dead = await world.node(1_000);
    const [delivery] = await world.claim(dead, subscription.id);
    if (delivery === undefined) throw new Error("Nothing was claimed.");
    world.now += 1_000;
    const heir = await world.node();
    expect(await world.store.rescueDeliveries({ now: world.now, limit: 10 })).toBe(1);
    expect(await world.claim(heir, subscription.id)).toHaveLength(1);
    const records = [world.record(delivery, { state: "delivered" })];
    expect(await world.store.recordAttempts({ nodeId: dead, records, now: world.now })).toEqual([false]);
    expect(await world.store.recordAttempts({ nodeId: heir, records, now: world.now })).toEqual([true]);
  });

  test("a late record does not change a delivery that another node has attempted since", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    await world.accept();
    const late = await world.node(1_000);
    const [delivery] = await world.claim(late, subscription.id);
    if (delivery === undefined) throw new Error("Nothing was claimed.");
    world.now += 1_000;
    await world.store.rescueDeliveries({ now: world.now, limit: 10 });
    const settled = { state: "due", dueAt: world.now, scheduleStep: 1 } as const;
    expect(await world.settleAll(subscription.id, settled)).toBe(1);
    await world.store.recordHeartbeat({ nodeId: late, leaseUntil: world.now + 1_000, now: world.now, isNew: true });
    expect(await world.claim(late, subscription.id)).toMatchObject([{ attempts: 1, scheduleStep: 1 }]);
    const records = [world.record(delivery, settled)];
    expect(await world.store.recordAttempts({ nodeId: late, records, now: world.now })).toEqual([false]);
  });

  test("an expired node gets no delivery until it has a lease again", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const engine = new NotingEngine(await world.node(1_000), 10);
    const { nodeId } = engine;
    world.store.handOverTo(engine);
    world.now += 1_000;
    await world.store.rescueDeliveries({ now: world.now, limit: 10 });
    await world.accept();
    const lanes = [{ subscriptionId: subscription.id, limit: 10 }];
    expect(await world.store.claimDue({ nodeId, now: world.now, lanes })).toMatchObject([
      { claimed: 0, drained: false },
    ]);
    expect(engine.taken).toEqual([]);
    expect(engine.backlogged).toEqual([subscription.id]);
    await world.store.recordHeartbeat({ nodeId, leaseUntil: world.now + 1_000, now: world.now, isNew: true });
    expect(await world.store.claimDue({ nodeId, now: world.now, lanes })).toMatchObject([
      { claimed: 1, drained: true },
    ]);
  });

  test("a node keeps its claims while it sends heartbeats, and an expired one cannot return under its name", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    await world.accept();
    const nodeId = await world.node(1_000);
    await world.claim(nodeId, subscription.id);
    world.now += 999;
    const beat = { nodeId, leaseUntil: world.now + 1_000, now: world.now, isNew: false };
    expect(await world.store.recordHeartbeat(beat)).toBe(true);
    expect(await world.store.rescueDeliveries({ now: world.now, limit: 10 })).toBe(0);
    world.now += 1_000;
    expect(
      await world.store.recordHeartbeat({ nodeId, leaseUntil: world.now + 1_000, now: world.now, isNew: false }),
    ).toBe(false);
  });

  test("deliveries of expired nodes are rescued in bounded steps until none is left", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    for (let i = 0; i < 5; i++) await world.accept();
    await world.claim(await world.node(1_000), subscription.id);
    world.now += 1_000;
    const rescued = [];
    for (let i = 0; i < 4; i++) rescued.push(await world.store.rescueDeliveries({ now: world.now, limit: 2 }));
    expect(rescued).toEqual([2, 2, 1, 0]);
  });

  test("a returned delivery is due again unchanged, and a node cannot return another node's claims", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    await world.accept();
    const nodeId = await world.node();
    const deliveries = await world.claim(nodeId, subscription.id);
    expect(await world.store.releaseDeliveries({ nodeId: await world.node(), deliveries })).toBe(0);
    expect(await world.store.releaseDeliveries({ nodeId, deliveries })).toBe(1);
    expect(await world.claim(nodeId, subscription.id)).toEqual(deliveries);
  });

  test("deliveries that have not been attempted are listed as pending among the attempts, newest first", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const first = await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    const second = await world.accept();
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    const third = await world.accept();
    const shown = (rows: AttemptListItem[]) =>
      rows.map((row) => [row.messageId, row.kind === "made" ? row.succeeded : null]);
    expect(shown(await attempts(world, subscription.id))).toEqual([
      [third.id, null],
      [second.id, false],
      [first.id, true],
    ]);
    expect(shown(await attempts(world, subscription.id, "pending"))).toEqual([[third.id, null]]);
    expect(shown(await attempts(world, subscription.id, "success"))).toEqual([[first.id, true]]);
    expect(shown(await attempts(world, subscription.id, "failed"))).toEqual([[second.id, false]]);
  });

  test("a failure of the outbound proxy is recorded, but neither counts for the health of a subscription nor disables it", async () => {
    await using world = await World.open(open);
    const { id } = await world.subscribe();
    const key = { organizationId: world.organizationId, subscriptionId: id };
    const nodeId = await world.node();
    const attempt = async (settled: SettledDelivery, changes: Partial<Attempt>) => {
      await world.accept();
      const records = (await world.claim(nodeId, id)).map((delivery) => world.record(delivery, settled, changes));
      await world.store.recordAttempts({ nodeId, records, now: world.now });
      return records;
    };
    const failed = { state: "failed", gone: false } as const;
    const ofProxy = { responseStatus: 0, responseBody: null, error: "proxy: The outbound proxy failed." };
    await attempt(failed, {});
    const before = await world.store.readSubscription(key);
    world.now += limits.failingMsUntilDisabled;
    const [record] = await attempt(failed, ofProxy);
    const after = await world.store.readSubscription(key);
    expect(after).toMatchObject({ health: before?.health, disabledReason: null });
    const messageId = record?.attempt.messageId ?? world.newId<"message">();
    const attemptId = record?.attempt.id ?? world.newId<"attempt">();
    const stored = await world.store.readAttempt({ organizationId: world.organizationId, messageId, attemptId });
    expect(stored).toMatchObject({ succeeded: false, error: ofProxy.error });
    await attempt(failed, {});
    expect(await world.store.readSubscription(key)).toMatchObject({ disabledReason: "failing" });
  });

  test("the health of a subscription has its last ten outcomes and the time since which it fails", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const outcomes = [true, true, false, false, true, true, true, true, true, true, true, false];
    for (const succeeded of outcomes) {
      await world.accept();
      world.now += 10;
      await world.settleAll(subscription.id, succeeded ? { state: "delivered" } : { state: "failed", gone: false });
    }
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    const expected = { recent: "0111111100", failingSince: world.now };
    expect((await world.store.readSubscription(key))?.health).toEqual(expected);
    const listed = await world.store.listSubscriptions({ ...key, limit: 10, cursor: null, oldestFirst: false });
    expect(listed.map((item) => item.health)).toEqual([expected]);
  });

  test("five days of failures disable a subscription and skip its waiting deliveries", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    const fail = async () => {
      await world.accept();
      await world.settleAll(subscription.id, { state: "failed", gone: false });
    };
    await fail();
    world.now += limits.failingMsUntilDisabled - 1;
    await fail();
    expect((await world.store.readSubscription(key))?.disabledReason).toBeNull();
    world.now += 1;
    await world.accept();
    const nodeId = await world.node();
    const [failing] = await world.claim(nodeId, subscription.id, 1);
    if (failing === undefined) throw new Error("Nothing was claimed.");
    await world.accept();
    const records = [world.record(failing, { state: "failed", gone: false })];
    await world.store.recordAttempts({ nodeId, records, now: world.now });
    expect((await world.store.readSubscription(key))?.disabledReason).toBe("failing");
    expect(await world.store.findDueLanes({ limit: 9 })).toEqual([]);
    expect(await world.recoverable({ ...key, scope: undelivered, since: 0, until: world.now + 1 })).toBe(4);
  });

  test("a receiver that is gone disables its subscription immediately and notifies the listener", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const changed: SubscriptionId[] = [];
    world.store.onSubscriptionChange((id) => changed.push(id));
    await world.accept();
    await world.settleAll(subscription.id, { state: "failed", gone: true });
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    expect((await world.store.readSubscription(key))?.disabledReason).toBe("gone");
    expect(changed).toEqual([subscription.id]);
    expect(await world.store.readDeliverySettings({ subscriptionId: subscription.id, now: world.now })).toBeNull();
  });

  test("messages are summarized by a few deliveries, failed ones first, with the result of their newest attempt", async () => {
    await using world = await World.open(open);
    const { store, organizationId } = world;
    const [delivered, failed, waiting] = [
      await world.subscribe({ url: "https://example.com/a" }),
      await world.subscribe({ url: "https://example.com/b" }),
      await world.subscribe({ url: "https://example.com/c" }),
    ];
    const message = await world.accept();
    const other = await world.accept({ organizationId: await world.addOrganization() });
    await world.settleAll(delivered.id, { state: "delivered" });
    await world.settleAll(failed.id, { state: "due", scheduleStep: 1, dueAt: world.now });
    await world.settleAll(failed.id, { state: "failed", gone: false });
    const messageIds = [message.id, other.id];
    const summarize = (perMessageMax: number) =>
      store.summarizeDeliveries({ organizationId, messageIds, perMessageMax });
    const key = { messageId: message.id };
    expect(await summarize(3)).toEqual([
      { ...key, subscriptionId: failed.id, url: failed.target.url, state: "failed", responseStatus: 500, error: null },
      { ...key, subscriptionId: waiting.id, url: waiting.target.url, state: "due", responseStatus: null, error: null },
      {
        ...key,
        subscriptionId: delivered.id,
        url: delivered.target.url,
        state: "delivered",
        responseStatus: 200,
        error: null,
      },
    ]);
    expect((await summarize(1)).map(({ state }) => state)).toEqual(["failed"]);
    expect(await store.summarizeDeliveries({ organizationId, messageIds: [], perMessageMax: 3 })).toEqual([]);
  });

  test("a resend makes a finished delivery due immediately and restarts its retry schedule", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const message = await world.accept();
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    const resend = { organizationId: world.organizationId, messageId: message.id, now: world.now };
    expect(await world.store.resendMessage({ ...resend, subscriptionId: null })).toEqual({
      kind: "resent",
      subscriptionIds: [subscription.id],
    });
    expect(await world.claim(await world.node(), subscription.id)).toMatchObject([
      { trigger: "manual", attempts: 1, scheduleStep: 0 },
    ]);
  });

  test("a resend may name a subscription that never got the message, but not a disabled or unknown one", async () => {
    await using world = await World.open(open);
    const message = await world.accept();
    const late = await world.subscribe();
    const disabled = await world.subscribe({ disabledReason: "by_request" });
    const resend = { organizationId: world.organizationId, messageId: message.id, now: world.now };
    const to = (subscriptionId: SubscriptionId) => world.store.resendMessage({ ...resend, subscriptionId });
    expect(await to(late.id)).toEqual({ kind: "resent", subscriptionIds: [late.id] });
    expect(await to(disabled.id)).toEqual({ kind: "subscription_disabled" });
    expect(await to(world.newId<"subscription">())).toEqual({ kind: "subscription_not_found" });
    const other = await world.addOrganization();
    expect(await world.store.resendMessage({ ...resend, organizationId: other, subscriptionId: null })).toEqual({
      kind: "message_not_found",
    });
    expect(await world.claim(await world.node(), late.id)).toHaveLength(1);
  });
});

async function attempts(
  world: World,
  subscriptionId: SubscriptionId,
  status: "success" | "failed" | "pending" | null = null,
) {
  const { organizationId } = world;
  const scope = {
    organizationId,
    subscriptionId,
    messageId: null,
    ...anyAttemptListItem,
    status,
    cursor: null,
    limit: 50,
  };
  return [...(await world.store.listAttemptItems(scope)).items];
}
