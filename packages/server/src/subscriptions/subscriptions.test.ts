import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { HttpResponse } from "../api/fixtures/running-weft.ts";
import { useWeftAndReceiver } from "../api/fixtures/weft-and-receiver.ts";
import { ManualClock } from "../delivery/fixtures/manual-clock.ts";
import type { EventType } from "../domain/event-type.ts";
import { parseId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { defaultNamespace } from "../domain/organization.ts";
import { Catalogue } from "../intake/catalogue.ts";
import { CatalogueReader } from "../intake/catalogue-reader.ts";
import { OrganizationNamespaces } from "../intake/organization-namespaces.ts";
import type { Reporter } from "../report/reporter.ts";
import { World } from "../store/fixtures/samples.ts";
import { openStoreWithoutThreads } from "../store/sqlite/fixtures/store-without-threads.ts";
import { Subscriptions, UnknownEventTypesError } from "./subscriptions.ts";

// The rules of subscriptions, each through both APIs.

const { used } = useWeftAndReceiver();
let applicationId = "";

beforeAll(async () => {
  applicationId = (await used.weft.get("/organizations")).body[0].id;
});

const folder = mkdtempSync(join(tmpdir(), "weft-subscriptions-"));
afterAll(() => rmSync(folder, { recursive: true }));

function openStore() {
  return openStoreWithoutThreads(join(folder, "weft.db"), 0);
}

const definedElsewhere: EventType = {
  name: "defined.elsewhere",
  description: "Another node defined it.",
  archived: false,
  deprecated: false,
  schemas: null,
  featureFlag: null,
  groupName: null,
  metadata: {},
  createdAt: 1,
  updatedAt: 1,
};

type Api = "/v1" | "/api/v1";
const apis: readonly Api[] = ["/v1", "/api/v1"];

interface SubscriptionFields {
  readonly url?: string;
  readonly types?: readonly string[];
}

function create(
  api: Api,
  { url = used.receiver.url(), types = ["sync.completed"] }: SubscriptionFields = {},
): Promise<HttpResponse> {
  if (api === "/v1") return used.weft.post("/v1/webhooks/subscriptions", { url, event_types: types });
  return used.weft.post(`/api/v1/app/${applicationId}/endpoint`, { url, eventTypes: types });
}

function pathOf(api: Api, id: string): string {
  return api === "/v1" ? `/v1/webhooks/subscriptions/${id}` : `/api/v1/app/${applicationId}/endpoint/${id}`;
}

function messageOf({ body }: HttpResponse): string {
  return JSON.stringify(body.errors ?? body.detail);
}

test("/v1 refuses an endpoint that cannot be reached, at creation and when the URL changes", async () => {
  const unreachable = { url: "http://127.0.0.1:9/hook" };
  const { id } = (await create("/v1")).body;
  const refused = { status: 400, body: { code: "endpoint_unreachable" } };
  expect(await create("/v1", unreachable)).toMatchObject(refused);
  expect(await used.weft.patch(pathOf("/v1", id), unreachable)).toMatchObject(refused);
});

test("/api/v1 accepts any URL, as clients of Svix expect", async () => {
  expect((await create("/api/v1", { url: "http://127.0.0.1:9/hook" })).status).toBe(201);
});

test.each(apis)("%s refuses an unknown event type and names its field", async (api) => {
  const refused = await create(api, { types: ["sync.completed", "never.defined"] });
  expect(refused.status).toBe(422);
  expect(messageOf(refused)).toContain(api === "/v1" ? '"event_types",1' : "never.defined");
});

test("/api/v1 repeats a bounded part of unknown event types", async () => {
  const types = Array.from({ length: 100 }, (_, index) => `${index}.${"x".repeat(3_000)}`);
  const refused = await create("/api/v1", { types });
  expect(refused.status).toBe(422);
  expect(refused.text.length).toBeLessThan(2 * limits.errorTextLengthMax);
});

test("an event type that another node has just defined can be selected", async () => {
  await using world = await World.open(openStore);
  const { store, organizationId, newId } = world;
  const now = () => world.now;
  const catalogue = new Catalogue(null);
  const clock = new ManualClock(world.now);
  const reader = new CatalogueReader({ store, catalogue, clock, reporter: {} as Reporter });
  const address = { allowHttp: true, mail: null };
  const policy = {
    address,
    recoveryWindowMsMax: 1,
    subscriptionsMax: 10,
    defaultSignatureType: "v1",
    checkEndpoint: null,
  } as const;
  const subscriptions = new Subscriptions({
    store,
    catalogue,
    reader,
    namespaces: new OrganizationNamespaces(store),
    policy,
    origin: { now, newId },
  });
  const url = "https://example.com/hook";
  const request = { url, eventTypes: ["defined.elsewhere"], secret: {}, checksUrl: true };
  await expect(subscriptions.create(organizationId, request)).rejects.toThrow(UnknownEventTypesError);
  await store.createEventType({
    namespace: defaultNamespace,
    type: definedElsewhere,
    typesMax: 10,
    namespaceTypesMax: 10,
  });
  expect(await subscriptions.create(organizationId, request)).toMatchObject({ eventTypes: request.eventTypes });
});

test.each(apis)("%s keeps an archived event type that a subscription already has", async (api) => {
  const name = `archived.${api === "/v1" ? "weft" : "svix"}`;
  await used.weft.post("/api/v1/event-type", { name, description: "Archived later" });
  const { id } = (await create(api, { types: [name] })).body;
  await used.weft.delete(`/api/v1/event-type/${name}`);
  const types = [name, "sync.failed"];
  const changed = await used.weft.patch(
    pathOf(api, id),
    api === "/v1" ? { event_types: types } : { eventTypes: types },
  );
  expect(changed.status).toBe(200);
  expect((await create(api, { types: [name] })).status).toBe(422);
});

test.each(apis)("%s keeps the reason of a subscription that is disabled again", async (api) => {
  used.receiver.respond = (response) => response.writeHead(410).end();
  const { id } = (await create(api)).body;
  const shown = async () => (await used.weft.get(`/v1/webhooks/subscriptions/${String(parseId("ep", id))}`)).body;
  await used.weft.post(`/v1/webhooks/subscriptions/${String(parseId("ep", id))}/test`, {
    event_type: "sync.completed",
  });
  const { disabled, disabled_reason: reason } = await shown();
  expect([disabled, reason]).toEqual([true, expect.stringContaining("410")]);
  await used.weft.patch(pathOf(api, id), { disabled: true });
  expect((await shown()).disabled_reason).toBe(reason);
});

test.each(apis)("%s refuses a rate limit for a listener", async (api) => {
  const name = `limited-${api === "/v1" ? "weft" : "svix"}`;
  const { id } = (await used.weft.post("/v1/webhooks/listeners", { name })).body;
  const refused = await used.weft.patch(pathOf(api, id), api === "/v1" ? { rate_limit: 5 } : { rateLimit: 5 });
  expect(refused.status).toBe(422);
  expect(messageOf(refused)).toContain(api === "/v1" ? '"rate_limit"' : '"rateLimit"');
});

test.each(apis)("%s refuses to rotate a secret when too many secrets sign", async (api) => {
  const { id } = (await create(api)).body;
  const path = `${pathOf(api, id)}/${api === "/v1" ? "rotate-secret" : "secret/rotate"}`;
  for (let live = 1; live < limits.secretsLiveMax; live++) {
    expect((await used.weft.post(path, {})).status).toBeLessThan(300);
  }
  expect((await used.weft.post(path, {})).status).toBe(400);
  const withoutOverlap = api === "/v1" ? { overlap: 0 } : { gracePeriodSeconds: 0 };
  expect((await used.weft.post(path, withoutOverlap)).status).toBeLessThan(300);
});
