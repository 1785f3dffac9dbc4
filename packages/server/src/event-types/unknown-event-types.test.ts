import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import { TestDatabases } from "../store/postgres/fixtures/test-databases.ts";

// Events whose type is not in the catalogue, through both APIs.

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const settings = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }),
};

const admin = { "x-api-key": adminKey };
const subscriptionUrl = "https://example.com/hook";

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  let organizationId = "";
  let own: { headers: Record<string, string> };
  beforeAll(async () => {
    weft = await startWeft(await settings[database]());
  });
  afterAll(() => weft[Symbol.asyncDispose]());
  beforeEach(async () => {
    organizationId = (await weft.post("/v1/organizations", { name: "Acme" }, { headers: admin })).body.id;
    own = { headers: { ...admin, "x-organization-id": organizationId } };
  });

  const set = (setting: string) =>
    weft.patch(`/v1/organizations/${organizationId}`, { unknown_event_types: setting }, own);

  const publish = {
    "/v1": (type: string, payload: object = { id: 42 }) => weft.post("/v1/events", { event_type: type, payload }, own),
    "/api/v1": (type: string, payload: object = { id: 42 }) =>
      weft.post(`/api/v1/app/${organizationId}/msg`, { eventType: type, payload }, own),
  };
  const subscribe = {
    "/v1": (types: readonly string[]) =>
      weft.post("/v1/webhooks/subscriptions", { url: subscriptionUrl, event_types: types }, own),
    "/api/v1": (types: readonly string[]) =>
      weft.post(`/api/v1/app/${organizationId}/endpoint`, { url: subscriptionUrl, filterTypes: types }, own),
  };
  const apis = ["/v1", "/api/v1"] as const;

  test("a new organization refuses them, and its setting can be set when it is created", async () => {
    expect((await weft.get(`/v1/organizations/${organizationId}`, own)).body.unknown_event_types).toBe("refuse");
    const request = { name: "Open", unknown_event_types: "accept" };
    const { body } = await weft.post("/v1/organizations", request, { headers: admin });
    expect(body.unknown_event_types).toBe("accept");
    expect((await set("sometimes")).status).toBe(422);
  });

  test("/v1 refuses them and says how to allow them, until the organization accepts them", async () => {
    const refused = await publish["/v1"]("invoice.paid");
    expect(refused.status).toBe(422);
    expect(refused.text).toContain("Create it with POST /webhooks/event-types, or set unknown_event_types");
    expect((await subscribe["/v1"](["invoice.paid"])).status).toBe(422);
    expect((await set("accept")).body.unknown_event_types).toBe("accept");
    expect((await subscribe["/v1"](["invoice.paid", "invoice.*"])).status).toBeLessThan(300);
    expect((await publish["/v1"]("invoice.paid")).status).toBeLessThan(300);
    const { body } = await weft.get("/v1/webhooks/messages?event_types=invoice.paid", own);
    expect(body).toMatchObject([{ event_type: "invoice.paid", payload: { id: 42 } }]);
    await set("refuse");
    expect((await publish["/v1"]("invoice.paid")).status).toBe(422);
  });

  test("/api/v1 accepts them in messages always, and in endpoints where the organization accepts them", async () => {
    await set("refuse");
    expect((await publish["/api/v1"]("invoice.sent")).status).toBe(202);
    expect((await subscribe["/api/v1"](["invoice.sent"])).status).toBe(422);
    await set("accept");
    expect((await subscribe["/api/v1"](["invoice.sent"])).status).toBe(201);
    await set("refuse");
  });

  test.each(apis)("%s accepts only names that an event type can have", async (api) => {
    await set("accept");
    for (const name of ["invoice paid", "invoice/paid", "", "x".repeat(257), "invoice.*"]) {
      expect((await publish[api](name)).status, name).toBe(422);
      expect((await subscribe["/v1"]([`${name}/`])).status, name).toBe(422);
    }
    expect((await publish[api]("x".repeat(256))).status).toBeLessThan(300);
  });

  test("an event type that exists is still checked against its schema, and cannot be selected when it is archived", async () => {
    await set("accept");
    const name = `invoice.${database}`;
    const schemas = { "1": { type: "object", required: ["amount"] } };
    await weft.post("/v1/webhooks/event-types", { name, schemas }, own);
    expect((await publish["/v1"](name)).body.errors[0].loc).toEqual(["body", "payload", "amount"]);
    expect((await publish["/v1"](name, { amount: 5 })).status).toBe(200);
    await weft.patch(`/v1/webhooks/event-types/${name}`, { archived: true }, own);
    const refused = await subscribe["/v1"]([name]);
    expect(refused.body.errors[0].msg).toContain("is archived");
  });

  test("a batch with one refused type stores no event", async () => {
    const known = { event_type: "invoice.unknown", payload: {} };
    expect((await weft.post("/v1/events", [known, known], own)).body.errors).toMatchObject([
      { loc: ["body", 0, "event_type"], type: "event_type_unknown" },
      { loc: ["body", 1, "event_type"], type: "event_type_unknown" },
    ]);
    expect((await weft.get("/v1/webhooks/messages", own)).body).toEqual([]);
  });

  test("an application that a client of Svix creates accepts them", async () => {
    const { body } = await weft.post("/api/v1/app", { name: "Svix" }, { headers: admin });
    const message = { eventType: "never.defined", payload: {} };
    expect((await weft.post(`/api/v1/app/${body.id}/msg`, message, { headers: admin })).status).toBe(202);
  });
});
