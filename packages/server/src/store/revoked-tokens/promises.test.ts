import { expect, test } from "vitest";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { t0, World } from "../fixtures/samples.ts";
import type { Store } from "../store.ts";
import type { RevokedTokens } from "./interface.ts";

bothStoresKeep("revoked tokens", (open) => {
  async function ending(from: () => Promise<Store> = open) {
    const world = await World.open(from);
    const { store, organizationId } = world;
    return {
      world,
      end: (names: string[], changes: Partial<RevokedTokens> = {}) => {
        const times = { issuedUntil: world.now, refusedFrom: world.now, neededUntil: null };
        return store.revokeTokens({ organizationId, names, now: world.now, ...times, ...changes });
      },
      isEnded: (names: string[], issuedAt: number, now = world.now) =>
        store.isTokenRevoked({ organizationId, names, issuedAt, now }),
      [Symbol.asyncDispose]: () => world[Symbol.asyncDispose](),
    };
  }

  test("revoking a name revokes its tokens issued by then, but not later ones, other names or other organizations", async () => {
    await using opened = await ending();
    const { world, end, isEnded } = opened;
    await end(["session 1", "session 2"]);
    expect(await isEnded(["all", "session 1"], t0)).toBe(true);
    expect(await isEnded(["session 2"], t0 - 1)).toBe(true);
    expect(await isEnded(["session 1"], t0 + 1)).toBe(false);
    expect(await isEnded(["session 3", "all"], t0)).toBe(false);
    const organizationId = await world.addOrganization();
    const foreign = { organizationId, names: ["session 1"], issuedAt: t0, now: t0 };
    expect(await world.store.isTokenRevoked(foreign)).toBe(false);
  });

  test("a future revocation has no effect before its time", async () => {
    await using opened = await ending();
    await opened.end(["all"], { refusedFrom: t0 + 500 });
    expect(await opened.isEnded(["all"], t0, t0 + 499)).toBe(false);
    expect(await opened.isEnded(["all"], t0, t0 + 500)).toBe(true);
  });

  test("a revocation never undoes an earlier one, nor moves a later one forward", async () => {
    await using opened = await ending();
    const { world, end, isEnded } = opened;
    await end(["all"]);
    await end(["all"], { refusedFrom: t0 + 900 });
    expect(await isEnded(["all"], t0)).toBe(true);
    world.now += 100;
    await end(["all"], { refusedFrom: t0 + 500 });
    expect(await isEnded(["all"], t0)).toBe(true);
    expect(await isEnded(["all"], t0 + 50)).toBe(false);
    expect(await isEnded(["all"], t0 + 50, t0 + 500)).toBe(true);
    world.now += 500;
    await end(["all"]);
    expect([await isEnded(["all"], t0), await isEnded(["all"], t0 + 600)]).toEqual([true, true]);
    expect(await isEnded(["all"], t0 + 601)).toBe(false);
  });

  test("revocations of expired tokens are deleted, and those of tokens that may be valid are kept", async () => {
    await using opened = await ending(open.fresh);
    const { world, end, isEnded } = opened;
    await end(["token 1", "token 2", "token 3"], { neededUntil: t0 + 100 });
    await end(["token 4"], { neededUntil: t0 + 101 });
    await end(["all"]);
    expect(await world.store.forgetRevokedTokens({ now: t0 + 100, limit: 2 })).toBe(2);
    expect(await world.store.forgetRevokedTokens({ now: t0 + 100, limit: 2 })).toBe(1);
    expect(await world.store.forgetRevokedTokens({ now: t0 + 100, limit: 2 })).toBe(0);
    expect(await Promise.all(["token 1", "token 4", "all"].map((name) => isEnded([name], t0)))).toEqual([
      false,
      true,
      true,
    ]);
  });

  test("deleting an organization deletes its revoked tokens", async () => {
    await using opened = await ending(open.fresh);
    const { world } = opened;
    const organizationId = await world.addOrganization();
    await opened.end(["all"], { organizationId });
    await world.store.deleteOrganization({ organizationId, now: world.now });
    while (await world.store.purgeOrganizations({ limit: 9 }));
    expect(await world.addOrganization(organizationId)).toBe(organizationId);
    expect(await world.store.isTokenRevoked({ organizationId, names: ["all"], issuedAt: t0, now: t0 })).toBe(false);
  });
});
