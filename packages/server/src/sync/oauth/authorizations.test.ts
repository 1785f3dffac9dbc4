import { expect, test } from "vitest";
import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { sourceConnectionStatus } from "../../domain/source-connection.ts";
import type { SourceConnectionView } from "../../store/source-connections/interface.ts";
import { AuthorizedWorld, ownClient } from "../fixtures/authorized.ts";
import { thing } from "../fixtures/scripted-source.ts";
import { clientId, clientSecret, TestProvider } from "../fixtures/test-provider.ts";
import { keyOf, localFetch } from "../fixtures/test-weft.ts";
import { defineSource, type Source } from "../source.ts";
import { authorizeUrl, type OAuthProvider, TokenRequests } from "./provider.ts";

function statusOf(view: SourceConnectionView) {
  return sourceConnectionStatus(view, view.lastJob?.state ?? null);
}

test("a browser authorizes a waiting connection, with its event, and no sync starts without a request", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.pending();
  expect(statusOf(connection)).toBe("pending_auth");
  expect(connection).toMatchObject({ authMethod: "oauth_browser", syncId: null, lastJob: null });
  const result = await world.authorize(connection);
  expect(result).toEqual({ sourceConnectionId: connection.id, redirectUrl: null, error: null });
  const view = await world.view(connection);
  expect(statusOf(view)).toBe("active");
  expect(view).toMatchObject({ lastJob: null, authorization: null, syncId: expect.any(String) });
  expect((view.tokensExpireAt ?? 0) - (view.authenticatedAt ?? 0)).toBeGreaterThan(3_590_000);
  expect((await world.weft.events()).slice(1)).toMatchObject([
    { event_type: "source_connection.created", is_authenticated: false },
    { event_type: "source_connection.auth_completed", source_connection_id: connection.id, is_authenticated: true },
  ]);
});

test("a requested first sync begins with the authorization, and reads with its tokens", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.pending({ syncImmediately: true });
  await expect(world.weft.connections.run(keyOf(connection))).rejects.toMatchObject({ code: "not_found" });
  await world.authorize(connection);
  const { lastJob } = await world.view(connection);
  if (lastJob === null) throw new Error("No job was begun.");
  expect(await world.weft.ended(keyOf(connection), lastJob.id)).toMatchObject({
    state: "completed",
    counts: { inserted: 2 },
  });
  expect((await world.weft.events()).slice(2)).toMatchObject([
    { event_type: "source_connection.auth_completed" },
    { event_type: "sync.pending" },
    { event_type: "sync.running" },
    { event_type: "sync.completed", entities_inserted: 2 },
  ]);
  expect(world.provider.granted).toEqual(["authorization_code"]);
});

test("granted secrets are in no view and no event", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  await world.sync(connection);
  const { tokens } = await world.tokens({ sourceConnectionId: connection.id });
  expect(tokens).toMatchObject({ client: { id: clientId, secret: clientSecret } });
  const shown = JSON.stringify([await world.view(connection), await world.weft.events()]);
  for (const secret of [tokens.accessToken, String(tokens.refreshToken), clientSecret])
    expect(shown).not.toContain(secret);
});

test("a denial by the provider's user is reported, and the connection waits for another try", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.pending({ redirectUrl: "https://app.example.com/done" });
  world.provider.decision = "deny";
  expect(await world.authorize(connection)).toEqual({
    sourceConnectionId: connection.id,
    redirectUrl: "https://app.example.com/done",
    error: "access_denied",
  });
  expect(statusOf(await world.view(connection))).toBe("pending_auth");
  expect(await world.weft.events()).toHaveLength(2);
  world.provider.decision = "grant";
  const authentication = { kind: "browser", client: ownClient, redirectUrl: null } as const;
  await world.weft.connections.update(keyOf(connection), { authentication });
  expect((await world.authorize(connection)).error).toBeNull();
});

test("a URL and a response are accepted once, even by concurrent callers, and forged ones never", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.pending();
  const code = connection.authorization?.code ?? "";
  const { authorizations } = world.weft;
  const opened = await Promise.allSettled(Array.from({ length: 4 }, () => authorizations.open(code)));
  const urls = opened.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  expect(urls).toHaveLength(1);
  const { searchParams } = await world.provider.browse(urls[0] ?? "");
  const wrong = new URLSearchParams(searchParams);
  wrong.set("state", "another");
  await expect(authorizations.complete(wrong)).rejects.toMatchObject({ code: "not_found" });
  await expect(authorizations.complete(new URLSearchParams())).rejects.toMatchObject({ code: "not_found" });
  const taken = await Promise.allSettled(Array.from({ length: 4 }, () => authorizations.complete(searchParams)));
  expect(taken.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
  await expect(authorizations.complete(searchParams)).rejects.toMatchObject({ code: "authorization_used" });
  await expect(authorizations.open(code)).rejects.toMatchObject({ code: "authorization_used" });
  await expect(authorizations.open("another")).rejects.toMatchObject({ code: "not_found" });
  expect(world.provider.granted).toEqual(["authorization_code"]);
});

test("a URL is valid for five minutes, and a response for fifteen from its opening", async () => {
  await using world = await AuthorizedWorld.open();
  const { authorizations } = world.weft;
  const late = await world.pending();
  const inTime = await world.pending();
  world.clock.forward(limits.authorizationUrlMs - 30_000);
  const callback = await world.visit(inTime);
  world.clock.forward(30_000);
  await expect(authorizations.open(late.authorization?.code ?? "")).rejects.toMatchObject({
    code: "authorization_expired",
  });
  world.clock.forward(limits.authorizationStayMs);
  await expect(authorizations.complete(callback)).rejects.toMatchObject({ code: "authorization_expired" });
  expect(statusOf(await world.view(inTime))).toBe("pending_auth");
  expect(world.provider.granted).toEqual([]);
});

test("the provider enforces PKCE: without the proof a code is worthless, and Weft accepts none", async () => {
  await using provider = await TestProvider.start();
  await using web = localFetch();
  const requests = new TokenRequests(web, Date.now);
  const redirectUri = "http://weft.test/source-connections/callback";
  const side = { provider: providerOf(provider), client: ownClient, owner: "test" };
  const request = { state: "a state", verifier: "v".repeat(43), redirectUri };
  const { searchParams: callback } = await provider.browse(await authorizeUrl(side, request));
  const forged = { ...request, verifier: "w".repeat(43), callback };
  expect(await requests.exchange(side, forged)).toEqual({ kind: "refused", error: "invalid_grant" });
  const open = { ...side, provider: { ...side.provider, pkce: false } };
  const { searchParams } = await provider.browse(await authorizeUrl(open, request));
  expect(searchParams.get("error")).toBe("invalid_request");
});

test("a response in another provider's name, or without a code, is not exchanged", async () => {
  await using world = await AuthorizedWorld.open();
  for (const spoil of [
    (callback: URLSearchParams) => callback.set("iss", "https://evil.example.com"),
    (callback: URLSearchParams) => callback.delete("code"),
  ]) {
    const connection = await world.pending();
    const callback = await world.visit(connection);
    spoil(callback);
    expect((await world.weft.authorizations.complete(callback)).error).toBe("invalid_response");
  }
  expect([...world.provider.granted, ...world.provider.refused]).toEqual([]);
});

test("a provider that is down, or does not know the client, leaves the connection waiting with a reason", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.pending();
  const callback = await world.visit(connection);
  world.provider.isDown = true;
  expect((await world.weft.authorizations.complete(callback)).error).toBe("provider_unavailable");
  world.provider.isDown = false;
  const client = { id: clientId, secret: "wrong" };
  const unknown = await world.pending({ authentication: { kind: "browser", client, redirectUrl: null } });
  expect((await world.authorize(unknown)).error).toBe("invalid_client");
  expect([statusOf(await world.view(connection)), statusOf(await world.view(unknown))]).toEqual([
    "pending_auth",
    "pending_auth",
  ]);
});

test("a grant for a connection that was deleted meanwhile is not kept", async () => {
  await using world = await AuthorizedWorld.open();
  const [deleted, underWay] = [await world.pending(), await world.pending()];
  const callback = await world.visit(deleted);
  await world.weft.connections.delete(keyOf(deleted));
  await expect(world.weft.authorizations.complete(callback)).rejects.toMatchObject({ code: "not_found" });
  const late = await world.visit(underWay);
  world.provider.onTokenRequest = async () => void (await world.weft.connections.delete(keyOf(underWay)));
  await expect(world.weft.authorizations.complete(late)).rejects.toMatchObject({ code: "not_found" });
  const types = (await world.weft.events()).map(({ event_type }) => event_type);
  expect(types).not.toContain("source_connection.auth_completed");
});

test("a grant is revoked when its connection or collection is deleted, and given tokens are not", async () => {
  await using world = await AuthorizedWorld.open();
  const { organizationId, connections, collections } = world.weft;
  const [alone, collected, lender] = [await world.connected(), await world.connected(), await world.connected()];
  const grants = await Promise.all(
    [alone, collected, lender].map(async ({ id }) => (await world.tokens({ sourceConnectionId: id })).tokens),
  );
  const [first, second, lent] = grants;
  if (first === undefined || second === undefined || lent === undefined) throw new Error("Three were granted.");
  const config = world.provider.config;
  const borrower = await world.weft.connect("oauth-stub", { config, authentication: { kind: "token", tokens: lent } });
  await connections.delete(keyOf(borrower));
  await connections.delete(keyOf(alone));
  await collections.delete({ organizationId, readableId: collected.readableCollectionId });
  await expect.poll(() => world.provider.knows(first)).toBe(false);
  await expect.poll(() => world.provider.knows(second)).toBe(false);
  expect(await world.provider.knows(lent)).toBe(true);
});

test("the operator's client is used for connections without a client of their own, unless they name the provider", async () => {
  await using provider = await TestProvider.start();
  const fixed = fixedSource(provider);
  const clients = new Map([
    ["fixed", ownClient],
    ["oauth-stub", ownClient],
  ]);
  await using world = await AuthorizedWorld.open({ sources: [fixed], clients });
  const connection = await world.weft.connect("fixed", {});
  const callback = await provider.browse(await world.weft.authorizations.open(connection.authorization?.code ?? ""));
  expect((await world.weft.authorizations.complete(callback.searchParams)).error).toBeNull();
  expect((await world.tokens({ sourceConnectionId: connection.id })).tokens.client).toBeNull();
  expect((await world.sync(connection)).state).toBe("completed");

  await using naming = await AuthorizedWorld.open({ clients });
  const unsupported = { code: "authentication_method_unsupported" };
  await expect(naming.weft.connect("oauth-stub", { config: naming.provider.config })).rejects.toMatchObject(
    unsupported,
  );
  await using without = await AuthorizedWorld.open({ sources: [fixed] });
  await expect(without.weft.connect("fixed", {})).rejects.toThrow("WEFT_OAUTH_CLIENTS");
});

function providerOf({ config }: TestProvider): OAuthProvider {
  return {
    issuer: config.issuer,
    authorizeUrl: config.authorize_url,
    tokenUrl: config.token_url,
    revocationUrl: null,
    scopes: config.scopes,
    authorizeParameters: {},
    clientAuthentication: "basic",
    pkce: true,
    grantErrors: [],
  };
}

/** A source whose provider does not depend on a connection's settings. */
function fixedSource(provider: TestProvider): Source {
  return defineSource({
    shortName: "fixed",
    name: "Fixed",
    className: "FixedSource",
    description: "For one test.",
    authMethods: ["oauth_browser"],
    labels: [],
    isTest: true,
    entityTypes: ["thing"],
    config: z.strictObject({}),
    credentials: z.strictObject({}),
    oauth: { requiresOwnClient: false, provider: () => providerOf(provider) },
    entities: async function* ({ accessToken }) {
      yield thing(String((await accessToken()).length));
    },
  });
}
