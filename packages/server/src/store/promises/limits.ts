import { expect, test } from "vitest";
import { NotingEngine, type OpenStore, World } from "./samples.ts";

export function limitPromises(open: OpenStore): void {
  test("a claim for what was asked for by hand finds it behind any backlog, and takes nothing else", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe();
    const nodeId = await world.node();
    const resent = await world.accept();
    await world.settleAll(subscription.id, { state: "delivered" });
    for (let i = 0; i < 5; i++) await world.accept();
    const asked = { nodeId, now: world.now, lanes: [{ subscriptionId: subscription.id, limit: 3, byHandOnly: true }] };
    expect(await world.store.claimDue(asked)).toEqual([
      { subscriptionId: subscription.id, claimed: 0, drained: false },
    ]);
    const { organizationId } = world;
    const key = { organizationId, messageId: resent.id, subscriptionId: subscription.id };
    await world.store.resendMessage({ ...key, now: world.now });
    expect(await world.store.claimDue({ ...asked, now: world.now - 1 })).toMatchObject([{ claimed: 0 }]);
    expect(await world.store.claimDue(asked)).toEqual([
      { subscriptionId: subscription.id, claimed: 1, drained: false },
    ]);
    expect(await world.claim(await world.node(), subscription.id)).toHaveLength(5);
  });

  test("of an ordered subscription a claim by hand takes the next delivery, if anything was asked for", async () => {
    await using world = await World.open(open);
    const subscription = await world.subscribe({ ordered: true });
    const nodeId = await world.node();
    world.store.handOverTo(new NotingEngine(nodeId, 0));
    const first = await world.accept();
    const lanes = [{ subscriptionId: subscription.id, limit: 1, byHandOnly: true }];
    expect(await world.store.claimDue({ nodeId, now: world.now, lanes })).toMatchObject([{ claimed: 0 }]);
    const { organizationId } = world;
    const messages = [world.message()];
    await world.store.acceptMessages({ organizationId, messages, idempotency: null, testOf: subscription.id });
    expect(await world.store.claimDue({ nodeId, now: world.now, lanes })).toMatchObject([{ claimed: 1 }]);
    const key = { messageId: first.id, subscriptionId: subscription.id };
    expect(await world.store.releaseDeliveries({ nodeId, deliveries: [key] })).toBe(1);
  });
}
