import { expect, test } from "vitest";
import type { Authorization, OAuthTokens } from "../../domain/authorization.ts";
import { limits } from "../../domain/limits.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import { bothStoresKeep } from "../fixtures/both-stores.ts";
import {
  connect,
  connectionKey,
  connectionOf,
  eventTypesOf,
  jobOf,
  makeCollection,
  makeJob,
  purge,
} from "../fixtures/producer-samples.ts";
import { t0, unlimited, World } from "../fixtures/samples.ts";

const until = t0 + limits.authorizationStayMs;
const client = { id: "own client", secret: "own secret" };

/** The promises every store keeps about authorizations and tokens. Each driver's test calls this. */
bothStoresKeep("authorizations", (open) => {
  test("a connection is stored with its authorization, and shows it until it is opened", async () => {
    await using world = await World.open(open);
    const connection = connectionOf(world, await makeCollection(world), pending);
    const authorization = authorizationOf(world, connection, { redirectUrl: "https://app.example.com/done" });
    const create = { connection, credentials: null, job: null, announce: [], connectionsMax: unlimited, authorization };
    expect(await world.store.createSourceConnection(create)).toBe("created");
    const { code, redirectUrl, expiresAt } = authorization;
    const view = await world.store.readSourceConnection(connectionKey(connection));
    expect(view).toMatchObject({ ...pending, authorization: { code, redirectUrl, expiresAt } });
    expect(await world.store.openAuthorization({ code, now: t0, until })).toEqual({
      kind: "found",
      authorization: { ...authorization, expiresAt: until },
    });
    expect((await world.store.readSourceConnection(connectionKey(connection)))?.authorization).toBeNull();
  });

  test("an authorization is opened once, even by concurrent callers, and never after it expired", async () => {
    await using world = await World.open(open);
    const { authorization } = await begun(world);
    const params = { code: authorization.code, until };
    expect(await world.store.openAuthorization({ ...params, now: authorization.expiresAt })).toEqual({
      kind: "expired",
    });
    const results = Array.from({ length: 5 }, () => world.store.openAuthorization({ ...params, now: t0 + 1 }));
    const kinds = (await Promise.all(results)).map(({ kind }) => kind);
    expect(kinds.toSorted()).toEqual(["found", "used", "used", "used", "used"]);
    expect(await world.store.openAuthorization({ ...params, code: "another", now: t0 })).toEqual({ kind: "unknown" });
  });

  test("a provider's response is accepted once, after the URL was opened and before the authorization expires", async () => {
    await using world = await World.open(open);
    const { authorization } = await begun(world);
    const { code, state } = authorization;
    const take = (now: number) => world.store.takeAuthorization({ state, now });
    expect(await take(t0)).toEqual({ kind: "expired" });
    await world.store.openAuthorization({ code, now: t0, until });
    expect(await take(until)).toEqual({ kind: "expired" });
    const taken = await Promise.all(Array.from({ length: 5 }, () => take(until - 1)));
    expect(taken.map(({ kind }) => kind).toSorted()).toEqual(["found", "used", "used", "used", "used"]);
    expect(await world.store.takeAuthorization({ state: "another", now: t0 })).toEqual({ kind: "unknown" });
  });

  test("a new authorization replaces the previous one, whose tokens are then rejected", async () => {
    await using world = await World.open(open);
    const { connection, authorization } = await begun(world);
    await opened(world, authorization);
    const next = authorizationOf(world, connection);
    expect(await world.store.beginAuthorization({ authorization: next })).toBe(true);
    const { code, state } = authorization;
    expect(await world.store.openAuthorization({ code, now: t0, until })).toEqual({ kind: "unknown" });
    expect(await world.store.takeAuthorization({ state, now: t0 })).toEqual({ kind: "unknown" });
    expect(await complete(world, authorization)).toBe(false);
    expect(await eventTypesOf(world)).toEqual([]);
    expect(await world.store.readTokens({ sourceConnectionId: connection.id })).toBeNull();
  });

  test("the tokens of an authorization are stored together with its event and the first job", async () => {
    await using world = await World.open(open);
    const { connection, authorization } = await begun(world);
    await opened(world, authorization);
    const syncId = world.newId<"sync">();
    const job = jobOf(world, { ...connection, syncId });
    const announce = [world.message({ eventType: "source_connection.auth_completed" })];
    const first = { job, announce: [world.message({ eventType: "sync.pending" })] };
    expect(await complete(world, authorization, { syncId, announce, first, now: t0 + 9 })).toBe(true);
    expect(await world.store.readSourceConnection(connectionKey(connection))).toMatchObject({
      authMethod: "oauth_browser",
      authenticatedAt: t0 + 9,
      tokensExpireAt: tokens.expiresAt,
      syncId,
      lastJob: job,
    });
    const stored = await world.store.readTokens({ sourceConnectionId: connection.id });
    expect(stored).toMatchObject({ tokens, needsReauth: false });
    expect(await eventTypesOf(world)).toEqual(["source_connection.auth_completed", "sync.pending"]);
  });

  test("an authorization that was never opened completes nothing", async () => {
    await using world = await World.open(open);
    const { connection, authorization } = await begun(world);
    expect(await complete(world, authorization)).toBe(false);
    expect(await eventTypesOf(world)).toEqual([]);
    expect((await world.store.readSourceConnection(connectionKey(connection)))?.authenticatedAt).toBeNull();
  });

  test("a connection that is authorized again keeps its sync, and starts no job while another one is unfinished", async () => {
    await using world = await World.open(open);
    const connection = await connect(world, await makeCollection(world));
    const authorization = authorizationOf(world, connection);
    await world.store.beginAuthorization({ authorization });
    await opened(world, authorization);
    const underWay = await makeJob(world, connection);
    const first = { job: jobOf(world, connection), announce: [world.message({ eventType: "sync.pending" })] };
    expect(await complete(world, authorization, { first })).toBe(true);
    expect(await world.store.readSourceConnection(connectionKey(connection))).toMatchObject({
      authMethod: "oauth_browser",
      syncId: connection.syncId,
      lastJob: underWay,
    });
    expect(await eventTypesOf(world)).toEqual(["source_connection.auth_completed"]);
  });

  test("the authorization of a deleted connection is unknown, completes nothing, and is deleted with the connection", async () => {
    await using world = await World.open(open.fresh);
    const { connection, authorization } = await begun(world);
    await opened(world, authorization);
    await world.store.deleteSourceConnection({ ...connectionKey(connection), now: t0, announce: [] });
    const { code, state } = authorization;
    expect(await world.store.openAuthorization({ code, now: t0, until })).toEqual({ kind: "unknown" });
    expect(await world.store.takeAuthorization({ state, now: t0 })).toEqual({ kind: "unknown" });
    expect(await complete(world, authorization)).toBe(false);
    expect(await world.store.beginAuthorization({ authorization: authorizationOf(world, connection) })).toBe(false);
    await purge(world);
    expect(await world.store.deleteAuthorizationsBefore({ before: t0 + 1, limit: 9 })).toBe(0);
  });

  test("an authorization is claimed once, after its grant, and the first job begins with its messages", async () => {
    await using world = await World.open(open);
    const { connection, authorization } = await begun(world, { claimHash: "hash" });
    const { organizationId, id: sourceConnectionId } = connection;
    const syncId = world.newId<"sync">();
    const first = {
      job: jobOf(world, { ...connection, syncId }),
      announce: [world.message({ eventType: "sync.pending" })],
    };
    const claim = () =>
      world.store.claimAuthorization({ authorizationId: authorization.id, sourceConnectionId, now: t0 + 3, first });
    const progress = async () =>
      (await world.store.readAuthorization({ organizationId, sourceConnectionId }))?.progress ?? null;
    const expiresAt = t0 + limits.authorizationStayMs;
    expect(await claim()).toBe(false);
    await opened(world, authorization);
    expect(await claim()).toBe(false);
    expect(await progress()).toEqual({ usedAt: t0, grantedAt: null, claimedAt: null, expiresAt });
    await complete(world, authorization, { syncId, now: t0 + 2, announce: [] });
    const claims = await Promise.all(Array.from({ length: 5 }, claim));
    expect(claims.filter((claimed) => claimed)).toHaveLength(1);
    expect(await world.store.readAuthorization({ organizationId, sourceConnectionId })).toEqual({
      authorization: { ...authorization, expiresAt },
      progress: { usedAt: t0, grantedAt: t0 + 2, claimedAt: t0 + 3, expiresAt },
    });
    expect(await eventTypesOf(world)).toEqual(["sync.pending"]);
    expect((await world.store.readSourceConnection(connectionKey(connection)))?.lastJob).toEqual(first.job);
  });

  test("an authorization is read only by the organization of its connection, until the connection is deleted", async () => {
    await using world = await World.open(open);
    const { connection } = await begun(world);
    const key = connectionKey(connection);
    expect(await world.store.readAuthorization({ ...key, organizationId: world.newId<"organization">() })).toBeNull();
    expect(await world.store.readAuthorization(key)).not.toBeNull();
    await world.store.deleteSourceConnection({ ...key, now: t0, announce: [] });
    expect(await world.store.readAuthorization(key)).toBeNull();
  });

  test("old authorizations are deleted in bounded steps, and recent ones are kept", async () => {
    await using world = await World.open(open.fresh);
    for (let i = 0; i < 3; i++) await begun(world);
    world.now += 10;
    const { authorization } = await begun(world);
    const forget = () => world.store.deleteAuthorizationsBefore({ before: world.now, limit: 2 });
    expect([await forget(), await forget(), await forget()]).toEqual([2, 1, 0]);
    expect(await world.store.openAuthorization({ code: authorization.code, now: t0, until })).toMatchObject({
      kind: "found",
    });
  });

  test("only one job at a time renews tokens, until its time is over or the tokens are new", async () => {
    await using world = await World.open(open);
    const { id: sourceConnectionId, version } = await authorized(world);
    const claim = (jobId = world.newId<"syncJob">(), now = t0) =>
      world.store.claimRenewal({ sourceConnectionId, version, jobId, now, until: now + 10 });
    const jobs = Array.from({ length: 5 }, () => world.newId<"syncJob">());
    const claims = await Promise.all(jobs.map((job) => claim(job)));
    expect(claims.filter((claimed) => claimed)).toHaveLength(1);
    const holder = jobs[claims.indexOf(true)];
    expect(await claim(holder, t0 + 5)).toBe(true);
    expect(await claim(undefined, t0 + 14)).toBe(false);
    expect(await claim(undefined, t0 + 15)).toBe(true);
    const renewed = { ...tokens, accessToken: "second", refreshToken: "second refresh", expiresAt: t0 + 99 };
    const key = { sourceConnectionId, version };
    expect(await world.store.renewTokens({ ...key, tokens: renewed, now: t0 })).toBe(true);
    expect(await claim(holder, t0 + 99)).toBe(false);
    const stored = await world.store.readTokens({ sourceConnectionId });
    expect(stored?.tokens).toEqual(renewed);
    expect(await claimAnew(world, sourceConnectionId, stored?.version)).toBe(true);
  });

  test("tokens that have been replaced are neither renewed nor marked as refused", async () => {
    await using world = await World.open(open);
    const { id: sourceConnectionId, version, key } = await authorized(world);
    const given = { ...tokens, accessToken: "given", expiresAt: t0 + 7 };
    const authentication = {
      authMethod: "oauth_token" as const,
      credentials: { ...given },
      tokensExpireAt: given.expiresAt,
      syncId: world.newId<"sync">(),
    };
    await world.store.updateSourceConnection({ ...key, changes: { authentication }, now: t0 });
    const late = { sourceConnectionId, version, now: t0 };
    expect(await world.store.renewTokens({ ...late, tokens })).toBe(false);
    expect(await world.store.refuseTokens(late)).toBe(false);
    expect(await world.store.readTokens({ sourceConnectionId })).toMatchObject({ tokens: given, needsReauth: false });
    expect(await world.store.readSourceConnection(key)).toMatchObject({
      authMethod: "oauth_token",
      tokensExpireAt: t0 + 7,
      needsReauthAt: null,
    });
  });

  test("a connection whose tokens were refused starts no sync by itself until it has new ones", async () => {
    await using world = await World.open(open.fresh);
    const { id: sourceConnectionId, version, key, connection } = await authorized(world);
    const schedule = { cron: "0 * * * *", timeZone: "UTC" };
    await world.store.updateSourceConnection({ ...key, changes: { schedule, nextRunAt: t0 }, now: t0 });
    const due = async () => (await world.store.findDueConnections({ now: t0 + 1, limit: 9 })).map(({ id }) => id);
    expect(await due()).toEqual([sourceConnectionId]);
    expect(await world.store.refuseTokens({ sourceConnectionId, version, now: t0 + 5 })).toBe(true);
    expect(await world.store.refuseTokens({ sourceConnectionId, version, now: t0 + 6 })).toBe(true);
    expect((await world.store.readSourceConnection(key))?.needsReauthAt).toBe(t0 + 5);
    expect(await world.store.readTokens({ sourceConnectionId })).toMatchObject({ needsReauth: true });
    expect(await due()).toEqual([]);
    const authorization = authorizationOf(world, connection);
    await world.store.beginAuthorization({ authorization });
    await opened(world, authorization);
    await complete(world, authorization);
    expect((await world.store.readSourceConnection(key))?.needsReauthAt).toBeNull();
    expect(await due()).toEqual([sourceConnectionId]);
  });

  test("credentials that are not tokens are not read as tokens, and a deleted connection has none", async () => {
    await using world = await World.open(open);
    const direct = await connect(world, await makeCollection(world), {}, { key: "k" });
    expect(await world.store.readTokens({ sourceConnectionId: direct.id })).toBeNull();
    const { id: sourceConnectionId, version, key } = await authorized(world);
    await world.store.deleteSourceConnection({ ...key, now: t0, announce: [] });
    expect(await world.store.readTokens({ sourceConnectionId })).toBeNull();
    expect(await world.store.renewTokens({ sourceConnectionId, version, tokens, now: t0 })).toBe(false);
    expect(await claimAnew(world, sourceConnectionId, version)).toBe(false);
  });

  test("a pending connection that gets credentials has a sync from then on, and an event announces it", async () => {
    await using world = await World.open(open);
    const { connection, authorization } = await begun(world);
    const syncId = world.newId<"sync">();
    const authentication = { authMethod: "direct" as const, credentials: { key: "k" }, tokensExpireAt: null, syncId };
    const announce = [world.message({ eventType: "source_connection.auth_completed" })];
    const key = connectionKey(connection);
    await world.store.updateSourceConnection({ ...key, changes: { authentication }, now: t0, announce });
    expect(await world.store.readSourceConnection(key)).toMatchObject({ authMethod: "direct", syncId });
    expect(await eventTypesOf(world)).toEqual(["source_connection.auth_completed"]);
    const { code } = authorization;
    expect(await world.store.openAuthorization({ code, now: t0, until })).toEqual({ kind: "unknown" });
  });
});

const pending = { authMethod: "oauth_browser", authenticatedAt: null, syncId: null } as const;

const tokens: OAuthTokens = {
  accessToken: "first",
  refreshToken: "first refresh",
  expiresAt: t0 + 3_600_000,
  client,
};

function authorizationOf(
  world: World,
  { id, organizationId }: SourceConnection,
  changes: Partial<Authorization> = {},
): Authorization {
  const authorizationId = world.newId<"authorization">();
  return {
    id: authorizationId,
    organizationId,
    sourceConnectionId: id,
    code: `code ${authorizationId}`,
    state: `state ${authorizationId}`,
    verifier: "verifier",
    client,
    redirectUrl: null,
    syncImmediately: false,
    claimHash: null,
    createdAt: world.now,
    expiresAt: world.now + limits.authorizationUrlMs,
    ...changes,
  };
}

/** A pending connection with an authorization that was not opened. */
async function begun(world: World, changes: Partial<Authorization> = {}) {
  const connection = await connect(world, await makeCollection(world), pending, null);
  const authorization = authorizationOf(world, connection, changes);
  await world.store.beginAuthorization({ authorization });
  return { connection, authorization };
}

async function opened(world: World, { code, state }: Authorization): Promise<void> {
  await world.store.openAuthorization({ code, now: world.now, until: world.now + limits.authorizationStayMs });
  await world.store.takeAuthorization({ state, now: world.now });
}

type Completion = Parameters<World["store"]["completeAuthorization"]>[0];

function complete(world: World, authorization: Authorization, changes: Partial<Completion> = {}): Promise<boolean> {
  return world.store.completeAuthorization({
    authorizationId: authorization.id,
    sourceConnectionId: authorization.sourceConnectionId,
    tokens,
    syncId: world.newId<"sync">(),
    now: t0,
    announce: [world.message({ eventType: "source_connection.auth_completed" })],
    first: null,
    ...changes,
  });
}

/** A connection that holds tokens. */
async function authorized(world: World) {
  const { connection, authorization } = await begun(world);
  await opened(world, authorization);
  await complete(world, authorization);
  const stored = await world.store.readTokens({ sourceConnectionId: connection.id });
  if (stored === null) throw new Error("The tokens were not stored.");
  return { id: connection.id, connection, key: connectionKey(connection), version: stored.version };
}

function claimAnew(world: World, sourceConnectionId: SourceConnection["id"], version = 0): Promise<boolean> {
  const jobId = world.newId<"syncJob">();
  return world.store.claimRenewal({ sourceConnectionId, version, jobId, now: t0, until: t0 + 10 });
}
