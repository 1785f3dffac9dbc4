import { expect, test } from "vitest";
import type { MessageId, RecoveryId, SubscriptionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import {
  everythingAgain,
  type Recovery,
  type RecoveryScope,
  type ReplayFilter,
  undelivered,
} from "../../domain/recovery.ts";
import type { Subscription } from "../../domain/subscription.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { t0, World } from "../fixtures/samples.ts";
import type { CountedStep } from "./interface.ts";

bothStoresKeep("recoveries", (open) => {
  test("a recovery makes failed, skipped and missing deliveries due, and no others", async () => {
    await using world = await World.open(open);
    const tooEarly = await world.accept();
    const { subscription, messages: before } = await missed(world, 1);
    const unwanted = await world.accept({ eventType: "collection.created" });
    const failed = await world.accept();
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    await setDisabled(world, subscription.id, true);
    const skipped = await world.accept();
    await setDisabled(world, subscription.id, false);
    world.now += 1;
    const window = { since: t0, until: world.now };
    const scope = undelivered;
    expect(await world.recoverable({ ...keyOf(world, subscription.id), scope, ...window })).toBe(3);
    const { recovered } = await recoverAll(world, subscription, window);
    expect(recovered).toBe(3);
    const due = await world.claim(await world.node(), subscription.id);
    expect(due.map((delivery) => delivery.messageId)).toEqual([...before, failed.id, skipped.id]);
    expect(due.map((delivery) => [delivery.trigger, delivery.scheduleStep])).toEqual(Array(3).fill(["recovery", 0]));
    expect(due.map((delivery) => delivery.messageId)).not.toContain(unwanted.id);
    expect(due.map((delivery) => delivery.messageId)).not.toContain(tooEarly.id);
  });

  test("a test event is never recovered, not even for its own subscription", async () => {
    await using world = await World.open(open);
    const [tested, other] = [await world.subscribe(), await world.subscribe()];
    const { organizationId } = world;
    const test = { organizationId, messages: [world.message()], idempotency: null, testOf: tested.id };
    await world.store.acceptMessages(test);
    await world.settleAll(tested.id, { state: "failed", gone: false });
    world.now += 1;
    for (const { id } of [tested, other]) {
      const window = { scope: undelivered, since: t0, until: world.now };
      expect(await world.recoverable({ ...keyOf(world, id), ...window })).toBe(0);
    }
  });

  test("the window is [since, until)", async () => {
    await using world = await World.open(open);
    const { subscription, messages } = await missed(world, 3, { stepMs: 1_000 });
    await recoverAll(world, subscription, { since: t0 + 1_000, until: t0 + 2_000 });
    const due = await world.claim(await world.node(), subscription.id);
    expect(due.map((delivery) => delivery.messageId)).toEqual([messages[1]]);
  });

  test("filters also apply to deliveries that were never made", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe({ eventTypes: ["nothing.yet"], filters: '{"source_type":["github"]}' });
    const matching = await world.accept({ payload: '{"source_type":"github"}' });
    await world.accept({ payload: '{"source_type":"slack"}' });
    await wantSyncs(world, subscription);
    world.now += 1;
    await recoverAll(world, subscription, { since: t0, until: world.now });
    const due = await world.claim(await world.node(), subscription.id);
    expect(due.map((delivery) => delivery.messageId)).toEqual([matching.id]);
  });

  test("a recovery advances in steps, waits while enough is due, and continues where it stopped", async () => {
    await using world = await World.open(open.fresh);
    const { subscription } = await missed(world, 10);
    world.now += 1;
    const recovery = world.recovery(subscription, t0, world.now);
    await world.store.createRecovery({ recovery });
    const step = () =>
      world.store.advanceRecovery({ recoveryId: recovery.id, now: world.now, dueMax: 4, messagesMax: 100 });
    expect(await step()).toMatchObject({ status: "running", recovered: 4 });
    expect(await step()).toMatchObject({ status: "running", recovered: 4 });
    await world.settleAll(subscription.id, { state: "delivered" });
    expect(await step()).toMatchObject({ status: "running", recovered: 8 });
    await world.settleAll(subscription.id, { state: "delivered" });
    expect(await step()).toMatchObject({ status: "completed", recovered: 10 });
    expect(await world.store.findRunningRecoveries({ after: null, limit: 9 })).toEqual([]);
    expect(await step()).toBeNull();
  });

  test("a message is recovered once, for any size of the steps", async () => {
    await using world = await World.open(open);
    const { subscription } = await missed(world, 7);
    world.now += 1;
    const recovery = world.recovery(subscription, t0, world.now);
    await world.store.createRecovery({ recovery });
    const statuses = [];
    for (let i = 0; i < 5; i++) {
      const params = { recoveryId: recovery.id, now: world.now, dueMax: 100, messagesMax: 2 };
      statuses.push((await world.store.advanceRecovery(params))?.recovered);
    }
    expect(statuses).toEqual([2, 4, 6, 7, undefined]);
  });

  test("the scope of missing deliveries leaves out those that were sent and failed", async () => {
    await using world = await World.open(open);
    const { subscription, messages: before } = await missed(world, 1);
    await world.accept();
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    // Its first attempt failed, and it waited for the second one when the subscription was disabled.
    await world.accept();
    await world.settleAll(subscription.id, { state: "due", dueAt: world.now + 1_000, scheduleStep: 1 });
    await setDisabled(world, subscription.id, true);
    const skipped = await world.accept();
    await setDisabled(world, subscription.id, false);
    world.now += 1;
    const window = { since: t0, until: world.now };
    const scope = { kind: "never_sent" } as const;
    expect(await world.recoverable({ ...keyOf(world, subscription.id), scope, ...window })).toBe(2);
    expect(await recoverAll(world, subscription, window, scope)).toMatchObject({ recovered: 2 });
    const due = await world.claim(await world.node(), subscription.id);
    expect(due.map(({ messageId }) => messageId)).toEqual([...before, skipped.id]);
  });

  test("a replay makes every matching delivery due, delivered ones included, except those that are being sent", async () => {
    await using world = await World.open(open);
    const { subscription, messages: before } = await missed(world, 1);
    await world.accept({ eventType: "collection.created" });
    const arrived = await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    const failed = await world.accept();
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    await world.accept();
    await world.claim(await world.node(), subscription.id);
    const later = await world.accept();
    await world.settleAll(subscription.id, { state: "due", dueAt: world.now + 9_000, scheduleStep: 1 });
    world.now += 1;
    const scope = { kind: "replay", filter: everything } as const;
    expect(await recoverAll(world, subscription, { since: t0, until: world.now }, scope)).toMatchObject({
      recovered: 4,
    });
    const due = await world.claim(await world.node(), subscription.id);
    expect(due.map(({ messageId }) => messageId)).toEqual([...before, arrived.id, failed.id, later.id]);
    expect(due.map(({ trigger, scheduleStep }) => [trigger, scheduleStep])).toEqual(Array(4).fill(["recovery", 0]));
  });

  test("a replay selects the deliveries that match its filters", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const key = keyOf(world, subscription.id);
    const typed = await world.accept({ eventType: "sync.failed" });
    await world.settleAll(subscription.id, { state: "delivered" });
    const channelled = await world.accept({ channels: ["a", "b"] });
    const tagged = await world.accept({ tags: ["t"] });
    await world.settleAll(subscription.id, { state: "failed", gone: false });
    world.now += 1;
    const total = (filter: Partial<ReplayFilter>) =>
      world.recoverable({
        ...key,
        scope: { kind: "replay", filter: { ...everything, ...filter } },
        since: t0,
        until: world.now,
      });
    expect(await total({})).toBe(3);
    expect(await total({ eventTypes: ["sync.failed"] })).toBe(1);
    expect(await total({ channel: "b" })).toBe(1);
    expect(await total({ tag: "t" })).toBe(1);
    expect(await total({ state: "delivered" })).toBe(1);
    expect(await total({ statusClass: 500 })).toBe(2);
    expect(await total({ statusClass: 200 })).toBe(1);
    expect(await total({ statusClass: 0 })).toBe(0);
    const attempted = { statusClass: null, since: null, until: null };
    expect(await total({ attempted: { ...attempted, statusClass: "5xx" } })).toBe(2);
    expect(await total({ attempted: { ...attempted, statusClass: "2xx" } })).toBe(1);
    expect(await total({ attempted: { ...attempted, statusClass: "no_response" } })).toBe(0);
    expect(await total({ attempted: { ...attempted, since: world.now + 1 } })).toBe(0);
    expect(await total({ attempted: { ...attempted, until: t0 } })).toBe(0);
    expect(await total({ attempted: { ...attempted, since: t0 } })).toBe(3);
    expect(await total({ standings: ["failed"] })).toBe(2);
    expect(await total({ standings: ["delivered", "missing"] })).toBe(1);
    expect(await total({ messageIds: [tagged.id, world.newId<"message">()] })).toBe(1);
    expect(await total({ eventTypes: ["sync.*"] })).toBe(3);
    expect(await total({ payload: '{"n":[1]}' })).toBe(3);
    expect(await total({ payload: '{"n":[2]}' })).toBe(0);
    const window = { since: t0, until: world.now };
    for (const [filter, expected] of [
      [{ eventTypes: ["sync.failed"] }, typed],
      [{ statusClass: 500, channel: "a" }, channelled],
      [{ state: "failed", tag: "t" }, tagged],
    ] as const) {
      await recoverAll(world, subscription, window, { kind: "replay", filter: { ...everything, ...filter } });
      const due = await world.claim(await world.node(), subscription.id);
      expect(due.map(({ messageId }) => messageId)).toEqual([expected.id]);
    }
  });

  test("a replay filters a resent delivery by its last response, not by an earlier one", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    await world.accept();
    await world.settleAll(subscription.id, { state: "due", dueAt: world.now, scheduleStep: 1 });
    await world.settleAll(subscription.id, { state: "delivered" });
    world.now += 1;
    const count = (statusClass: number) =>
      world.recoverable({
        ...keyOf(world, subscription.id),
        scope: { kind: "replay", filter: { ...everything, statusClass } },
        since: t0,
        until: world.now,
      });
    expect([await count(500), await count(200)]).toEqual([0, 1]);
  });

  test("a recovery of failed deliveries examines only messages that failed, and finds all of them", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const healthy = await world.subscribe();
    for (const state of ["failed", "delivered", "delivered", "failed", "delivered"] as const) {
      await world.accept();
      await world.settleAll(healthy.id, { state: "delivered" });
      await world.settleAll(subscription.id, state === "failed" ? { state, gone: false } : { state });
      world.now += 1;
    }
    const scope = { kind: "replay", filter: { ...everythingAgain.filter, standings: ["failed"] } } as const;
    const window = { ...keyOf(world, subscription.id), scope, since: t0, until: world.now };
    const preview = (messagesMax: number) => world.store.previewRecovery({ ...window, now: world.now, messagesMax });
    // Five messages are in the window.
    expect(await preview(3)).toEqual({ deliveries: 2, isExact: true });
    expect(await preview(1)).toEqual({ deliveries: 1, isExact: false });
    const elsewhere = { ...window, ...keyOf(world, healthy.id), now: world.now, messagesMax: 3 };
    expect(await world.store.previewRecovery(elsewhere)).toEqual({ deliveries: 0, isExact: true });
    expect(await recoverAll(world, subscription, window, scope)).toMatchObject({ recovered: 2 });
  });

  test("a preview examines a bounded number of messages, reports whether there are more, and changes nothing", async () => {
    await using world = await World.open(open);
    const { subscription } = await missed(world, 5);
    const newer = await world.subscribe();
    world.now += 1;
    const window = { ...keyOf(world, subscription.id), scope: undelivered, since: t0, until: world.now };
    const preview = (messagesMax: number) => world.store.previewRecovery({ ...window, now: world.now, messagesMax });
    expect(await preview(4)).toEqual({ deliveries: 4, isExact: false });
    expect(await preview(5)).toEqual({ deliveries: 5, isExact: true });
    expect(
      await world.store.previewRecovery({ ...window, ...keyOf(world, newer.id), now: world.now, messagesMax: 9 }),
    ).toEqual({
      deliveries: 0,
      isExact: true,
    });
    expect(await world.claim(await world.node(), subscription.id)).toEqual([]);
    const elsewhere = { ...window, organizationId: await world.addOrganization() };
    expect(await world.store.previewRecovery({ ...elsewhere, now: world.now, messagesMax: 5 })).toMatchObject({
      deliveries: 0,
    });
  });

  test("a recovery waits while its subscription is disabled", async () => {
    await using world = await World.open(open);
    const { subscription } = await missed(world, 3);
    world.now += 1;
    const recovery = world.recovery(subscription, t0, world.now);
    await world.store.createRecovery({ recovery });
    const step = () =>
      world.store.advanceRecovery({ recoveryId: recovery.id, now: world.now, dueMax: 100, messagesMax: 100 });
    await setDisabled(world, subscription.id, true);
    expect(await step()).toMatchObject({ status: "running", recovered: 0 });
    expect(await world.claim(await world.node(), subscription.id)).toEqual([]);
    await setDisabled(world, subscription.id, false);
    expect(await step()).toMatchObject({ status: "completed", recovered: 3 });
    expect(await world.claim(await world.node(), subscription.id)).toHaveLength(3);
  });

  test("the number of running recoveries of a subscription is bounded, and ended ones make room", async () => {
    await using world = await World.open(open);
    const [subscription, other] = [await world.subscribe(), await world.subscribe()];
    const recoveryId = world.recovery(subscription, t0, t0 + 1).id;
    const create = (of: Subscription, changes: Partial<Recovery> = {}) =>
      world.store.createRecovery({ recovery: { ...world.recovery(of, t0, t0 + 1), ...changes } });
    expect(await create(subscription, { id: recoveryId })).toBe("created");
    const rest = Array.from({ length: limits.recoveriesRunningMax }, () => create(subscription));
    expect((await Promise.all(rest)).toSorted()).toEqual([...Array(rest.length - 1).fill("created"), "full"]);
    expect(await create(other)).toBe("created");
    expect(await create(subscription, { status: "completed" })).toBe("created");
    const key = keyOf(world, subscription.id);
    await world.store.switchRecovery({ ...key, recoveryId, to: "cancelled", now: world.now });
    expect(await create(subscription)).toBe("created");
  });

  test("running recoveries are found in turns", async () => {
    await using world = await World.open(open.fresh);
    const subscription = await world.subscribe();
    const recoveries = [1, 2, 3].map((n) => world.recovery(subscription, t0, t0 + n));
    for (const recovery of recoveries) await world.store.createRecovery({ recovery });
    const [first, second, third] = recoveries.map(({ id }) => ({ recoveryId: id }));
    expect(await world.store.findRunningRecoveries({ after: null, limit: 2 })).toMatchObject([first, second]);
    const after = recoveries[1]?.id ?? null;
    expect(await world.store.findRunningRecoveries({ after, limit: 2 })).toMatchObject([third]);
  });

  test("a recovery is counted in steps, and makes nothing due before it is counted", async () => {
    await using world = await World.open(open);
    const { subscription } = await missed(world, 5);
    world.now += 1;
    const recovery = { ...world.recovery(subscription, t0, world.now), total: null };
    const { id: recoveryId } = recovery;
    await world.store.createRecovery({ recovery });
    const advance = () => world.store.advanceRecovery({ recoveryId, now: world.now, dueMax: 100, messagesMax: 100 });
    expect(await advance()).toMatchObject({ total: null, recovered: 0 });
    const step = await world.store.countRecoveryStep({ recoveryId, messagesMax: 9 });
    expect(step).toMatchObject({ from: recovery.cursor, counted: 5, isLast: true });
    if (step === null) throw new Error("Nothing was counted.");
    const [first, second] = [
      { ...step, counted: 2, isLast: false },
      { ...step, from: step.to, counted: 3 },
    ];
    const read = () => world.store.readRecovery({ ...keyOf(world, subscription.id), recoveryId });
    const note = (part: typeof step) => world.store.noteCounted({ recoveryId, step: part, now: world.now });
    await note(first);
    await note(first);
    expect(await read()).toMatchObject({ total: null, counted: 2, cursor: step.to });
    await note(second);
    expect(await read()).toMatchObject({ total: 5, counted: 5, cursor: recovery.cursor, status: "running" });
    expect(await world.store.countRecoveryStep({ recoveryId, messagesMax: 9 })).toBeNull();
    expect(await advance()).toMatchObject({ recovered: 5, status: "completed" });
  });

  test("a recovery without matching deliveries completes when it is counted", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const recovery = { ...world.recovery(subscription, t0, t0 + 1), total: null };
    await world.store.createRecovery({ recovery });
    await count(world, recovery);
    const key = keyOf(world, subscription.id);
    expect(await world.store.readRecovery({ ...key, recoveryId: recovery.id })).toMatchObject({
      status: "completed",
      total: 0,
    });
  });

  test("recoveries of the same deliveries make each due once, and a preview leaves out those that a running one will take", async () => {
    for (const scope of [undelivered, { kind: "replay", filter: everything }] as const) {
      await using world = await World.open(open);
      const subscription = await world.subscribe();
      for (let i = 0; i < 3; i++) await world.accept();
      await world.settleAll(subscription.id, { state: "failed", gone: false });
      world.now += 1;
      const key = keyOf(world, subscription.id);
      const window = { scope, since: t0, until: world.now };
      expect(await world.recoverable({ ...key, ...window })).toBe(3);
      const [first, second] = [1, 2].map(() => ({
        ...world.recovery(subscription, t0, world.now, scope),
        total: null,
      }));
      if (first === undefined || second === undefined) throw new Error("Two recoveries are needed.");
      for (const recovery of [first, second]) await world.store.createRecovery({ recovery });
      expect(await world.recoverable({ ...key, ...window })).toBe(0);
      expect(await count(world, second)).toBeNull();
      await count(world, first);
      world.now += 1;
      const advance = ({ id: recoveryId }: typeof first) =>
        world.store.advanceRecovery({ recoveryId, now: world.now, dueMax: 100, messagesMax: 100 });
      expect(await advance(second)).toMatchObject({ recovered: 0, status: "running" });
      expect(await advance(first)).toMatchObject({ recovered: 3, status: "completed" });
      expect(await world.recoverable({ ...key, ...window })).toBe(0);
      world.now += 1;
      // They fail again before the second has its turn.
      expect(await world.settleAll(subscription.id, { state: "failed", gone: false })).toBe(3);
      await count(world, second);
      expect(await world.store.readRecovery({ ...key, recoveryId: second.id })).toMatchObject({
        total: 0,
        status: "completed",
      });
      // A recovery that is requested now takes them again.
      expect(await world.recoverable({ ...key, ...window })).toBe(3);
    }
  });

  test("the outcomes of a recovery are kept when a later one makes the same deliveries due", async () => {
    await using world = await World.open(open);
    const { subscription } = await missed(world, 4);
    world.now += 1;
    const first = await recoverAll(world, subscription, { since: t0, until: world.now });
    const outcomes = async (recovery: { id: RecoveryId }) =>
      (await world.store.countOutcomes({ recoveryIds: [recovery.id] }))[0];
    const none = { delivered: 0, failed: 0, waiting: 0, setAside: 0, isExact: true };
    expect(await outcomes(first)).toEqual({ ...none, waiting: 4 });
    await world.settleAll(subscription.id, { state: "delivered" }, 1);
    await world.settleAll(subscription.id, { state: "failed", gone: false }, 2);
    expect(await outcomes(first)).toEqual({ ...none, delivered: 1, failed: 2, waiting: 1 });
    world.now += 1;
    const second = await recoverAll(world, subscription, { since: t0, until: world.now });
    expect(second.recovered).toBe(2);
    await setDisabled(world, subscription.id, true);
    expect(await outcomes(first)).toEqual({ ...none, delivered: 1, failed: 2, setAside: 1 });
    expect(await world.store.countOutcomes({ recoveryIds: [second.id, first.id] })).toEqual([
      { ...none, setAside: 2 },
      { ...none, delivered: 1, failed: 2, setAside: 1 },
    ]);
  });

  test("a recovery can be paused, continued and cancelled, and nothing else after that", async () => {
    await using world = await World.open(open);
    const { subscription } = await missed(world, 3);
    world.now += 1;
    const recovery = world.recovery(subscription, t0, world.now);
    const { id: recoveryId } = recovery;
    await world.store.createRecovery({ recovery });
    const key = { ...keyOf(world, subscription.id), recoveryId };
    const change = (to: "paused" | "running" | "cancelled") =>
      world.store.switchRecovery({ ...key, to, now: world.now });
    const step = () => world.store.advanceRecovery({ recoveryId, now: world.now, dueMax: 100, messagesMax: 1 });
    expect(await change("running")).toBe(false);
    expect(await step()).toMatchObject({ recovered: 1 });
    expect(await change("paused")).toBe(true);
    expect(await step()).toBeNull();
    expect(await change("running")).toBe(true);
    expect(await step()).toMatchObject({ recovered: 2 });
    const foreign = { ...key, organizationId: await world.addOrganization() };
    expect(await world.store.switchRecovery({ ...foreign, to: "cancelled", now: world.now })).toBe(false);
    expect(await change("cancelled")).toBe(true);
    expect(await step()).toBeNull();
    for (const to of ["paused", "running", "cancelled"] as const) expect(await change(to), to).toBe(false);
    expect(await world.store.readRecovery(key)).toMatchObject({ status: "cancelled", recovered: 2 });
  });

  test("deleting the subscription ends its recoveries", async () => {
    await using world = await World.open(open.fresh);
    await world.accept();
    const subscription = await world.subscribe();
    const recovery = world.recovery(subscription, t0, t0 + 1);
    await world.store.createRecovery({ recovery });
    await world.store.deleteSubscription({
      ...keyOf(world, subscription.id),
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    expect(await world.store.findRunningRecoveries({ after: null, limit: 9 })).toEqual([]);
  });

  test("recoveries are read and listed for their own subscription and organization", async () => {
    await using world = await World.open(open);
    const [subscription, neighbour] = [await world.subscribe(), await world.subscribe()];
    const older = world.recovery(subscription, t0, t0 + 5);
    const newer = world.recovery(subscription, t0, t0 + 6);
    for (const recovery of [older, newer]) await world.store.createRecovery({ recovery });
    const key = keyOf(world, subscription.id);
    expect(await world.store.readRecovery({ ...key, recoveryId: older.id })).toEqual(older);
    expect(await world.store.readRecovery({ ...keyOf(world, neighbour.id), recoveryId: older.id })).toBeNull();
    const other = await world.addOrganization();
    expect(await world.store.readRecovery({ ...key, organizationId: other, recoveryId: older.id })).toBeNull();
    const all = { ...key, eventTypes: null, limit: 5, cursor: null };
    expect(await world.store.listRecoveries(all)).toEqual([newer, older]);
    expect(await world.store.listRecoveries({ ...all, cursor: newer.id })).toEqual([older]);
  });

  test("recoveries are listed by an event type that they re-queue, across any number of others", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const of = (eventTypes: readonly string[] | null) => ({
      ...world.recovery(subscription, t0, t0 + 5),
      status: "completed" as const,
      scope: { kind: "replay" as const, filter: { ...everythingAgain.filter, eventTypes } },
    });
    const made = [of(["sync.*"]), of(null), of(["collection.created"])];
    for (const recovery of made) await world.store.createRecovery({ recovery });
    for (let i = 0; i < 40; i++) await world.store.createRecovery({ recovery: of(["other.event"]) });
    const found = async (eventTypes: readonly string[], limit = 5) => {
      const params = { ...keyOf(world, subscription.id), eventTypes, limit, cursor: null };
      return (await world.store.listRecoveries(params)).map(({ id }) => made.findIndex((one) => one.id === id));
    };
    expect(await found(["sync.failed"])).toEqual([1, 0]);
    expect(await found(["sync.failed"], 1)).toEqual([1]);
    expect(await found(["collection.created", "sync.failed"])).toEqual([2, 1, 0]);
  });
});

function keyOf(world: World, subscriptionId: SubscriptionId) {
  return { organizationId: world.organizationId, subscriptionId };
}

/** A subscription that did not match the messages when they were accepted, and matches them now. */
async function missed(world: World, count: number, { stepMs = 0 } = {}) {
  const subscription = await world.subscribe({ eventTypes: ["nothing.yet"] });
  const messages: MessageId[] = [];
  for (let i = 0; i < count; i++) {
    messages.push((await world.accept()).id);
    world.now += stepMs;
  }
  await wantSyncs(world, subscription);
  return { subscription, messages };
}

async function wantSyncs(world: World, { id }: Subscription): Promise<void> {
  const changes = { eventTypes: ["sync.*"] };
  await world.store.updateSubscription({
    ...keyOf(world, id),
    changes,
    now: world.now,
    operationalEventIds: world.operationalEventIds,
  });
}

function setDisabled(world: World, subscriptionId: SubscriptionId, disabled: boolean) {
  const changes = { disabledReason: disabled ? ("by_request" as const) : null };
  return world.store.updateSubscription({
    ...keyOf(world, subscriptionId),
    changes,
    now: world.now,
    operationalEventIds: world.operationalEventIds,
  });
}

const everything = everythingAgain.filter;

async function count(world: World, { id: recoveryId }: Recovery): Promise<CountedStep | null> {
  const step = await world.store.countRecoveryStep({ recoveryId, messagesMax: 1_000 });
  if (step !== null) await world.store.noteCounted({ recoveryId, step, now: world.now });
  return step;
}

async function recoverAll(
  world: World,
  subscription: Subscription,
  window: { since: number; until: number },
  scope: RecoveryScope = undelivered,
) {
  const recovery = world.recovery(subscription, window.since, window.until, scope);
  const preview = await world.store.previewRecovery({ ...recovery, now: world.now, messagesMax: 1_000 });
  await world.store.createRecovery({ recovery });
  const params = { recoveryId: recovery.id, now: world.now, dueMax: 1_000, messagesMax: 1_000 };
  const done = await world.store.advanceRecovery(params);
  expect(preview).toEqual({ deliveries: done?.recovered, isExact: true });
  if (done?.status !== "completed") throw new Error(`The recovery did not complete: ${JSON.stringify(done)}.`);
  return done;
}
