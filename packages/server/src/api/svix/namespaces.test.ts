// The namespaces of organization tokens, over both databases, with ids in both spellings.

import { Webhook } from "svix";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Receiver } from "../../delivery/fixtures/receiver.ts";
import { type IdPrefix, type OrganizationId, parseId } from "../../domain/id.ts";
import { TestDatabases } from "../../store/postgres/fixtures/test-databases.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

const databases = new TestDatabases();
afterAll(() => databases[Symbol.asyncDispose]());

const soon = () => Date.now() + 600_000;
const url = "https://example.com/hook";

const spellings = [
  ["with a prefix", (_prefix: IdPrefix, id: string) => id],
  ["as UUIDs", (prefix: IdPrefix, id: string) => String(parseId(prefix, id))],
] as const;

describe.each(["SQLite", "PostgreSQL"] as const)("over %s", (database) => {
  let weft: RunningWeft;
  beforeAll(async () => {
    const masterKey = Buffer.alloc(32, 1).toString("base64");
    weft = await startWeft(
      database === "PostgreSQL" ? { WEFT_DATABASE_URL: await databases.fresh(), WEFT_MASTER_KEY: masterKey } : {},
    );
  });
  afterAll(() => weft[Symbol.asyncDispose]());

  type Call = (
    method: string,
    path: string,
    body?: unknown,
    headers?: Record<string, string>,
  ) => ReturnType<RunningWeft["call"]>;

  function as(credential: string): Call {
    return (method, path, body, headers = {}) =>
      weft.call(method, `/api/v1${path}`, { body, headers: { authorization: `Bearer ${credential}`, ...headers } });
  }

  let namespaces = 0;
  /** The calls of a token for a namespace that no other test uses. */
  async function fresh(): Promise<{ namespace: string; call: Call }> {
    namespaces += 1;
    const namespace = `org_test${namespaces}`;
    return { namespace, call: as(await tokens().organizationToken(soon(), namespace)) };
  }

  /** Calls Weft's own API as the operator, in the organization of an application. */
  function own(method: string, path: string, app: string, body?: unknown) {
    const headers = { authorization: `Bearer ${adminKey}`, "x-organization-id": String(parseId("app", app)) };
    return weft.call(method, `/v1${path}`, { body, headers });
  }

  const idsOf = ({ body }: { body: { data: { id: string }[] } }) => body.data.map(({ id }) => id);

  test("a fresh namespace has no application and no event type, not even a built-in one", async () => {
    const { call } = await fresh();
    expect((await call("GET", "/app")).body).toEqual({ data: [], iterator: null, done: true });
    expect((await call("GET", "/event-type?include_archived=true")).body.data).toEqual([]);
    expect((await call("GET", "/event-type/sync.completed")).status).toBe(404);
  });

  describe.each(spellings)("ids %s", (_, spelt) => {
    test("two namespaces use the same uid, and each finds its own application alone", async () => {
      const [a, b] = [await fresh(), await fresh()];
      const uid = `acme-${crypto.randomUUID()}`;
      const made = async ({ call }: { call: Call }) => (await call("POST", "/app", { name: "Acme", uid })).body;
      const [ofA, ofB] = [await made(a), await made(b)];
      expect(ofA.id).not.toBe(ofB.id);
      expect((await a.call("POST", "/app", { name: "Again", uid })).status).toBe(409);
      for (const [{ call }, mine, theirs] of [
        [a, ofA, ofB],
        [b, ofB, ofA],
      ] as const) {
        expect((await call("GET", `/app/${uid}`)).body.id).toBe(mine.id);
        expect((await call("GET", `/app/${spelt("app", mine.id)}`)).body.id).toBe(mine.id);
        expect(idsOf(await call("GET", "/app"))).toEqual([mine.id]);
        expect((await call("POST", "/app?get_if_exists=true", { name: "Any", uid })).body.id).toBe(mine.id);
        const path = `/app/${spelt("app", theirs.id)}`;
        for (const [method, rest, body] of [
          ["GET", "", undefined],
          ["PUT", "", { name: "Stolen" }],
          ["PATCH", "", { name: "Stolen" }],
          ["DELETE", "", undefined],
          ["GET", "/endpoint", undefined],
          ["POST", "/endpoint", { url }],
          ["GET", "/msg", undefined],
          ["POST", "/msg", { eventType: "a.b", payload: {} }],
          ["POST", "/msg/expunge-all-contents", undefined],
        ] as const) {
          expect((await call(method, path + rest, body)).status, `${method} ${rest}`).toBe(404);
        }
        expect((await call("POST", `/auth/app-portal-access/${spelt("app", theirs.id)}`, {})).status).toBe(404);
        expect((await call("POST", `/auth/app/${spelt("app", theirs.id)}/expire-all`, {})).status).toBe(404);
      }
      expect((await b.call("GET", `/app/${uid}`)).body.name).toBe("Acme");
      expect((await a.call("DELETE", `/app/${uid}`)).status).toBe(204);
      expect((await b.call("GET", `/app/${uid}`)).status).toBe(200);
    });

    test("the default token and the operator's keys reach all applications, by id, and name their own by uid", async () => {
      const { namespace, call } = await fresh();
      const uid = `both-${crypto.randomUUID()}`;
      const inNamespace = (await call("POST", "/app", { name: "Namespace", uid })).body.id;
      for (const credential of [await organizationToken(), adminKey]) {
        const operator = as(credential);
        expect((await operator("GET", `/app/${spelt("app", inNamespace)}`)).body.name).toBe("Namespace");
        expect(idsOf(await operator("GET", "/app?order=descending"))).toContain(inNamespace);
        expect((await operator("GET", "/event-type/sync.completed")).status).toBe(200);
        const made = await operator("PUT", `/app/${uid}`, { name: "Default" });
        expect(made.body.id).not.toBe(inNamespace);
        expect((await operator("GET", `/app/${uid}`)).body.name).toBe("Default");
      }
      expect((await call("GET", `/app/${uid}`)).body.id).toBe(inNamespace);
      // The application is an organization of Weft's own API.
      expect((await own("GET", `/organizations/${parseId("app", inNamespace)}`, inNamespace)).body).toMatchObject({
        name: "Namespace",
        namespace,
        uid,
      });
    });

    test("an application's token opens its application only with the namespace of the application", async () => {
      const { namespace, call } = await fresh();
      const { id } = (await call("POST", "/app", { name: "Acme", uid: "acme" })).body;
      const { token } = (await call("POST", "/auth/app-portal-access/acme", {})).body;
      expect((await as(token)("GET", `/app/${spelt("app", id)}`)).status).toBe(200);
      expect((await as(token)("GET", "/app/acme")).status).toBe(200);
      const made = { organizationId: parseId<"organization">("app", id) as OrganizationId, featureFlags: [] };
      const bearer = (other?: string) =>
        tokens().applicationToken({ ...made, expiresAt: soon(), ...(other && { namespace: other }) });
      expect((await as(await bearer(namespace))("GET", `/app/${id}`)).status).toBe(200);
      for (const wrong of [await bearer(), await bearer("org_other")]) {
        expect((await as(wrong)("GET", `/app/${spelt("app", id)}`)).status).toBe(404);
        const headers = { authorization: `Bearer ${wrong}` };
        expect((await weft.get("/v1/webhooks/subscriptions", { headers })).status).toBe(404);
      }
    });
  });

  test("event types belong to a namespace, which alone selects, publishes and lists them", async () => {
    const [a, b] = [await fresh(), await fresh()];
    const define = ({ call }: { call: Call }, description: string, type: string) =>
      call("POST", "/event-type", {
        ...{ name: "sync.completed", description },
        schemas: {
          1: {
            type: "object",
            required: ["amount"],
            properties: { amount: { type } },
            examples: [{ amount: type === "string" ? "1" : 1 }],
          },
        },
      });
    expect((await define(a, "of a", "string")).status).toBe(201);
    expect((await define(b, "of b", "integer")).status).toBe(201);
    expect((await define(a, "again", "string")).status).toBe(409);
    const described = async ({ call }: { call: Call }) =>
      (await call("GET", "/event-type")).body.data.map(({ description }: { description: string }) => description);
    expect([await described(a), await described(b)]).toEqual([["of a"], ["of b"]]);
    const apps = [a, b].map(async ({ call }) => (await call("POST", "/app", { name: "Acme" })).body.id as string);
    const [ofA = "", ofB = ""] = await Promise.all(apps);
    for (const [{ call }, app] of [
      [a, ofA],
      [b, ofB],
    ] as const) {
      expect((await call("POST", `/app/${app}/endpoint`, { url, filterTypes: ["sync.completed"] })).status).toBe(201);
      // The default namespace has this type.
      const other = await call("POST", `/app/${app}/endpoint`, { url, filterTypes: ["collection.created"] });
      expect(other.status).toBe(422);
      const inOwnApi = await own("POST", "/webhooks/subscriptions", app, { url, event_types: ["collection.created"] });
      expect(inOwnApi.status).toBe(422);
      expect((await own("GET", "/webhooks/event-types", app)).body).toHaveLength(1);
    }
    const publish = (app: string, amount: unknown) =>
      own("POST", "/events", app, { event_type: "sync.completed", payload: { amount } });
    expect([(await publish(ofA, "1")).status, (await publish(ofA, 1)).status]).toEqual([200, 422]);
    expect([(await publish(ofB, "1")).status, (await publish(ofB, 1)).status]).toEqual([422, 200]);
    const endpoint = (await a.call("POST", `/app/${ofA}/endpoint`, { url })).body.id;
    const example = await a.call("POST", `/app/${ofA}/endpoint/${endpoint}/send-example`, {
      eventType: "sync.completed",
    });
    expect(example.body.payload).toEqual({ amount: "1" });
    expect((await a.call("DELETE", "/event-type/sync.completed?expunge=true")).status).toBe(204);
    expect([await described(a), await described(b)]).toEqual([[], ["of b"]]);
    // The operator manages the types of a namespace from one of its organizations.
    expect((await own("POST", "/webhooks/event-types", ofA, { name: "a.b" })).status).toBe(200);
    expect((await a.call("GET", "/event-type/a.b")).status).toBe(200);
    expect((await as(await organizationToken())("GET", "/event-type/a.b")).status).toBe(404);
  });

  test("the built-in event types are imported into a namespace from their OpenAPI document", async () => {
    const { call } = await fresh();
    const { text } = await weft.get("/v1/webhooks/event-types/openapi.json", {
      headers: { authorization: `Bearer ${adminKey}` },
    });
    const imported = await call("POST", "/event-type/import/openapi", { specRaw: text });
    expect(imported.status, imported.text).toBe(200);
    expect(imported.body.data.modified).toContain("sync.completed");
    const app = (await call("POST", "/app", { name: "Acme" })).body.id;
    expect((await call("POST", `/app/${app}/endpoint`, { url, filterTypes: ["sync.completed"] })).status).toBe(201);
  });

  test("an idempotency key belongs to its namespace", async () => {
    const [a, b] = [await fresh(), await fresh()];
    const headers = { "idempotency-key": "the-same-key" };
    const make = ({ call }: { call: Call }) => call("POST", "/app", { name: "Acme", uid: "acme" }, headers);
    const [ofA, ofB] = [await make(a), await make(b)];
    expect(ofA.body.id).not.toBe(ofB.body.id);
    expect((await make(a)).body.id).toBe(ofA.body.id);
  });

  test("background tasks are shown to their namespace", async () => {
    const [a, b] = [await fresh(), await fresh()];
    const app = (await a.call("POST", "/app", { name: "Acme" })).body.id;
    const { id } = (await a.call("POST", `/app/${app}/msg/expunge-all-contents`)).body;
    expect(idsOf(await a.call("GET", "/background-task"))).toEqual([id]);
    expect((await a.call("GET", `/background-task/${id}`)).status).toBe(200);
    expect(idsOf(await b.call("GET", "/background-task"))).toEqual([]);
    expect((await b.call("GET", `/background-task/${id}`)).status).toBe(404);
    expect(idsOf(await as(adminKey)("GET", "/background-task"))).toContain(id);
  });

  test("the audit log names the namespace whose token made a change", async () => {
    const { namespace, call } = await fresh();
    await call("POST", "/app", { name: "Acme" });
    const { status, body } = await weft.get("/v1/audit-log?everywhere=true&operation=v1.application.create&limit=250", {
      headers: { authorization: `Bearer ${adminKey}` },
    });
    expect(status).toBe(200);
    expect(body.map(({ actor }: { actor: { id: string | null } }) => actor.id)).toContain(namespace);
  });

  test("usage statistics of a namespace cover its own applications, and other namespaces cannot read the tasks", async () => {
    const [one, other] = [await fresh(), await fresh()];
    const mine = (await one.call("POST", "/app", { name: "Mine", uid: "same" })).body;
    const theirs = (await other.call("POST", "/app", { name: "Theirs", uid: "same" })).body;
    const window = { since: new Date(0).toISOString(), until: new Date().toISOString() };
    const finished = async (task: { id: string }) => {
      const read = async () => (await one.call("GET", `/background-task/${task.id}`)).body;
      await expect.poll(async () => (await read()).status, { timeout: 20_000 }).toBe("finished");
      return (await read()).data;
    };
    const named = await one.call("POST", "/stats/usage/app", { ...window, appIds: ["same", theirs.id] });
    expect(named).toMatchObject({ status: 202, body: { unresolvedAppIds: [theirs.id] } });
    expect((await finished(named.body)).appStats).toEqual([{ appId: mine.id, appUid: "same", messageDestinations: 0 }]);
    const all = (await one.call("POST", "/stats/usage/app", window)).body;
    expect((await finished(all)).appStats.map(({ appId }: { appId: string }) => appId)).toEqual([mine.id]);
    const types = (await one.call("PUT", "/stats/usage/event-types")).body;
    expect((await finished(types)).event_types).toMatchObject([{ appId: mine.id }]);
    const tasks = [named.body, all, types].map(({ id }) => id);
    expect(idsOf(await one.call("GET", "/background-task?order=ascending"))).toEqual(tasks);
    expect(idsOf(await other.call("GET", "/background-task"))).toEqual([]);
    expect((await other.call("GET", `/background-task/${all.id}`)).status).toBe(404);
    expect(idsOf(await as(await organizationToken())("GET", "/background-task?limit=250"))).toEqual(
      expect.arrayContaining(tasks),
    );
  });

  test("operational webhooks of a namespace report its own endpoints, and no other namespace sees their endpoints", async () => {
    await using receiver = await Receiver.start();
    const [one, other] = [await fresh(), await fresh()];
    const path = "/operational-webhook/endpoint";
    expect((await one.call("GET", path)).body.data).toEqual([]);
    const request = { url: receiver.url(), uid: "ops", filterTypes: ["endpoint.created", "endpoint.deleted"] };
    const made = await one.call("POST", path, request);
    expect(made.status).toBe(201);
    expect((await other.call("POST", path, request)).status).toBe(201);
    expect((await other.call("DELETE", `${path}/ops`)).status).toBe(204);
    expect((await other.call("GET", `${path}/${made.body.id}`)).status).toBe(404);
    expect(idsOf(await one.call("GET", path))).toEqual([made.body.id]);
    expect(idsOf(await other.call("GET", path))).toEqual([]);
    expect(idsOf(await as(await organizationToken())("GET", `${path}?limit=250`))).not.toContain(made.body.id);

    const theirs = (await other.call("POST", "/app", { name: "Theirs" })).body;
    await other.call("POST", `/app/${theirs.id}/endpoint`, { url });
    const mine = (await one.call("POST", "/app", { name: "Mine", uid: "mine" })).body;
    const endpoint = (await one.call("POST", `/app/${mine.id}/endpoint`, { url })).body;
    await one.call("DELETE", `/app/${mine.id}/endpoint/${endpoint.id}`);
    const events = () => receiver.received.map(({ body }) => JSON.parse(body));
    await expect.poll(() => events().length, { timeout: 20_000 }).toBe(2);
    const data = { appId: mine.id, appUid: "mine", endpointId: endpoint.id };
    expect(events().sort((a, b) => (a.type < b.type ? -1 : 1))).toMatchObject([
      { type: "endpoint.created", data },
      { type: "endpoint.deleted", data },
    ]);
    const key = (await one.call("GET", `${path}/ops/secret`)).body.key;
    const [first] = receiver.received;
    new Webhook(key).verify(first?.body ?? "", first?.headers as Record<string, string>);
  });

  test("the operators of a namespace are neither an application nor an organization in a list", async () => {
    const { call } = await fresh();
    await call("PUT", "/operational-webhook/endpoint/ops", { url });
    expect((await call("GET", "/app")).body.data).toEqual([]);
    const headers = { authorization: `Bearer ${adminKey}` };
    const { body } = await weft.get("/v1/organizations?limit=250", { headers });
    expect(body.filter(({ name }: { name: string }) => name.startsWith("Operators"))).toEqual([]);
  });

  test("an application's token of a namespace reaches neither usage statistics nor operational webhooks", async () => {
    const { namespace, call } = await fresh();
    const { id } = (await call("POST", "/app", { name: "Acme" })).body;
    const organizationId = parseId<"organization">("app", id) as OrganizationId;
    const app = as(await tokens().applicationToken({ organizationId, namespace, featureFlags: [], expiresAt: soon() }));
    expect((await app("GET", "/operational-webhook/endpoint")).status).toBe(403);
    expect((await app("PUT", "/stats/usage/event-types")).status).toBe(403);
  });

  test("a namespace has a name of bounded length and plain characters", async () => {
    for (const name of ["org_a b", `org_${"x".repeat(256)}`, "org_a/b"]) {
      const refused = await as(await tokens().organizationToken(soon(), name))("GET", "/app");
      expect(refused).toMatchObject({ status: 400, body: { code: "bad_token" } });
    }
  });
});
