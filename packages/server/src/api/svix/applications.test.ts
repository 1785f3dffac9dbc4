import { Ordering, type Svix } from "svix";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, majors, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let token: string;
beforeAll(async () => {
  weft = await startWeft();
  token = await organizationToken();
});
afterAll(() => weft[Symbol.asyncDispose]());

function call(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
  return weft.call(method, `/api/v1${path}`, { body, headers: { authorization } });
}

let made = 0;
/** A uid that no other test uses. */
function uid(): string {
  made += 1;
  return `customer-${made}`;
}

async function created(body: object = {}) {
  return (await call("POST", "/app", { name: "Acme", uid: uid(), ...body })).body;
}

describe.each(majors)("the SDK of major %s", (major, client) => {
  let svix: Svix;
  beforeAll(() => {
    svix = client(token, weft.url);
  });

  /** The second major version renamed the call. */
  function replace(id: string, body: { name: string; uid?: string }) {
    const { application } = svix as { application: Svix["application"] & { upsert?: Svix["application"]["update"] } };
    return application.upsert === undefined ? application.update(id, body) : application.upsert(id, body);
  }

  test("creates an application and finds it by its id and by its uid", async () => {
    const own = uid();
    const application = await svix.application.create({ name: "Acme", uid: own, metadata: { tier: "gold" } });
    expect(application).toMatchObject({ name: "Acme", uid: own, metadata: { tier: "gold" } });
    expect(application.id).toMatch(/^app_[0-9A-Za-z]{22}$/);
    expect(await svix.application.get(application.id)).toEqual(application);
    expect(await svix.application.get(own)).toEqual(application);
  });

  test("returns the existing application on request, and a conflict otherwise", async () => {
    const own = uid();
    const first = await svix.application.create({ name: "First", uid: own });
    await expect(svix.application.create({ name: "Second", uid: own })).rejects.toMatchObject({ code: 409 });
    expect(await svix.application.getOrCreate({ name: "Third", uid: own })).toEqual(first);
  });

  test("replaces, changes and deletes an application, whose uid is then free again", async () => {
    const own = uid();
    const application = await replace(own, { name: "Made by an update" });
    expect(application.uid).toBe(own);
    expect(await replace(own, { name: "Replaced", uid: own })).toMatchObject({ id: application.id, name: "Replaced" });
    const patched = await svix.application.patch(application.id, { metadata: { a: "b" } });
    expect(patched).toMatchObject({ name: "Replaced", uid: own, metadata: { a: "b" } });
    await svix.application.delete(own);
    await expect(svix.application.get(application.id)).rejects.toMatchObject({ code: 404 });
    expect((await svix.application.create({ name: `Again ${major}`, uid: own })).id).not.toBe(application.id);
  });

  test("pages through applications, oldest first or newest first, forwards and backwards", async () => {
    for (let i = 0; i < 5; i++) await svix.application.create({ name: `Number ${i}` });
    const all = (await svix.application.list({ limit: 250 })).data.map(({ id }) => id);
    expect(all).toEqual([...all].sort());
    const turned = await svix.application.list({ limit: 250, order: Ordering.Descending });
    expect(turned.data.map(({ id }) => id)).toEqual([...all].reverse());
    const first = await svix.application.list({ limit: 2 });
    const second = await svix.application.list({ limit: 2, iterator: first.iterator ?? "" });
    expect([...first.data, ...second.data].map(({ id }) => id)).toEqual(all.slice(0, 4));
    const back = await svix.application.list({ limit: 2, iterator: second.prevIterator ?? "" });
    expect(back.data).toEqual(first.data);
    expect(back.done).toBe(true);
  });
});

test("an application is an organization: its key reaches it through both APIs", async () => {
  const application = await created();
  const id = parseId<"organization">("app", application.id);
  const operator = { authorization: `Bearer ${adminKey}` };
  expect((await weft.get(`/v1/organizations/${id}`, { headers: operator })).body).toMatchObject({ id, name: "Acme" });
  const key = await weft.post(
    "/v1/api-keys",
    { name: "theirs", scopes: ["read"] },
    { headers: { ...operator, "x-organization-id": String(id) } },
  );
  const theirs = `Bearer ${key.body.key}`;
  expect((await call("GET", `/app/${application.id}`, undefined, theirs)).status).toBe(200);
  expect((await call("GET", `/app/${id}`, undefined, theirs)).status).toBe(200);
  expect((await call("GET", "/app", undefined, theirs)).status).toBe(403);
});

test("an application's own token sees only its application, and cannot change it", async () => {
  const [own, other] = [await created(), await created()];
  const organizationId = parseId("app", own.id) as OrganizationId;
  const bearer = await tokens().applicationToken({ organizationId, featureFlags: [], expiresAt: Date.now() + 60_000 });
  const as = (method: string, path: string, body?: object) => call(method, path, body, `Bearer ${bearer}`);
  expect((await as("GET", `/app/${own.id}`)).body.id).toBe(own.id);
  expect((await as("GET", `/app/${own.uid}`)).body.id).toBe(own.id);
  for (const named of [other.id, other.uid]) {
    expect(await as("GET", `/app/${named}`)).toMatchObject({ status: 404, body: { code: "not_found" } });
  }
  for (const [method, path] of [
    ["GET", "/app"],
    ["POST", "/app"],
    ["PUT", `/app/${own.id}`],
    ["PATCH", `/app/${own.id}`],
    ["DELETE", `/app/${own.id}`],
  ] as const) {
    const body = method === "GET" || method === "DELETE" ? undefined : { name: "Mine" };
    expect((await as(method, path, body)).status, `${method} ${path}`).toBe(403);
  }
  expect((await call("GET", `/app/${own.id}`)).body).toEqual(own);
});

test("a rate limit is accepted under both of its names, and removed by a replacement without it", async () => {
  const old = await created({ throttleRate: 7 });
  expect(old).toMatchObject({ rateLimit: 7, throttleRate: 7 });
  expect(await created({ throttleRate: 7, rateLimit: 8 })).toMatchObject({ rateLimit: 7, throttleRate: 7 });
  const { body } = await call("PATCH", `/app/${old.id}`, { metadata: { a: "b" } });
  expect(body).toMatchObject({ rateLimit: 7, metadata: { a: "b" } });
  expect((await call("PUT", `/app/${old.id}`, { name: "New" })).body).toMatchObject({
    rateLimit: null,
    metadata: {},
    uid: null,
  });
});

test("invalid input is reported with its location, and nothing is stored", async () => {
  const count = async () => (await call("GET", "/app?limit=250")).body.data.length;
  const before = await count();
  const big = Object.fromEntries([["k", "v".repeat(4_096)]]);
  for (const [body, loc] of [
    [{}, ["body", "name"]],
    [{ name: "" }, ["body", "name"]],
    [{ name: "nul \0" }, ["body", "name"]],
    [{ name: "x", uid: "a b" }, ["body", "uid"]],
    [{ name: "x", uid: "app_mine" }, ["body", "uid"]],
    [{ name: "x", uid: "0197a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b" }, ["body", "uid"]],
    [{ name: "x", rateLimit: 0 }, ["body", "rateLimit"]],
    [{ name: "x", rateLimit: 65_536 }, ["body", "rateLimit"]],
    [{ name: "x", metadata: { a: 1 } }, ["body", "metadata", "a"]],
    [{ name: "x", metadata: big }, ["body", "metadata"]],
    [{ name: "x", metadata: { a: "\0" } }, ["body", "metadata", "a"]],
  ] as const) {
    const response = await call("POST", "/app", body);
    expect(response.status, JSON.stringify(body).slice(0, 80)).toBe(422);
    expect(response.body.detail[0]).toMatchObject({ loc });
  }
  expect(await count()).toBe(before);
});

test("an invalid iterator is a 422", async () => {
  for (const iterator of ["nothing", "-nothing", "app_x", "ep_0000000000000000000000", "app_zzzzzzzzzzzzzzzzzzzzzz"]) {
    expect(await call("GET", `/app?iterator=${iterator}`), iterator).toMatchObject({
      status: 422,
      body: { detail: [{ loc: ["query", "iterator"] }] },
    });
  }
});

test("the first organization cannot be deleted, nor one that still has collections", async () => {
  const headers = { authorization: `Bearer ${adminKey}` };
  const [first] = (await call("GET", "/app?limit=1")).body.data;
  expect(await call("DELETE", `/app/${first.id}`)).toMatchObject({ status: 409, body: { code: "conflict" } });
  const used = await created();
  const organization = String(parseId("app", used.id));
  await weft.post("/v1/collections", { name: "Docs" }, { headers: { ...headers, "x-organization-id": organization } });
  expect(await call("DELETE", `/app/${used.id}`)).toMatchObject({ status: 409, body: { code: "conflict" } });
});

test("an application is deleted with its endpoints", async () => {
  const used = await created();
  const headers = {
    authorization: `Bearer ${adminKey}`,
    "x-organization-id": String(parseId("app", used.id)),
  };
  const body = { url: "http://127.0.0.1:9/hook", event_types: ["sync.completed"] };
  expect((await weft.post("/v1/webhooks/subscriptions", body, { headers })).status).toBe(200);
  expect((await call("DELETE", `/app/${used.uid}`)).status).toBe(204);
  expect((await call("GET", `/app/${used.id}`)).status).toBe(404);
});
