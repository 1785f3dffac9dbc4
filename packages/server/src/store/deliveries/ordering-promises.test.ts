import { expect, test } from "vitest";
import type { MessageId, NodeId, SubscriptionId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { Subscription } from "../../domain/subscription.ts";
import type { FinishedJob, PendingJob } from "../../domain/sync-job.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { connect, jobOf, makeCollection } from "../fixtures/producer-samples.ts";
import { NotingEngine, World } from "../fixtures/samples.ts";

bothStoresKeep("order", (open) => {
  test("a later message about a job is not sent before the first attempt of the earlier one, not even by another node", async () => {
    await using world = await World.open(open);
    const { subscription, pending, running, completed, job } = await orderedJob(world);
    const [one, other] = [await world.node(), await world.node()];
    expect(await claimedBy(world, one, subscription)).toEqual([pending.id]);
    await start(world, job, running);
    await end(world, job, completed);
    expect(await claimedBy(world, other, subscription)).toEqual([]);
    await settle(world, one, subscription, pending.id, { state: "due", dueAt: world.now + 60_000, scheduleStep: 1 });
    expect(await claimedBy(world, other, subscription)).toEqual([running.id]);
    expect(await claimedBy(world, one, subscription)).toEqual([]);
    await settle(world, other, subscription, running.id, { state: "delivered" });
    expect(await claimedBy(world, one, subscription)).toEqual([completed.id]);
  });

  test("a lane whose deliveries must all wait for others is not drained", async () => {
    await using world = await World.open(open);
    const { subscription, job, running } = await orderedJob(world);
    await claimedBy(world, await world.node(), subscription);
    await start(world, job, running);
    const lanes = [{ subscriptionId: subscription.id, limit: 5 }];
    expect(await world.store.claimDue({ nodeId: await world.node(), now: world.now, lanes })).toEqual([
      { subscriptionId: subscription.id, claimed: 0, drained: false },
    ]);
  });

  test("one node gets all messages about a job in order, although the clocks of the nodes that announced them differ", async () => {
    await using world = await World.open(open);
    const { subscription, pending, running, completed, job } = await orderedJob(world);
    await start(world, job, { ...running, createdAt: world.now - 5_000 });
    await end(world, job, { ...completed, createdAt: world.now - 10_000 });
    const nodeId = await world.node();
    const claimed: MessageId[] = [];
    for (let turn = 0; turn < 3; turn++) claimed.push(...(await claimedBy(world, nodeId, subscription)));
    expect(claimed).toEqual([pending.id, running.id, completed.id]);
  });

  test("a first attempt that will never be made does not block the deliveries after it", async () => {
    await using world = await World.open(open);
    const { subscription, running, job } = await orderedJob(world);
    const key = { organizationId: world.organizationId, subscriptionId: subscription.id };
    await world.store.updateSubscription({
      ...key,
      changes: { disabledReason: "by_request" },
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    await world.store.updateSubscription({
      ...key,
      changes: { disabledReason: null },
      now: world.now,
      operationalEventIds: world.operationalEventIds,
    });
    await start(world, job, running);
    expect(await claimedBy(world, await world.node(), subscription)).toEqual([running.id]);
  });

  test("an ordered subscription's deliveries are not handed over, and are claimed in message order", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe({ ordered: true });
    const engine = new NotingEngine(await world.node(), 10);
    world.store.handOverTo(engine);
    const made = [(await world.accept()).id, (await world.accept()).id, (await world.accept()).id];
    expect(engine.taken).toEqual([]);
    await world.store.claimDue({
      nodeId: engine.nodeId,
      now: world.now,
      lanes: [{ subscriptionId: subscription.id, limit: 2 }],
    });
    expect(engine.taken.map(({ messageId, ordered }) => [messageId, ordered])).toEqual([
      [made[0], true],
      [made[1], true],
    ]);
  });

  test("while a node has a delivery of an ordered subscription, no node gets another", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe({ ordered: true });
    const [first, second] = [await world.accept(), await world.accept()];
    const [one, other] = [await world.node(), await world.node()];
    expect(await claimedBy(world, one, subscription, 1)).toEqual([first.id]);
    expect(await claimedBy(world, one, subscription)).toEqual([]);
    expect(await claimedBy(world, other, subscription)).toEqual([]);
    await settle(world, one, subscription, first.id, { state: "delivered" });
    expect(await claimedBy(world, other, subscription)).toEqual([second.id]);
  });

  test("the next delivery of an ordered subscription waits until the previous one has succeeded or exhausted its attempts", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe({ ordered: true });
    const [first, second] = [await world.accept(), await world.accept()];
    const nodeId = await world.node();
    expect(await claimedBy(world, nodeId, subscription, 1)).toEqual([first.id]);
    await settle(world, nodeId, subscription, first.id, { state: "due", dueAt: world.now + 1_000, scheduleStep: 1 });
    expect(await claimedBy(world, nodeId, subscription)).toEqual([]);
    world.now += 1_000;
    expect(await claimedBy(world, nodeId, subscription, 1)).toEqual([first.id]);
    await settle(world, nodeId, subscription, first.id, { state: "failed", gone: false }, 1);
    expect(await claimedBy(world, nodeId, subscription)).toEqual([second.id]);
  });

  test("many nodes that claim for an ordered subscription concurrently never hold two of its deliveries", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe({ ordered: true });
    const made: MessageId[] = [];
    for (let i = 0; i < 6; i++) made.push((await world.accept()).id);
    const nodes = await Promise.all(Array.from({ length: 4 }, () => world.node()));
    world.store.handOverTo(new NotingEngine(nodes[0] as NodeId, 0));
    const delivered: MessageId[] = [];
    while (delivered.length < made.length) {
      const lanes = [{ subscriptionId: subscription.id, limit: 1 }];
      const claims = await Promise.all(nodes.map((nodeId) => world.store.claimDue({ nodeId, now: world.now, lanes })));
      const holders = claims.filter(([claim]) => claim?.claimed === 1);
      expect(holders).toHaveLength(1);
      const holder = nodes[claims.findIndex(([claim]) => claim?.claimed === 1)] as NodeId;
      const next = made[delivered.length] as MessageId;
      await settle(world, holder, subscription, next, { state: "delivered" });
      delivered.push(next);
    }
    expect(delivered).toEqual(made);
  });
});

interface OrderedJob {
  readonly subscription: Subscription;
  readonly job: PendingJob;
  readonly pending: Message;
  readonly running: Message;
  readonly completed: Message;
}

/** A pending job whose events a subscription receives. */
async function orderedJob(world: World): Promise<OrderedJob> {
  const subscription = await world.subscribe({ eventTypes: ["sync.*"] });
  const job = jobOf(world, await connect(world, await makeCollection(world)));
  const [pending, running, completed] = [
    world.message({ eventType: "sync.pending" }),
    world.message({ eventType: "sync.running" }),
    world.message({ eventType: "sync.completed" }),
  ];
  await world.store.createSyncJob({ job, announce: [pending] });
  return { subscription, job, pending, running, completed };
}

async function start(world: World, { id }: PendingJob, running: Message): Promise<void> {
  const started = { jobId: id, nodeId: world.newId<"node">(), now: world.now, announce: [running] };
  expect(await world.store.startSyncJob(started)).toBe(true);
}

async function end(world: World, job: PendingJob, completed: Message): Promise<void> {
  const ended: FinishedJob = { ...job, state: "completed", startedAt: world.now, endedAt: world.now };
  expect(await world.store.endSyncJob({ from: "running", job: ended, announce: [completed] })).toBe(true);
}

async function claimedBy(world: World, nodeId: NodeId, { id }: Subscription, limit = 9): Promise<MessageId[]> {
  return (await world.claim(nodeId, id, limit)).map((delivery) => delivery.messageId);
}

async function settle(
  world: World,
  nodeId: NodeId,
  subscription: { readonly id: SubscriptionId },
  messageId: MessageId,
  settled: Parameters<World["record"]>[1],
  attempts = 0,
): Promise<void> {
  const delivery = {
    messageId,
    subscriptionId: subscription.id,
    organizationId: world.organizationId,
    eventType: "sync.completed",
    payload: "{}",
    contentType: null,
    trigger: "scheduled" as const,
    attempts,
    scheduleStep: 0,
    ordered: false,
    dueAt: 0,
    traceContext: null,
  };
  const records = [world.record(delivery, settled)];
  expect(await world.store.recordAttempts({ nodeId, records, now: world.now })).toEqual([true]);
}
