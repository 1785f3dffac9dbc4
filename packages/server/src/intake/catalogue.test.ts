import { expect, test } from "vitest";
import { exampleOf } from "../domain/event-type.ts";
import type { OrganizationId } from "../domain/id.ts";
import { operationalEventTypes } from "../domain/operational-catalogue.ts";
import { operatorsOrganizationId } from "../domain/operational-event.ts";
import { defaultNamespace } from "../domain/organization.ts";
import { Catalogue } from "./catalogue.ts";

const catalogue = new Catalogue(null);
const tenant = "01973d2a-7c00-7a11-8d52-6f0b3c9e4a10" as OrganizationId;

test("every example keeps its own schema", () => {
  for (const type of [...catalogue.types(defaultNamespace), ...operationalEventTypes])
    expect(catalogue.mistakesIn(type.name, exampleOf(type), []), type.name).toEqual([]);
});

test("a mistake has its location and the expected value", () => {
  const mistakes = catalogue.mistakesIn("sync.completed", { event_type: "sync.failed", entities_inserted: -1 }, [
    "body",
  ]);
  expect(mistakes).toContainEqual({
    loc: ["body", "payload", "event_type"],
    msg: 'Must be "sync.completed".',
    type: "schema_const",
  });
  expect(mistakes).toContainEqual({
    loc: ["body", "payload", "source_type"],
    msg: "The event type's schema requires this field.",
    type: "missing",
  });
  expect(mistakes.map(({ loc }) => loc.at(-1))).toContain("entities_inserted");
});

test("an event type that is not in the catalogue is reported", () => {
  expect(catalogue.mistakesIn("sync.finished", {}, ["body", 3])).toEqual([
    { loc: ["body", 3, "event_type"], msg: expect.stringContaining('"sync.finished"'), type: "event_type_unknown" },
  ]);
});

test("a pattern is known when it can match a type", () => {
  for (const pattern of ["sync.completed", "sync.*", "source_connection.*", "*"]) {
    expect(catalogue.offers({ id: tenant, namespace: defaultNamespace }, pattern), pattern).toBe(true);
  }
  for (const pattern of ["", "sync", "sync.", "sync.finished", "synced.*", "**", "*.completed", "sync.*.x", ".*"]) {
    expect(catalogue.offers({ id: tenant, namespace: defaultNamespace }, pattern), pattern).toBe(false);
  }
});

test("the wildcard for all types is known where no type is defined", () => {
  const owner = { id: tenant, namespace: "org_fresh" };
  expect([catalogue.offers(owner, "*"), catalogue.offers(owner, "sync.*")]).toEqual([true, false]);
});

test("operational events are offered only to operators, and tenants' events only to tenants", () => {
  for (const pattern of ["endpoint.disabled", "message.*", "message.attempt.failing"]) {
    expect(catalogue.offers({ id: operatorsOrganizationId, namespace: defaultNamespace }, pattern), pattern).toBe(true);
    expect(catalogue.offers({ id: tenant, namespace: defaultNamespace }, pattern), pattern).toBe(false);
  }
  expect(catalogue.offers({ id: operatorsOrganizationId, namespace: defaultNamespace }, "sync.completed")).toBe(false);
  expect(catalogue.isOwn(defaultNamespace, "endpoint.created")).toBe(true);
});

test("an event type with the name of an inherited property is unknown", () => {
  for (const name of ["constructor", "__proto__", "toString"]) {
    expect(catalogue.mistakesIn(name, {}, [])).toHaveLength(1);
    expect(catalogue.find(defaultNamespace, name)).toBeNull();
  }
});
