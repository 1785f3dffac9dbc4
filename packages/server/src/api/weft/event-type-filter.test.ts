import { expect, test } from "vitest";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/subscriptions";

const idsOf = ({ body }: { body: { id: string }[] }) => body.map(({ id }) => id);

test("messages are filtered by names and by wildcards over the catalogue", async () => {
  const { id } = (await used.weft.post("/events", completed())).body;
  const found = async (query: string) => idsOf(await used.weft.get(`/webhooks/messages?${query}`));
  expect(await found("event_types=sync.*")).toEqual([id]);
  expect(await found("event_types=*")).toEqual([id]);
  expect(await found("event_types=collection.*&event_types=sync.completed")).toEqual([id]);
  expect(await found("event_types=collection.*")).toEqual([]);
  expect(await found("event_types=nothing.*")).toEqual([]);
});

test("subscriptions are filtered by the event types that they receive", async () => {
  const whole = (await subscribe({ event_types: ["sync.*"] })).body.id;
  const exact = (await subscribe({ event_types: ["collection.created"] })).body.id;
  const found = async (query: string) => idsOf(await used.weft.get(`${path}?${query}`));
  expect(await found("event_types=sync.failed")).toEqual([whole]);
  expect(await found("event_types=collection.*")).toEqual([exact]);
  expect(await found("event_types=collection.deleted")).toEqual([]);
  expect(await found("event_types=collection.created&event_types=sync.completed")).toEqual([exact, whole]);
});

test("recoveries name their event types and are filtered by them", async () => {
  const { id } = (await subscribe({ event_types: ["sync.*"] })).body;
  const since = new Date(Date.now() - 3_600_000).toISOString();
  const start = async (event_types: string[] | null) => {
    const { body } = await used.weft.post("/webhooks/recoveries", { since, subscription_ids: [id], event_types });
    return body.subscriptions[0].recovery;
  };
  const [failed, all] = [await start(["sync.failed"]), await start(null)];
  expect([failed.event_types, all.event_types]).toEqual([["sync.failed"], null]);
  const found = async (query: string) => idsOf(await used.weft.get(`${path}/${id}/recoveries?${query}`));
  expect(await found("event_types=sync.*")).toEqual([all.id, failed.id]);
  expect(await found("event_types=sync.completed")).toEqual([all.id]);
});

test("wildcards over more event types than a list can select are a 422 with their number", async () => {
  const names = Array.from({ length: 101 }, (_, index) => `many.type_${index}`);
  for (const name of names) await used.weft.post("/webhooks/event-types", { name, description: "" });
  const refused = await used.weft.get("/webhooks/messages?event_types=many.*");
  expect(refused.status).toBe(422);
  expect(refused.body.errors[0]).toMatchObject({ loc: ["query", "event_types"], msg: expect.stringContaining("101") });
});
