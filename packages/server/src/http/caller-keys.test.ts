import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningWeft } from "../api/fixtures/running-weft.ts";
import { adminKey, startWeft } from "../api/svix/fixtures/svix-clients.ts";
import { until } from "../delivery/fixtures/manual-clock.ts";
import { Receiver } from "../delivery/fixtures/receiver.ts";
import { TestDatabases } from "../store/postgres/fixtures/test-databases.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const settings = {
  SQLite: async () => ({}),
  PostgreSQL: async () => ({
    WEFT_DATABASE_URL: await databases.fresh(),
    WEFT_MASTER_KEY: Buffer.alloc(32, 7).toString("base64"),
  }),
};

/** Names that every object inherits, and others that a program may treat specially. */
const names = [
  "__proto__",
  "constructor",
  "prototype",
  "toString",
  "valueOf",
  "hasOwnProperty",
  "__defineGetter__",
  "toJSON",
  "then",
  "length",
];

/** JSON with a member for each name. `__proto__` would not become a member in an object literal. */
function allNames(memberOf: (name: string) => unknown): string {
  return `{${names.map((name) => `${JSON.stringify(name)}:${JSON.stringify(memberOf(name))}`).join(",")}}`;
}

function sorted(object: unknown): [string, unknown][] {
  return Object.entries(object as object).toSorted(([a], [b]) => (a < b ? -1 : 1));
}

const headers = { "x-api-key": adminKey };

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  let receiver: Receiver;
  beforeAll(async () => {
    receiver = await Receiver.start();
    weft = await startWeft({ ...(await settings[database]()), WEFT_TEST_SOURCES: "true" });
    await post("/api/v1/app", '{"name":"Acme","uid":"acme"}');
  });
  afterAll(async () => {
    await weft[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
  });

  const call = (method: string, path: string, text: string) => weft.call(method, path, { text, headers });
  const post = (path: string, text: string) => call("POST", path, text);
  const get = (path: string) => weft.get(path, { headers });

  const subscriptionWith = (more: string) =>
    post("/v1/webhooks/subscriptions", `{"url":"${receiver.url()}","event_types":["*"],${more}}`);

  test.each(names)(
    "a filter can use a field %s like any other, and never matches an inherited property",
    async (name) => {
      await post("/api/v1/event-type", '{"name":"a.b","description":""}');
      const filtered = await subscriptionWith(`"filters":{"${name}":["wanted"]}`);
      expect(filtered.status).toBe(200);
      const path = `/v1/webhooks/subscriptions/${filtered.body.id}`;
      expect(sorted((await get(path)).body.filters)).toEqual([[name, ["wanted"]]]);
      const changed = await call("PATCH", path, `{"filters":{"${name}":["wanted","also"]}}`);
      expect(sorted(changed.body.filters)).toEqual([[name, ["wanted", "also"]]]);
      const publish = async (payload: string) =>
        (await post("/v1/events", `{"event_type":"a.b","payload":${payload}}`)).body.id as string;
      const matching = await publish(`{"${name}":"also"}`);
      await publish("{}");
      await publish(`{"${name}":"another"}`);
      const sent = (await get(`/v1/webhooks/messages?subscription_id=${filtered.body.id}`)).body;
      expect(sent.map(({ id }: { id: string }) => id)).toEqual([matching]);
      expect((await get(`/v1/webhooks/messages?payload=${name}:also`)).body[0].id).toBe(matching);
      expect((await weft.delete(path, { headers })).status).toBe(200);
    },
  );

  test("headers of such names are stored, sent, masked and removed like others", async () => {
    const made = await subscriptionWith(`"headers":${allNames((name) => `value of ${name}`)}`);
    expect(sorted(made.body.headers)).toEqual(sorted(JSON.parse(allNames((name) => `value of ${name}`))));
    const path = `/v1/webhooks/subscriptions/${made.body.id}`;
    const changed = await call("PATCH", path, `{"headers":${allNames(() => "***")}}`);
    expect(sorted(changed.body.headers)).toEqual(sorted(made.body.headers));
    await post(`${path}/test`, '{"event_type":"sync.completed"}');
    const request = await until("the test event arrives", () => receiver.received.at(-1));
    for (const name of names) {
      const at = request.rawHeaders.indexOf(name.toLowerCase());
      expect(request.rawHeaders[at + 1], name).toBe(`value of ${name}`);
    }
    const fresh = await subscriptionWith('"description":"without headers"');
    const own = `/v1/webhooks/subscriptions/${fresh.body.id}`;
    const masked = await call("PATCH", own, `{"headers":${allNames(() => "***")}}`);
    expect(sorted(masked.body.headers)).toEqual(sorted(JSON.parse(allNames(() => "***"))));
    for (const one of [path, own]) expect((await weft.delete(one, { headers })).status).toBe(200);
  });

  test("endpoint headers for Svix' SDKs are handled the same way, one by one", async () => {
    const made = await post("/api/v1/app/acme/endpoint", '{"url":"https://example.com"}');
    const path = `/api/v1/app/acme/endpoint/${made.body.id}/headers`;
    expect((await call("PUT", path, `{"headers":${allNames(String)}}`)).status).toBe(204);
    expect(sorted((await get(path)).body.headers)).toEqual(sorted(JSON.parse(allNames(String))));
    expect((await call("PATCH", path, '{"headers":{"__proto__":null,"constructor":"another"}}')).status).toBe(204);
    const left = (await get(path)).body.headers;
    expect(Object.hasOwn(left, "__proto__")).toBe(false);
    expect(left.constructor).toBe("another");
    expect((await call("PATCH", path, '{"headers":{},"deleteHeaders":["constructor"]}')).status).toBe(204);
    expect(Object.hasOwn((await get(path)).body.headers, "constructor")).toBe(false);
  });

  test("metadata, settings of a collection and a payload keep every name", async () => {
    const metadata = allNames((name) => `value of ${name}`);
    const app = await post("/api/v1/app", `{"name":"Names","metadata":${metadata}}`);
    expect(sorted((await get(`/api/v1/app/${app.body.id}`)).body.metadata)).toEqual(sorted(JSON.parse(metadata)));
    const endpoint = await post("/api/v1/app/acme/endpoint", `{"url":"https://example.com","metadata":${metadata}}`);
    const shown = await get(`/api/v1/app/acme/endpoint/${endpoint.body.id}`);
    expect(sorted(shown.body.metadata)).toEqual(sorted(JSON.parse(metadata)));
    const nested = `{"a":${metadata},${metadata.slice(1)}`;
    const collection = await post("/v1/collections", `{"name":"Names","sync_config":${nested}}`);
    const kept = (await get(`/v1/collections/${collection.body.readable_id}`)).body.sync_config;
    expect(sorted(kept.a)).toEqual(sorted(JSON.parse(metadata)));
    expect(Object.keys(kept).toSorted()).toEqual(["a", ...names].toSorted());
    const [path, exact] = [`/v1/collections/${collection.body.readable_id}`, '{"n":[9007199254740993,1e400]}'];
    expect((await call("PATCH", path, `{"sync_config":${exact}}`)).text).toContain(`"sync_config":${exact}`);
    expect((await get(path)).text).toContain(`"sync_config":${exact}`);
    const message = await post("/api/v1/app/acme/msg", `{"eventType":"a.b","payload":${nested}}`);
    expect((await get(`/api/v1/app/acme/msg/${message.body.id}`)).text).toContain(`"payload":${nested}`);
  });

  test("a schema cannot have the field __proto__, which validators skip, and every other name works", async () => {
    const withField = (name: string) => `{"type":"object","properties":{"${name}":{"type":"string"}}}`;
    const define = (name: string, schema: string) =>
      post("/api/v1/event-type", `{"name":"${name}","description":"","schemas":{"1":${schema}}}`);
    const refused = await define("with.proto", withField("__proto__"));
    expect(refused.status).toBe(422);
    expect(refused.body.detail[0].msg).toContain("__proto__");
    const webhook = `{"post":{"requestBody":{"content":{"application/json":{"schema":${withField("__proto__")}}}}}}`;
    const imported = await post("/api/v1/event-type/import/openapi", `{"spec":{"webhooks":{"a.proto":${webhook}}}}`);
    expect(imported.status).toBe(422);
    for (const name of names.slice(1)) {
      expect((await define(`with.${name}`, withField(name))).status).toBe(201);
      const publish = (payload: string) => post("/v1/events", `{"event_type":"with.${name}","payload":${payload}}`);
      expect((await publish(`{"${name}":"text"}`)).status, name).toBe(200);
      expect((await publish(`{"${name}":1}`)).status, name).toBe(422);
    }
  });

  test("versions, event types, applications and listeners can have any such name", async () => {
    for (const name of names) {
      const schemas = `{"${name}":{"type":"object"}}`;
      const made = await post("/api/v1/event-type", `{"name":"${name}","description":"","schemas":${schemas}}`);
      expect(made.status, name).toBe(201);
      expect(Object.keys((await get(`/api/v1/event-type/${name}`)).body.schemas)).toEqual([name]);
      expect((await post("/v1/events", `{"event_type":"${name}","payload":{}}`)).status, name).toBe(200);
      expect((await post("/api/v1/app", `{"name":"a","uid":"${name}"}`)).status, name).toBe(201);
      expect((await get(`/api/v1/app/${name}`)).body.uid).toBe(name);
      expect((await post("/v1/webhooks/listeners", `{"name":"${name}"}`)).body.name).toBe(name);
    }
    const ids = JSON.stringify(names);
    const expunged = await post("/api/v1/app/acme/msg/bulk-expunge", `{"ids":${ids}}`);
    expect(sorted(expunged.body.results)).toEqual(sorted(JSON.parse(allNames(() => "not-found"))));
  });

  test("an object that does not exist is not found under such a name either", async () => {
    await post("/v1/collections", '{"name":"Sources","readable_id":"sources"}');
    for (const name of names) {
      const unknown = `{"short_name":"${name}","readable_collection_id":"sources"}`;
      expect((await post("/v1/source-connections", unknown)).status, name).toBe(404);
      const connection = `{"short_name":"stub","readable_collection_id":"sources","config":{"${name}":1}}`;
      const refused = await post("/v1/source-connections", connection);
      expect(refused.status, name).toBe(422);
      expect(refused.body.errors[0].loc).toEqual(["body", "config", name]);
      const field = await post("/v1/collections", `{"name":"Sources","${name}":1}`);
      expect([field.status, field.body.errors[0].loc], name).toEqual([422, ["body", name]]);
      expect((await get(`/v1/collections?${name}=1&${name}[]=2&${name}[a]=3`)).status, name).toBe(200);
      expect((await get(`/v1/collections/${name}`)).status, name).toBe(404);
      expect((await get(`/v1/sources/${name}`)).status, name).toBe(404);
      const spec = `{"webhooks":{"a.b":{"$ref":"#/${name}"}},"components":{"schemas":{}}}`;
      expect((await post("/api/v1/event-type/import/openapi", `{"spec":${spec}}`)).status, name).toBe(422);
      const schema = `{"schema":{"$ref":"#/components/schemas/${name}"}}`;
      const webhook = `{"post":{"requestBody":{"content":{"application/json":${schema}}}}}`;
      const referring = `{"webhooks":{"a.b":${webhook}},"components":{"schemas":{}}}`;
      expect((await post("/api/v1/event-type/import/openapi", `{"spec":${referring}}`)).status, name).toBe(422);
    }
  });
});
