import { expect, test } from "vitest";
import { limits } from "../../domain/limits.ts";
import type { ThrottleState } from "../../domain/throttle-state.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { World } from "../fixtures/samples.ts";

bothStoresKeep("the backlog", (open) => {
  test("waiting deliveries are counted by the reason why they wait, and the subscription with the most due ones is first", async () => {
    await using world = await World.open(open);
    const [one, two] = [
      await world.subscribe({ eventTypes: ["sync.failed"], url: "https://example.com/one" }),
      await world.subscribe({ eventTypes: ["sync.*"], url: "https://example.com/two" }),
    ];
    await world.subscribe({ organizationId: await world.addOrganization() });
    await world.accept({ eventType: "sync.failed" });
    const retryAt = world.now + 60_000;
    for (const { id } of [one, two]) await world.settleAll(id, { state: "due", dueAt: retryAt, scheduleStep: 1 });
    world.now += 10;
    const dueAt = world.now;
    for (let i = 0; i < 3; i++) await world.accept();
    const nodeId = await world.node();
    await world.claim(nodeId, two.id, 1);
    const throttleState: ThrottleState = { state: "circuit_open", reason: "It is down.", since: 5, nextTryAt: 9 };
    await world.store.noteThrottleStates({ nodeId, throttleStates: [{ subscriptionId: two.id, throttleState }] });
    world.now += 5;
    expect(await backlog(world)).toEqual({
      due: 2,
      later: 2,
      claimed: 1,
      oldestDueAt: dueAt,
      countedUpTo: limits.backlogOfSubscriptionMax,
      isExact: true,
      subscriptions: [
        {
          subscriptionId: two.id,
          url: two.target.url,
          due: 2,
          later: 1,
          claimed: 1,
          nextAttemptAt: dueAt,
          throttleState,
        },
        {
          subscriptionId: one.id,
          url: one.target.url,
          due: 0,
          later: 1,
          claimed: 0,
          nextAttemptAt: retryAt,
          throttleState: null,
        },
      ],
    });
    world.now = retryAt;
    expect(await backlog(world)).toMatchObject({ due: 4, later: 0, claimed: 1, oldestDueAt: dueAt });
  });

  test("an organization without waiting deliveries has an empty backlog", async () => {
    await using world = await World.open(open);
    const { id } = await world.subscribe();
    await world.accept();
    await world.settleAll(id, { state: "delivered" });
    const nothing = { due: 0, later: 0, claimed: 0, oldestDueAt: null, isExact: true, subscriptions: [] };
    expect(await backlog(world)).toMatchObject(nothing);
  });

  test("a large backlog is counted up to a bound and marked as larger", async () => {
    await using world = await World.open(open);
    const { organizationId } = world;
    const { id } = await world.subscribe();
    for (let left = limits.backlogOfSubscriptionMax + 1; left > 0; left -= limits.fanOutPerOrganizationAndCommitMax) {
      const messages = Array.from({ length: Math.min(left, limits.fanOutPerOrganizationAndCommitMax) }, () =>
        world.message(),
      );
      await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: null });
    }
    await world.finishFanOuts();
    const bound = limits.backlogOfSubscriptionMax;
    expect(await backlog(world)).toMatchObject({ due: bound, countedUpTo: bound, isExact: false });
    await world.settleAll(id, { state: "delivered" }, 2);
    expect(await backlog(world)).toMatchObject({ due: bound - 1, isExact: true });
  });
});

function backlog(world: World) {
  return world.store.readBacklog({ organizationId: world.organizationId, now: world.now });
}
