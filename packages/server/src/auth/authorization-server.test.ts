import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, onTestFinished, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { createAddressGuard } from "../outbound/address-guard.ts";
import { GuardedFetch } from "../outbound/guarded-fetch.ts";
import { AuthorizationServer } from "./authorization-server.ts";
import { TestAuthorizationServer } from "./fixtures/test-authorization-server.ts";

const resource = "https://weft.example.com/mcp";

let server: TestAuthorizationServer;
let fetch: GuardedFetch;
let now: number;

beforeAll(async () => {
  server = await TestAuthorizationServer.start();
  fetch = new GuardedFetch({
    guard: createAddressGuard({ allowNetworks: ["127.0.0.0/8"] }),
    ...{ allowHttp: true, timeoutMs: 20_000, readBytesMax: limits.providerResponseBytesMax },
  });
});

beforeEach(async () => {
  now = Date.UTC(2026, 11, 1);
  server.isDown = false;
  server.requests.length = 0;
  await server.replaceKeys("first");
});

afterAll(async () => {
  await fetch[Symbol.asyncDispose]();
  await server[Symbol.asyncDispose]();
});

function opened(issuer = server.url): AuthorizationServer {
  return new AuthorizationServer(issuer, fetch, () => now);
}

function token(issuer = server.url): Promise<string> {
  return server.sign({ iss: issuer, sub: "ada", aud: resource, exp: Math.floor(now / 1_000) + 86_400 });
}

function keyReads(): number {
  return server.requests.filter((path) => path === "/jwks").length;
}

test("the keys are read once for many tokens, and again after an hour", async () => {
  const opening = opened();
  const given = await token();
  const tokens = await Promise.all([1, 2, 3].map(() => opening.verify(given, resource)));
  expect(tokens[0]).toMatchObject({ issuer: server.url, subject: "ada", expiresAt: now + 86_400_000 });
  now += limits.providerMetadataKeptMs - 1;
  await opening.verify(given, resource);
  expect(keyReads()).toBe(1);
  now += 1;
  await opening.verify(given, resource);
  expect(keyReads()).toBe(2);
});

test("a new key of the server is found with its first token, but unknown keys are looked for once a minute only", async () => {
  const opening = opened();
  await opening.verify(await token(), resource);
  await server.replaceKeys("second");
  const given = await token();
  now += limits.providerKeysRestMs - 1;
  await expect(opening.verify(given, resource)).rejects.toMatchObject({ status: 401 });
  expect(keyReads()).toBe(1);
  now += 1;
  await opening.verify(given, resource);
  expect(keyReads()).toBe(2);
  const unknown = await server.sign({ iss: server.url, sub: "ada", aud: resource }, { kid: "third" });
  await expect(opening.verify(unknown, resource)).rejects.toMatchObject({ status: 401 });
  expect(keyReads()).toBe(2);
});

test("a server that does not respond is asked again after some seconds, and is used as soon as it responds", async () => {
  const opening = opened();
  const given = await token();
  server.isDown = true;
  await expect(opening.verify(given, resource)).rejects.toMatchObject({ status: 503 });
  const asked = server.requests.length;
  server.isDown = false;
  now += limits.providerRestMs - 1;
  await expect(opening.verify(given, resource)).rejects.toMatchObject({ status: 503 });
  expect(server.requests.length).toBe(asked);
  now += 1;
  expect(await opening.verify(given, resource)).toMatchObject({ subject: "ada" });
});

test("a token is refused from its expiry on, and accepted a little before its first time", async () => {
  const opening = opened();
  const second = Math.floor(now / 1_000);
  const tolerance = limits.tokenClockDifferenceMs / 1_000;
  const given = { iss: server.url, sub: "ada", aud: resource };
  const verify = async (claims: object) => await opening.verify(await server.sign({ ...given, ...claims }), resource);
  await verify({ exp: second + 1 });
  await expect(verify({ exp: second })).rejects.toThrow("The access token has expired.");
  await verify({ exp: second + 600, nbf: second + tolerance });
  await expect(verify({ exp: second + 600, nbf: second + tolerance + 1 })).rejects.toMatchObject({ status: 401 });
  await expect(verify({ exp: second + 600, aud: "https://other.example.com" })).rejects.toThrow("another resource");
});

test("a token of another issuer is refused without a look at the server, and so is one without a subject or a time", async () => {
  const opening = opened();
  for (const issuer of ["https://login.example.com", "nonsense"]) {
    await expect(opening.verify(await token(issuer), resource)).rejects.toMatchObject({ status: 401 });
  }
  expect(server.requests).toEqual([]);
  // The server writes its name without a slash.
  await expect(opening.verify(await token(`${server.url}/`), resource)).rejects.toMatchObject({ status: 401 });
  const given = { iss: server.url, sub: "ada", aud: resource, exp: Math.floor(now / 1_000) + 600 };
  const invalid = "The access token is not valid.";
  const { exp: _time, ...withoutTime } = given;
  await expect(opening.verify(await server.sign(withoutTime), resource)).rejects.toThrow(invalid);
  const { sub: _subject, ...withoutSubject } = given;
  await expect(opening.verify(await server.sign(withoutSubject), resource)).rejects.toThrow(invalid);
});

/** A server with metadata and keys of a test. */
async function answering(replies: (url: string) => Record<string, string>): Promise<string> {
  const other = createServer((request, response) => {
    const text = replies(url)[request.url ?? ""];
    if (text === undefined) response.writeHead(404).end();
    else response.writeHead(200, { "content-type": "application/json" }).end(text);
  });
  await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
  const url = `http://127.0.0.1:${(other.address() as AddressInfo).port}`;
  onTestFinished(async () => {
    other.closeAllConnections();
    await new Promise((resolve) => other.close(resolve));
  });
  return url;
}

const metadataPaths = ["/.well-known/openid-configuration", "/.well-known/oauth-authorization-server"] as const;

test.each(metadataPaths)("a server with metadata only at %s is found", async (path) => {
  const url = await answering((own) => ({
    [path]: JSON.stringify({ issuer: own, jwks_uri: `${own}/keys` }),
    "/keys": JSON.stringify({ keys: [server.publicKey] }),
  }));
  expect(await opened(url).verify(await token(url), resource)).toMatchObject({ issuer: url });
});

test("metadata of another issuer, without keys, or with keys that are none or too large, are a 503", async () => {
  const [path] = metadataPaths;
  const wrong: ((url: string) => Record<string, string>)[] = [
    () => ({}),
    (url) => ({ [path]: JSON.stringify({ issuer: url }) }),
    (url) => ({
      [path]: JSON.stringify({ issuer: server.url, jwks_uri: `${url}/keys` }),
      "/keys": JSON.stringify({ keys: [server.publicKey] }),
    }),
    (url) => ({ [path]: JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }), "/keys": "nonsense" }),
    (url) => ({ [path]: JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }), "/keys": '{"keys": 1}' }),
    (url) => ({
      [path]: JSON.stringify({ issuer: url, jwks_uri: `${url}/keys` }),
      "/keys": JSON.stringify({ keys: [server.publicKey], more: "x".repeat(limits.providerResponseBytesMax) }),
    }),
  ];
  for (const replies of wrong) {
    const url = await answering(replies);
    await expect(opened(url).verify(await token(url), resource)).rejects.toMatchObject({ status: 503 });
  }
});
