import { createSecretKey, type webcrypto } from "node:crypto";
import { Client, ClientCredentialsProvider, StreamableHTTPClientTransport } from "@modelcontextprotocol/client";
import { exportSPKI, importJWK, type JWTPayload, SignJWT, UnsecuredJWT } from "jose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { agent, TestAuthorizationServer } from "../../auth/fixtures/test-authorization-server.ts";
import { Receiver } from "../../delivery/fixtures/receiver.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";

const adminKey = "admin-key-of-the-tests-of-tokens-0123456789";
const admin = { headers: { "x-api-key": adminKey } };
const secret = `whsec_${Buffer.alloc(32, 1).toString("base64")}`;
const organizationClaim = "https://weft.example.com/organization";

let server: TestAuthorizationServer;
let weft: RunningWeft;
let acme: string;

beforeAll(async () => {
  server = await TestAuthorizationServer.start();
});

beforeEach(() => {
  server.isDown = false;
});

afterAll(() => server[Symbol.asyncDispose]());

async function startWeft(more: Record<string, string>): Promise<RunningWeft> {
  const env = { WEFT_ADMIN_KEY: adminKey, WEFT_ALLOW_HTTP: "true", WEFT_ALLOW_NETWORKS: "127.0.0.0/8" };
  return await RunningWeft.start({ ...env, WEFT_MCP_OAUTH_ISSUER: server.url, ...more }, "serve");
}

async function newOrganization(name: string): Promise<string> {
  return (await weft.post("/organizations", { name }, admin)).body.id;
}

interface RpcResponse {
  readonly status: number;
  readonly challenge: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests read results of every shape.
  readonly body: any;
}

async function call(headers: Record<string, string>, method = "tools/list", more: object = {}): Promise<RpcResponse> {
  const meta = {
    "io.modelcontextprotocol/protocolVersion": "2026-07-28",
    "io.modelcontextprotocol/clientCapabilities": {},
  };
  const response = await fetch(`${weft.url}/mcp`, {
    method: "POST",
    headers: {
      ...{ "content-type": "application/json", accept: "application/json, text/event-stream" },
      ...{ "mcp-protocol-version": "2026-07-28", "mcp-method": method, ...headers },
    },
    body: JSON.stringify({ jsonrpc: "2.0", id: 1, method, params: { _meta: meta, ...more } }),
  });
  return {
    ...{ status: response.status, challenge: response.headers.get("www-authenticate") },
    body: await response.json(),
  };
}

function bearer(token: string): Record<string, string> {
  return { authorization: `Bearer ${token}` };
}

function claims(more: JWTPayload = {}): JWTPayload {
  const now = Math.floor(Date.now() / 1_000);
  return {
    ...{ iss: server.url, sub: "ada", aud: `${weft.url}/mcp`, iat: now, exp: now + 600, scope: "read subscribe" },
    ...{ [organizationClaim]: acme, ...more },
  };
}

function claimsWithout(name: "exp" | "sub"): JWTPayload {
  const { [name]: _, ...others } = claims();
  return others;
}

/** A client of the protocol that gets its token from the server that Weft names. */
async function connected(): Promise<Client> {
  const authProvider = new ClientCredentialsProvider({ ...agent, expectedIssuer: server.url });
  const client = new Client({ name: "a test", version: "1" }, { versionNegotiation: { mode: { pin: "2026-07-28" } } });
  await client.connect(new StreamableHTTPClientTransport(new URL("/mcp", weft.url), { authProvider }));
  return client;
}

describe("with a claim that names the organization", () => {
  beforeAll(async () => {
    weft = await startWeft({ WEFT_MCP_OAUTH_ORGANIZATION_CLAIM: organizationClaim, WEFT_MCP_WRITE: "true" });
    acme = await newOrganization("Acme");
  });

  beforeEach(() => {
    server.claims = { [organizationClaim]: acme };
  });

  afterAll(() => weft[Symbol.asyncDispose]());

  test("a client finds the authorization server, gets a token for Weft, and calls tools in its organization", async () => {
    await weft.post("/collections", { name: "Of the first organization" }, admin);
    const inAcme = { headers: { ...admin.headers, "x-organization-id": acme } };
    await weft.post("/collections", { name: "Of Acme" }, inAcme);
    const client = await connected();
    const { tools } = await client.listTools();
    expect(tools.map(({ name }) => name)).toContain("resend_message");
    const { structuredContent } = await client.callTool({ name: "list_collections", arguments: {} });
    const { items } = structuredContent as { items: { name: string }[] };
    expect(items.map(({ name }) => name)).toEqual(["Of Acme"]);
    await client.close();
  });

  test("the metadata of the resource names the server and the scopes, for pages of any site", async () => {
    const response = await fetch(`${weft.url}/.well-known/oauth-protected-resource/mcp`);
    expect(response.headers.get("access-control-allow-origin")).toBe("*");
    expect(await response.json()).toEqual({
      resource: `${weft.url}/mcp`,
      authorization_servers: [server.url],
      scopes_supported: ["read", "subscribe", "write"],
      bearer_methods_supported: ["header"],
      resource_name: "Weft",
    });
  });

  test("a refusal names the metadata and the scopes, and API keys work as before", async () => {
    const metadata = `resource_metadata="${weft.url}/.well-known/oauth-protected-resource/mcp"`;
    const scopes = 'scope="read subscribe write"';
    expect(await call({})).toMatchObject({ status: 401, challenge: `Bearer ${metadata}, ${scopes}` });
    expect(await call(bearer("a.b.c"))).toMatchObject({
      status: 401,
      challenge: `Bearer error="invalid_token", ${metadata}, ${scopes}`,
      body: { error: { data: { reason: "unauthenticated" } } },
    });
    expect((await call(bearer(adminKey))).status).toBe(200);
    expect((await call({ "x-api-key": adminKey })).status).toBe(200);
    // The API accepts keys only.
    expect((await weft.get("/collections")).headers.get("www-authenticate")).toBe("Bearer");
  });
});

describe("a token that the test signs", () => {
  beforeAll(() => server.replaceKeys("first"));

  beforeEach(async () => {
    server.requests.length = 0;
    weft = await startWeft({ WEFT_MCP_OAUTH_ORGANIZATION_CLAIM: organizationClaim });
    acme = await newOrganization("Acme");
  });

  afterEach(() => weft[Symbol.asyncDispose]());

  test("is valid with the issuer, the resource, a time and a signature of the server, and no other", async () => {
    const now = Math.floor(Date.now() / 1_000);
    const accepted: JWTPayload[] = [
      claims(),
      claims({ aud: ["https://other.example.com", `${weft.url}/mcp`] }),
      claims({ scope: undefined, scp: ["read"] }),
    ];
    for (const payload of accepted) expect((await call(bearer(await server.sign(payload)))).status).toBe(200);
    const refused: JWTPayload[] = [
      claims({ iss: "https://other.example.com" }),
      claims({ aud: weft.url }),
      claims({ aud: "weft" }),
      claims({ exp: now - 1 }),
      claims({ nbf: now + 3_600 }),
      claimsWithout("exp"),
      claimsWithout("sub"),
      claims({ sub: "" }),
      claims({ sub: "x".repeat(256) }),
    ];
    for (const payload of refused) {
      const response = await call(bearer(await server.sign(payload)));
      expect([payload, response.status]).toEqual([payload, 401]);
      expect(response.challenge).toContain('error="invalid_token"');
    }
    const valid = await server.sign(claims());
    const [header = "", , signature = ""] = valid.split(".");
    const forged = Buffer.from(JSON.stringify(claims({ scope: "write" }))).toString("base64url");
    expect((await call(bearer(`${header}.${forged}.${signature}`))).status).toBe(401);
    expect((await call(bearer(new UnsecuredJWT(claims()).encode()))).status).toBe(401);
    // The public key as a shared secret.
    const publicKey = await exportSPKI((await importJWK(server.publicKey, "RS256")) as webcrypto.CryptoKey);
    const confused = new SignJWT(claims()).setProtectedHeader({ alg: "HS256", kid: "first" });
    const asSecret = await confused.sign(createSecretKey(Buffer.from(publicKey)));
    expect((await call(bearer(asSecret))).status).toBe(401);
  });

  test("names its organization, in which it has no more than its scopes and never the rights of an operator", async () => {
    const tokenOf = async (more: JWTPayload) => bearer(await server.sign(claims(more)));
    for (const organization of [undefined, "nonsense", "0195c0de-0000-7000-8000-00000000acae", { id: acme }]) {
      expect((await call(await tokenOf({ [organizationClaim]: organization }))).status).toBe(403);
    }
    const none = await call(await tokenOf({ scope: "admin secrets publish" }));
    expect(none).toMatchObject({ status: 403, challenge: expect.stringContaining('error="insufficient_scope"') });
    const own = await tokenOf({ scope: "read admin" });
    const first = (await weft.get("/session", admin)).body.organization.id;
    expect((await call({ ...own, "x-organization-id": acme })).status).toBe(200);
    expect((await call({ ...own, "x-organization-id": first })).status).toBe(404);
  });

  test("without the scope of a method is asked for another one", async () => {
    const reader = bearer(await server.sign(claims({ scope: "read" })));
    const refused = await call(reader, "events/poll", { name: "sync.completed" });
    expect(refused).toMatchObject({ status: 403, body: { error: { data: { reason: "scope_missing" } } } });
    expect(refused.challenge).toMatch(/^Bearer error="insufficient_scope", resource_metadata=".*", scope="subscribe"$/);
    const listener = bearer(await server.sign(claims({ scope: "subscribe" })));
    expect((await call(listener, "events/poll", { name: "sync.completed" })).status).toBe(200);
    const search = await call({ ...listener, "mcp-name": "list_collections" }, "tools/call", {
      name: "list_collections",
    });
    expect(search).toMatchObject({ status: 403, challenge: expect.stringMatching(/scope="read"$/) });
  });

  test("subscribes until it expires, and the next token of its holder refreshes the subscription", async () => {
    await using receiver = await Receiver.start();
    receiver.respond = (response, { body }) =>
      void response.writeHead(200).end(JSON.stringify({ challenge: JSON.parse(body).challenge }));
    const delivery = { url: receiver.url(), secret };
    const subscribe = async (more: JWTPayload) => {
      const token = bearer(await server.sign(claims(more)));
      return (await call(token, "events/subscribe", { name: "sync.completed", delivery, ttlMs: null })).body;
    };
    const exp = Math.floor(Date.now() / 1_000) + 300;
    const { result } = await subscribe({ exp });
    expect(Date.parse(result.refreshBefore)).toBe(exp * 1_000);
    const again = await subscribe({ exp: exp + 60 });
    expect(again.result).toMatchObject({ id: result.id, deliveryStatus: { active: true } });
    expect(Date.parse(again.result.refreshBefore)).toBe((exp + 60) * 1_000);
    const other = await subscribe({ sub: "grace" });
    expect(other.result.id).not.toBe(result.id);
    const inAcme = { headers: { ...admin.headers, "x-organization-id": acme } };
    const [shown] = (await weft.get("/audit-log?operation=subscribeToMcpEvents", inAcme)).body;
    expect(shown.actor).toMatchObject({ kind: "person", id: `${server.url}|grace` });
  });

  test("with an unknown key does not read the keys of the server again soon, and one of another issuer never", async () => {
    const keyReads = () => server.requests.filter((path) => path === "/jwks").length;
    expect((await call(bearer(await server.sign(claims())))).status).toBe(200);
    expect(keyReads()).toBe(1);
    for (let index = 0; index < 5; index++) {
      expect((await call(bearer(await server.sign(claims(), { kid: `unknown-${index}` })))).status).toBe(401);
    }
    expect(keyReads()).toBe(1);
    const foreign = await server.sign(claims({ iss: "https://other.example.com" }), { kid: "another" });
    expect((await call(bearer(foreign))).status).toBe(401);
    expect(keyReads()).toBe(1);
  });

  test("is a 503 while the keys of the server cannot be read, which does not concern API keys", async () => {
    server.isDown = true;
    const token = bearer(await server.sign(claims()));
    const responses = await Promise.all(Array.from({ length: 5 }, () => call(token)));
    expect(responses.map(({ status }) => status)).toEqual(Array(5).fill(503));
    expect(server.requests.length).toBeLessThanOrEqual(2);
    expect((await call(token)).status).toBe(503);
    expect(server.requests.length).toBeLessThanOrEqual(2);
    expect((await call({ "x-api-key": adminKey })).status).toBe(200);
  });
});

describe("with the roles of groups", () => {
  let globex: string;

  beforeAll(async () => {
    weft = await startWeft({ WEFT_MCP_OAUTH_ORGANIZATION_CLAIM: organizationClaim });
    [acme, globex] = [await newOrganization("Acme"), await newOrganization("Globex")];
    const url = `sqlite:${weft.folder}/weft.db`;
    await weft.weft[Symbol.asyncDispose]();
    const roles = `operators=admin@*,acme=viewer@${acme},globex=developer@${globex}`;
    weft = await startWeft({ WEFT_DATABASE_URL: url, WEFT_OIDC_ROLES: roles, WEFT_OIDC_GROUPS_CLAIM: "realm.roles" });
  });

  afterAll(() => weft[Symbol.asyncDispose]());

  test("a token has the rights of its holder's role, limited to its scopes, in the organizations of the groups", async () => {
    const tokenOf = async (groups: readonly string[], scope = "read subscribe") =>
      bearer(await server.sign(claims({ realm: { roles: groups }, scope })));
    expect((await call(await tokenOf([]))).status).toBe(403);
    expect((await call(await tokenOf(["others"]))).status).toBe(403);
    const viewer = await tokenOf(["acme"]);
    expect((await call(viewer)).status).toBe(200);
    expect((await call(viewer, "events/poll", { name: "sync.completed" })).status).toBe(403);
    const developer = await tokenOf(["acme", "globex"]);
    const inGlobex = { ...developer, "x-organization-id": globex };
    expect((await call(inGlobex, "events/poll", { name: "sync.completed" })).status).toBe(200);
    expect((await call({ ...viewer, "x-organization-id": globex })).status).toBe(404);
    const operator = { ...(await tokenOf(["operators"], "read admin")), "x-organization-id": globex };
    expect((await call(operator)).status).toBe(200);
    expect((await call(operator, "events/poll", { name: "sync.completed" })).status).toBe(403);
  });
});

test("a Weft without an authorization server has no metadata, and treats a token as a wrong key", async () => {
  weft = await RunningWeft.start({ WEFT_ADMIN_KEY: adminKey }, "serve");
  expect((await fetch(`${weft.url}/.well-known/oauth-protected-resource/mcp`)).status).toBe(404);
  const refused = await call(bearer(await server.sign(claims())));
  expect(refused).toMatchObject({ status: 401, challenge: "Bearer" });
  await weft[Symbol.asyncDispose]();
});
