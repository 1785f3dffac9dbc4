import { afterAll, beforeAll, expect, test } from "vitest";
import { type Call, RunningWeft } from "../api/fixtures/running-weft.ts";
import type { OrganizationId } from "../domain/id.ts";
import { jwtKeysIn } from "./jwt-keys.ts";
import { SvixTokens } from "./svix-tokens.ts";

const adminKey = "an-admin-key-of-the-operator-0123456789";
const admin: Call = { headers: { "x-api-key": adminKey } };
const jwtSecret = "a secret that signs the tokens of applications";
const inConsole = { "x-weft-console": "1" };

let weft: RunningWeft;
beforeAll(async () => {
  weft = await RunningWeft.start(
    { WEFT_ADMIN_KEY: adminKey, WEFT_SVIX_JWT_SECRET: jwtSecret, WEFT_VERIFY_ENDPOINTS: "false" },
    "serve",
  );
});
afterAll(() => weft[Symbol.asyncDispose]());

interface TestKey {
  readonly id: string;
  readonly key: string;
}

async function newKey(scopes: string[], call = admin): Promise<TestKey> {
  return (await weft.post("/api-keys", { name: "A colleague", scopes }, call)).body;
}

/** The cookie of a new session, as a browser sends it. */
async function sessionOf(key: string): Promise<{ cookie: string }> {
  const begun = await weft.post("/v1/session", { api_key: key });
  expect(begun.status).toBe(200);
  return { cookie: begun.headers.get("set-cookie")?.split(";")[0] ?? "" };
}

function bearer(token: string): Call {
  return { headers: { authorization: `Bearer ${token}` } };
}

async function otherOrganization(): Promise<{ id: string; call: Call }> {
  const { body } = await weft.post("/organizations", { name: "Other" }, admin);
  return { id: body.id, call: { headers: { ...admin.headers, "x-organization-id": body.id } } };
}

const subscription = { url: "https://example.com/hook", event_types: ["sync.*"] };

test("a session is created with a key, kept in a cookie that no script can read, and has the rights of the key", async () => {
  const { key, id } = await newKey(["read", "publish"]);
  const begun = await weft.post("/v1/session", { api_key: key });
  const [cookie = "", ...attributes] = begun.headers.get("set-cookie")?.split("; ") ?? [];
  expect(attributes).toEqual(["Path=/", "HttpOnly", "SameSite=Strict", "Max-Age=43200"]);
  expect(cookie).not.toContain(key);
  expect(begun.body).toMatchObject({
    via: "session",
    actor: { kind: "api_key", id, name: "A colleague" },
    organization: { name: "Default organization" },
    scopes: ["read", "publish"],
    is_operator: false,
    auth: "required",
  });
  expect((await weft.get("/v1/session", { headers: { cookie } })).body).toEqual(begun.body);
  expect((await weft.get("/webhooks/messages", { headers: { cookie: `a=b; ${cookie}; c=d` } })).status).toBe(200);
  const refused = await weft.post("/webhooks/subscriptions", subscription, { headers: { cookie, ...inConsole } });
  expect([refused.status, refused.body.code]).toEqual([403, "scope_missing"]);
});

test("the cookie is limited to https when browsers use https", async () => {
  const { key } = await newKey(["read"]);
  const proxied = await weft.post("/v1/session", { api_key: key }, { headers: { "x-forwarded-proto": "https" } });
  expect(proxied.headers.get("set-cookie")).toMatch(/; Secure$/);
});

test("a session describes its caller like the key does, and expires no later than the key", async () => {
  const soon = new Date(Date.now() + 60_000).toISOString();
  const { body } = await weft.post("/api-keys", { scopes: ["admin"], expires_at: soon }, admin);
  const asKey = await weft.get("/session", { headers: { "x-api-key": body.key } });
  const asSession = await weft.get("/session", { headers: await sessionOf(body.key) });
  expect(asKey.body).toMatchObject({ via: "api_key", is_operator: true, expires_at: soon });
  expect(asSession.body).toEqual({ ...asKey.body, via: "session" });
});

test("reading the session returns a 401 without a credential, and works with any scope", async () => {
  expect((await weft.get("/v1/session")).status).toBe(401);
  const { key } = await newKey(["publish"]);
  expect((await weft.get("/v1/session", { headers: { "x-api-key": key } })).body.scopes).toEqual(["publish"]);
});

test("a change with a cookie needs the console's header, which no other site can send", async () => {
  const session = await sessionOf((await newKey(["write"])).key);
  const plain = await weft.post("/webhooks/subscriptions", subscription, { headers: session });
  expect([plain.status, plain.body.code]).toEqual([403, "console_header_missing"]);
  const ended = await weft.delete("/session", { headers: session });
  expect([ended.status, ended.body.code]).toEqual([403, "console_header_missing"]);
  const sent = await weft.post("/webhooks/subscriptions", subscription, { headers: { ...session, ...inConsole } });
  expect(sent.status).toBe(200);
  const preflight = await fetch(`${weft.url}/v1/webhooks/subscriptions`, {
    method: "OPTIONS",
    headers: {
      origin: "https://evil.example.com",
      "access-control-request-method": "POST",
      "access-control-request-headers": "x-weft-console",
    },
  });
  expect([preflight.ok, preflight.headers.get("access-control-allow-origin")]).toEqual([false, null]);
});

test("the API that pages of any site may call ignores cookies", async () => {
  const session = await sessionOf(adminKey);
  expect((await weft.get("/api/v1/app", { headers: { ...session, ...inConsole } })).status).toBe(401);
});

test("a valid cookie does not replace an invalid key", async () => {
  const session = await sessionOf(adminKey);
  expect((await weft.get("/session", { headers: { ...session, "x-api-key": "no key" } })).status).toBe(401);
});

test("an ended session is over, even for a copy of its cookie, and other sessions continue", async () => {
  const { key } = await newKey(["read"]);
  const [session, other] = [await sessionOf(key), await sessionOf(key)];
  const ended = await weft.delete("/v1/session", { headers: { ...session, ...inConsole } });
  expect(ended.headers.get("set-cookie")).toMatch(/^weft_session=; .*Max-Age=0/);
  const refused = await weft.get("/v1/session", { headers: session });
  expect([refused.status, refused.body.detail]).toEqual([401, expect.stringContaining("session has ended")]);
  expect((await weft.get("/v1/session", { headers: other })).status).toBe(200);
});

test("a key has no session to end", async () => {
  expect((await weft.delete("/session", admin)).status).toBe(400);
});

test("a session ends when its key is deleted or rotated", async () => {
  for (const end of [
    ({ id }: TestKey) => weft.delete(`/api-keys/${id}`, admin),
    ({ id }: TestKey) => weft.post(`/api-keys/${id}/rotate`, undefined, admin),
  ]) {
    const made = await newKey(["read"]);
    const session = await sessionOf(made.key);
    expect((await weft.get("/session", { headers: session })).status).toBe(200);
    await end(made);
    expect((await weft.get("/session", { headers: session })).status).toBe(401);
  }
});

test("a forged or altered token is not a session", async () => {
  const { cookie } = await sessionOf(adminKey);
  const [head = "", empty = "", nonce = "", text = "", tag = ""] = cookie.slice("weft_session=".length).split(".");
  const other = (part: string) => (part.startsWith("A") ? `B${part.slice(1)}` : `A${part.slice(1)}`);
  for (const token of [
    [head, empty, nonce, other(text), tag].join("."),
    [head, empty, other(nonce), text, tag].join("."),
    [head, empty, nonce, text, other(tag)].join("."),
    [other(head), empty, nonce, text, tag].join("."),
    "....",
    "x".repeat(3_000),
  ]) {
    expect((await weft.get("/session", { headers: { cookie: `weft_session=${token}` } })).status).toBe(401);
    expect((await weft.get("/session", bearer(token))).status).toBe(401);
  }
});

test("a cookie is not accepted as a bearer token, and a portal token is not accepted as a cookie", async () => {
  const { cookie } = await sessionOf(adminKey);
  expect((await weft.get("/session", bearer(cookie.slice("weft_session=".length)))).status).toBe(401);
  const { token } = (await weft.post("/portal-sessions", {}, admin)).body;
  expect((await weft.get("/session", { headers: { cookie: `weft_session=${token}` } })).status).toBe(401);
});

test("the audit log records a session's changes under its key, and marks them as a session's", async () => {
  const made = await newKey(["write"]);
  const session = await sessionOf(made.key);
  await weft.post("/webhooks/subscriptions", subscription, { headers: { ...session, ...inConsole } });
  const { body } = await weft.get(`/audit-log?api_key_id=${made.id}`, admin);
  const actor = { kind: "api_key", id: made.id, name: "A colleague" };
  expect(body).toMatchObject([
    { kind: "change", actor: { ...actor, via: "session" }, operation: "createSubscription" },
    { kind: "sign_in", actor: { ...actor, via: null }, operation: "beginSession", status: 200 },
  ]);
});

test("an operator's session works in any organization, a tenant's only in its own", async () => {
  const other = await otherOrganization();
  const operator = await sessionOf(adminKey);
  const seen = await weft.get("/session", { headers: { ...operator, "x-organization-id": other.id } });
  expect(seen.body).toMatchObject({ organization: { id: other.id, name: "Other" }, is_operator: true });
  const tenant = await sessionOf((await newKey(["admin"], other.call)).key);
  const first = (await weft.get("/session", admin)).body.organization.id;
  expect((await weft.get("/session", { headers: { ...tenant, "x-organization-id": first } })).status).toBe(404);
});

test("if no key is required, the session says so, and an old session has no effect", async () => {
  await using open = await RunningWeft.start();
  const expected = { via: "none", actor: { kind: "anonymous" }, auth: "none", is_operator: true, expires_at: null };
  expect((await open.get("/session")).body).toMatchObject(expected);
  expect((await open.get("/session", { headers: { cookie: "weft_session=a.b.c.d.e" } })).body).toMatchObject(expected);
});

test("a portal link opens one organization, with the requested rights", async () => {
  const other = await otherOrganization();
  const { body } = await weft.post("/portal-sessions", { scopes: ["read"], expires_in_seconds: 600 }, other.call);
  expect(body.url).toBe(`${weft.url}/console/#token=${body.token}`);
  const left = Date.parse(body.expires_at) - Date.now();
  expect(left).toBeGreaterThan(500_000);
  expect(left).toBeLessThanOrEqual(600_000);
  expect((await weft.get("/session", bearer(body.token))).body).toMatchObject({
    via: "portal",
    organization: { id: other.id },
    scopes: ["read"],
    is_operator: false,
    expires_at: body.expires_at,
  });
  expect((await weft.get("/webhooks/subscriptions", bearer(body.token))).status).toBe(200);
  expect((await weft.post("/webhooks/subscriptions", subscription, bearer(body.token))).status).toBe(403);
});

test("a portal link never publishes, administers, or reaches another organization, whichever key created it", async () => {
  const other = await otherOrganization();
  const { token } = (await weft.post("/portal-sessions", undefined, other.call)).body;
  const call = bearer(token);
  expect((await weft.get("/session", call)).body.scopes).toEqual(["read", "write", "subscribe", "secrets"]);
  expect((await weft.post("/events", {}, call)).status).toBe(403);
  expect((await weft.get("/api-keys", call)).status).toBe(403);
  expect((await weft.post("/portal-sessions", {}, call)).status).toBe(403);
  expect((await weft.get("/organizations", call)).body).toMatchObject([{ id: other.id }]);
  const first = (await weft.get("/session", admin)).body.organization.id;
  const elsewhere = { headers: { ...call.headers, "x-organization-id": first } };
  expect((await weft.get("/session", elsewhere)).status).toBe(404);
  for (const scopes of [["admin"], ["publish"], []]) {
    expect((await weft.post("/portal-sessions", { scopes }, other.call)).status).toBe(422);
  }
  for (const expires_in_seconds of [59, 3_601]) {
    expect((await weft.post("/portal-sessions", { expires_in_seconds }, other.call)).status).toBe(422);
  }
});

test("a portal link ends with the key that created it, with its organization, and when it is revoked", async () => {
  const other = await otherOrganization();
  const made = await newKey(["admin"], other.call);
  const call = { headers: { "x-api-key": made.key } };
  const [first, second] = [
    (await weft.post("/portal-sessions", {}, call)).body.token,
    (await weft.post("/portal-sessions", {}, call)).body.token,
  ];
  expect((await weft.delete("/session", bearer(first))).status).toBe(200);
  expect((await weft.get("/session", bearer(first))).status).toBe(401);
  expect((await weft.get("/session", bearer(second))).status).toBe(200);
  await weft.delete(`/api-keys/${made.id}`, other.call);
  expect((await weft.get("/session", bearer(second))).status).toBe(401);
  const { token } = (await weft.post("/portal-sessions", {}, other.call)).body;
  await weft.delete(`/organizations/${other.id}`, admin);
  expect((await weft.get("/session", bearer(token))).status).toBe(401);
});

test("the audit log records changes through a portal link under the key that created it", async () => {
  const made = await newKey(["admin"]);
  const { token } = (await weft.post("/portal-sessions", {}, { headers: { "x-api-key": made.key } })).body;
  await weft.post("/webhooks/subscriptions", subscription, bearer(token));
  const { body } = await weft.get(`/audit-log?api_key_id=${made.id}&operation=createSubscription`, admin);
  expect(body).toMatchObject([{ actor: { id: made.id, via: "portal" } }]);
});

test("an application's own token opens the webhooks of its application, within its capabilities", async () => {
  const other = await otherOrganization();
  const tokens = new SvixTokens(jwtKeysIn(jwtSecret, "HS256"), Date.now);
  const as = async (...capabilities: ("ViewBase" | "ManageEndpoint" | "CreateAttempts")[]) =>
    bearer(
      await tokens.applicationToken({
        organizationId: other.id as OrganizationId,
        featureFlags: [],
        capabilities,
        expiresAt: Date.now() + 60_000,
      }),
    );
  const viewer = await as("ViewBase");
  expect((await weft.get("/session", viewer)).body).toMatchObject({
    via: "portal",
    organization: { id: other.id },
    scopes: ["read"],
  });
  expect((await weft.get("/webhooks/messages", viewer)).status).toBe(200);
  for (const path of ["/collections", "/sources", "/organizations"]) {
    expect((await weft.get(path, viewer)).status, path).toBe(403);
  }
  // This scope also permits resending messages.
  const create = async (call: Call) => (await weft.post("/webhooks/subscriptions", subscription, call)).status;
  expect(await create(viewer)).toBe(403);
  expect(await create(await as("ViewBase", "ManageEndpoint"))).toBe(403);
  expect(await create(await as("ViewBase", "ManageEndpoint", "CreateAttempts"))).toBe(200);
  expect((await weft.get("/session", bearer("a.b.c"))).status).toBe(401);
});
