import { expect, test } from "vitest";
import { type AuditEntry, actorKinds } from "../../domain/audit-entry.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import { t0, World } from "../fixtures/samples.ts";
import type { ListAuditEntries } from "./interface.ts";

/** The promises about the audit log. */
bothStoresKeep("the audit log", (open) => {
  test("an entry is listed as it was added, and with its final status once that is known", async () => {
    await using world = await World.open(open.fresh);
    const entry = await added(world, {
      actor: { kind: "api_key", id: "key", name: "Operations", via: "session" },
      address: "192.0.2.1",
      forwardedFor: "198.51.100.7",
      fields: ["url", "secret"],
      kind: "refused",
      count: 7,
      lastAt: t0 + 5,
    });
    expect(await listed(world)).toEqual([entry]);
    await world.store.endAuditEntry({ entryId: entry.id, status: 200 });
    expect(await listed(world)).toEqual([{ ...entry, status: 200 }]);
  });

  test("entries are listed newest first, in pages, of one organization or of all, by kind, operation, actor and time", async () => {
    await using world = await World.open(open.fresh);
    const other = await world.addOrganization();
    const first = await added(world, { operation: "createSubscription" });
    world.now += 1_000;
    const second = await added(world, { actor: { kind: "api_key", id: "key", name: "Operations", via: null } });
    const third = await added(world, { organizationId: other, kind: "secret_read" });
    const ids = async (filters: Partial<ListAuditEntries>) => (await listed(world, filters)).map(({ id }) => id);
    expect(await ids({})).toEqual([second.id, first.id]);
    expect(await ids({ organizationId: null })).toEqual([third.id, second.id, first.id]);
    expect(await ids({ organizationId: null, limit: 2 })).toEqual([third.id, second.id]);
    expect(await ids({ organizationId: null, cursor: second.id })).toEqual([first.id]);
    expect(await ids({ operation: "createSubscription" })).toEqual([first.id]);
    expect(await ids({ organizationId: null, kind: "secret_read" })).toEqual([third.id]);
    expect(await ids({ actorId: "key" })).toEqual([second.id]);
    expect(await ids({ since: t0 + 1_000 })).toEqual([second.id]);
    expect(await ids({ until: t0 + 1_000 })).toEqual([first.id]);
    expect(await ids({ until: t0 + 1_000, cursor: first.id })).toEqual([]);
  });

  test("every kind of actor is stored", async () => {
    await using world = await World.open(open.fresh);
    for (const kind of actorKinds) await added(world, { actor: { kind, id: "id", name: "name", via: null } });
    const kinds = (await listed(world)).map(({ actor }) => actor.kind);
    expect(kinds.toReversed()).toEqual([...actorKinds]);
  });

  test("old entries are deleted in bounded steps, the oldest first", async () => {
    await using world = await World.open(open.fresh);
    for (let i = 0; i < 3; i++) await added(world, {});
    world.now += 1_000;
    const kept = await added(world, {});
    const step = () => world.store.deleteAuditBefore({ before: t0 + 1_000, limit: 2 });
    expect([await step(), await step(), await step()]).toEqual([2, 1, 0]);
    expect(await listed(world)).toEqual([kept]);
  });

  test("the names of subscriptions, keys and organizations in entries are read, and unknown ones are left out", async () => {
    await using world = await World.open(open.fresh);
    const { organizationId } = world;
    const subscription = await world.subscribe();
    const keyId = world.newId<"apiKey">();
    const key = { id: keyId, organizationId, name: "Deployment", prefix: "p", scopes: ["read"] as const };
    await world.store.createApiKey({
      key: { ...key, createdAt: t0, expiresAt: null, rotatedAt: null, overlapUntil: null, lastUsedAt: null },
      hash: "h",
    });
    const named = await world.store.readSubjectNames({
      subjects: [
        { kind: "subscription", id: subscription.id },
        { kind: "subscription", id: subscription.id },
        { kind: "api_key", id: keyId },
        { kind: "organization", id: organizationId },
        { kind: "source_connection", id: keyId },
      ],
    });
    const organization = await world.store.readOrganization({ organizationId });
    expect(named.toSorted((a, b) => (a.kind < b.kind ? -1 : 1))).toEqual([
      { kind: "api_key", id: keyId, name: "Deployment", organizationId },
      { kind: "organization", id: organizationId, name: organization?.name, organizationId },
      { kind: "subscription", id: subscription.id, name: subscription.target.url, organizationId },
    ]);
  });
});

async function added(world: World, changes: Partial<AuditEntry>): Promise<AuditEntry> {
  const entry: AuditEntry = {
    id: world.newId<"auditEntry">(),
    kind: "change",
    count: 1,
    lastAt: null,
    organizationId: world.organizationId,
    actor: { kind: "anonymous", id: null, name: null, via: null },
    address: null,
    forwardedFor: null,
    operation: "updateSubscription",
    method: "PATCH",
    path: "/webhooks/subscriptions/1",
    fields: [],
    requestId: "request",
    createdAt: world.now,
    status: null,
    ...changes,
  };
  await world.store.addAuditEntry({ entry });
  return entry;
}

function listed(world: World, filters: Partial<ListAuditEntries> = {}): Promise<AuditEntry[]> {
  return world.store.listAuditEntries({
    organizationId: world.organizationId,
    kind: null,
    operation: null,
    actorId: null,
    since: null,
    until: null,
    limit: 9,
    cursor: null,
    ...filters,
  });
}
