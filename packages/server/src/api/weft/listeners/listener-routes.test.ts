import { verify } from "@weft/receiver";
import type { ListenerDelivery } from "@weft/sdk";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../../fixtures/running-weft.ts";
import { StreamReader } from "../stream/fixtures/stream-reader.ts";

let weft: RunningWeft;

beforeAll(async () => {
  weft = await RunningWeft.start({ WEFT_RETRY_SCHEDULE: "0s,1h", WEFT_VERIFY_ENDPOINTS: "false" });
});

afterAll(() => weft[Symbol.asyncDispose]());

// JavaScript would print its numbers and keys differently.
const text =
  '{"event_type": "collection.created", "collection_id":"770e8400-e29b-41d4-a716-446655440002",  "n": 12345678901234567890,' +
  '"collection_name":"Sales","collection_readable_id":"sales-ab123","timestamp":"2026-01-15T14:30:00Z"}';

async function publish(): Promise<string> {
  const body = `{"event_type":"collection.created","payload":${text}}`;
  const { status, body: message } = await weft.post("/v1/events", undefined, { text: body });
  expect(status).toBe(200);
  return message.id;
}

/** A connection for a listener, whose deliveries a test reads one by one. */
async function connect(listenerId: string, heldMax = 10) {
  const reader = await StreamReader.open(
    `${weft.url}/v1/webhooks/listeners/${listenerId}/deliveries?held_max=${heldMax}`,
  );
  return {
    /** The next delivery. */
    next: async (): Promise<ListenerDelivery> => (await reader.take(1))[0]?.data,
    /** Why it ended. */
    ended: async () => (await reader.take(1))[0],
    [Symbol.dispose]: () => reader[Symbol.dispose](),
  };
}

function report(listenerId: string, { message_id, receipt }: ListenerDelivery, said: object) {
  return weft.post(`/v1/webhooks/listeners/${listenerId}/outcomes`, { outcomes: [{ message_id, receipt, ...said }] });
}

const fine = { status: 204, duration_ms: 12 };

test("a listener receives the accepted bytes, signed with its own secret, and its response is recorded", async () => {
  const { body: listener } = await weft.post("/v1/webhooks/listeners", { name: "first" });
  expect(listener).toMatchObject({ name: "first", kind: "listener", url: "listener://first", filter_types: ["*"] });
  using connection = await connect(listener.id);
  const messageId = await publish();
  const delivery = await connection.next();
  expect(delivery).toMatchObject({ message_id: messageId, event_type: "collection.created", attempt: 1, body: text });
  const { "svix-id": id, "webhook-id": sameId } = delivery.headers;
  expect(id).toBe(sameId);
  await verify(text, delivery.headers, listener.secret);
  const headers = { "x-request-id": "req_1", "set-cookie": "session=hidden" };
  const { body: results } = await report(listener.id, delivery, { ...fine, headers, body: "thanks" });
  expect(results).toEqual([{ message_id: messageId, became: "delivered", next_attempt_at: null }]);
  const { body: attempts } = await weft.get(`/v1/webhooks/subscriptions/${listener.id}/attempts`);
  expect(attempts).toMatchObject([
    { message_id: messageId, status: "success", response_status_code: 204, response: "thanks" },
  ]);
  expect(attempts[0].response_headers).toEqual({ "x-request-id": "req_1", "set-cookie": "***" });
});

test("a failure is retried by the schedule, and an outcome that is reported twice counts once", async () => {
  const { body: listener } = await weft.post("/v1/webhooks/listeners", { name: "retried" });
  using connection = await connect(listener.id);
  await publish();
  const first = await connection.next();
  const down = { error: "connect", detail: "Nothing listens on port 3000.", duration_ms: 3 };
  expect((await report(listener.id, first, down)).body).toMatchObject([{ became: "retrying" }]);
  // The same connection already holds the delivery again, for the next attempt.
  const second = await connection.next();
  expect((await report(listener.id, first, down)).body).toMatchObject([{ became: "lost" }]);
  expect(second).toMatchObject({ message_id: first.message_id, attempt: 2 });
  expect((await report(listener.id, second, { ...fine, status: 500 })).body).toMatchObject([
    { became: "retrying", next_attempt_at: expect.any(String) },
  ]);
  const { body: attempts } = await weft.get(`/v1/webhooks/subscriptions/${listener.id}/attempts`);
  expect(attempts).toMatchObject([
    { attempt_number: 2, response_status_code: 500 },
    { attempt_number: 1, response_status_code: 0, error: "connect: Nothing listens on port 3000." },
  ]);
});

test("deliveries without a connected listener, and those without a reported outcome, go to the next connection", async () => {
  const { body: listener } = await weft.post("/v1/webhooks/listeners", { name: "away" });
  const first = await publish();
  const second = await publish();
  {
    using connection = await connect(listener.id, 1);
    expect((await connection.next()).message_id).toBe(first);
  }
  using connection = await connect(listener.id);
  const ids = [await connection.next(), await connection.next()].map((delivery) => delivery.message_id);
  expect(ids.sort()).toEqual([first, second].sort());
});

test("a connection holds no more deliveries than it requested, and gets the next one after an outcome", async () => {
  const { body: listener } = await weft.post("/v1/webhooks/listeners", { name: "one-by-one" });
  using connection = await connect(listener.id, 1);
  await publish();
  await publish();
  const first = await connection.next();
  const before = await weft.get(`/v1/webhooks/subscriptions/${listener.id}/attempts?status=pending`);
  expect(before.body).toHaveLength(2);
  await report(listener.id, first, fine);
  expect((await connection.next()).message_id).not.toBe(first.message_id);
});

test("a listener is reused under its name, with its secret and its waiting deliveries", async () => {
  const { body: listener } = await weft.post("/v1/webhooks/listeners", { name: "again" });
  await weft.patch(`/v1/webhooks/subscriptions/${listener.id}`, { disabled: true });
  expect((await weft.get(`/v1/webhooks/listeners/${listener.id}/deliveries`)).status).toBe(409);
  const { body: again } = await weft.post("/v1/webhooks/listeners", { name: "again", event_types: ["sync.*"] });
  expect(again).toMatchObject({ id: listener.id, secret: listener.secret, filter_types: ["sync.*"], disabled: false });
  const secret = "whsec_c29tZSBzZWNyZXQgb2YgbXkgb3duIQ==";
  expect((await weft.post("/v1/webhooks/listeners", { name: "again", secret })).body).toMatchObject({ secret });
});

test("a resend of a delivered message is sent again, as a further attempt", async () => {
  const { body: listener } = await weft.post("/v1/webhooks/listeners", { name: "resent" });
  using connection = await connect(listener.id);
  const messageId = await publish();
  await report(listener.id, await connection.next(), fine);
  await weft.post(`/v1/webhooks/messages/${messageId}/resend`, { subscription_id: listener.id });
  expect(await connection.next()).toMatchObject({ message_id: messageId, attempt: 2 });
});

test("deleting a listener ends its connection and cancels its deliveries", async () => {
  const { body: listener } = await weft.post("/v1/webhooks/listeners", { name: "deleted" });
  using connection = await connect(listener.id);
  await publish();
  await connection.next();
  await weft.delete(`/v1/webhooks/subscriptions/${listener.id}`);
  expect(await connection.ended()).toMatchObject({ event: "end", data: { code: "not_found" } });
});

test("an unknown listener is a 404, a setting without meaning for one is a 422, and a name of another subscription is a 409", async () => {
  const url = "https://example.com/hook";
  const { body: endpoint } = await weft.post("/v1/webhooks/subscriptions", { url, event_types: ["sync.*"] });
  const { body: listener } = await weft.post("/v1/webhooks/listeners", { name: "strict" });
  const outcome = { message_id: endpoint.id, receipt: endpoint.id, ...fine };
  for (const id of [endpoint.id, "nothing"]) {
    expect((await weft.get(`/v1/webhooks/listeners/${id}/deliveries`)).status).toBe(404);
    expect((await weft.post(`/v1/webhooks/listeners/${id}/outcomes`, { outcomes: [outcome] })).status).toBe(404);
  }
  for (const change of [{ url }, { ordered: true }, { rate_limit: 5 }]) {
    expect((await weft.patch(`/v1/webhooks/subscriptions/${listener.id}`, change)).status).toBe(422);
  }
  const asEndpoint = `/api/v1/app/${weft.weft.organizationId}/endpoint/${listener.id}`;
  expect((await weft.patch(asEndpoint, { url })).status).toBe(422);
  const kept = { url: listener.url, filterTypes: ["sync.failed"] };
  expect((await weft.call("PUT", asEndpoint, { body: kept })).body).toMatchObject(kept);
  for (const body of [{ name: "no spaces" }, { name: "" }, {}, { name: "x", event_types: ["nothing.known"] }]) {
    expect((await weft.post("/v1/webhooks/listeners", body)).status).toBe(422);
  }
  const outcomes = `/v1/webhooks/listeners/${listener.id}/outcomes`;
  const lost = { ...outcome, receipt: "' or 1=1" };
  expect((await weft.post(outcomes, { outcomes: [outcome, lost] })).body).toMatchObject([
    { became: "lost" },
    { became: "lost" },
  ]);
  for (const said of [{ status: 199 }, { status: 1_000 }, { error: "sulking" }, { status: 200, error: "connect" }]) {
    const bad = { message_id: endpoint.id, receipt: endpoint.id, duration_ms: 1, ...said };
    expect((await weft.post(outcomes, { outcomes: [bad] })).status).toBe(422);
  }
});

test("another organization's listener is a 404, even for its own deliveries", async () => {
  const { body: listener } = await weft.post("/v1/webhooks/listeners", { name: "mine" });
  using connection = await connect(listener.id);
  await publish();
  const { message_id, receipt } = await connection.next();
  const { body: other } = await weft.post("/v1/organizations", { name: "Other" });
  const headers = { "x-organization-id": other.id };
  expect((await weft.get(`/v1/webhooks/listeners/${listener.id}/deliveries`, { headers })).status).toBe(404);
  const body = { outcomes: [{ message_id, receipt, ...fine }] };
  expect((await weft.post(`/v1/webhooks/listeners/${listener.id}/outcomes`, body, { headers })).status).toBe(404);
  const made = await weft.post("/v1/webhooks/listeners", { name: "mine" }, { headers });
  expect(made.body.id).not.toBe(listener.id);
});

test("a listener's connection ends with a reason when Weft stops", async () => {
  const own = await RunningWeft.start();
  const { body: listener } = await own.post("/v1/webhooks/listeners", { name: "last" });
  using reader = await StreamReader.open(`${own.url}/v1/webhooks/listeners/${listener.id}/deliveries`);
  await reader.nextBlock();
  const stopped = own[Symbol.asyncDispose]();
  expect(await reader.next()).toMatchObject({ event: "end", data: { code: "shutting_down" } });
  await stopped;
});
