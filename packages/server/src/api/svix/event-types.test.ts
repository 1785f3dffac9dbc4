import type { Svix } from "svix";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, majors, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let token: string;
beforeAll(async () => {
  weft = await startWeft();
  token = await organizationToken();
});
afterAll(() => weft[Symbol.asyncDispose]());

const schema = { type: "object", required: ["amount"], properties: { amount: { type: "number" } } };

function call(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
  return weft.call(method, `/api/v1${path}`, { body, headers: { authorization } });
}

/** The second major version renamed the call. */
function replaceType(svix: Svix, type: string, body: { description: string }) {
  const { eventType } = svix as { eventType: Svix["eventType"] & { upsert?: Svix["eventType"]["update"] } };
  return eventType.upsert === undefined ? eventType.update(type, body) : eventType.upsert(type, body);
}

let made = 0;
/** A name that no other test uses. */
function name(): string {
  made += 1;
  return `test${made}.happened`;
}

describe.each(majors)("the SDK of major %s", (_major, client) => {
  let svix: Svix;
  beforeAll(() => {
    svix = client(token, weft.url);
  });

  test("defines an event type and returns it", async () => {
    const invoicePaid = name();
    const created = await svix.eventType.create({
      name: invoicePaid,
      description: "An invoice was paid.",
      schemas: { "1": schema },
      groupName: "invoice",
    });
    expect(created).toMatchObject({ name: invoicePaid, archived: false, deprecated: false, groupName: "invoice" });
    expect(created.createdAt).toBeInstanceOf(Date);
    expect(await svix.eventType.get(invoicePaid)).toMatchObject({ schemas: { "1": schema } });
  });

  test("replaces, changes, archives, restores and deletes an event type", async () => {
    const type = name();
    await replaceType(svix, type, { description: "Made by an update." });
    const changed = await svix.eventType.patch(type, { deprecated: true });
    expect(changed).toMatchObject({ description: "Made by an update.", deprecated: true });
    await svix.eventType.delete(type);
    expect(await svix.eventType.get(type)).toMatchObject({ archived: true });
    await svix.eventType.create({ name: type, description: "Back again." });
    expect(await svix.eventType.get(type)).toMatchObject({ archived: false, description: "Back again." });
    await svix.eventType.delete(type, { expunge: true });
    await expect(svix.eventType.get(type)).rejects.toMatchObject({ code: 404 });
  });

  test("pages through event types by name, forwards and backwards", async () => {
    const names = (await svix.eventType.list({ limit: 250 })).data.map((type) => type.name);
    expect(names).toEqual([...names].sort());
    const seen: string[] = [];
    let iterator: string | null = null;
    for (;;) {
      const page = await svix.eventType.list({ limit: 4, ...(iterator !== null && { iterator }) });
      seen.push(...page.data.map((type) => type.name));
      iterator = page.iterator;
      if (page.done) break;
    }
    expect(seen).toEqual(names);
    const [first, second] = [await svix.eventType.list({ limit: 4 }), names.slice(4, 8)];
    const further = await svix.eventType.list({ limit: 4, iterator: first.iterator ?? "" });
    expect(further.data.map((type) => type.name)).toEqual(second);
    const back = await svix.eventType.list({ limit: 4, iterator: further.prevIterator ?? "" });
    expect(back).toEqual({ ...first, done: true });
  });

  test("a name that exists is a conflict", async () => {
    const type = name();
    await svix.eventType.create({ name: type, description: "First." });
    await expect(svix.eventType.create({ name: type, description: "Second." })).rejects.toMatchObject({
      code: 409,
      body: { code: "event_type_exists" },
    });
  });
});

test("a list leaves out schemas and archived types unless the query includes them", async () => {
  const [archived, plain] = [name(), name()];
  await call("POST", "/event-type", { name: archived, description: "Old.", schemas: { "1": schema }, archived: true });
  await call("POST", "/event-type", { name: plain, description: "New.", schemas: { "1": schema } });
  const listed = await call("GET", "/event-type?limit=250");
  const names = (body: { data: { name: string }[] }) => body.data.map((type) => type.name);
  expect(names(listed.body)).toContain(plain);
  expect(names(listed.body)).not.toContain(archived);
  expect(listed.body.data.every((type: { schemas: unknown }) => type.schemas === null)).toBe(true);
  const all = await call("GET", "/event-type?limit=250&include_archived=true&with_content=true");
  expect(names(all.body)).toContain(archived);
  expect(all.body.data.find((type: { name: string }) => type.name === plain).schemas).toEqual({ "1": schema });
});

test("the built-in types are listed with their schemas, and cannot be changed", async () => {
  const { body } = await call("GET", "/event-type?limit=250&with_content=true");
  const own = body.data.find((type: { name: string }) => type.name === "sync.completed");
  expect(own.schemas["1"].required).toContain("event_type");
  expect((await call("POST", "/event-type", { name: "sync.completed", description: "Mine." })).status).toBe(409);
  for (const method of ["PUT", "PATCH", "DELETE"]) {
    const response = await call(
      method,
      "/event-type/sync.completed",
      method === "DELETE" ? undefined : { description: "x" },
    );
    expect(response).toMatchObject({
      status: 409,
      body: { code: "conflict", detail: expect.stringContaining("built-in event type") },
    });
  }
});

test("payloads of a defined type are validated against its newest schema, and subscriptions may select it", async () => {
  const type = name();
  await call("POST", "/event-type", { name: type, description: "x", schemas: { "1": {}, "10": schema, "9": {} } });
  const headers = { authorization: `Bearer ${adminKey}` };
  const publish = (payload: object) => weft.post("/v1/events", { event_type: type, payload }, { headers });
  expect((await publish({ amount: 5 })).status).toBe(200);
  expect((await publish({ amount: "much" })).body.errors[0].loc).toEqual(["body", "payload", "amount"]);
  const subscription = { url: "http://127.0.0.1:9/hook", event_types: [type] };
  expect((await weft.post("/v1/webhooks/subscriptions", subscription, { headers })).status).not.toBe(422);
});

test("schemas of the drafts 7, 2019-09 and 2020-12 are accepted, and an invalid schema is refused with its location", async () => {
  for (const $schema of [
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
  ]) {
    const body = {
      name: name(),
      description: "x",
      schemas: { "1": { $schema, $id: "https://a.example/s", ...schema } },
    };
    expect((await call("POST", "/event-type", body)).status, $schema).toBe(201);
  }
  const bad = await call("POST", "/event-type", {
    name: name(),
    description: "x",
    schemas: { "2": { type: "thing" } },
  });
  expect(bad.status).toBe(422);
  expect(bad.body.detail).toEqual([
    { loc: ["body", "schemas", "2"], msg: expect.stringContaining("not a JSON Schema"), type: "value_error" },
  ]);
});

test("a type behind a flag is visible to application tokens with the flag, and to the operator", async () => {
  const type = name();
  await call("POST", "/event-type", { name: type, description: "x", featureFlag: "beta" });
  const organizationId = "00000000-0000-7000-8000-000000000001" as never;
  const as = (featureFlags: string[]) =>
    tokens().applicationToken({ organizationId, featureFlags, expiresAt: Date.now() + 60_000 });
  for (const [flags, status] of [
    [[], 404],
    [["alpha"], 404],
    [["alpha", "beta"], 200],
  ] as const) {
    const response = await call("GET", `/event-type/${type}`, undefined, `Bearer ${await as([...flags])}`);
    expect(response.status, flags.join()).toBe(status);
  }
  expect((await call("GET", `/event-type/${type}`)).status).toBe(200);
});

test("a flag may be a list, as the second major of the SDK sends it, and is returned in both forms", async () => {
  const type = name();
  const make = (featureFlags: unknown) => call("POST", "/event-type", { name: type, description: "x", featureFlags });
  expect((await make(["a", "b"])).status).toBe(422);
  expect((await make(["beta"])).body).toMatchObject({ featureFlag: "beta", featureFlags: ["beta"] });
  const patch = async (body: object) => (await call("PATCH", `/event-type/${type}`, body)).body;
  expect(await patch({ description: "y" })).toMatchObject({ featureFlag: "beta", featureFlags: ["beta"] });
  expect(await patch({ featureFlags: null })).toMatchObject({ featureFlag: null, featureFlags: null });
  const put = await call("PUT", `/event-type/${type}`, { description: "z", featureFlags: ["gamma"] });
  expect(put.body).toMatchObject({ featureFlag: "gamma", featureFlags: ["gamma"] });
});

test("an application's token cannot define a type", async () => {
  const organizationId = "00000000-0000-7000-8000-000000000001" as never;
  const own = await tokens().applicationToken({ organizationId, featureFlags: [], expiresAt: Date.now() + 60_000 });
  const response = await call("POST", "/event-type", { name: name(), description: "x" }, `Bearer ${own}`);
  expect(response).toMatchObject({ status: 403, body: { code: "insufficient access" } });
});

test("invalid input is reported with its location, and nothing is stored", async () => {
  const before = (await call("GET", "/event-type?limit=250&include_archived=true")).body.data.length;
  for (const [body, loc] of [
    [{ description: "no name" }, ["body", "name"]],
    [{ name: "", description: "x" }, ["body", "name"]],
    [{ name: "a b", description: "x" }, ["body", "name"]],
    [{ name: "x".repeat(257), description: "x" }, ["body", "name"]],
    [{ name: "a.b" }, ["body", "description"]],
    [{ name: "a.b", description: "nul \0" }, ["body", "description"]],
    [{ name: "a.b", description: "x", schemas: { "1": "text" } }, ["body", "schemas", "1"]],
    [[], ["body"]],
  ] as const) {
    const response = await call("POST", "/event-type", body);
    expect(response.status, JSON.stringify(body)).toBe(422);
    expect(response.body.detail[0]).toMatchObject({ loc, type: "value_error" });
  }
  const broken = await weft.call("POST", "/api/v1/event-type", {
    text: '{"name": ',
    headers: { authorization: `Bearer ${token}` },
  });
  expect(broken.status).toBe(422);
  expect(broken.body.detail[0]).toMatchObject({ loc: ["body"], type: "value_error.jsondecode" });
  expect((await call("GET", "/event-type?limit=250&include_archived=true")).body.data).toHaveLength(before);
});

test("a limit that is not a number is a 400, and one beyond 250 a 422", async () => {
  expect(await call("GET", "/event-type?limit=many")).toMatchObject({ status: 400, body: { code: "generic_error" } });
  const beyond = await call("GET", "/event-type?limit=251");
  expect(beyond).toMatchObject({ status: 422, body: { detail: [{ loc: ["query", "limit"] }] } });
});

test("a repeated create under the same idempotency key returns the same response and status", async () => {
  const headers = { authorization: `Bearer ${token}`, "idempotency-key": `auto_${name()}` };
  const body = { name: name(), description: "x" };
  const [first, second] = [
    await weft.call("POST", "/api/v1/event-type", { body, headers }),
    await weft.call("POST", "/api/v1/event-type", { body, headers }),
  ];
  expect(first.status).toBe(201);
  expect(second).toMatchObject({ status: 201, text: first.text });
});

test("a body with any media type is read, with and without a slash at the end of the path", async () => {
  const type = name();
  const response = await weft.call("POST", "/api/v1/event-type/", {
    text: JSON.stringify({ name: type, description: "x", unknown: 1 }),
    headers: { authorization: `Bearer ${token}`, "content-type": "text/plain" },
  });
  expect(response.status).toBe(201);
});

test("unknown paths and methods are reported in JSON", async () => {
  expect(await call("GET", "/nothing")).toMatchObject({ status: 404, body: { code: "not_found" } });
  expect(await call("POST", "/health")).toMatchObject({ status: 405, body: { code: "method_not_allowed" } });
});

test("the health of the parts needs no token", async () => {
  const health = await weft.get("/api/v1/health");
  expect(health).toMatchObject({ status: 200, body: { database: { status: "ok" }, queue: { status: "ok" } } });
  const ping = await weft.get("/api/v1/health/ping");
  expect(ping).toMatchObject({ status: 204, text: "" });
});

test("a test of a type without an example is refused, and one with an example is sent unchanged", async () => {
  const headers = { authorization: `Bearer ${adminKey}` };
  const [bare, whole] = [name(), name()];
  await call("POST", "/event-type", { name: bare, description: "x", schemas: { "1": schema } });
  await call("POST", "/event-type", {
    name: whole,
    description: "x",
    schemas: { "1": { ...schema, examples: [{ amount: 7 }] } },
  });
  const listed = (await weft.get("/v1/webhooks/event-types", { headers })).body;
  const found = (typeName: string) => listed.find((type: { name: string }) => type.name === typeName);
  expect(found(bare)).toMatchObject({ group: bare.split(".")[0], example: null });
  expect(found(whole).example).toEqual({ amount: 7 });
  const body = { url: "http://127.0.0.1:9/hook", event_types: [bare, whole] };
  const made = await weft.post("/v1/webhooks/subscriptions", body, { headers });
  const path = `/v1/webhooks/subscriptions/${made.body.id}/test`;
  const refused = await weft.post(path, { event_type: bare }, { headers });
  expect(refused).toMatchObject({ status: 422, body: { errors: [{ type: "example_missing" }] } });
  const sent = await weft.post(path, { event_type: whole }, { headers });
  const message = await weft.get(`/v1/webhooks/messages/${sent.body.message_id}`, { headers });
  expect(message.body.payload).toEqual({ amount: 7 });
});
