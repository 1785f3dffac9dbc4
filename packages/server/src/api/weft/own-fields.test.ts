import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../fixtures/running-weft.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await RunningWeft.start({ WEFT_VERIFY_ENDPOINTS: "false" });
});
afterAll(() => weft[Symbol.asyncDispose]());

const subscription = { url: "https://example.com/hooks", event_types: ["sync.*"] };

test("an organization keeps its uid and its metadata, and a uid belongs to one organization", async () => {
  const given = { name: "Acme", uid: "acme", metadata: { tier: "gold" } };
  const { body } = await weft.post("/organizations", given);
  expect(body).toMatchObject(given);
  expect((await weft.get(`/organizations/${body.id}`)).body).toMatchObject(given);
  expect((await weft.post("/organizations", given)).body).toMatchObject({ status: 409, code: "uid_taken" });
  const other = (await weft.post("/organizations", { name: "Other" })).body;
  expect(other).toMatchObject({ uid: null, metadata: {} });
  expect((await weft.patch(`/organizations/${other.id}`, { uid: "acme" })).body).toMatchObject({ code: "uid_taken" });
  const changed = { uid: "other", metadata: { tier: "silver" } };
  expect((await weft.patch(`/organizations/${other.id}`, changed)).body).toMatchObject({ name: "Other", ...changed });
});

test("a subscription keeps its uid and its metadata, and a uid belongs to one subscription of the organization", async () => {
  const given = { ...subscription, uid: "crm", metadata: { team: "sales" } };
  const { body } = await weft.post("/webhooks/subscriptions", given);
  expect(body).toMatchObject({ uid: "crm", metadata: { team: "sales" } });
  expect((await weft.post("/webhooks/subscriptions", given)).body).toMatchObject({ code: "uid_taken" });
  const path = `/webhooks/subscriptions/${body.id}`;
  expect((await weft.patch(path, { metadata: {} })).body).toMatchObject({ uid: "crm", metadata: {} });
  expect((await weft.patch(path, { uid: null })).body).toMatchObject({ uid: null });
});

test.each([
  ["has the form of an id", { uid: "ep_1srOrx2ZWZBpBUvZwXKQmoEYga2" }, "uid"],
  ["has other characters", { uid: "a b" }, "uid"],
  ["has too much metadata", { metadata: { a: "x".repeat(100_000) } }, "metadata"],
  ["has metadata that is not text", { metadata: { a: 1 } }, "metadata"],
])("a subscription that %s is refused", async (_, fields, field) => {
  const { status, body } = await weft.post("/webhooks/subscriptions", { ...subscription, ...fields });
  expect([status, body.errors[0].loc.slice(0, 2)]).toEqual([422, ["body", field]]);
});

test("an event type keeps its metadata, also when a client of Svix replaces it", async () => {
  const given = { name: "order.paid", description: "", metadata: { owner: "billing" } };
  expect((await weft.post("/webhooks/event-types", given)).body).toMatchObject(given);
  const listed = (await weft.get("/webhooks/event-types")).body;
  expect(listed.find(({ name }: { name: string }) => name === "order.paid")).toMatchObject(given);
  const replaced = { description: "An order was paid.", schemas: null };
  expect((await weft.call("PUT", "/api/v1/event-type/order.paid", { body: replaced })).status).toBe(200);
  const { body } = await weft.get("/webhooks/event-types/order.paid");
  expect(body).toMatchObject({ description: "An order was paid.", metadata: { owner: "billing" } });
  expect((await weft.patch("/webhooks/event-types/order.paid", { metadata: {} })).body.metadata).toEqual({});
});

test("a source connection keeps its metadata", async () => {
  const collection = (await weft.post("/collections", { name: "Docs" })).body.readable_id;
  const { body } = await weft.post("/source-connections", {
    short_name: "stub",
    readable_collection_id: collection,
    authentication: { credentials: { stub_key: "sk-secret" } },
    metadata: { team: "docs" },
  });
  const path = `/source-connections/${body.id}`;
  expect((await weft.get(path)).body.metadata).toEqual({ team: "docs" });
  expect((await weft.patch(path, { name: "Renamed" })).body.metadata).toEqual({ team: "docs" });
  expect((await weft.patch(path, { metadata: { team: "web" } })).body.metadata).toEqual({ team: "web" });
});
