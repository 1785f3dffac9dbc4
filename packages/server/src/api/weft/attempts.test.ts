import { expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { status } from "../../delivery/fixtures/receiver.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";
import { completed, useWeftAndReceiver } from "../fixtures/weft-and-receiver.ts";

const { used, subscribe } = useWeftAndReceiver();
const path = "/webhooks/subscriptions";
const zeros = "00000000-0000-0000-0000-000000000000";

/** Sends an event to a subscription and returns the attempt, as lists show it, with the received request. */
async function attempted(id: string, eventType = "sync.completed") {
  const tested = (await used.weft.post(`${path}/${id}/test`, { event_type: eventType })).body;
  const received = await until("it arrived", () => used.receiver.received.at(-1) ?? false);
  return { attempt: tested, received };
}

test("an attempt shows the sent request, including signatures and the subscription's own headers", async () => {
  const { id } = (await subscribe({ headers: { "X-Team": "sales", "X-Api-Key": "k" } })).body;
  const { attempt, received } = await attempted(id);
  const shown = (await used.weft.get(`/webhooks/attempts/${attempt.id}`)).body;
  const { request, ...rest } = shown;
  expect(rest).toEqual(attempt);
  expect(rest.event_type).toBe("sync.completed");
  expect(request).toMatchObject({
    method: "POST",
    url: used.receiver.url(),
    signature_known: true,
    own_headers_known: true,
    body_bytes: Buffer.byteLength(received.body),
  });
  expect(received.headers).toMatchObject(request.headers);
  expect(Object.keys(request.headers)).toEqual(
    expect.arrayContaining(["svix-signature", "webhook-signature", "user-agent", "content-type", "x-team"]),
  );
});

test("an attempt shows the response headers, without credentials, in lists and alone", async () => {
  const { id } = (await subscribe()).body;
  used.receiver.respond = status(500, { "x-request-id": "req_1", "retry-after": "1", "set-cookie": "session=hidden" });
  const { attempt } = await attempted(id);
  expect(attempt.response_headers).toMatchObject({ "x-request-id": "req_1", "retry-after": "1", "set-cookie": "***" });
  const [listed] = (await used.weft.get(`${path}/${id}/attempts`)).body;
  const alone = (await used.weft.get(`/webhooks/attempts/${attempt.id}`)).body;
  for (const shown of [listed, alone]) expect(shown.response_headers).toEqual(attempt.response_headers);
  expect(attempt.response_headers_truncated).toBe(false);
  const many = Object.fromEntries(Array.from({ length: 45 }, (_, index) => [`x-${index}`, "a"]));
  used.receiver.received.length = 0;
  used.receiver.respond = status(500, many);
  expect((await attempted(id)).attempt.response_headers_truncated).toBe(true);
});

test("after a rotation earlier attempts show signatures of the old secret, and changed headers are marked as uncertain", async () => {
  const { id } = (await subscribe()).body;
  const { attempt, received } = await attempted(id);
  await used.weft.post(`${path}/${id}/rotate-secret`, { overlap: 0 });
  await used.weft.patch(`${path}/${id}`, { headers: { "x-team": "sales" } });
  const { request } = (await used.weft.get(`/webhooks/attempts/${attempt.id}`)).body;
  expect(request).toMatchObject({ signature_known: true, own_headers_known: false });
  expect(request.headers["svix-signature"]).toBe(received.headers["svix-signature"]);
  // The second rotation removes the secrets that had expired by then.
  await used.weft.post(`${path}/${id}/rotate-secret`, { overlap: 0 });
  const { request: forgotten } = (await used.weft.get(`/webhooks/attempts/${attempt.id}`)).body;
  expect(forgotten.signature_known).toBe(false);
  expect(Object.keys(forgotten.headers)).not.toContain("svix-signature");
  expect(Object.keys(forgotten.headers)).not.toContain("webhook-signature");
});

test("the attempts of a deleted subscription are shown, without inventing the data that is no longer kept", async () => {
  const { id } = (await subscribe({ headers: { "x-team": "sales" } })).body;
  const { attempt } = await attempted(id);
  await used.weft.delete(`${path}/${id}`);
  const { request } = (await used.weft.get(`/webhooks/attempts/${attempt.id}`)).body;
  expect(request).toMatchObject({ signature_known: false, own_headers_known: false, url: used.receiver.url() });
  expect(request.headers).not.toHaveProperty("x-team");
});

test("headers that look like credentials are shown only to callers who may read secrets", async () => {
  const adminKey = "an-admin-key-that-the-operator-gave-weft";
  await using weft = await RunningWeft.start({ WEFT_AUTH: "required", WEFT_ADMIN_KEY: adminKey });
  const as = (key: string) => ({ headers: { "x-api-key": key } });
  const key = async (scopes: string[]) =>
    (await weft.post("/api-keys", { name: "k", scopes }, as(adminKey))).body.key as string;
  const headers = { "X-Api-Key": "hidden", "X-Team": "sales" };
  const body = { url: used.receiver.url(), event_types: ["sync.*"], headers };
  const { id } = (await weft.post(path, body, as(adminKey))).body;
  const { body: attempt } = await weft.post(`${path}/${id}/test`, { event_type: "sync.failed" }, as(adminKey));
  const shownTo = async (scopes: string[]) => {
    const response = await weft.get(`/webhooks/attempts/${attempt.id}`, as(await key(scopes)));
    return response.body.request.headers;
  };
  expect(await shownTo(["read"])).toMatchObject({ "x-api-key": "***", "x-team": "sales" });
  expect(await shownTo(["read", "secrets"])).toMatchObject({ "x-api-key": "hidden", "x-team": "sales" });
  const other = (await weft.post("/organizations", { name: "Other" }, as(adminKey))).body.id;
  const elsewhere = { headers: { "x-api-key": adminKey, "x-organization-id": other } };
  expect((await weft.get(`/webhooks/attempts/${attempt.id}`, elsewhere)).status).toBe(404);
});

test("a delivery without an attempt is a 404", async () => {
  for (const id of [zeros, "atmpt_nothing", "no-id"]) {
    expect((await used.weft.get(`/webhooks/attempts/${id}`)).status).toBe(404);
  }
});

test("a subscription's attempts are listed by event type and by time", async () => {
  const { id } = (await subscribe({ event_types: ["sync.*"] })).body;
  const before = new Date().toISOString();
  await attempted(id, "sync.failed");
  used.receiver.respond = status(500);
  await attempted(id, "sync.completed");
  const types = async (query: string) =>
    (await used.weft.get(`${path}/${id}/attempts?${query}`)).body.map((row: { event_type: string }) => row.event_type);
  expect(await types("")).toEqual(["sync.completed", "sync.failed"]);
  expect(await types("event_types=sync.failed&event_types=sync.pending")).toEqual(["sync.failed"]);
  expect(await types("event_types=sync.*")).toEqual(["sync.completed", "sync.failed"]);
  expect(await types("event_types=collection.*&event_types=sync.failed")).toEqual(["sync.failed"]);
  expect(await types("event_types=sync.failed&status=failed")).toEqual([]);
  expect(await types(`since=${before}`)).toHaveLength(2);
  expect(await types(`until=${before}`)).toEqual([]);
  expect((await used.weft.get(`${path}/${id}/attempts?since=yesterday`)).status).toBe(422);
});

test("attempts and messages are listed by the class of the response, and by the time when an attempt began", async () => {
  const { id } = (await subscribe({ event_types: ["sync.*"] })).body;
  const answers: Readonly<Record<string, number>> = { "sync.completed": 204, "sync.failed": 404, "sync.pending": 503 };
  const made: Record<string, { id: string; message_id: string; timestamp: string }> = {};
  for (const [eventType, code] of Object.entries(answers)) {
    used.receiver.received.length = 0;
    used.receiver.respond = status(code);
    made[eventType] = (await attempted(id, eventType)).attempt;
  }
  const attempts = async (query: string) =>
    (await used.weft.get(`${path}/${id}/attempts?${query}`)).body.map((attempt: { id: string }) => attempt.id);
  const messages = async (query: string) =>
    (await used.weft.get(`/webhooks/messages?subscription_id=${id}&${query}`)).body.map(
      (row: { id: string }) => row.id,
    );
  const { "sync.completed": ok, "sync.failed": refused, "sync.pending": broken } = made;
  expect(await attempts("status_class=4xx")).toEqual([refused?.id]);
  expect(await attempts("status_class=5xx&status=success")).toEqual([]);
  expect(await attempts("status_class=no_response")).toEqual([]);
  expect(await messages("status_class=2xx")).toEqual([ok?.message_id]);
  expect(await messages("status_class=5xx&status=failed")).toEqual([broken?.message_id]);
  expect(await messages("status_class=5xx&event_types=sync.failed")).toEqual([]);
  const began = refused?.timestamp ?? "";
  const next = new Date(Date.parse(began) + 1).toISOString();
  expect(await attempts(`status_class=4xx&since=${began}&until=${next}`)).toEqual([refused?.id]);
  expect(await messages(`status_class=4xx&attempted_since=${began}&attempted_until=${next}`)).toEqual([
    refused?.message_id,
  ]);
  expect(await messages(`attempted_since=${began}`)).toEqual([broken?.message_id, refused?.message_id]);
  expect(await messages(`status_class=4xx&attempted_since=${next}`)).toEqual([]);
  expect((await used.weft.get(`/webhooks/messages?status_class=6xx`)).status).toBe(422);
  expect((await used.weft.get(`${path}/${id}/attempts?status_class=200`)).status).toBe(422);
});

test("the attempts of a message name its event type", async () => {
  await subscribe();
  const { id } = (await used.weft.post("/events", completed())).body;
  const { body } = await used.weft.get(`/webhooks/messages/${id}?include_attempts=true`);
  expect(body.delivery_attempts.length).toBeGreaterThan(0);
  for (const attempt of body.delivery_attempts) expect(attempt.event_type).toBe("sync.completed");
});
