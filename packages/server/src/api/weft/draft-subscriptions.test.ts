import { beforeAll, expect, test } from "vitest";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/subscriptions/match";
let messageId: string;

beforeAll(async () => {
  messageId = (await used.weft.post("/events", completed())).body.id;
});

test("recent messages are matched with settings, and a mismatch names the path and the values", async () => {
  const filters = { source_type: ["github"], collection_name: ["Finance"] };
  const { body } = await used.weft.post(path, { event_types: ["sync.*"], filters });
  expect(body).toEqual([
    {
      message_id: messageId,
      event_type: "sync.completed",
      timestamp: expect.any(String),
      excerpt: expect.stringContaining("collection_name: Sales Data"),
      matches: false,
      reason: {
        code: "filter",
        detail: "The payload does not match the subscription's filters.",
        filter: { path: "collection_name", value: '"Sales Data"', wanted: '["Finance"]' },
      },
    },
  ]);
  const matching = await used.weft.post(path, { event_types: ["sync.completed"], filters: { source_type: "github" } });
  expect(matching.body).toMatchObject([{ message_id: messageId, matches: true, reason: null }]);
  expect((await used.weft.post(path, { event_types: ["collection.*"] })).body).toEqual([]);
  expect((await used.weft.get("/webhooks/subscriptions")).body).toEqual([]);
});

test("a stored subscription's channels count when its settings are changed", async () => {
  const { id } = (await subscribe()).body;
  const event_types = ["sync.completed"];
  const matches = async () => (await used.weft.post(path, { event_types, subscription_id: id })).body;
  expect(await matches()).toMatchObject([{ matches: true }]);
  const { body: organization } = await used.weft.get("/organizations");
  const endpoint = `/api/v1/app/${organization[0].id}/endpoint/${id}`;
  await used.weft.patch(endpoint, { channels: ["billing"] });
  expect(await matches()).toMatchObject([{ matches: false, reason: { code: "channel", filter: null } }]);
  const unknown = await used.weft.post(path, { event_types, subscription_id: messageId });
  expect(unknown.status).toBe(404);
});

test.each([
  { event_types: [] },
  { event_types: ["sync.*"], limit: 51 },
  { event_types: ["sync.*"], filters: { a: {} } },
  { event_types: ["sync.*"], url: "https://example.com/" },
])("the settings %j are a 422", async (body) => {
  expect((await used.weft.post(path, body)).status).toBe(422);
});
