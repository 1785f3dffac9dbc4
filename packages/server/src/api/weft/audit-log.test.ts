import { afterAll, beforeAll, expect, test } from "vitest";
import { Receiver } from "../../delivery/fixtures/receiver.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { completed } from "../fixtures/weft-and-receiver.ts";
import { adminKey, organizationToken, startWeft } from "../svix/fixtures/svix-clients.ts";

let weft: RunningWeft;
let receiver: Receiver;
beforeAll(async () => {
  [weft, receiver] = await Promise.all([startWeft(), Receiver.start()]);
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

const operator = { "x-api-key": adminKey };

async function log(query = "", headers: Record<string, string> = operator) {
  return (await weft.get(`/v1/audit-log${query}`, { headers })).body;
}

async function newKey(name: string, scopes: string[], headers: Record<string, string> = operator) {
  return (await weft.post("/v1/api-keys", { name, scopes }, { headers })).body;
}

test("a change is logged with its caller, its operation and its address, and without any value", async () => {
  const { key, id } = await newKey("Deployment", ["write"]);
  const secret = `whsec_${Buffer.alloc(24, 9).toString("base64")}`;
  const headers = { "x-api-key": key, "x-forwarded-for": "198.51.100.7" };
  const made = await weft.post(
    "/v1/webhooks/subscriptions",
    { url: receiver.url(), event_types: ["*"], secret, headers: { authorization: "Bearer t0ken" } },
    { headers },
  );
  await weft.delete(`/v1/webhooks/subscriptions/${made.body.id}`, { headers });
  const [deleted, created] = await log(`?api_key_id=${id}`);
  expect(created).toEqual({
    id: expect.any(String),
    kind: "change",
    count: 1,
    last_at: null,
    organization_id: weft.weft.organizationId,
    timestamp: expect.stringMatching(/Z$/),
    actor: { kind: "api_key", id, name: "Deployment", via: null },
    address: "127.0.0.1",
    forwarded_for: "198.51.100.7",
    operation: "createSubscription",
    method: "POST",
    path: "/webhooks/subscriptions",
    subjects: [],
    fields: ["url", "event_types", "secret", "headers"],
    status: 200,
    request_id: made.headers.get("x-request-id"),
  });
  expect(deleted).toMatchObject({ operation: "deleteSubscription", path: `/webhooks/subscriptions/${made.body.id}` });
  expect(JSON.stringify(await log())).not.toMatch(/whsec_|t0ken/);
});

test("a failed call is logged with its status; reads, events and calls without a key are not logged", async () => {
  const before = (await log()).length;
  const missing = "/v1/webhooks/subscriptions/00000000-0000-7000-8000-00000000abcd";
  await weft.patch(missing, { description: "x" }, { headers: operator });
  await weft.get("/v1/webhooks/subscriptions", { headers: operator });
  await weft.post("/v1/events", completed(), { headers: operator });
  await weft.delete(missing);
  const entries = await log();
  expect(entries).toHaveLength(before + 1);
  expect(entries[0]).toMatchObject({ operation: "updateSubscription", status: 404, actor: { kind: "admin_key" } });
});

test("a change that is requested twice with one idempotency key happens once, and its replay is logged", async () => {
  const headers = { ...operator, "idempotency-key": "once" };
  for (let i = 0; i < 2; i++) await weft.post("/v1/collections", { name: "Handbook" }, { headers });
  expect(await log("?operation=createCollection")).toMatchObject([
    { kind: "replay", path: "/collections", status: 200, actor: { kind: "admin_key" } },
    { kind: "change", path: "/collections", status: 200 },
  ]);
});

test("a replay that is refused because its response contained a secret is logged too", async () => {
  const headers = { ...operator, "idempotency-key": "secret" };
  for (let i = 0; i < 2; i++) await weft.post("/v1/api-keys", { name: "Twice" }, { headers });
  expect((await log("?kind=replay"))[0]).toMatchObject({ operation: "createApiKey" });
});

test("signing in is logged with its key, and a wrong key on any route only with its address", async () => {
  const { key, id } = await newKey("Colleague", ["read"]);
  await weft.post("/v1/session", { api_key: key });
  expect(await log(`?api_key_id=${id}`)).toMatchObject([
    { kind: "sign_in", operation: "beginSession", actor: { name: "Colleague" }, fields: ["api_key"], status: 200 },
  ]);
  await weft.post("/v1/session", { api_key: "weft_wrong-one" });
  await weft.get("/v1/webhooks/messages", { headers: { "x-api-key": "weft_wrong-two" } });
  await weft.get("/api/v1/app", { headers: { authorization: "Bearer a.b.c" } });
  const failed = await log("?kind=sign_in_failed");
  expect(failed).toMatchObject([
    { operation: "v1.application.list", status: 401, actor: { kind: "anonymous", id: null } },
    { operation: "listMessages" },
    { operation: "beginSession", address: "127.0.0.1" },
  ]);
  expect(JSON.stringify(failed)).not.toMatch(/wrong-one|wrong-two/);
});

test("calls without the required right are logged in the organization of their key, in both APIs, once for each operation", async () => {
  const { id } = (await weft.post("/v1/organizations", { name: "Refused" }, { headers: operator })).body;
  const inside = { ...operator, "x-organization-id": id };
  const reader = await newKey("Reader", ["read"], inside);
  const headers = { "x-api-key": reader.key };
  for (let i = 0; i < 3; i++) await weft.get("/v1/api-keys", { headers });
  await weft.get("/v1/webhooks/subscriptions/1?include_secret=true", { headers });
  await weft.call("POST", "/api/v1/app", { headers, body: { name: "x" } });
  expect(await log("?kind=refused", inside)).toMatchObject([
    { operation: "v1.application.create", path: "/api/v1/app", status: 403, actor: { id: reader.id } },
    { operation: "getSubscription", status: 403 },
    { operation: "listApiKeys", method: "GET", count: 1, status: 403 },
  ]);
});

test("reading a secret is logged with the object that it belongs to, in both APIs", async () => {
  const made = await weft.post(
    "/v1/webhooks/subscriptions",
    { url: receiver.url(), event_types: ["sync.completed"], headers: { authorization: "Bearer t0ken" } },
    { headers: operator },
  );
  const path = `/webhooks/subscriptions/${made.body.id}`;
  await weft.get(`/v1${path}`, { headers: operator });
  expect(await log("?kind=secret_read")).toEqual([]);
  const test = await weft.post(`/v1${path}/test`, { event_type: "sync.completed" }, { headers: operator });
  const endpoint = `/app/${weft.weft.organizationId}/endpoint/${made.body.id}/secret`;
  await weft.get(`/v1${path}?include_secret=true`, { headers: operator });
  await weft.get(`/api/v1${endpoint}`, { headers: operator });
  await weft.get(`/v1/webhooks/attempts/${test.body.id}`, { headers: operator });
  const reader = await newKey("Reader", ["read"]);
  await weft.get(`/v1/webhooks/attempts/${test.body.id}`, { headers: { "x-api-key": reader.key } });
  expect(await log("?kind=secret_read")).toMatchObject([
    { operation: "getAttempt", path: `/webhooks/attempts/${test.body.id}` },
    { operation: "v1.endpoint.get-secret", path: `/api/v1${endpoint}` },
    { operation: "getSubscription", path },
  ]);
});

test("changes through Svix' SDKs are logged too", async () => {
  const headers = { authorization: `Bearer ${await organizationToken()}` };
  const { body } = await weft.call("POST", "/api/v1/app", { body: { name: "Acme" }, headers });
  await weft.call("POST", `/api/v1/app/${body.id}/msg`, { body: { eventType: "a", payload: {} }, headers });
  await weft.call("DELETE", `/api/v1/app/${body.id}`, { headers });
  const [deleted, created] = await log();
  expect(created).toMatchObject({
    actor: { kind: "organization_token", id: null },
    operation: "v1.application.create",
    path: "/api/v1/app",
    status: 201,
  });
  expect(deleted).toMatchObject({ operation: "v1.application.delete", path: `/api/v1/app/${body.id}`, status: 204 });
});

test("each organization sees its own changes, the operator sees all, and other keys see none", async () => {
  const { id } = (await weft.post("/v1/organizations", { name: "Other" }, { headers: operator })).body;
  const inside = { ...operator, "x-organization-id": id };
  const { key } = await newKey("Other's", ["admin"], inside);
  const own = { "x-api-key": key };
  await weft.post("/v1/collections", { name: "Theirs" }, { headers: own });
  expect((await log("", own)).map(({ operation }: { operation: string }) => operation)).toEqual([
    "createCollection",
    "createApiKey",
  ]);
  expect((await log("?everywhere=true"))[0]).toMatchObject({ organization_id: id, operation: "createCollection" });
  expect(await weft.get("/v1/audit-log?everywhere=true", { headers: own })).toMatchObject({ status: 403 });
  const reader = await newKey("Reader", ["read", "write", "secrets", "publish"]);
  expect(await weft.get("/v1/audit-log", { headers: { "x-api-key": reader.key } })).toMatchObject({ status: 403 });
});

test("the log is read in pages", async () => {
  const all = await log("?limit=250");
  const first = await weft.get("/v1/audit-log?limit=2", { headers: operator });
  const next = /<([^>]+)>/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  const second = await weft.get(next, { headers: operator });
  expect([...first.body, ...second.body]).toEqual(all.slice(0, 4));
});

test("entries have the names of the things in their paths, but no names of other organizations", async () => {
  const { body: key } = await weft.post("/v1/api-keys", { name: "Old name", scopes: ["read"] }, { headers: operator });
  await weft.post(`/v1/api-keys/${key.id}/rotate`, {}, { headers: operator });
  const [rotated] = await log("?operation=rotateApiKey");
  expect(rotated.subjects).toEqual([{ kind: "api_key", id: key.id, name: "Old name" }]);

  const { body: tenant } = await weft.post("/v1/organizations", { name: "Tenant" }, { headers: operator });
  const theirs = { ...operator, "x-organization-id": tenant.id };
  const admin = await newKey("Tenant's administrator", ["admin"], theirs);
  const asTenant = { "x-api-key": admin.key };
  await weft.post(`/v1/api-keys/${key.id}/rotate`, {}, { headers: asTenant });
  const [refused] = await log("?operation=rotateApiKey", asTenant);
  expect(refused).toMatchObject({ organization_id: tenant.id, status: 404, subjects: [] });
});
