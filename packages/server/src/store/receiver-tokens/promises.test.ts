import { expect, test } from "vitest";
import { noAccess } from "../../domain/receiver-access.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { World } from "../fixtures/samples.ts";

bothStoresKeep("the tokens of receivers", (open) => {
  async function opened() {
    const world = await World.open(open);
    const { id: subscriptionId } = await world.subscribe();
    const claim = (obtainedAt: number | null, at = world.now) =>
      world.store.claimTokenRenewal({ subscriptionId, obtainedAt, now: at, until: at + 1_000 });
    const token = { value: "hush", obtainedAt: world.now, expiresAt: world.now + 60_000 };
    return {
      ...{ world, subscriptionId, claim, token },
      put: () => world.store.putReceiverToken({ subscriptionId, token }),
      read: () => world.store.readReceiverToken({ subscriptionId }),
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    };
  }

  test("of several nodes, one replaces a token, and the others read its result", async () => {
    await using tokens = await opened();
    expect(await tokens.read()).toBeNull();
    const claims = await Promise.all(Array.from({ length: 5 }, () => tokens.claim(null)));
    expect(claims.filter((isClaimed) => isClaimed)).toHaveLength(1);
    expect(await tokens.read()).toBeNull();
    expect(await tokens.put()).toBe(true);
    expect(await tokens.read()).toEqual(tokens.token);
    expect(await tokens.claim(null)).toBe(false);
    expect(await tokens.claim(tokens.token.obtainedAt)).toBe(true);
    expect(await tokens.claim(tokens.token.obtainedAt)).toBe(false);
    expect(await tokens.read()).toEqual(tokens.token);
  });

  test("a reservation ends when it is released, and after its time", async () => {
    await using tokens = await opened();
    const { world, subscriptionId } = tokens;
    expect(await tokens.claim(null)).toBe(true);
    await world.store.releaseTokenRenewal({ subscriptionId });
    expect(await tokens.claim(null)).toBe(true);
    expect(await tokens.claim(null, world.now + 999)).toBe(false);
    expect(await tokens.claim(null, world.now + 1_000)).toBe(true);
  });

  test("a changed or deleted subscription has no token, and one that was requested before is not stored", async () => {
    await using tokens = await opened();
    const { world, subscriptionId } = tokens;
    const key = { organizationId: world.organizationId, subscriptionId };
    const { now, operationalEventIds } = world;
    await tokens.claim(null);
    await world.store.updateSubscription({ ...key, changes: { access: noAccess }, now, operationalEventIds });
    expect(await tokens.put()).toBe(false);
    expect(await tokens.read()).toBeNull();
    await tokens.claim(null);
    expect(await tokens.put()).toBe(true);
    await world.store.deleteSubscription({ ...key, now, operationalEventIds });
    expect([await tokens.read(), await tokens.claim(null)]).toEqual([null, false]);
  });
});
