import { SignJWT } from "jose";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, jwtSecret, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import { prefixed } from "../domain/id.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await startWeft();
});
afterAll(() => weft[Symbol.asyncDispose]());

const operator = { "x-api-key": adminKey };
const ownSecret = (byte: number) => `whsec_${Buffer.alloc(24, byte).toString("base64")}`;

async function keyWith(scopes: string[], more: Record<string, unknown> = {}) {
  const { key, id } = (await weft.post("/v1/api-keys", { name: "x", scopes, ...more }, { headers: operator })).body;
  return { key: key as string, id: id as string, headers: { "x-api-key": key as string } };
}

async function secretOf(subscriptionId: string): Promise<string> {
  const path = `/v1/webhooks/subscriptions/${subscriptionId}?include_secret=true`;
  return (await weft.get(path, { headers: operator })).body.secret;
}

async function endpoint(): Promise<string> {
  const sent = { url: "http://127.0.0.1:9/", event_types: ["sync.completed"] };
  return (await weft.post("/v1/webhooks/subscriptions", sent, { headers: operator })).body.id;
}

test("a key without the scope secrets can neither read nor replace a listener's secret", async () => {
  const started = await weft.post("/v1/webhooks/listeners", { name: "laptop" }, { headers: operator });
  const { headers } = await keyWith(["read", "write", "publish"]);
  for (const sent of [{ name: "laptop" }, { name: "laptop", secret: ownSecret(1) }, { name: "another" }]) {
    const response = await weft.post("/v1/webhooks/listeners", sent, { headers });
    expect(response.status).toBe(403);
    expect(response.text).not.toMatch(/whsec_/);
  }
  expect(await secretOf(started.body.id)).toBe(started.body.secret);
});

test("a signing secret is replaced, by any route, only with a key for writing and secrets", async () => {
  const id = await endpoint();
  const before = await secretOf(id);
  const app = `/api/v1/app/${weft.weft.organizationId}/endpoint/${id}`;
  for (const scopes of [
    ["secrets", "read", "publish"],
    ["write", "read", "publish"],
  ]) {
    const { headers } = await keyWith(scopes);
    const sent = { headers: { ...headers }, body: { secret: ownSecret(2) } };
    const tried = [
      await weft.call("PATCH", app, sent),
      await weft.call("POST", `${app}/secret/rotate`, { headers, body: { key: ownSecret(2) } }),
      await weft.post(`/v1/webhooks/subscriptions/${id}/rotate-secret`, { secret: ownSecret(2) }, { headers }),
    ];
    expect(tried.map(({ status }) => status)).toEqual([403, 403, 403]);
  }
  expect(await secretOf(id)).toBe(before);
  const { headers } = await keyWith(["write", "secrets"]);
  expect((await weft.call("PATCH", app, { headers, body: { secret: ownSecret(2) } })).status).toBe(200);
  expect(await secretOf(id)).toBe(ownSecret(2));
});

test("a key that may only publish cannot delete published messages", async () => {
  await endpoint();
  const { headers } = await keyWith(["publish"]);
  const app = `/api/v1/app/${weft.weft.organizationId}`;
  const made = await weft.call("POST", `${app}/msg`, { headers, body: { eventType: "a", payload: { kept: 1 } } });
  expect(made.status).toBe(202);
  const tried = [
    await weft.call("DELETE", `${app}/msg/${made.body.id}/content`, { headers }),
    await weft.call("POST", `${app}/msg/expunge-all-contents`, { headers }),
    await weft.call("POST", `${app}/msg/bulk-expunge`, { headers, body: { ids: [made.body.id] } }),
  ];
  expect(tried.map(({ status }) => status)).toEqual([403, 403, 403]);
  const kept = await weft.get(`/v1/webhooks/messages/${made.body.id}/payload`, { headers: operator });
  expect(kept.text).toBe('{"kept":1}');
});

test("the URL that authorizes a source in a browser is shown only to callers that may change the source", async () => {
  const { readable_id } = (await weft.post("/v1/collections", { name: "Authorized" }, { headers: operator })).body;
  const sent = {
    short_name: "oauth-stub",
    readable_collection_id: readable_id,
    config: providerConfig,
    authentication: { redirect_uri: "https://app.example.com/", client_id: "weft", client_secret: "s" },
  };
  const made = await weft.post("/v1/source-connections", sent, { headers: operator });
  expect(made.body.auth.auth_url).toMatch(/authorize/);
  const path = `/v1/source-connections/${made.body.id}`;
  const [reader, writer] = await Promise.all([keyWith(["read", "secrets", "publish"]), keyWith(["read", "write"])]);
  expect((await weft.get(path, { headers: reader.headers })).body.auth.auth_url).toBeNull();
  expect((await weft.get(path, { headers: writer.headers })).body.auth.auth_url).toBe(made.body.auth.auth_url);
});

const provider = "http://127.0.0.1:9";
const providerConfig = { issuer: provider, authorize_url: provider, token_url: provider, api_url: provider };

function portalOf(headers: Record<string, string>, body: object = {}) {
  const path = `/api/v1/auth/app-portal-access/${weft.weft.organizationId}`;
  return weft.call("POST", path, { headers, body });
}

function open(token: string) {
  const path = `/api/v1/app/${weft.weft.organizationId}/endpoint`;
  return weft.get(path, { headers: { authorization: `Bearer ${token}` } });
}

test("an application's token is revoked with the key that created it", async () => {
  const { headers, id } = await keyWith(["admin"]);
  const { token } = (await portalOf(headers)).body;
  expect((await open(token)).status).toBe(200);
  await weft.delete(`/v1/api-keys/${id}`, { headers: operator });
  expect(await open(token)).toMatchObject({ status: 401, body: { code: "authentication_failed" } });
});

test("an application's token expires no later than the key that created it", async () => {
  const expiresAt = new Date(Date.now() + 600_000);
  const { headers } = await keyWith(["admin"], { expires_at: expiresAt.toISOString() });
  const { token } = (await portalOf(headers, { expiry: 3_600 })).body;
  const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString()) as { exp: number };
  expect(claims.exp).toBe(Math.floor(expiresAt.getTime() / 1_000));
  expect((await open(token)).status).toBe(200);
});

test("a token that names a key in its own claims is refused, and so is a key's hash", async () => {
  const { key } = await keyWith(["admin"]);
  for (const weft_key of [key, "e30.e30.e30.e30.e30", 7, null, {}]) {
    const token = await new SignJWT({ org: "org_weft", weft_key })
      .setProtectedHeader({ alg: "HS256" })
      .setSubject(prefixed("app", weft.weft.organizationId))
      .setExpirationTime("1h")
      .sign(new TextEncoder().encode(jwtSecret));
    expect((await open(token)).status).toBe(401);
  }
});
