import { request } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../api/fixtures/running-weft.ts";

const adminKey = "an-admin-key-of-the-operator-0123456789";
const admin = { headers: { "x-api-key": adminKey } };

let weft: RunningWeft;
beforeAll(async () => {
  weft = await RunningWeft.start({ WEFT_ADMIN_KEY: adminKey }, "serve");
});
afterAll(() => weft[Symbol.asyncDispose]());

async function keyWith(scopes: string[], call = admin): Promise<{ headers: Record<string, string> }> {
  const { body } = await weft.post("/api-keys", { name: "test", scopes }, call);
  return { headers: { authorization: `Bearer ${body.key}` } };
}

test("a request without a key, or with an unknown or malformed one, gets a 401 that explains how to send a key", async () => {
  for (const headers of [
    {},
    { "x-api-key": "nope" },
    { authorization: "Bearer nope" },
    { authorization: "Basic bm9wZQ==" },
  ]) {
    const refused = await weft.get("/webhooks/messages", { headers });
    expect([refused.status, refused.headers.get("www-authenticate")]).toEqual([401, "Bearer"]);
    expect(refused.body.detail).toMatch(/API key/);
  }
});

test("a key works as x-api-key and as a bearer token, from its creation until its deletion", async () => {
  const { body } = await weft.post("/api-keys", { name: "CI", scopes: ["read"] }, admin);
  expect(body.key.startsWith(body.prefix)).toBe(true);
  expect((await weft.get("/webhooks/messages", { headers: { "x-api-key": body.key } })).status).toBe(200);
  expect((await weft.get("/webhooks/messages", { headers: { authorization: `bearer ${body.key}` } })).status).toBe(200);
  const listed = await weft.get("/api-keys", admin);
  expect(listed.text).not.toContain(body.key);
  await weft.delete(`/api-keys/${body.id}`, admin);
  expect((await weft.get("/webhooks/messages", { headers: { "x-api-key": body.key } })).status).toBe(401);
});

test("a rotated key replaces the previous one", async () => {
  const { body } = await weft.post("/api-keys", { scopes: ["read"] }, admin);
  const rotated = await weft.post(`/api-keys/${body.id}/rotate`, undefined, admin);
  expect((await weft.get("/webhooks/messages", { headers: { "x-api-key": body.key } })).status).toBe(401);
  expect((await weft.get("/webhooks/messages", { headers: { "x-api-key": rotated.body.key } })).status).toBe(200);
});

test("the previous key is accepted while the overlap lasts, and until the next rotation at the latest", async () => {
  const { body } = await weft.post("/api-keys", { scopes: ["read"] }, admin);
  const status = async (key: string) =>
    (await weft.get("/webhooks/messages", { headers: { "x-api-key": key } })).status;
  const rotate = async (overlap: number) => (await weft.post(`/api-keys/${body.id}/rotate`, { overlap }, admin)).body;
  const second = await rotate(3_600);
  expect(Date.parse(second.overlap_until) - Date.now()).toBeGreaterThan(3_500_000);
  expect([await status(body.key), await status(second.key)]).toEqual([200, 200]);
  const third = await rotate(0);
  expect(third.overlap_until).toBeNull();
  expect([await status(body.key), await status(second.key), await status(third.key)]).toEqual([401, 401, 200]);
  for (const overlap of [-1, 604_801, 0.5]) {
    expect((await weft.post(`/api-keys/${body.id}/rotate`, { overlap }, admin)).status).toBe(422);
  }
});

test("an expired key is refused", async () => {
  const { body } = await weft.post("/api-keys", { scopes: ["read"], expires_at: "2020-01-01T00:00:00Z" }, admin);
  expect((await weft.get("/webhooks/messages", { headers: { "x-api-key": body.key } })).status).toBe(401);
});

test("each scope opens its own routes, and all other routes return a 403 that names the scope", async () => {
  const routes: [string, string, unknown, string][] = [
    ["GET", "/webhooks/messages", undefined, "read"],
    ["POST", "/webhooks/subscriptions", {}, "write"],
    ["POST", "/events", {}, "publish"],
    ["GET", "/api-keys", undefined, "admin"],
    ["POST", "/organizations", {}, "admin"],
  ];
  for (const scope of ["read", "write", "publish", "secrets", "admin"]) {
    const key = await keyWith([scope]);
    for (const [method, path, body, needed] of routes) {
      const { status, body: reply } = await weft.call(method, path, { body, ...key });
      if (scope === needed || scope === "admin") expect(status, `${scope} ${path}`).not.toBe(403);
      else
        expect(reply, `${scope} ${path}`).toMatchObject({
          status: 403,
          detail: expect.stringContaining(`"${needed}"`),
        });
    }
  }
});

test("only a key with the scope secrets can read a secret", async () => {
  const reader = await keyWith(["read"]);
  const trusted = await keyWith(["read", "secrets"]);
  const path = "/webhooks/subscriptions/00000000-0000-0000-0000-000000000000?include_secret=true";
  expect((await weft.get(path, reader)).status).toBe(403);
  expect((await weft.get(path, trusted)).status).toBe(404);
});

test("only a key with the scopes for writing and secrets gets a new secret", async () => {
  const rotate = async (scopes: string[]) =>
    (await weft.post("/webhooks/subscriptions/x/rotate-secret", {}, await keyWith(scopes))).status;
  expect(await rotate(["write"])).toBe(403);
  expect(await rotate(["read", "secrets"])).toBe(403);
  expect(await rotate(["write", "secrets"])).toBe(404);
});

test("an admin key administers its own organization, and only operator keys reach the others", async () => {
  const { body: other } = await weft.post("/organizations", { name: "Other" }, admin);
  const inOther = { headers: { ...admin.headers, "x-organization-id": other.id } };
  const tenant = { headers: { "x-api-key": (await weft.post("/api-keys", { scopes: ["admin"] }, inOther)).body.key } };
  const operator = await keyWith(["admin"]);
  const first = (await weft.get("/organizations", admin)).body.at(-1).id;
  expect((await weft.get("/organizations", tenant)).body.map(({ id }: { id: string }) => id)).toEqual([other.id]);
  expect((await weft.patch(`/organizations/${other.id}`, { name: "Renamed" }, tenant)).status).toBe(200);
  expect((await weft.post("/api-keys", { scopes: ["read"] }, tenant)).body.organization_id).toBe(other.id);
  expect((await weft.get(`/organizations/${first}`, tenant)).status).toBe(404);
  expect((await weft.patch(`/organizations/${first}`, { name: "Mine" }, tenant)).status).toBe(404);
  expect((await weft.post("/organizations", { name: "More" }, tenant)).status).toBe(403);
  expect((await weft.delete(`/organizations/${other.id}`, tenant)).status).toBe(403);
  const asFirst = { headers: { ...tenant.headers, "x-organization-id": first } };
  expect((await weft.get("/webhooks/messages", asFirst)).status).toBe(404);
  expect((await weft.post("/api-keys", {}, asFirst)).status).toBe(404);
  const asOther = { headers: { ...operator.headers, "x-organization-id": other.id } };
  expect((await weft.get("/webhooks/messages", asOther)).status).toBe(200);
});

test("one organization sees no data of another: messages, subscriptions and keys are 404 or absent", async () => {
  await using open = await RunningWeft.start({ WEFT_ADMIN_KEY: adminKey, WEFT_VERIFY_ENDPOINTS: "false" }, "serve");
  const { body: other } = await open.post("/organizations", { name: "Other" }, admin);
  const inOther = { headers: { ...admin.headers, "x-organization-id": other.id } };
  const { body: foreign } = await open.post("/api-keys", { scopes: ["read", "write", "publish", "secrets"] }, inOther);
  const stranger = { headers: { "x-api-key": foreign.key } };
  const { body: subscription } = await open.post(
    "/webhooks/subscriptions",
    { url: "https://example.com/", event_types: ["*"] },
    admin,
  );
  const event = (await open.get("/webhooks/event-types", admin)).body[0];
  const { body: message } = await open.post("/events", { event_type: event.name, payload: event.example }, admin);
  const key = (await open.post("/api-keys", {}, admin)).body;
  expect((await open.get("/webhooks/messages", stranger)).body).toEqual([]);
  expect((await open.get("/webhooks/subscriptions", stranger)).body).toEqual([]);
  const foreignIds: [string, string, unknown?][] = [
    ["GET", `/webhooks/messages/${message.id}`],
    ["POST", `/webhooks/messages/${message.id}/resend`],
    ["GET", `/webhooks/subscriptions/${subscription.id}?include_secret=true`],
    ["PATCH", `/webhooks/subscriptions/${subscription.id}`, { disabled: true }],
    ["DELETE", `/webhooks/subscriptions/${subscription.id}`],
    ["POST", `/webhooks/subscriptions/${subscription.id}/recover`, { since: new Date().toISOString() }],
    ["GET", `/webhooks/subscriptions/${subscription.id}/recoveries`],
    ["GET", `/webhooks/subscriptions/${subscription.id}/attempts`],
    ["POST", `/webhooks/subscriptions/${subscription.id}/rotate-secret`],
    ["POST", `/webhooks/subscriptions/${subscription.id}/test`, { event_type: event.name }],
  ];
  for (const [method, path, body] of foreignIds) {
    expect((await open.call(method, path, { body, ...stranger })).status, `${method} ${path}`).toBe(404);
  }
  expect((await open.delete(`/api-keys/${key.id}`, inOther)).status).toBe(404);
  expect(
    (await open.get("/webhooks/messages", { headers: { ...stranger.headers, "x-organization-id": subscription.id } }))
      .status,
  ).toBe(404);
});

test("a key without admin cannot create a key with more rights than its own", async () => {
  const writer = await keyWith(["read", "write"]);
  expect((await weft.post("/api-keys", { scopes: ["admin"] }, writer)).status).toBe(403);
});

test("organizations are created, renamed, listed, and deleted when unused, and the first one stays", async () => {
  const { body: made } = await weft.post("/organizations", { name: "Initech" }, admin);
  expect((await weft.patch(`/organizations/${made.id}`, { name: "Initrode" }, admin)).body.name).toBe("Initrode");
  const listed = (await weft.get("/organizations", admin)).body;
  expect(listed.map(({ id }: { id: string }) => id)).toContain(made.id);
  expect((await weft.delete(`/organizations/${made.id}`, admin)).body.name).toBe("Initrode");
  expect((await weft.get(`/organizations/${made.id}`, admin)).status).toBe(404);
  const first = listed.at(-1).id;
  expect((await weft.delete(`/organizations/${first}`, admin)).status).toBe(400);
});

test("without keys Weft responds only to this machine's own names, so that no web page can call it", async () => {
  await using dev = await RunningWeft.start();
  const { port } = new URL(dev.url);
  expect(await statusWithHost(dev.url, `localhost:${port}`)).toBe(200);
  expect(await statusWithHost(dev.url, `127.0.0.1:${port}`)).toBe(200);
  expect(await statusWithHost(dev.url, "weft.attacker.example")).toBe(403);
  expect(await statusWithHost(dev.url, "localhost.attacker.example")).toBe(403);
  const post = (origin: string) => dev.post("/webhooks/messages/x/resend", undefined, { headers: { origin } });
  expect((await post("https://attacker.example")).status).toBe(403);
  expect((await post("null")).status).toBe(403);
  expect((await post("http://localhost:5173")).status).toBe(404);
});

test("in dev every key is accepted", async () => {
  await using dev = await RunningWeft.start();
  expect((await dev.get("/webhooks/messages", { headers: { "x-api-key": "YOUR_API_KEY" } })).status).toBe(200);
});

// fetch does not allow its caller to set the Host header.
function statusWithHost(url: string, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(`${url}/webhooks/messages`, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    sent.on("error", reject);
    sent.end();
  });
}

test("the last use of a key is shown, also when a session of it was used, and one that was never used has none", async () => {
  const [used, unused, loggedIn] = await Promise.all(
    ["used", "unused", "logged in"].map(
      async (name) => (await weft.post("/api-keys", { name, scopes: ["read"] }, admin)).body,
    ),
  );
  const lastUses = async () => {
    const { body } = await weft.get("/api-keys?limit=250", admin);
    return [used, unused, loggedIn].map(({ id }) => body.find((key: { id: string }) => key.id === id).last_used_at);
  };
  expect(await lastUses()).toEqual([null, null, null]);
  await weft.get("/webhooks/messages", { headers: { "x-api-key": used.key } });
  await weft.post("/v1/session", { api_key: loggedIn.key });
  await expect.poll(lastUses, { timeout: 20_000 }).toEqual([expect.any(String), null, expect.any(String)]);
});
