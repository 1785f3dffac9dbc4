import { expect, test } from "vitest";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/notices/preview";
const zeros = "00000000-0000-0000-0000-000000000000";

test("a preview equals the request that the destination receives about the same message", async () => {
  const template = "{{source_type}} synced <{{collection_name}}>";
  const made = await subscribe({ destination: "slack", url: used.receiver.url("/slack/token"), template });
  expect(made.status).toBe(200);
  const { id } = (await used.weft.post("/events", completed())).body;
  await expect.poll(() => used.receiver.received.length).toBe(1);
  const { body } = await used.weft.post(path, { destination: "slack", template, message_id: id });
  expect(body).toEqual({ event_type: "sync.completed", subject: null, body: used.receiver.received[0]?.body });
  expect(JSON.parse(body.body)).toEqual({ text: "github synced <Sales Data>" });
});

test("every destination is previewed with the example of an event type", async () => {
  const preview = async (destination: string, template: string | null = null) =>
    (await used.weft.post(path, { destination, template, event_type: "sync.failed" })).body;
  expect(JSON.parse((await preview("slack")).body).text).toMatch(/^🔴 .+ does not sync into /);
  expect(JSON.parse((await preview("discord", "{{event_type}}")).body).content).toBe("sync.failed");
  expect(JSON.parse((await preview("pagerduty")).body)).toMatchObject({ routing_key: "***", event_action: "trigger" });
  const mail = await preview("email", "Sync failed\n\nError: {{error}}");
  expect(mail.subject).toBe("Sync failed");
  expect(mail.body).toMatch(/^Error: .+\n$/);
  expect(used.receiver.received).toEqual([]);
});

test.each([
  [{ destination: "slack", template: "{{error", event_type: "sync.failed" }, 422],
  [{ destination: "slack", event_type: "no.such" }, 422],
  [{ destination: "slack" }, 422],
  [{ destination: "slack", event_type: "sync.failed", message_id: zeros }, 422],
  [{ destination: "webhook", event_type: "sync.failed" }, 422],
  [{ destination: "slack", template: "a".repeat(4_001), event_type: "sync.failed" }, 422],
  [{ destination: "slack", message_id: zeros }, 404],
])("the preview of %j is a %i", async (body, status) => {
  expect((await used.weft.post(path, body)).status).toBe(status);
});
