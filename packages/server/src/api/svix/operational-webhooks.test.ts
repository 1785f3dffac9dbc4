import { type Svix, Webhook } from "svix";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { type OrganizationId, parseId, prefixed } from "../../domain/id.ts";
import { operatorsOrganizationId } from "../../domain/operational-event.ts";
import type { RunningWeft } from "../fixtures/running-weft.ts";
import { adminKey, majors, organizationToken, startWeft, tokens } from "./fixtures/svix-clients.ts";

let weft: RunningWeft;
let tenant: Receiver;
let operator: Receiver;
let token: string;
beforeAll(async () => {
  [tenant, operator] = await Promise.all([Receiver.start(), Receiver.start()]);
  weft = await startWeft({ WEFT_RETRY_SCHEDULE: "1ms,1ms,1ms,1ms" });
  token = await organizationToken();
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await Promise.all([tenant[Symbol.asyncDispose](), operator[Symbol.asyncDispose]()]);
});

function call(method: string, path: string, body?: unknown, authorization = `Bearer ${token}`) {
  return weft.call(method, `/api/v1${path}`, { body, headers: { authorization } });
}

const operators = { "x-api-key": adminKey, "x-organization-id": operatorsOrganizationId };

let app: string;
beforeEach(async () => {
  tenant.respond = status(204);
  app = (await call("POST", "/app", { name: "Acme" })).body.id;
  const { data } = (await call("GET", "/operational-webhook/endpoint")).body;
  for (const { id } of data) await call("DELETE", `/operational-webhook/endpoint/${id}`);
  operator.received.length = 0;
});

/** The operational webhooks about this test's application, by event. */
const deliveredEvents = () =>
  operator.received
    .map(({ body }) => JSON.parse(body) as { type: string; data: Record<string, unknown> })
    .filter(({ data }) => data.appId === app);

type Operational = Svix["operationalWebhook"]["endpoint"];

describe.each(majors)("the SDK of major %s", (major, client) => {
  let svix: Svix;
  beforeAll(() => {
    svix = client(token, weft.url);
  });

  /** The second major version renamed some calls and fields. */
  const own = () =>
    svix.operationalWebhook.endpoint as Operational & {
      upsert?: Operational["update"];
      setHeaders?: Operational["updateHeaders"];
    };
  const replace: Operational["update"] = (...args) => (own().upsert ?? own().update).apply(own(), args);
  const putHeaders: Operational["updateHeaders"] = (...args) =>
    (own().setHeaders ?? own().updateHeaders).apply(own(), args);
  const named = major === "1" ? "filterTypes" : "eventTypes";

  test("manages the operators' endpoints: creates, reads, lists, replaces and deletes them, with headers and secrets", async () => {
    const { endpoint } = svix.operationalWebhook;
    const given = {
      url: operator.url(),
      uid: "pager",
      description: "Pages us",
      throttleRate: 9,
      metadata: { team: "ops" },
    };
    const made = await endpoint.create({ ...given, [named]: ["endpoint.disabled"] });
    expect(made).toMatchObject({ ...given, [named]: ["endpoint.disabled"], disabled: false });
    expect(await endpoint.get("pager")).toEqual(made);
    expect((await endpoint.list()).data).toContainEqual(made);

    await putHeaders(made.id, { headers: { "x-team": "ops", authorization: "Bearer t0ken" } });
    expect(await endpoint.getHeaders(made.id)).toEqual({ headers: { "x-team": "ops" }, sensitive: ["authorization"] });
    const { key } = await endpoint.getSecret(made.id);
    expect(key).toMatch(/^whsec_/);
    await endpoint.rotateSecret(made.id, {});
    expect((await endpoint.getSecret(made.id)).key).not.toBe(key);

    const other = { url: operator.url("/other") };
    expect(await replace(made.id, other)).toMatchObject({ ...other, [named]: null, description: "" });
    await endpoint.delete(made.id);
    await expect(endpoint.get(made.id)).rejects.toMatchObject({ code: 404 });
  });

  test("the operators receive signed events about each change of an endpoint", async () => {
    const pager = await svix.operationalWebhook.endpoint.create({ url: operator.url() });
    const { key } = await svix.operationalWebhook.endpoint.getSecret(pager.id);
    const made = await svix.endpoint.create(app, { url: tenant.url(), uid: `${app}-alerts` });
    await svix.endpoint.patch(app, made.id, { disabled: true });
    await svix.endpoint.delete(app, made.id);
    await until("all events arrived", () => deliveredEvents().length === 4);
    const data = { appId: app, appUid: null, endpointId: made.id, endpointUid: `${app}-alerts` };
    expect(deliveredEvents().sort(byName)).toEqual([
      { type: "endpoint.created", timestamp: expect.any(String), data },
      { type: "endpoint.deleted", timestamp: expect.any(String), data },
      {
        type: "endpoint.disabled",
        timestamp: expect.any(String),
        data: { ...data, trigger: "manual", failSince: null },
      },
      { type: "endpoint.updated", timestamp: expect.any(String), data },
    ]);
    for (const { body, headers } of operator.received) {
      expect(new Webhook(key).verify(body, headers as Record<string, string>)).toEqual(JSON.parse(body));
    }
  });
});

const byName = (a: { type: string }, b: { type: string }) => (a.type < b.type ? -1 : 1);

test("a message that fails four times, is delivered, or fails permanently is reported with its last attempt", async () => {
  const attempts = ["message.attempt.failing", "message.attempt.exhausted", "message.attempt.recovered"];
  await call("POST", "/operational-webhook/endpoint", { url: operator.url(), filterTypes: attempts });
  const endpoint = (await call("POST", `/app/${app}/endpoint`, { url: tenant.url() })).body;
  const publish = (eventId: string) =>
    call("POST", `/app/${app}/msg`, { eventType: "user.signup", eventId, payload: {} });
  let failures = 4;
  tenant.respond = (response, received) => status(failures-- > 0 ? 500 : 204)(response, received);
  const arriving = (await publish("arrives")).body;
  await until("it arrived", () => deliveredEvents().length === 2);
  failures = 99;
  const failing = (await publish("fails")).body;
  await until("it failed", () => deliveredEvents().length === 4);

  const of = (message: { id: string; eventId: string }, responseStatusCode: number) => ({
    appId: app,
    appUid: null,
    endpointId: endpoint.id,
    endpointUid: null,
    msgId: message.id,
    msgEventId: message.eventId,
    lastAttempt: {
      id: expect.stringMatching(/^atmpt_/),
      responseStatusCode,
      timestamp: expect.stringMatching(/Z$/),
    },
  });
  expect(deliveredEvents().map(({ type, data }) => ({ type, data }))).toEqual(
    expect.arrayContaining([
      { type: "message.attempt.failing", data: of(arriving, 500) },
      { type: "message.attempt.recovered", data: of(arriving, 204) },
      { type: "message.attempt.failing", data: of(failing, 500) },
      { type: "message.attempt.exhausted", data: of(failing, 500) },
    ]),
  );
});

test("a receiver that returned 410 is reported as disabled automatically", async () => {
  await call("POST", "/operational-webhook/endpoint", {
    url: operator.url(),
    filterTypes: ["endpoint.disabled"],
  });
  tenant.respond = status(410);
  await call("POST", `/app/${app}/endpoint`, { url: tenant.url() });
  await call("POST", `/app/${app}/msg`, { eventType: "user.signup", payload: {} });
  await until("the event arrived", () => deliveredEvents().length === 1);
  expect(deliveredEvents()[0]).toMatchObject({
    type: "endpoint.disabled",
    data: { trigger: "automatic", failSince: expect.any(String) },
  });
});

test("Weft's own API has the same types, subscriptions and messages in the operators' organization", async () => {
  const types = await weft.get("/v1/webhooks/event-types", { headers: operators });
  expect(types.body.map(({ name }: { name: string }) => name)).toContain("message.attempt.exhausted");
  const subscription = await weft.post(
    "/v1/webhooks/subscriptions",
    { url: operator.url(), event_types: ["endpoint.*"] },
    { headers: operators },
  );
  expect(subscription).toMatchObject({ status: 200, body: { filter_types: ["endpoint.*"] } });
  const tested = await weft.post(
    `/v1/webhooks/subscriptions/${subscription.body.id}/test`,
    { event_type: "endpoint.disabled" },
    { headers: operators },
  );
  expect(tested.body).toMatchObject({ status: "success" });
  const made = await weft.post(
    "/v1/webhooks/subscriptions",
    { url: tenant.url(), event_types: ["sync.*"] },
    { headers: { "x-api-key": adminKey } },
  );
  await until("the event arrived", () =>
    operator.received.some(({ body }) => body.includes(prefixed("ep", made.body.id))),
  );
  const messages = await weft.get("/v1/webhooks/messages?event_types=endpoint.created", { headers: operators });
  expect(messages.body[0]).toMatchObject({ payload: { data: { endpointId: prefixed("ep", made.body.id) } } });
  await weft.delete(`/v1/webhooks/subscriptions/${subscription.body.id}`, { headers: operators });
});

test("only operators receive operational events: tenants can neither select them nor reach the operators' endpoints", async () => {
  const chosen = await call("POST", `/app/${app}/endpoint`, { url: tenant.url(), filterTypes: ["endpoint.created"] });
  expect(chosen).toMatchObject({ status: 422, body: { detail: [{ loc: ["body", "eventTypes"] }] } });
  const own = await weft.post(
    "/v1/webhooks/subscriptions",
    { url: tenant.url(), event_types: ["sync.failed", "endpoint.created"] },
    { headers: { "x-api-key": adminKey } },
  );
  expect(own).toMatchObject({
    status: 422,
    body: { errors: [{ loc: ["body", "event_types", 1], type: "event_type_unknown" }] },
  });
  const organizationId = parseId<"organization">("app", app) as OrganizationId;
  const ofApplication = await tokens().applicationToken({
    organizationId,
    featureFlags: [],
    expiresAt: Date.now() + 60_000,
  });
  for (const [method, path] of [
    ["GET", "/operational-webhook/endpoint"],
    ["POST", "/operational-webhook/endpoint"],
  ] as const) {
    const refused = await call(
      method,
      path,
      method === "POST" ? { url: tenant.url() } : undefined,
      `Bearer ${ofApplication}`,
    );
    expect(refused, path).toMatchObject({ status: 403, body: { code: "insufficient access" } });
  }
});

test("the operators' organization is neither an application nor a tenant, and cannot be deleted", async () => {
  const id = prefixed("app", operatorsOrganizationId);
  for (const method of ["GET", "DELETE"]) {
    expect(await call(method, `/app/${id}`), method).toMatchObject({ status: 404 });
  }
  const listed = (await call("GET", "/app?limit=250")).body.data as { id: string }[];
  expect(listed.map((application) => application.id)).not.toContain(id);
  const headers = { "x-api-key": adminKey };
  expect(await weft.get(`/v1/organizations/${operatorsOrganizationId}`, { headers })).toMatchObject({
    body: { name: "Operators" },
  });
  expect(await weft.delete(`/v1/organizations/${operatorsOrganizationId}`, { headers })).toMatchObject({ status: 400 });
});
