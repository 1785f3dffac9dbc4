import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ManualClock, until } from "../delivery/fixtures/manual-clock.ts";
import { StoreUnavailableError } from "../domain/errors.ts";
import type { EventType } from "../domain/event-type.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { defaultNamespace } from "../domain/organization.ts";
import { Catalogue } from "../intake/catalogue.ts";
import { CatalogueReader } from "../intake/catalogue-reader.ts";
import { OrganizationNamespaces } from "../intake/organization-namespaces.ts";
import type { Reporter } from "../report/reporter.ts";
import { openStoreWithoutThreads } from "../store/sqlite/fixtures/store-without-threads.ts";
import type { Store } from "../store/store.ts";
import { EventTypes } from "./event-types.ts";

const tenant = "01973d2a-7c00-7a11-8d52-6f0b3c9e4a10" as OrganizationId;

const clock = new ManualClock(Date.UTC(2026, 0, 1));
let folder: string;
let store: Store;
beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), "weft-event-types-"));
  store = await openStoreWithoutThreads(join(folder, "weft.db"), 0);
});
afterEach(async () => {
  await store[Symbol.asyncDispose]();
  rmSync(folder, { recursive: true });
});

function invoicePaid(changes: Partial<EventType> = {}): EventType {
  return {
    name: "invoice.paid",
    description: "An invoice was paid.",
    archived: false,
    deprecated: false,
    schemas: { "1": '{"type":"object","required":["amount"],"properties":{"amount":{"maximum":9007199254740993}}}' },
    featureFlag: null,
    groupName: null,
    metadata: {},
    createdAt: clock.now(),
    updatedAt: clock.now(),
    ...changes,
  };
}

function mistakesIn(catalogue: Catalogue, payload: object) {
  return catalogue.checkHere(
    { namespace: defaultNamespace, eventType: "invoice.paid", payload, payloadText: JSON.stringify(payload) },
    [],
  );
}

/** The event types that one node knows, and the faults that it reported. */
function node(reads: Pick<Store, "readEventTypes"> = store) {
  const catalogue = new Catalogue(null);
  const checks = { schemaMistake: async () => null };
  const failed: string[] = [];
  const reporter = {
    internalOperationFailed: ({ operation }: { operation: string }) => void failed.push(operation),
  } as unknown as Reporter;
  const reader = new CatalogueReader({ store: { ...store, ...reads }, catalogue, clock, reporter });
  const eventTypes = new EventTypes({
    store,
    catalogue,
    reader,
    namespaces: new OrganizationNamespaces(store),
    checks,
    origin: clock,
  });
  return { catalogue, reader, eventTypes, failed };
}

test("a definition takes effect with its response on the same node, and elsewhere within five seconds", async () => {
  const [here, there] = [node(), node()];
  await here.reader.start();
  await there.reader.start();
  await here.eventTypes.create(defaultNamespace, invoicePaid());
  expect(mistakesIn(here.catalogue, { amount: 5 })).toEqual([]);
  expect(mistakesIn(here.catalogue, {})).toHaveLength(1);
  clock.advance(5_000);
  await until("the other node knows", () => there.catalogue.find(defaultNamespace, "invoice.paid") !== null);
  await here.eventTypes.replace(defaultNamespace, invoicePaid({ schemas: null }));
  expect(mistakesIn(here.catalogue, {})).toEqual([]);
  await here.eventTypes.delete(defaultNamespace, "invoice.paid");
  expect(here.catalogue.find(defaultNamespace, "invoice.paid")).toBeNull();
  await here.reader.stop();
  await there.reader.stop();
});

test("a built-in name, or an existing one, cannot be defined again", async () => {
  const { eventTypes, catalogue } = node();
  const taken = { code: "event_type_exists" };
  await expect(eventTypes.create(defaultNamespace, invoicePaid({ name: "sync.completed" }))).rejects.toMatchObject(
    taken,
  );
  await eventTypes.create(defaultNamespace, invoicePaid());
  await expect(eventTypes.create(defaultNamespace, invoicePaid({ description: "Another." }))).rejects.toMatchObject(
    taken,
  );
  expect(catalogue.find(defaultNamespace, "invoice.paid")?.description).toBe("An invoice was paid.");
});

test("an archived type is no longer offered to subscriptions, and its events are still checked", async () => {
  const { eventTypes, catalogue } = node();
  await eventTypes.create(defaultNamespace, invoicePaid());
  expect(catalogue.offers({ id: tenant, namespace: defaultNamespace }, "invoice.*")).toBe(true);
  await eventTypes.replace(defaultNamespace, invoicePaid({ archived: true }));
  expect(catalogue.offers({ id: tenant, namespace: defaultNamespace }, "invoice.*")).toBe(false);
  expect(mistakesIn(catalogue, {})).toHaveLength(1);
});

test("while the database is unavailable a node keeps its event types, reports it, and looks again", async () => {
  let isAway = false;
  const { reader, catalogue, failed } = node({
    readEventTypes: (params) =>
      isAway ? Promise.reject(new StoreUnavailableError("away")) : store.readEventTypes(params),
  });
  await store.createEventType({
    namespace: defaultNamespace,
    type: invoicePaid(),
    typesMax: 10,
    namespaceTypesMax: 10,
  });
  await reader.start();
  isAway = true;
  clock.advance(5_000);
  await until("it is reported", () => failed.length > 0);
  expect(catalogue.find(defaultNamespace, "invoice.paid")).not.toBeNull();
  isAway = false;
  await store.deleteEventType({ namespace: defaultNamespace, name: "invoice.paid" });
  clock.advance(5_000);
  await until("it has looked again", () => catalogue.find(defaultNamespace, "invoice.paid") === null);
  await reader.stop();
});

test("event types that have not changed are not read again, and changed ones are", async () => {
  let reads = 0;
  const { reader, catalogue } = node({
    readEventTypes: (params) => {
      reads += 1;
      return store.readEventTypes(params);
    },
  });
  await store.createEventType({
    namespace: defaultNamespace,
    typesMax: limits.eventTypesMax,
    namespaceTypesMax: limits.eventTypesMax,
    type: invoicePaid(),
  });
  clock.advance(120_000);
  await reader.refresh();
  await reader.refresh();
  await reader.refresh();
  expect(reads).toBe(1);
  await store.replaceEventTypes({
    namespace: defaultNamespace,
    typesMax: limits.eventTypesMax,
    namespaceTypesMax: limits.eventTypesMax,
    types: [invoicePaid({ description: "Paid." })],
  });
  await reader.refresh();
  expect(reads).toBe(2);
  expect(catalogue.find(defaultNamespace, "invoice.paid")?.description).toBe("Paid.");
});

test("schemas that are too many, or together too large, are refused", async () => {
  const { eventTypes } = node();
  const many = Object.fromEntries(
    Array.from({ length: 1_500 }, (_, version) => [String(version), '{"type":"object"}']),
  );
  expect(await eventTypes.schemaMistakes(defaultNamespace, "invoice.paid", many, ["body"])).toEqual([
    { loc: ["body"], msg: "An event type has at most 100 schemas.", type: "too_big" },
  ]);
  const large = { "1": `{"description":"${"x".repeat(limits.eventTypeSchemasBytesMax)}"}` };
  await expect(eventTypes.create(defaultNamespace, invoicePaid({ schemas: large }))).rejects.toMatchObject({
    code: "limit_reached",
  });
  const half = { "1": `{"description":"${"x".repeat(limits.eventTypeSchemasBytesMax * 0.6)}"}` };
  await eventTypes.create(defaultNamespace, invoicePaid({ schemas: half }));
  await eventTypes.replace(defaultNamespace, invoicePaid({ schemas: half }));
  await expect(
    eventTypes.replace(defaultNamespace, invoicePaid({ name: "invoice.sent", schemas: half })),
  ).rejects.toMatchObject({
    code: "limit_reached",
  });
});
