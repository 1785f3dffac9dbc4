import { afterEach, beforeEach, expect, test } from "vitest";
import type { OAuthClient } from "../domain/authorization.ts";
import { sourceConnectionStatus } from "../domain/source-connection.ts";
import type { SourceConnectionView } from "../store/source-connections/interface.ts";
import { ForwardClock } from "./fixtures/authorized.ts";
import { keyOf, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { TestGithub } from "./sources/github/fixtures/test-github.ts";
import { githubProvider } from "./sources/github/github-addresses.ts";
import { githubSource } from "./sources/github/github-source.ts";
import { type ReadingParts, readingParts } from "./sources/http/fixtures/reading-parts.ts";

const hour = 3_600_000;
const operators: OAuthClient = { id: "operators", secret: "the-operators-secret-at-github" };
let github: TestGithub;
let weft: TestWeft;
let parts: ReadingParts;
let clock: ForwardClock;

beforeEach(async () => {
  github = await TestGithub.open();
  github.putIssue(1, "2026-01-06T10:00:00Z");
  clock = new ForwardClock();
  parts = readingParts({ now: () => clock.now() });
  const sources = [githubSource({ ...parts, allowHttp: true })];
  weft = await openTestWeft({ sources, clock, clients: new Map([["github", operators]]) });
});

afterEach(async () => {
  await weft[Symbol.asyncDispose]();
  await parts[Symbol.asyncDispose]();
  await github[Symbol.asyncDispose]();
});

function settings() {
  return { repository: "octocat/handbook", api_url: github.addressUrl };
}

async function authorized(): Promise<SourceConnectionView> {
  const authentication = { kind: "browser", client: github.login.client, redirectUrl: null } as const;
  const connection = await weft.connect("github", { config: settings(), authentication });
  const leave = await weft.authorizations.open(connection.authorization?.code ?? "");
  const back = (await fetch(leave, { redirect: "manual" })).headers.get("location") ?? "";
  const { error } = await weft.authorizations.complete(new URL(back).searchParams);
  expect(error).toBeNull();
  return connection;
}

async function sync(connection: SourceConnectionView) {
  const key = keyOf(connection);
  const job = await weft.ended(key, (await weft.connections.run(key)).id);
  const { inserted } = job.counts;
  return { state: job.state, inserted, error: job.state === "failed" ? job.error : null };
}

async function statusOf(connection: SourceConnectionView) {
  const view = await weft.store.readSourceConnection(keyOf(connection));
  return view && sourceConnectionStatus(view, view.lastJob?.state ?? null);
}

async function tokens({ id }: SourceConnectionView) {
  return (await weft.store.readTokens({ sourceConnectionId: id }))?.tokens;
}

test("the token of an OAuth app does not expire, and is used until GitHub refuses it", async () => {
  const connection = await authorized();
  expect(await tokens(connection)).toMatchObject({ refreshToken: null, expiresAt: null });
  clock.forward(24 * 365 * hour);
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 1 });
  expect(github.login.granted).toEqual(["authorization_code"]);
});

test("the token of a GitHub App is renewed after eight hours, each time with the newest refresh token", async () => {
  github.login.tokensEnd = true;
  const connection = await authorized();
  for (let turn = 0; turn < 3; turn++) {
    clock.forward(8 * hour);
    expect(await sync(connection)).toMatchObject({ state: "completed" });
  }
  expect(github.login.granted).toEqual(["authorization_code", "refresh_token", "refresh_token", "refresh_token"]);
});

test("a token that GitHub refuses during a sync is renewed, and the sync continues", async () => {
  github.login.tokensEnd = true;
  github.commit({ "a.md": "A", "b.md": "B" });
  const connection = await authorized();
  const first = (await tokens(connection))?.accessToken ?? "";
  github.interruption = (request) => {
    if (request.url?.includes("/blobs/")) github.login.end(first);
    return false;
  };
  expect(await sync(connection)).toMatchObject({ state: "completed", inserted: 3 });
  expect(github.login.granted).toEqual(["authorization_code", "refresh_token"]);
  expect(github.log.filter((line) => line.startsWith("401"))).toHaveLength(1);
});

test("a token that GitHub refuses during a sync and that cannot be renewed keeps the read entities and needs its owner", async () => {
  github.commit({ "a.md": "A" });
  const connection = await authorized();
  github.interruption = (request) => {
    if (request.url?.includes("/blobs/")) github.login.revoke();
    return false;
  };
  const error =
    "The access token expired or was revoked, and there is no refresh token to renew it. Authorize the source connection again.";
  expect(await sync(connection)).toEqual({ state: "failed", inserted: 1, error });
  expect(await statusOf(connection)).toBe("needs_reauth");
});

test("a refresh token that GitHub refuses with status 200 means that its owner is needed", async () => {
  github.login.tokensEnd = true;
  const connection = await authorized();
  github.login.revoke();
  expect((await sync(connection)).error).toBe(
    "The provider refused to renew the access token (bad_refresh_token): the grant was revoked or has expired. Authorize the source connection again.",
  );
  expect(await statusOf(connection)).toBe("needs_reauth");
});

test("a client that GitHub refuses with status 200 needs the operator, and the grant is kept", async () => {
  github.login.tokensEnd = true;
  const connection = await authorized();
  clock.forward(8 * hour);
  github.login.error = "incorrect_client_credentials";
  expect((await sync(connection)).error).toBe(
    "The provider does not allow Weft to renew the access token (incorrect_client_credentials). Check the OAuth client of Weft at the provider.",
  );
  expect(await statusOf(connection)).toBe("error");
  github.login.error = null;
  expect(await sync(connection)).toMatchObject({ state: "completed" });
});

test("a given token is used, and a fresh one that is refused as well fails the job", async () => {
  github.login.tokensEnd = true;
  const connection = await authorized();
  github.interruption = (_, response) => github.refuse(response, 401, "401");
  expect((await sync(connection)).error).toMatch(/^GitHub refused the token/);
  expect(github.login.granted).toEqual(["authorization_code", "refresh_token"]);
  const given = { accessToken: "token-12345", refreshToken: null, expiresAt: null, client: null };
  github.interruption = () => false;
  await weft.connections.update(keyOf(connection), { authentication: { kind: "token", tokens: given } });
  expect(await sync(connection)).toMatchObject({ state: "completed" });
});

test("the operator's client is used only for github.com, and settings with another host need their own", async () => {
  const authentication = { kind: "browser", client: null, redirectUrl: null } as const;
  for (const api_url of [github.addressUrl, "https://api.github.com.example.com", "https://api.github.com/x"]) {
    const config = { ...settings(), api_url };
    await expect(weft.connect("github", { config, authentication }), api_url).rejects.toMatchObject({
      code: "authentication_method_unsupported",
    });
  }
  const config = { repository: "octocat/handbook" };
  const connection = await weft.connect("github", { config, authentication });
  const leave = new URL(await weft.authorizations.open(connection.authorization?.code ?? ""));
  expect(leave.origin + leave.pathname).toBe("https://github.com/login/oauth/authorize");
  expect(leave.searchParams.get("client_id")).toBe("operators");
});

test("a grant of one provider is never sent to another one that new settings name", async () => {
  const connection = await authorized();
  const key = keyOf(connection);
  const elsewhere = { ...settings(), api_url: "https://github.example.com/api/v3" };
  await expect(weft.connections.update(key, { config: elsewhere })).rejects.toMatchObject({
    code: "validation_failed",
    mistakes: [{ loc: ["body", "config"], msg: expect.stringContaining("name another provider") }],
  });
  await weft.connections.update(key, { config: { ...settings(), content: ["issues"] } });
  const given = { accessToken: "token-12345", refreshToken: null, expiresAt: null, client: null };
  await weft.connections.update(key, { config: elsewhere, authentication: { kind: "token", tokens: given } });
  expect((await weft.store.readSourceConnection(key))?.config).toEqual(elsewhere);
});

test("the address of the API determines that of OAuth: on github.com, on ghe.com, and on an own server", () => {
  const urls = (api: string) => [githubProvider(api).authorizeUrl, githubProvider(api).tokenUrl];
  expect(urls("https://api.github.com")).toEqual([
    "https://github.com/login/oauth/authorize",
    "https://github.com/login/oauth/access_token",
  ]);
  expect(urls("https://api.octo.ghe.com")[1]).toBe("https://octo.ghe.com/login/oauth/access_token");
  expect(urls("https://git.example.com/api/v3")[1]).toBe("https://git.example.com/login/oauth/access_token");
});
