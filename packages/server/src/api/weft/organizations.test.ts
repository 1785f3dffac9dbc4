import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { TestDatabases } from "../../store/postgres/fixtures/test-databases.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, startWeft } from "../svix/fixtures/svix-clients.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const settings = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }),
};

const headers = { "x-api-key": adminKey };

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  beforeAll(async () => {
    weft = await startWeft(await settings[database]());
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  async function eventsAbout(organizationId: string) {
    const { body } = await weft.get("/v1/webhooks/messages?event_types=organization.*", { headers });
    const payloads = body.map(({ payload }: { payload: Record<string, unknown> }) => payload);
    return payloads.filter((payload: Record<string, unknown>) => payload.organization_id === organizationId).reverse();
  }

  const defaults = { owner_email: "", affected_user_emails: [], plan: "", timestamp: expect.any(String) };
  const happened = (name: string) =>
    ["organization.created", "organization.deleted"].map((event_type) => {
      return { event_type, organization_id: expect.any(String), organization_name: name, ...defaults };
    });

  test("the first organization gets an event when another one is created and deleted", async () => {
    const { body: made } = await weft.post("/v1/organizations", { name: "Acme" }, { headers });
    expect((await weft.call("DELETE", `/v1/organizations/${made.id}`, { headers })).status).toBe(200);
    expect(await eventsAbout(made.id)).toEqual(happened("Acme"));
  });

  test("applications of the other API cause the same events, once each", async () => {
    const app = { name: "Globex", uid: "globex" };
    expect((await weft.post("/api/v1/app", app, { headers })).status).toBe(201);
    expect((await weft.post("/api/v1/app", app, { headers })).status).toBe(409);
    const { body: organizations } = await weft.get("/v1/organizations", { headers });
    const { id } = organizations.find(({ name }: { name: string }) => name === "Globex");
    expect((await weft.call("DELETE", "/api/v1/app/globex", { headers })).status).toBe(204);
    expect(await eventsAbout(id)).toEqual(happened("Globex"));
  });

  test("an organization that cannot be deleted causes no event", async () => {
    const { body: made } = await weft.post("/v1/organizations", { name: "Initech" }, { headers });
    const own = { headers: { ...headers, "x-organization-id": made.id } };
    await weft.post("/v1/collections", { name: "Documents" }, own);
    expect((await weft.call("DELETE", `/v1/organizations/${made.id}`, { headers })).status).toBe(400);
    expect(await eventsAbout(made.id)).toEqual(happened("Initech").slice(0, 1));
  });

  test("an organization has the description of its creation until a PUT or PATCH changes it", async () => {
    const body = { name: "Hooli", description: "Boxes", org_metadata: { theme: "dark" }, auth0_org_id: "org_x" };
    const { body: made } = await weft.post("/v1/organizations", body, { headers });
    const airweave = { auth0_org_id: null, org_metadata: null, enabled_features: [], billing: null };
    expect(made).toMatchObject({ name: "Hooli", description: "Boxes", role: "owner", is_primary: false, ...airweave });
    const path = `/v1/organizations/${made.id}`;
    const replaced = await weft.call("PUT", path, { headers, body: { name: "Hooli XYZ", description: "Signatures" } });
    expect(replaced).toMatchObject({ status: 200, body: { name: "Hooli XYZ", description: "Signatures" } });
    expect((await weft.call("PUT", path, { headers, body: { description: "x" } })).status).toBe(422);
    await weft.call("PATCH", path, { headers, body: { description: null } });
    expect((await weft.get(path, { headers })).body).toMatchObject({ name: "Hooli XYZ", description: null });
  });

  test("a caller lists its organizations with its role, and its own one is the primary one", async () => {
    const { body: all } = await weft.get("/v1/users/me/organizations", { headers });
    expect(all).toEqual((await weft.get("/v1/organizations", { headers })).body);
    expect(all.filter(({ is_primary }: { is_primary: boolean }) => is_primary)).toHaveLength(1);
    const { body: key } = await weft.post("/v1/api-keys", { scopes: ["read"] }, { headers });
    const own = await weft.get("/users/me/organizations", { headers: { "x-api-key": key.key } });
    expect(own.body).toEqual([expect.objectContaining({ role: "member", is_primary: true })]);
  });

  test("a key is read and deleted by its id, and shows itself only when it is created or rotated", async () => {
    const { body: made } = await weft.post("/v1/api-keys", { expiration_days: 30 }, { headers });
    expect(made.decrypted_key).toBe(made.key);
    expect(Date.parse(made.expiration_date) - Date.parse(made.created_at)).toBe(30 * 86_400_000);
    const nothing = { last_used_date: null, created_by_email: null, modified_by_email: null };
    const read = await weft.get(`/v1/api-keys/${made.id}`, { headers });
    const { key: _, ...shown } = made;
    expect(read.body).toEqual({ ...shown, ...nothing, decrypted_key: null });
    const rotated = await weft.post(`/v1/api-keys/${made.id}/rotate`, {}, { headers });
    expect(rotated.body.decrypted_key).toBe(rotated.body.key);
    expect(Date.parse(rotated.body.modified_at)).toBeGreaterThanOrEqual(Date.parse(made.created_at));
    const deleted = await weft.call("DELETE", `/v1/api-keys?id=${made.id}`, { headers });
    expect(deleted).toMatchObject({ status: 200, body: { id: made.id, decrypted_key: null } });
    expect((await weft.get(`/v1/api-keys/${made.id}`, { headers })).status).toBe(404);
    expect((await weft.call("DELETE", "/v1/api-keys?id=unknown", { headers })).status).toBe(404);
    expect((await weft.post("/v1/api-keys", { expiration_days: 366 }, { headers })).status).toBe(422);
  });

  test("reading and deleting a key by its id need the scope admin, and find only keys of the organization", async () => {
    const { body: key } = await weft.post("/v1/api-keys", { scopes: ["read", "write"] }, { headers });
    const own = { headers: { "x-api-key": key.key } };
    expect((await weft.get(`/v1/api-keys/${key.id}`, own)).status).toBe(403);
    expect((await weft.call("DELETE", `/v1/api-keys?id=${key.id}`, own)).status).toBe(403);
    const { body: other } = await weft.post("/v1/organizations", { name: "Pied Piper" }, { headers });
    const elsewhere = { headers: { ...headers, "x-organization-id": other.id } };
    expect((await weft.get(`/v1/api-keys/${key.id}`, elsewhere)).status).toBe(404);
    expect((await weft.call("DELETE", `/v1/api-keys?id=${key.id}`, elsewhere)).status).toBe(404);
  });
});
