import { Ordering, type Svix } from "svix";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type OrganizationId, parseId } from "../../domain/id.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, majors, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let token: string;
beforeAll(async () => {
  weft = await startWeft();
  token = await organizationToken();
  await call("POST", "/event-type", { name: "user.signup", description: "A user signed up" });
});
afterAll(() => weft[Symbol.asyncDispose]());

function call(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
  return weft.call(method, `/api/v1${path}`, { body, headers: { authorization } });
}

let app: string;
beforeEach(async () => {
  app = (await call("POST", "/app", { name: "Acme" })).body.id;
});

const url = "https://example.com/hook";

function create(body: object = {}) {
  return call("POST", `/app/${app}/endpoint`, { url, ...body });
}

type Replace = Svix["endpoint"]["update"];

describe.each(majors)("the SDK of major %s", (major, client) => {
  let svix: Svix;
  beforeAll(() => {
    svix = client(token, weft.url);
  });

  /** The second major version renamed some calls. */
  const own = () =>
    svix.endpoint as Svix["endpoint"] & { upsert?: Replace; setHeaders?: Svix["endpoint"]["updateHeaders"] };
  const replace: Replace = (...args) => (own().upsert ?? own().update).apply(svix.endpoint, args);
  const named = major === "1" ? "filterTypes" : "eventTypes";

  test("creates an endpoint, finds it by id and uid, and returns the given values", async () => {
    const given = {
      url,
      uid: "billing",
      description: "Billing",
      [named]: ["user.signup", "sync.completed"],
      channels: ["project_1"],
      metadata: { team: "data" },
      throttleRate: 7,
    };
    const endpoint = await svix.endpoint.create(app, given);
    expect(endpoint).toMatchObject({ ...given, disabled: false });
    expect(endpoint.id).toMatch(/^ep_[0-9A-Za-z]{22}$/);
    expect(endpoint.createdAt).toBeInstanceOf(Date);
    expect(await svix.endpoint.get(app, endpoint.id)).toEqual(endpoint);
    expect(await svix.endpoint.get(app, "billing")).toEqual(endpoint);
  });

  test("replaces and changes an endpoint, and creates one under the uid of the path", async () => {
    const made = await replace(app, "billing", { url, description: "Made by an update", channels: ["a"] });
    expect(made).toMatchObject({ uid: "billing", description: "Made by an update", channels: ["a"] });
    const replaced = await replace(app, "billing", { url: "https://example.com/other", uid: "billing" });
    expect(replaced).toMatchObject({ id: made.id, url: "https://example.com/other", description: "", channels: null });
    const patched = await svix.endpoint.patch(app, made.id, { metadata: { a: "b" }, disabled: true });
    expect(patched).toMatchObject({ url: "https://example.com/other", metadata: { a: "b" }, disabled: true });
    expect(await svix.endpoint.patch(app, made.id, { uid: null, [named]: ["user.signup"] })).toMatchObject({
      uid: null,
      [named]: ["user.signup"],
      disabled: true,
    });
  });

  test("deletes an endpoint, whose uid is then free again", async () => {
    const { id } = await svix.endpoint.create(app, { url, uid: "billing" });
    await expect(svix.endpoint.create(app, { url, uid: "billing" })).rejects.toMatchObject({ code: 409 });
    await svix.endpoint.delete(app, "billing");
    await expect(svix.endpoint.get(app, id)).rejects.toMatchObject({ code: 404 });
    expect((await svix.endpoint.create(app, { url, uid: "billing" })).id).not.toBe(id);
  });

  test("pages through endpoints, newest first or oldest first, forwards and backwards", async () => {
    const made: string[] = [];
    for (let i = 0; i < 5; i++) made.unshift((await svix.endpoint.create(app, { url })).id);
    const ids = (page: { data: { id: string }[] }) => page.data.map(({ id }) => id);
    expect(ids(await svix.endpoint.list(app))).toEqual(made);
    expect(ids(await svix.endpoint.list(app, { order: Ordering.Ascending }))).toEqual(made.toReversed());
    const first = await svix.endpoint.list(app, { limit: 2 });
    const second = await svix.endpoint.list(app, { limit: 2, iterator: first.iterator });
    expect([first, second].flatMap(ids)).toEqual(made.slice(0, 4));
    expect([first.done, second.done]).toEqual([false, false]);
    const back = await svix.endpoint.list(app, { limit: 2, iterator: second.prevIterator ?? "" });
    expect(ids(back)).toEqual(ids(first));
    const last = await svix.endpoint.list(app, { limit: 2, iterator: second.iterator });
    expect([ids(last), last.done]).toEqual([made.slice(4), true]);
  });

  test("reads, sets and rotates a secret", async () => {
    const secret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
    const { id } = await svix.endpoint.create(app, { url, secret });
    expect(await svix.endpoint.getSecret(app, id)).toEqual({ key: secret });
    await svix.endpoint.rotateSecret(app, id, {});
    const { key } = await svix.endpoint.getSecret(app, id);
    expect(key).toMatch(/^whsec_[A-Za-z0-9+/]{32}$/);
    const chosen = `whsec_${Buffer.alloc(75, 2).toString("base64")}`;
    await svix.endpoint.rotateSecret(app, id, { key: chosen, ...(major === "2" && { gracePeriodSeconds: 0 }) });
    expect(await svix.endpoint.getSecret(app, id)).toEqual({ key: chosen });
  });

  test("sets, changes and reads headers, and masks credentials", async () => {
    const { id } = await svix.endpoint.create(app, { url });
    const set = own().setHeaders ?? own().updateHeaders;
    await set.call(svix.endpoint, app, id, { headers: { "X-Team": "data", Authorization: "Bearer t" } });
    expect(await svix.endpoint.getHeaders(app, id)).toEqual({
      headers: { "X-Team": "data" },
      sensitive: ["Authorization"],
    });
    await svix.endpoint.patchHeaders(app, id, { headers: { "X-Other": "1" }, deleteHeaders: ["authorization"] });
    expect(await svix.endpoint.getHeaders(app, id)).toEqual({
      headers: { "X-Team": "data", "X-Other": "1" },
      sensitive: [],
    });
  });
});

test("generated secrets have the type of the setting, a rotation keeps the type, and a given secret wins", async () => {
  await using other = await startWeft({ WEFT_DEFAULT_SIGNATURE_TYPE: "v1a" });
  const headers = { authorization: `Bearer ${await organizationToken()}` };
  const app = (await other.post("/api/v1/app", { name: "Acme" }, { headers })).body.id;
  const path = `/api/v1/app/${app}/endpoint`;
  const url = "https://example.com/hook";
  const keyOf = async (id: string) => (await other.get(`${path}/${id}/secret`, { headers })).body.key;
  const made = (await other.post(path, { url }, { headers })).body.id;
  expect(await keyOf(made)).toMatch(/^whpk_/);
  await other.post(`${path}/${made}/secret/rotate`, {}, { headers });
  expect(await keyOf(made)).toMatch(/^whpk_/);
  const secret = `whsec_${Buffer.alloc(24, 1).toString("base64")}`;
  const given = (await other.post(path, { url, secret }, { headers })).body.id;
  expect(await keyOf(given)).toBe(secret);
  await other.post(`${path}/${given}/secret/rotate`, {}, { headers });
  expect(await keyOf(given)).toMatch(/^whsec_/);
  const own = await other.post(
    "/v1/webhooks/subscriptions",
    { url, event_types: ["*"] },
    {
      headers: { authorization: `Bearer ${adminKey}` },
    },
  );
  const shown = await other.get(`/v1/webhooks/subscriptions/${own.body.id}?include_secret=true`, {
    headers: { authorization: `Bearer ${adminKey}` },
  });
  expect(shown.body.secret).toMatch(/^whpk_/);
});

test("without https an endpoint is refused in both APIs, unless the operator allows http", async () => {
  for (const [allowed, status] of [
    ["false", 422],
    ["true", 201],
  ] as const) {
    await using other = await startWeft({ WEFT_ALLOW_HTTP: allowed });
    const headers = { authorization: `Bearer ${await organizationToken()}` };
    const app = (await other.post("/api/v1/app", { name: "Acme" }, { headers })).body.id;
    const path = `/api/v1/app/${app}/endpoint`;
    const url = "http://example.com/hook";
    const made = await other.post(path, { url }, { headers });
    expect(made.status).toBe(status);
    if (status === 422) expect(made.body.detail).toMatchObject([{ loc: ["body", "url"] }]);
    const id = (await other.post(path, { url: "https://example.com" }, { headers })).body.id;
    const changed = status === 422 ? 422 : 200;
    expect((await other.call("PATCH", `${path}/${id}`, { body: { url }, headers })).status).toBe(changed);
    expect((await other.call("PUT", `${path}/${id}`, { body: { url }, headers })).status).toBe(changed);
    const own = await other.post(
      "/v1/webhooks/subscriptions",
      { url, event_types: ["*"] },
      {
        headers: { authorization: `Bearer ${adminKey}` },
      },
    );
    expect(own.status).toBe(allowed === "true" ? 200 : 422);
  }
});

test("a missing list of event types and null mean every type, in both spellings of the field", async () => {
  for (const body of [{}, { filterTypes: null }, { eventTypes: null }]) {
    expect((await create(body)).body).toMatchObject({ filterTypes: null, eventTypes: null });
  }
  const { body } = await create({ eventTypes: ["user.signup", "user.signup"] });
  expect(body).toMatchObject({ filterTypes: ["user.signup"], eventTypes: ["user.signup"] });
});

test("mistakes in an endpoint are reported by field, and nothing is created", async () => {
  const wrong: [object, string][] = [
    [{ url: "ftp://example.com" }, "url"],
    [{ url: "https://u:p@example.com" }, "url"],
    [{ uid: "ep_mine" }, "uid"],
    [{ uid: "with space" }, "uid"],
    [{ channels: [] }, "channels"],
    [{ filterTypes: [] }, "filterTypes"],
    [{ eventTypes: [] }, "eventTypes"],
    [{ version: 0 }, "version"],
    [{ channels: ["a b"] }, "channels"],
    [{ eventTypes: ["unknown.type", "user.signup"] }, "eventTypes"],
    [{ metadata: { a: "x".repeat(5_000) } }, "metadata"],
    [{ metadata: { a: 1 } }, "metadata"],
    [{ rateLimit: 0 }, "rateLimit"],
    [{ secret: "whsec_c2hvcnQ=" }, "secret"],
    [{ secret: `whsec_${Buffer.alloc(23, 1).toString("base64")}` }, "secret"],
    [{ secret: Buffer.alloc(24, 1).toString("base64") }, "secret"],
    [{ secret: `whsec_${Buffer.alloc(76, 1).toString("base64")}` }, "secret"],
    [{ description: "a\u0000b" }, "description"],
    [{ headers: { "svix-id": "1" } }, "headers"],
    [{ headers: { "webhook-signature": "1" } }, "headers"],
  ];
  for (const [body, field] of wrong) {
    const response = await create(body);
    expect(response, JSON.stringify(body)).toMatchObject({ status: 422, body: { detail: expect.any(Array) } });
    expect(response.body.detail[0].loc.slice(0, 2)).toEqual(["body", field]);
  }
  expect((await call("GET", `/app/${app}/endpoint`)).body).toEqual({ data: [], iterator: null, done: true });
  const unknown = await create({ filterTypes: ["unknown.type"] });
  expect(unknown.body.detail[0].msg).toBe("The following event types don't exist: unknown.type");
});

test("an endpoint keeps an event type that was archived, and another endpoint cannot select it any more", async () => {
  await call("POST", "/event-type", { name: "old.type", description: "Old" });
  const { id } = (await create({ eventTypes: ["old.type"] })).body;
  await call("DELETE", "/event-type/old.type");
  expect((await create({ eventTypes: ["old.type"] })).status).toBe(422);
  const replaced = await call("PUT", `/app/${app}/endpoint/${id}`, { url, eventTypes: ["old.type"] });
  expect(replaced).toMatchObject({ status: 200, body: { eventTypes: ["old.type"] } });
});

test("a disabled endpoint stays disabled, with its reason, until it is enabled", async () => {
  const { id } = (await create({ disabled: true })).body;
  expect((await call("PATCH", `/app/${app}/endpoint/${id}`, { description: "x" })).body.disabled).toBe(true);
  expect((await call("PUT", `/app/${app}/endpoint/${id}`, { url, disabled: true })).body.disabled).toBe(true);
  expect((await call("PUT", `/app/${app}/endpoint/${id}`, { url })).body.disabled).toBe(false);
});

test("a patch may set another secret, which then signs alone", async () => {
  const { id } = (await create()).body;
  const secret = `whsec_${Buffer.alloc(32, 9).toString("base64")}`;
  expect((await call("PATCH", `/app/${app}/endpoint/${id}`, { secret })).status).toBe(200);
  expect((await call("GET", `/app/${app}/endpoint/${id}/secret`)).body).toEqual({ key: secret });
});

test("too many rotations in one grace period are refused, and one without a grace period ends it", async () => {
  const { id } = (await create()).body;
  const rotate = (body?: object) => call("POST", `/app/${app}/endpoint/${id}/secret/rotate`, body);
  let response = await rotate();
  for (let i = 0; i < 20 && response.status === 204; i++) response = await rotate({});
  expect(response).toMatchObject({ status: 400, body: { code: "limit_reached" } });
  expect((await rotate({ gracePeriodSeconds: 0 })).status).toBe(204);
  expect((await rotate({ gracePeriodSeconds: 604_800 })).status).toBe(204);
  expect((await rotate({ gracePeriodSeconds: 604_801 })).status).toBe(422);
});

test("an endpoint with a private key shows the public half, and keeps its type when it is rotated", async () => {
  const secret = "whsk_6Xb/dCcHpPea21PS1N9VY/NZW723CEc77N4rJCubMbfVKIDij2HKpMKkioLlX0dRqSKJp4AJ6p9lMicMFs6Kvg==";
  const { id } = (await create({ secret })).body;
  const shown = () => call("GET", `/app/${app}/endpoint/${id}/secret`);
  expect((await shown()).body.key).toBe("whpk_1SiA4o9hyqTCpIqC5V9HUakiiaeACeqfZTInDBbOir4=");
  await call("POST", `/app/${app}/endpoint/${id}/secret/rotate`);
  expect((await shown()).body.key).toMatch(/^whpk_/);
});

test("an application's token manages its own endpoints, and finds no others", async () => {
  const other = (await call("POST", "/app", { name: "Other" })).body.id;
  const theirs = (await call("POST", `/app/${other}/endpoint`, { url, uid: "same" })).body.id;
  const organizationId = parseId("app", app) as OrganizationId;
  const bearer = await tokens().applicationToken({ organizationId, featureFlags: [], expiresAt: Date.now() + 60_000 });
  const as = (method: string, path: string, body?: object) => call(method, path, body, `Bearer ${bearer}`);
  const own = (await as("POST", `/app/${app}/endpoint`, { url, uid: "same" })).body.id;
  expect((await as("GET", `/app/${app}/endpoint`)).body.data).toHaveLength(1);
  expect((await as("GET", `/app/${app}/endpoint/${own}/secret`)).status).toBe(200);
  for (const path of [`/app/${other}/endpoint`, `/app/${other}/endpoint/same`, `/app/${app}/endpoint/${theirs}`]) {
    expect(await as("GET", path), path).toMatchObject({ status: 404, body: { code: "not_found" } });
  }
  expect((await as("DELETE", `/app/${app}/endpoint/${theirs}`)).status).toBe(404);
  expect((await call("GET", `/app/${other}/endpoint/${theirs}`)).status).toBe(200);
});

test("an endpoint is a subscription: each API shows the ones that the other created", async () => {
  const made = (await create({ eventTypes: ["sync.completed"], description: "Both" })).body;
  const id = parseId("ep", made.id);
  const headers = { authorization: `Bearer ${adminKey}`, "x-organization-id": String(parseId("app", app)) };
  const shown = await weft.get(`/v1/webhooks/subscriptions/${id}`, { headers });
  expect(shown.body).toMatchObject({ id, url: made.url, filter_types: ["sync.completed"], description: "Both" });
  await weft.patch(`/v1/webhooks/subscriptions/${id}`, { description: "Changed" }, { headers });
  expect((await call("GET", `/app/${app}/endpoint/${id}`)).body.description).toBe("Changed");
});
