import { expect, test } from "vitest";
import { StoreUnavailableError } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import { sourceConnectionStatus } from "../../domain/source-connection.ts";
import type { SourceConnectionView } from "../../store/source-connections/interface.ts";
import type { Store } from "../../store/store.ts";
import { AuthorizedWorld, ownClient } from "../fixtures/authorized.ts";
import { gate, thing } from "../fixtures/scripted-source.ts";
import { keyOf, localFetch } from "../fixtures/test-weft.ts";
import type { SourceContext } from "../source.ts";
import { oauthStubSource } from "../sources/oauth-stub/oauth-stub-source.ts";
import { AccessTokens } from "./access-tokens.ts";
import { TokenRequests } from "./provider.ts";

const hour = 3_600_000;
const authentication = { kind: "browser", client: ownClient, redirectUrl: null } as const;

test("an expiring token is renewed before a sync, and both of its tokens are replaced", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  const id = { sourceConnectionId: connection.id };
  const { tokens: before } = await world.tokens(id);
  world.clock.forward(hour - limits.tokenLeftMsMin + 30_000);
  expect((await world.sync(connection)).state).toBe("completed");
  const { tokens: after } = await world.tokens(id);
  expect(world.provider.granted).toEqual(["authorization_code", "refresh_token"]);
  expect(after.accessToken).not.toBe(before.accessToken);
  expect(after.refreshToken).not.toBe(before.refreshToken);
  expect(after.client).toEqual(ownClient);
  expect(new Set(world.provider.bearers)).toEqual(new Set([after.accessToken]));
  const view = await world.view(connection);
  expect(view.tokensExpireAt).toBe(after.expiresAt);
  expect(view.authenticatedAt).toBe(connection.authenticatedAt);
});

test.each<[string, (body: Record<string, unknown>) => Record<string, unknown>, number | null]>([
  [
    "null for the lifetime, and for the scope",
    (body) => ({ ...body, expires_in: null, scope: null, id_token: null }),
    null,
  ],
  ["the lifetime as a text", (body) => ({ ...body, expires_in: "3600" }), hour],
  ["a lifetime that is no number", (body) => ({ ...body, expires_in: "never" }), null],
  ["no type of the token", ({ token_type: _, ...body }) => body, hour],
  ["null for the type of the token", (body) => ({ ...body, token_type: null }), hour],
])("a provider that writes %s grants a token as any other, and a new one for it", async (_, tokenResponse, livesMs) => {
  await using world = await AuthorizedWorld.open();
  world.provider.tokenResponse = tokenResponse;
  const connection = await world.connected();
  const { tokens } = await world.tokens({ sourceConnectionId: connection.id });
  if (livesMs === null) expect(tokens.expiresAt).toBeNull();
  else expect(Math.abs((tokens.expiresAt ?? 0) - world.clock.now() - livesMs)).toBeLessThan(60_000);
  await world.provider.end(tokens);
  expect(await world.sync(connection)).toMatchObject({ state: "completed", counts: { inserted: 2 } });
  expect(world.provider.granted).toEqual(["authorization_code", "refresh_token"]);
});

test("a token with time left is used without a renewal, sync after sync", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  for (let i = 0; i < 3; i++) expect((await world.sync(connection)).state).toBe("completed");
  expect(world.provider.granted).toEqual(["authorization_code"]);
});

test("a token that expires during a long sync is renewed during it", async () => {
  const [reached, goOn] = [gate(), gate()];
  const seen: string[] = [];
  await using world = await AuthorizedWorld.open({
    sources: [
      reading(async function* ({ accessToken }) {
        seen.push(await accessToken());
        yield thing("first");
        reached.open();
        await goOn.opened;
        seen.push(await accessToken(), await accessToken());
        yield thing("second");
      }),
    ],
  });
  const connection = await world.connected();
  const { id } = await world.weft.connections.run(keyOf(connection));
  await reached.opened;
  world.clock.forward(hour);
  goOn.open();
  expect(await world.weft.ended(keyOf(connection), id)).toMatchObject({ state: "completed", counts: { inserted: 2 } });
  expect(seen[1]).not.toBe(seen[0]);
  expect(seen[2]).toBe(seen[1]);
  expect(world.provider.granted).toEqual(["authorization_code", "refresh_token"]);
});

test("a token that the API refuses early is renewed, and the sync continues", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  const { tokens } = await world.tokens({ sourceConnectionId: connection.id });
  await world.provider.end(tokens);
  expect(await world.sync(connection)).toMatchObject({ state: "completed", counts: { inserted: 2 } });
  expect(world.provider.bearers[0]).toBe(tokens.accessToken);
  expect(world.provider.granted).toEqual(["authorization_code", "refresh_token"]);
});

test("a revoked grant fails the job with the reason, and the connection must be authorized again", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  const key = keyOf(connection);
  await world.provider.revoke((await world.tokens(key)).tokens);
  const job = await world.sync(connection);
  const reason =
    "The provider refused to renew the access token (invalid_grant): the grant was revoked or has expired. Authorize the source connection again.";
  expect(job).toMatchObject({ state: "failed", error: reason });
  expect(statusOf(await world.view(connection))).toBe("needs_reauth");
  expect((await world.weft.events()).at(-1)).toMatchObject({ event_type: "sync.failed", error: reason });

  const refusedBefore = world.provider.refused.length;
  await expect(world.sync(connection)).rejects.toMatchObject({
    code: "sync_paused",
    message: expect.stringContaining("Cannot trigger sync: sync is paused"),
  });
  expect(world.provider.refused).toHaveLength(refusedBefore);

  await world.weft.connections.update(key, { authentication });
  expect(statusOf(await world.view(connection))).toBe("needs_reauth");
  await world.authorize(connection);
  expect(statusOf(await world.view(connection))).toBe("error");
  expect((await world.sync(connection)).state).toBe("completed");
  expect(statusOf(await world.view(connection))).toBe("active");
});

test("a provider that is unavailable for a while is retried within the job", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  world.clock.forward(hour);
  let refusedBefore = 0;
  world.provider.onTokenRequest = () => {
    refusedBefore += 1;
    world.provider.isDown = refusedBefore < 4;
  };
  expect((await world.sync(connection)).state).toBe("completed");
  expect(world.clock.waited.slice(0, 3)).toEqual([1_000, 2_000, 4_000]);
  expect(statusOf(await world.view(connection))).toBe("active");
});

test("a provider that stays unavailable fails the job, and the grant is kept", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  const before = await world.tokens({ sourceConnectionId: connection.id });
  world.clock.forward(hour);
  world.provider.isDown = true;
  expect(await world.sync(connection)).toMatchObject({
    state: "failed",
    error: expect.stringMatching(/^The provider could not renew the access token\. .*status 503/),
  });
  expect(statusOf(await world.view(connection))).toBe("error");
  expect(await world.tokens({ sourceConnectionId: connection.id })).toEqual(before);
  world.provider.isDown = false;
  expect((await world.sync(connection)).state).toBe("completed");
});

test("a client that the provider no longer knows fails the job, and the grant is kept", async () => {
  await using world = await AuthorizedWorld.open();
  const { tokens } = await world.tokens({ sourceConnectionId: (await world.connected()).id });
  const given = { ...tokens, expiresAt: 0, client: { id: ownClient.id, secret: "changed meanwhile" } };
  const connection = await world.weft.connect("oauth-stub", {
    config: world.provider.config,
    authentication: { kind: "token", tokens: given },
  });
  const job = await world.sync(connection);
  expect(job).toMatchObject({ state: "failed", error: expect.stringContaining("(invalid_client)") });
  expect(statusOf(await world.view(connection))).toBe("error");
});

test("tokens that a caller gives are used from the first sync on, and one without a successor expires", async () => {
  await using world = await AuthorizedWorld.open();
  const { tokens } = await world.tokens({ sourceConnectionId: (await world.connected()).id });
  const given = { ...tokens, refreshToken: null, expiresAt: null, client: null };
  const connection = await world.weft.connect("oauth-stub", {
    config: world.provider.config,
    authentication: { kind: "token", tokens: given },
  });
  expect(connection).toMatchObject({
    authMethod: "oauth_token",
    authenticatedAt: expect.any(Number),
    tokensExpireAt: null,
  });
  expect((await world.sync(connection)).state).toBe("completed");
  await world.provider.revoke(given);
  expect((await world.sync(connection)).state).toBe("failed");
  expect(statusOf(await world.view(connection))).toBe("needs_reauth");
  const renewed = { ...tokens, accessToken: "another", refreshToken: null, expiresAt: null };
  const mended = await world.weft.connections.update(keyOf(connection), {
    authentication: { kind: "token", tokens: renewed },
  });
  expect(mended && statusOf(mended)).toBe("error");
});

test("a refresh token without a client is kept, and the job names the missing setting", async () => {
  await using world = await AuthorizedWorld.open();
  const tokens = { accessToken: "ended", refreshToken: "kept", expiresAt: 1, client: null };
  const connection = await world.weft.connect("oauth-stub", {
    config: world.provider.config,
    authentication: { kind: "token", tokens },
  });
  expect(await world.sync(connection)).toMatchObject({
    state: "failed",
    error: expect.stringContaining("no client at the provider of oauth-stub"),
  });
  expect(statusOf(await world.view(connection))).toBe("error");
});

test("jobs on two nodes renew a connection's tokens once, and both use the renewed one", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  world.clock.forward(hour);
  const got = await Promise.all([1, 2, 3].map(async () => (await tokensFor(world, connection)).get()));
  expect(new Set(got).size).toBe(1);
  expect(got[0]).toBe((await world.tokens({ sourceConnectionId: connection.id })).tokens.accessToken);
  expect(world.provider.granted).toEqual(["authorization_code", "refresh_token"]);
});

test("many concurrent refusals in one job renew the token once", async () => {
  await using world = await AuthorizedWorld.open();
  const access = await tokensFor(world, await world.connected());
  const first = await access.get();
  const got = await Promise.all(Array.from({ length: 5 }, () => access.get(first)));
  expect(new Set(got).size).toBe(1);
  expect(got[0]).not.toBe(first);
  expect(world.provider.granted).toEqual(["authorization_code", "refresh_token"]);
});

test("renewed tokens are not used before they are stored, although the database fails several times", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  world.clock.forward(hour);
  let refusals = 0;
  const access = await tokensFor(world, connection, {
    renewTokens: async (params) => {
      refusals += 1;
      if (refusals < 3) throw new StoreUnavailableError("The disk is full.");
      return await world.weft.store.renewTokens(params);
    },
  });
  const token = await access.get();
  expect((await world.tokens({ sourceConnectionId: connection.id })).tokens.accessToken).toBe(token);
  expect(refusals).toBe(3);
});

test("a process that dies between the provider's response and the commit leaves a claim that expires, and a grant to renew", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  world.clock.forward(hour);
  const dying = await tokensFor(world, connection, { renewTokens: () => Promise.reject(new Error("killed")) });
  await expect(dying.get()).rejects.toThrow("killed");
  const waiting = world.sync(connection);
  // The job waits until the claim of the dead process expires.
  await expect.poll(() => world.clock.waited.length).toBeGreaterThan(3);
  world.clock.forward(limits.tokenRenewalMs);
  expect(await waiting).toMatchObject({ state: "failed", error: expect.stringContaining("(invalid_grant)") });
  expect(statusOf(await world.view(connection))).toBe("needs_reauth");
});

test("a connection that is authorized again while its token is renewed keeps the newer tokens", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  const key = keyOf(connection);
  world.clock.forward(hour);
  const newer = { accessToken: "newer", refreshToken: null, expiresAt: null, client: null };
  world.provider.onTokenRequest = async () => {
    await world.weft.connections.update(key, { authentication: { kind: "token", tokens: newer } });
  };
  expect(await (await tokensFor(world, connection)).get()).toBe("newer");
  expect((await world.tokens(key)).tokens).toEqual(newer);
});

test("a job that is stopped while its token is renewed ends after the renewed token is stored", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  const { store, runner, connections } = world.weft;
  const happened: string[] = [];
  const renewTokens = store.renewTokens.bind(store);
  Object.defineProperty(store, "renewTokens", {
    value: async (params: Parameters<Store["renewTokens"]>[0]) => {
      const isKept = await renewTokens(params);
      happened.push("kept");
      return isKept;
    },
  });
  world.clock.forward(hour);
  const [refusedBefore, go] = [gate(), gate()];
  world.provider.onTokenRequest = async () => {
    refusedBefore.open();
    await go.opened;
  };
  const { id } = await connections.run(keyOf(connection));
  await refusedBefore.opened;
  const stopped = runner.stop().then(() => happened.push("stopped"));
  // A runner that did not wait would have ended by now.
  await world.weft.quiet();
  go.open();
  await stopped;
  expect(happened).toEqual(["kept", "stopped"]);
  expect(await world.weft.ended(keyOf(connection), id)).toMatchObject({ state: "failed" });
});

test("no failure reason contains a token, neither an old one nor a renewed one", async () => {
  await using world = await AuthorizedWorld.open({
    sources: [
      reading(async function* ({ accessToken }) {
        const first = await accessToken();
        yield thing("first");
        throw new Error(`401 for ${first}, then for ${await accessToken(first)}`);
      }),
    ],
  });
  expect(await world.sync(await world.connected())).toMatchObject({
    error: "The source failed: 401 for ***, then for ***",
  });
});

function statusOf(view: SourceConnectionView) {
  return sourceConnectionStatus(view, view.lastJob?.state ?? null);
}

type Reader = (
  context: Pick<SourceContext<unknown, unknown>, "accessToken">,
) => AsyncIterable<ReturnType<typeof thing>>;

/** The source `oauth-stub` with another reader. */
function reading(read: Reader) {
  const source = oauthStubSource({ fetch: () => Promise.reject(new Error("Not asked.")) });
  const noToken = () => Promise.reject(new Error("No token."));
  const entities: typeof source.entities = ({ accessToken = noToken }) => read({ accessToken });
  return { ...source, entities };
}

/** The access tokens of a separate job, as another node would have them. */
async function tokensFor(
  world: AuthorizedWorld,
  connection: SourceConnectionView,
  changes: Partial<Pick<Store, "renewTokens">> = {},
): Promise<AccessTokens> {
  const { weft, clock } = world;
  const { store, runner } = weft;
  const source = runner.sources.find("oauth-stub");
  if (source === null) throw new Error("The source is not offered.");
  const job = { id: weft.origin.newId<"syncJob">() };
  const plan = { job, connection };
  const parts = {
    store: {
      readTokens: (params) => store.readTokens(params),
      claimRenewal: (params) => store.claimRenewal(params),
      refuseTokens: (params) => store.refuseTokens(params),
      renewTokens: (params) => store.renewTokens(params),
      ...changes,
    } satisfies Pick<Store, "readTokens" | "claimRenewal" | "renewTokens" | "refuseTokens">,
    sources: runner.sources,
    requests: new TokenRequests(localFetch(), () => clock.now()),
    clock,
  };
  return new AccessTokens(parts, plan, source, new AbortController().signal);
}
