import { expect, test } from "vitest";
import { temporaryFolder } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { PostgresServer } from "../../packages/server/src/store/postgres/fixtures/postgres-server.ts";
import { callApi } from "./load.ts";
import { Nodes } from "./nodes.ts";

const subscriptions = 30;
const eventsPerBatch = 300;

test("a fan-out that was under way at a kill -9 is completed by the next process, on SQLite", async () => {
  using folder = temporaryFolder();
  await completesFanOut(`sqlite:${folder.path}/weft.db`);
});

test("a fan-out that was under way at a kill -9 is completed by the next process, on PostgreSQL", async () => {
  await using postgres = await PostgresServer.start({ isDurable: true });
  await completesFanOut(postgres.url(await postgres.database()));
});

async function completesFanOut(databaseUrl: string): Promise<void> {
  await using receiver = await Receiver.start();
  await using nodes = new Nodes(databaseUrl);
  await nodes.start();
  for (let i = 0; i < subscriptions; i++) await nodes.subscribe(receiver.url(`/${i}`), ["collection.*"]);
  const { url, adminKey } = nodes.api;
  const batch = Array.from({ length: eventsPerBatch }, (_, index) => ({
    event_type: "collection.updated",
    event_id: `event-${index}`,
    payload: collection,
  }));
  const response = await callApi(url, adminKey, "/events", batch);
  expect(response.status).toBe(200);
  const accepted = ((await response.json()) as { id: string }[]).map(({ id }) => id);
  await nodes.kill(0);
  expect(receiver.received.length).toBeLessThan(subscriptions * eventsPerBatch);
  await nodes.start();
  const arrived = () => new Set(receiver.received.map(({ id, path }) => `${id} ${path}`)).size;
  await until("every subscription got every event", () => arrived() === subscriptions * eventsPerBatch);
  const stored = await callApi(nodes.api.url, adminKey, "/webhooks/messages?limit=250");
  expect(((await stored.json()) as { id: string }[]).every(({ id }) => accepted.includes(id))).toBe(true);
}

const collection = {
  event_type: "collection.updated",
  collection_id: "770e8400-e29b-41d4-a716-446655440002",
  collection_name: "Sales Data",
  collection_readable_id: "sales-data-ab123",
  timestamp: "2026-01-15T14:30:00.123Z",
};
