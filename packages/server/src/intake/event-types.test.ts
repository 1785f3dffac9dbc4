import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { ManualClock, until } from "../delivery/fixtures/manual-clock.ts";
import { StoreUnavailableError } from "../domain/errors.ts";
import type { EventType } from "../domain/event-type.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Reporter } from "../report/reporter.ts";
import { openStoreWithoutThreads } from "../store/sqlite/fixtures/store-without-threads.ts";
import type { Store } from "../store/store.ts";
import { Catalogue } from "./catalogue.ts";
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
    createdAt: clock.now(),
    updatedAt: clock.now(),
    ...changes,
  };
}

function mistakesIn(catalogue: Catalogue, payload: object) {
  return catalogue.checkHere({ eventType: "invoice.paid", payload, payloadText: JSON.stringify(payload) }, []);
}

/** The event types that one node knows, and the faults that it reported. */
function node(reads: Pick<Store, "readEventTypes"> = store) {
  const catalogue = new Catalogue(null);
  const checks = { schemaMistake: async () => null };
  const failed: string[] = [];
  const reporter = {
    internalOperationFailed: ({ operation }: { operation: string }) => void failed.push(operation),
  } as unknown as Reporter;
  const eventTypes = new EventTypes({ store: { ...store, ...reads }, catalogue, checks, clock, reporter });
  return { catalogue, eventTypes, failed };
}

test("a definition takes effect with its response on the same node, and elsewhere within five seconds", async () => {
  const [here, there] = [node(), node()];
  await here.eventTypes.start();
  await there.eventTypes.start();
  expect(await here.eventTypes.create(invoicePaid())).toBe(true);
  expect(mistakesIn(here.catalogue, { amount: 5 })).toEqual([]);
  expect(mistakesIn(here.catalogue, {})).toHaveLength(1);
  clock.advance(5_000);
  await until("the other node knows", () => there.catalogue.find("invoice.paid") !== null);
  await here.eventTypes.replace(invoicePaid({ schemas: null }));
  expect(mistakesIn(here.catalogue, {})).toEqual([]);
  await here.eventTypes.delete("invoice.paid");
  expect(here.catalogue.find("invoice.paid")).toBeNull();
  await here.eventTypes.stop();
  await there.eventTypes.stop();
});

test("a built-in name, or an existing one, cannot be defined again", async () => {
  const { eventTypes, catalogue } = node();
  expect(await eventTypes.create(invoicePaid({ name: "sync.completed" }))).toBe(false);
  expect(await eventTypes.create(invoicePaid())).toBe(true);
  expect(await eventTypes.create(invoicePaid({ description: "Another." }))).toBe(false);
  expect(catalogue.find("invoice.paid")?.description).toBe("An invoice was paid.");
});

test("an archived type is no longer offered to subscriptions, and its events are still checked", async () => {
  const { eventTypes, catalogue } = node();
  await eventTypes.create(invoicePaid());
  expect(catalogue.offers(tenant, "invoice.*")).toBe(true);
  await eventTypes.replace(invoicePaid({ archived: true }));
  expect(catalogue.offers(tenant, "invoice.*")).toBe(false);
  expect(mistakesIn(catalogue, {})).toHaveLength(1);
});

test("while the database is unavailable a node keeps its event types, reports it, and looks again", async () => {
  let isAway = false;
  const { eventTypes, catalogue, failed } = node({
    readEventTypes: (params) =>
      isAway ? Promise.reject(new StoreUnavailableError("away")) : store.readEventTypes(params),
  });
  await store.createEventType({ type: invoicePaid(), typesMax: 10 });
  await eventTypes.start();
  isAway = true;
  clock.advance(5_000);
  await until("it is reported", () => failed.length > 0);
  expect(catalogue.find("invoice.paid")).not.toBeNull();
  isAway = false;
  await store.deleteEventType({ name: "invoice.paid" });
  clock.advance(5_000);
  await until("it has looked again", () => catalogue.find("invoice.paid") === null);
  await eventTypes.stop();
});

test("event types that have not changed are not read again, and changed ones are", async () => {
  let reads = 0;
  const { eventTypes, catalogue } = node({
    readEventTypes: (params) => {
      reads += 1;
      return store.readEventTypes(params);
    },
  });
  await store.createEventType({ typesMax: limits.eventTypesMax, type: invoicePaid() });
  clock.advance(120_000);
  await eventTypes.refresh();
  await eventTypes.refresh();
  await eventTypes.refresh();
  expect(reads).toBe(1);
  await store.replaceEventTypes({ typesMax: limits.eventTypesMax, types: [invoicePaid({ description: "Paid." })] });
  await eventTypes.refresh();
  expect(reads).toBe(2);
  expect(catalogue.find("invoice.paid")?.description).toBe("Paid.");
});

test("schemas that are too many, or together too large, are refused", async () => {
  const { eventTypes } = node();
  const many = Object.fromEntries(
    Array.from({ length: 1_500 }, (_, version) => [String(version), '{"type":"object"}']),
  );
  expect(await eventTypes.schemaMistakes("invoice.paid", many, ["body"])).toEqual([
    { loc: ["body"], msg: "An event type has at most 100 schemas.", type: "too_big" },
  ]);
  const large = { "1": `{"description":"${"x".repeat(limits.eventTypeSchemasBytesMax)}"}` };
  await expect(eventTypes.create(invoicePaid({ schemas: large }))).rejects.toMatchObject({ code: "limit_reached" });
  const half = { "1": `{"description":"${"x".repeat(limits.eventTypeSchemasBytesMax * 0.6)}"}` };
  expect(await eventTypes.create(invoicePaid({ schemas: half }))).toBe(true);
  await eventTypes.replace(invoicePaid({ schemas: half }));
  await expect(eventTypes.replace(invoicePaid({ name: "invoice.sent", schemas: half }))).rejects.toMatchObject({
    code: "limit_reached",
  });
});
