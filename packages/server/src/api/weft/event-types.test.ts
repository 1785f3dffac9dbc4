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

const admin = { headers: { "x-api-key": adminKey } };
const path = "/v1/webhooks/event-types";
const schema = {
  type: "object",
  required: ["amount"],
  properties: { amount: { type: "number" } },
  examples: [{ amount: 5 }, { amount: 7 }],
};

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  beforeAll(async () => {
    weft = await startWeft(await settings[database]());
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  const publish = (type: string, payload: object) => weft.post("/v1/events", { event_type: type, payload }, admin);
  const listed = async (query = "") =>
    (await weft.get(`${path}?limit=250${query}`, admin)).body.map(({ name }: { name: string }) => name);

  test("an event type is created, listed and read, and its events are accepted at once", async () => {
    const created = await weft.post(
      path,
      { name: "invoice.paid", description: "An invoice was paid.", schemas: { "1": schema } },
      admin,
    );
    expect(created).toMatchObject({
      status: 200,
      body: {
        ...{ name: "invoice.paid", group: "invoice", description: "An invoice was paid.", built_in: false },
        ...{ archived: false, deprecated: false, feature_flag: null, schema, schemas: { "1": schema } },
        ...{ example: { amount: 5 }, examples: [{ amount: 5 }, { amount: 7 }] },
      },
    });
    expect(await listed()).toContain("invoice.paid");
    expect((await weft.get(`${path}/invoice.paid`, admin)).body).toEqual(created.body);
    expect((await publish("invoice.paid", { amount: 5 })).status).toBe(200);
    expect((await publish("invoice.paid", { amount: "five" })).body.errors[0].loc).toEqual([
      "body",
      "payload",
      "amount",
    ]);
    const subscription = { url: "https://example.com/", event_types: ["invoice.paid"] };
    const { body } = await weft.post("/v1/webhooks/subscriptions", subscription, admin);
    const tested = await weft.post(`/v1/webhooks/subscriptions/${body.id}/test`, { event_type: "invoice.paid" }, admin);
    expect(tested.status).toBe(200);
  });

  test("a name and nothing else is enough", async () => {
    const { body } = await weft.post(path, { name: "invoice.sent" }, admin);
    expect(body).toMatchObject({ description: "", schemas: null, schema: {}, example: null, examples: [] });
    expect((await publish("invoice.sent", { anything: true })).status).toBe(200);
  });

  test("the fields of a change are set, and all others stay", async () => {
    await weft.post(path, { name: "invoice.voided", description: "Voided.", schemas: { "1": schema } }, admin);
    const change = { deprecated: true, group: "billing", feature_flag: "beta" };
    const { body } = await weft.patch(`${path}/invoice.voided`, change, admin);
    expect(body).toMatchObject({ ...change, description: "Voided.", schemas: { "1": schema } });
    const newest = { "1": schema, "2": { type: "object" } };
    expect((await weft.patch(`${path}/invoice.voided`, { schemas: newest }, admin)).body.schema).toEqual(newest["2"]);
    expect((await publish("invoice.voided", {})).status).toBe(200);
    const cleared = await weft.patch(
      `${path}/invoice.voided`,
      { schemas: null, group: null, feature_flag: null },
      admin,
    );
    expect(cleared.body).toMatchObject({ schemas: null, group: "invoice", feature_flag: null });
  });

  test("an archived type is listed on request, and is restored by a change or by creating it again", async () => {
    await weft.post(path, { name: "invoice.old", description: "Old." }, admin);
    expect((await weft.patch(`${path}/invoice.old`, { archived: true }, admin)).body.archived).toBe(true);
    expect(await listed()).not.toContain("invoice.old");
    expect(await listed("&include_archived=true")).toContain("invoice.old");
    expect((await weft.patch(`${path}/invoice.old`, { archived: false }, admin)).body.archived).toBe(false);
    await weft.patch(`${path}/invoice.old`, { archived: true }, admin);
    const restored = await weft.post(path, { name: "invoice.old", description: "New." }, admin);
    expect(restored.body).toMatchObject({ archived: false, description: "New." });
  });

  test("a deleted type is gone, and its messages stay", async () => {
    await weft.post(path, { name: "invoice.gone" }, admin);
    await publish("invoice.gone", { id: 1 });
    expect((await weft.delete(`${path}/invoice.gone`, admin)).body.name).toBe("invoice.gone");
    expect((await weft.get(`${path}/invoice.gone`, admin)).status).toBe(404);
    expect((await weft.delete(`${path}/invoice.gone`, admin)).status).toBe(404);
    expect((await weft.patch(`${path}/invoice.gone`, { archived: true }, admin)).status).toBe(404);
    expect((await weft.get("/v1/webhooks/messages?event_types=invoice.gone", admin)).body).toHaveLength(1);
  });

  test("Weft's own types are marked, and cannot be created, changed or deleted", async () => {
    expect((await weft.get(`${path}/sync.completed`, admin)).body).toMatchObject({ built_in: true, group: "sync" });
    const refused = { status: 409, body: { code: "event_type_own" } };
    expect(await weft.patch(`${path}/sync.completed`, { description: "Mine." }, admin)).toMatchObject(refused);
    expect(await weft.delete(`${path}/sync.completed`, admin)).toMatchObject(refused);
    expect(await weft.post(path, { name: "sync.completed" }, admin)).toMatchObject({
      status: 409,
      body: { code: "event_type_exists", detail: expect.stringContaining("use another name") },
    });
  });

  test("a mistake in a request names its field", async () => {
    const at = async (body: object) => (await weft.post(path, body, admin)).body.errors?.[0]?.loc;
    expect(await at({ name: "invoice paid" })).toEqual(["body", "name"]);
    expect(await at({})).toEqual(["body", "name"]);
    expect(await at({ name: "a.b", schemas: { "1": { type: "objekt" } } })).toEqual(["body", "schemas", "1"]);
    expect(await at({ name: "a.b", schemas: { "1": JSON.parse('{"properties":{"__proto__":{}}}') } })).toEqual([
      ...["body", "schemas", "1"],
    ]);
    expect(await at({ name: "a.b", schemas: { "1": "text" } })).toEqual(["body", "schemas", "1"]);
    expect(await at({ name: "a.b", color: "red" })).toEqual(["body", "color"]);
    expect(await listed("&include_archived=true")).not.toContain("a.b");
  });

  test("numbers of a schema are kept as they were written", async () => {
    const text = '{"name":"bank.exact","schemas":{"1":{"properties":{"id":{"const":9007199254740993}}}}}';
    const created = await weft.call("POST", path, { text, ...admin });
    expect(created.text).toContain('{"const":9007199254740993}');
    expect((await weft.get(`${path}/bank.exact`, admin)).text).toContain('{"const":9007199254740993}');
  });

  test("a type that one API defined is shown by the other", async () => {
    await weft.post("/api/v1/event-type", { name: "svix.made", description: "By Svix." }, admin);
    expect((await weft.get(`${path}/svix.made`, admin)).body.description).toBe("By Svix.");
    await weft.post(path, { name: "weft.made", schemas: { "1": schema } }, admin);
    expect((await weft.get("/api/v1/event-type/weft.made", admin)).body.schemas).toEqual({ "1": schema });
  });
});
