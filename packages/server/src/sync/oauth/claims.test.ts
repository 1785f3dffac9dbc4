import { expect, test } from "vitest";
import { limits } from "../../domain/limits.ts";
import { AuthorizedWorld } from "../fixtures/authorized.ts";
import { clientId, clientSecret } from "../fixtures/test-provider.ts";
import { keyOf } from "../fixtures/test-weft.ts";

const token = expect.stringMatching(/^[\w-]{43}$/);

test("the caller who began an authorization claims it, once, and the first sync starts then", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.pending();
  expect(connection.claimToken).toEqual(token);
  const claim = () => world.weft.claims.claim(keyOf(connection), connection.claimToken ?? "");
  await expect(claim()).rejects.toThrow("OAuth session is pending, expected in_progress.");
  await world.authorize(connection);
  expect((await world.view(connection)).lastJob).toBeNull();
  const claimed = await claim();
  expect(claimed?.lastJob).toMatchObject({ state: "pending" });
  await expect(claim()).rejects.toMatchObject({ code: "authorization_not_claimable" });
  await expect(claim()).rejects.toThrow("OAuth session is completed, expected in_progress.");
  if (claimed?.lastJob == null) throw new Error("No job was begun.");
  expect(await world.weft.ended(keyOf(connection), claimed.lastJob.id)).toMatchObject({ state: "completed" });
  const types = (await world.weft.events()).map(({ event_type }) => event_type);
  expect(types.slice(2)).toEqual([
    "source_connection.auth_completed",
    "sync.pending",
    "sync.running",
    "sync.completed",
  ]);
});

test("a first sync that began with the authorization is not repeated by the claim", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.pending({ syncImmediately: true });
  await world.authorize(connection);
  const { lastJob } = await world.view(connection);
  if (lastJob === null) throw new Error("No job was begun.");
  await world.weft.ended(keyOf(connection), lastJob.id);
  const claimed = await world.weft.claims.claim(keyOf(connection), connection.claimToken ?? "");
  expect(claimed).toMatchObject({ lastJob: { id: lastJob.id }, runs: { total: 1 } });
});

test("a wrong claim token is refused, and the right one still works", async () => {
  await using world = await AuthorizedWorld.open();
  const [connection, other] = [await world.pending(), await world.pending()];
  await world.authorize(connection);
  await world.authorize(other);
  for (const wrong of ["", "x", other.claimToken ?? ""]) {
    const claim = world.weft.claims.claim(keyOf(connection), wrong);
    await expect(claim).rejects.toMatchObject({ code: "claim_token_invalid", message: "Invalid claim token" });
  }
  expect(await world.weft.claims.claim(keyOf(connection), connection.claimToken ?? "")).not.toBeNull();
});

test("an authorization that failed or expired, or has no claim token, cannot be claimed", async () => {
  await using world = await AuthorizedWorld.open();
  const claim = async ({ id }: { id: typeof denied.id }) =>
    await world.weft.claims.claim({ ...keyOf(denied), sourceConnectionId: id }, denied.claimToken ?? "");
  const denied = await world.pending();
  world.provider.decision = "deny";
  await world.authorize(denied);
  await expect(claim(denied)).rejects.toThrow("OAuth session is failed, expected in_progress.");
  const late = await world.pending();
  world.clock.forward(limits.authorizationUrlMs);
  await expect(claim(late)).rejects.toThrow("OAuth session is expired, expected in_progress.");
  const authentication = {
    kind: "browser",
    client: { id: clientId, secret: clientSecret },
    redirectUrl: null,
  } as const;
  await world.weft.connections.update(keyOf(late), { authentication });
  await expect(claim(late)).rejects.toThrow("No claim token on OAuth session.");
  const config = world.provider.config;
  const tokens = { accessToken: "given", refreshToken: null, expiresAt: null, client: null };
  const given = await world.weft.connect("oauth-stub", { config, authentication: { kind: "token", tokens } });
  expect(given.claimToken).toBeNull();
  await expect(claim(given)).rejects.toThrow("No OAuth session for this connection.");
});

test("a reinitiated authorization keeps the settings of the previous one, whose URL and claim token end", async () => {
  await using world = await AuthorizedWorld.open();
  const redirectUrl = "https://app.example.com/done";
  const before = await world.pending({ redirectUrl });
  const after = await world.weft.claims.reinitiate(keyOf(before));
  expect(after).toMatchObject({ claimToken: token, authorization: { redirectUrl } });
  expect(after?.claimToken).not.toBe(before.claimToken);
  const { authorizations, claims } = world.weft;
  await expect(authorizations.open(before.authorization?.code ?? "")).rejects.toMatchObject({ code: "not_found" });
  expect(await world.authorize(before)).toMatchObject({ redirectUrl, error: null });
  const { tokens } = await world.tokens({ sourceConnectionId: before.id });
  expect(tokens.client).toEqual({ id: clientId, secret: clientSecret });
  await expect(claims.claim(keyOf(before), before.claimToken ?? "")).rejects.toMatchObject({
    code: "claim_token_invalid",
  });
  expect(await claims.claim(keyOf(before), after?.claimToken ?? "")).toMatchObject({ lastJob: { state: "pending" } });
});

test("an authenticated connection is not reinitiated, until its provider refuses its tokens", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.connected();
  const reinitiate = () => world.weft.claims.reinitiate(keyOf(connection));
  await expect(reinitiate()).rejects.toMatchObject({
    code: "already_authenticated",
    message: "Connection is already authenticated",
  });
  const { version } = await world.tokens({ sourceConnectionId: connection.id });
  await world.weft.store.refuseTokens({ sourceConnectionId: connection.id, version, now: world.clock.now() });
  // The client of the connection's tokens is used when the previous authorization was deleted.
  const before = world.clock.now() + limits.authorizationsKeptMs;
  await world.weft.store.deleteAuthorizationsBefore({ before, limit: 10 });
  const begun = await reinitiate();
  await world.authorize(connection);
  expect(await world.view(connection)).toMatchObject({ needsReauthAt: null, syncId: connection.syncId });
  const claimed = await world.weft.claims.claim(keyOf(connection), begun?.claimToken ?? "");
  expect(claimed?.lastJob).toMatchObject({ state: "pending" });
});

test("a connection of another organization is neither claimed nor reinitiated", async () => {
  await using world = await AuthorizedWorld.open();
  const connection = await world.pending();
  await world.authorize(connection);
  const key = { ...keyOf(connection), organizationId: world.weft.origin.newId<"organization">() };
  expect(await world.weft.claims.claim(key, connection.claimToken ?? "")).toBeNull();
  expect(await world.weft.claims.reinitiate(key)).toBeNull();
});
