import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../delivery/fixtures/receiver.ts";
import { limits } from "../domain/limits.ts";
import { RunningWeft } from "./fixtures/running-weft.ts";

let weft: RunningWeft;
let receiver: Receiver;
beforeAll(async () => {
  [weft, receiver] = await Promise.all([RunningWeft.start(), Receiver.start()]);
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});
beforeEach(() => {
  receiver.answer = status(204);
  receiver.received.length = 0;
});

const path = "/webhooks/subscriptions";
const zeros = "00000000-0000-0000-0000-000000000000";

function subscribe(more: Record<string, unknown> = {}) {
  return weft.post(path, { url: receiver.url(), event_types: ["sync.completed"], ...more });
}

test("a subscription is created, answered in the contract's shape, read, listed and deleted", async () => {
  const created = await subscribe({ event_types: ["sync.completed", "sync.failed", "sync.completed"] });
  expect(created).toMatchObject({
    status: 200,
    body: {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      url: receiver.url(),
      filter_types: ["sync.completed", "sync.failed"],
      disabled: false,
      disabled_reason: null,
      description: null,
      filters: null,
      health_status: "unknown",
      created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/),
    },
  });
  const { id } = created.body;
  const detail = await weft.get(`${path}/${id}`);
  expect(detail.body).toEqual({ ...created.body, delivery_attempts: [], secret: null });
  expect((await weft.get(path)).body.map((item: { id: string }) => item.id)).toContain(id);
  expect((await weft.delete(`${path}/${id}`)).body).toEqual(created.body);
  expect((await weft.get(`${path}/${id}`)).status).toBe(404);
  expect((await weft.delete(`${path}/${id}`)).status).toBe(404);
});

test("every route answers with and without /v1 and a trailing slash, never by redirect", async () => {
  const { id } = (await subscribe()).body;
  for (const prefix of ["", "/v1"]) {
    for (const slash of ["", "/"]) {
      expect((await weft.get(`${prefix}${path}${slash}`)).status).toBe(200);
      expect((await weft.get(`${prefix}${path}/${id}${slash}`)).status).toBe(200);
    }
  }
});

test("an id in the other spelling names the same subscription", async () => {
  const { id } = (await subscribe()).body;
  await weft.post("/events", completed());
  await until("it was received", () => receiver.received.length > 0);
  const svixId = receiver.received[0]?.id ?? "";
  expect(svixId).toMatch(/^msg_[0-9A-Za-z]{22}$/);
  const message = await weft.get(`/webhooks/messages/${svixId}?include_attempts=true`);
  expect(message.body.delivery_attempts.some((attempt: { endpoint_id: string }) => attempt.endpoint_id === id)).toBe(
    true,
  );
});

test.each([zeros, "not-an-id", "ep_zzzzzzzzzzzzzzzzzzzzzz", "%00", "a".repeat(500)])(
  "the id %s is a 404, not a 422",
  async (id) => {
    expect((await weft.get(`${path}/${id}`)).status).toBe(404);
    expect((await weft.patch(`${path}/${id}`, {})).status).toBe(404);
    expect((await weft.get(`/webhooks/messages/${id}`)).status).toBe(404);
  },
);

test("a secret of one's own is shown back in the form that verifies; the documents' example works", async () => {
  const documented = "whsec_C2FVsBQIhrscChlQIMV10R9X4jZ8";
  const { id } = (await subscribe({ secret: documented })).body;
  expect((await weft.get(`${path}/${id}?include_secret=true`)).body.secret).toBe(documented);
  const plain = "a passphrase of my own, long enough";
  const own = (await subscribe({ secret: plain })).body.id;
  const shown = (await weft.get(`${path}/${own}?include_secret=true`)).body.secret;
  expect(Buffer.from(shown.slice("whsec_".length), "base64").toString()).toBe(plain);
});

test.each([
  ["a URL that is none", { url: "hook" }, "url"],
  ["a URL of another scheme", { url: "ftp://example.com/" }, "url"],
  ["a URL with credentials", { url: "https://user:pw@example.com/" }, "url"],
  ["a URL that is too long", { url: `https://example.com/${"x".repeat(limits.urlLengthMax)}` }, "url"],
  ["no event type", { event_types: [] }, "event_types"],
  ["an unknown event type", { event_types: ["sync.finished"] }, "event_types"],
  ["a wildcard over nothing", { event_types: ["synced.*"] }, "event_types"],
  ["a short secret", { secret: "too short" }, "secret"],
  ["a secret that is no base64", { secret: "whsec_!!!!!!!!!!!!!!!!!!!!!!!!" }, "secret"],
  ["a secret that is too long", { secret: `whsec_${Buffer.alloc(76).toString("base64")}` }, "secret"],
  ["a reserved header", { headers: { "svix-id": "x" } }, "headers"],
  ["a header with a line break", { headers: { "x-a": "b\r\nc: d" } }, "headers"],
  ["an empty filter", { filters: { source_type: [] } }, "filters"],
  ["an unknown field", { filter_types: [] }, "filter_types"],
  ["a retry schedule of years", { retry_schedule: [10 ** 9] }, "retry_schedule"],
])("%s is a 422 that says where, and nothing is stored", async (_, more, field) => {
  const before = (await weft.get(`${path}?limit=250`)).body.length;
  const refused = await subscribe(more);
  expect(refused.status).toBe(422);
  expect(refused.body.errors[0].loc.slice(0, 2)).toEqual(["body", field]);
  expect((await weft.get(`${path}?limit=250`)).body).toHaveLength(before);
});

test("an endpoint that cannot be reached or is a blocked address is a 400 with the same sentence", async () => {
  const sentence = "Could not connect to endpoint. Please check the URL is correct and the server is running.";
  await using gone = await Receiver.start();
  const url = gone.url();
  await gone[Symbol.asyncDispose]();
  for (const unreachable of [
    url,
    "http://10.0.0.1/",
    "http://169.254.169.254/latest/meta-data",
    "http://[::ffff:10.0.0.1]/",
  ]) {
    const refused = await subscribe({ url: unreachable });
    expect(refused, unreachable).toMatchObject({ status: 400, body: { detail: sentence } });
  }
});

test("any status of the HEAD request passes, and it is one request", async () => {
  receiver.answer = status(500);
  const before = receiver.checks;
  expect((await subscribe()).status).toBe(200);
  expect(receiver.checks).toBe(before + 1);
});

test("a PATCH changes only what it names; {} changes nothing; null and [] event types", async () => {
  const made = (await subscribe({ description: "d", filters: { source_type: "github" }, retry_schedule: [1, 60] }))
    .body;
  expect(made.filters).toEqual({ source_type: ["github"] });
  const same = await weft.patch(`${path}/${made.id}`, {});
  expect(same).toMatchObject({ status: 200, body: made });
  const changed = await weft.patch(`${path}/${made.id}`, {
    description: null,
    event_types: ["collection.*"],
    filters: {},
  });
  expect(changed.body).toMatchObject({
    description: null,
    filter_types: ["collection.*"],
    filters: null,
    url: made.url,
    retry_schedule: [1, 60],
  });
  expect((await weft.patch(`${path}/${made.id}`, { event_types: [] })).status).toBe(422);
  expect((await weft.patch(`${path}/${made.id}`, { secret: "x".repeat(30) })).status).toBe(422);
});

test("a disabled subscription gets nothing; enabling it with recover_since sends what was missed, once", async () => {
  const { id } = (await subscribe()).body;
  const since = new Date().toISOString();
  expect((await weft.patch(`${path}/${id}`, { disabled: true })).body).toMatchObject({
    disabled: true,
    disabled_reason: "Disabled by request.",
  });
  const missed = (await weft.post("/events", completed())).body.id;
  expect((await weft.get(`/webhooks/messages/${missed}?include_attempts=true`)).body.delivery_attempts).toBeDefined();
  const enabled = await weft.patch(`${path}/${id}`, { disabled: false, recover_since: since });
  expect(enabled.body).toMatchObject({ disabled: false, disabled_reason: null });
  await until("the missed one arrived at it", async () => {
    const { body } = await weft.get(`${path}/${id}`);
    return body.delivery_attempts.some(
      (attempt: { message_id: string; trigger: string }) =>
        attempt.message_id === missed && attempt.trigger === "recovery",
    );
  });
  const recoveries = await weft.get(`${path}/${id}/recoveries`);
  expect(recoveries.body).toMatchObject([{ id: expect.stringMatching(/^rcvr_/), total: 1 }]);
});

test("mistakes of recover_since are told, and nothing changes", async () => {
  const { id } = (await subscribe()).body;
  const tooLong = { disabled: false, recover_since: new Date(Date.now() - 15 * 86_400_000).toISOString() };
  expect(await weft.patch(`${path}/${id}`, tooLong)).toMatchObject({
    status: 422,
    body: { detail: "Cannot recover more than 14 days of messages" },
  });
  expect((await weft.patch(`${path}/${id}`, { recover_since: new Date().toISOString() })).status).toBe(422);
  expect((await weft.patch(`${path}/${id}`, { disabled: false, recover_since: "yesterday" })).status).toBe(422);
});

test("a recovery of failed messages runs to its end and can be watched", async () => {
  receiver.answer = status(500);
  const { id } = (await subscribe({ retry_schedule: [] })).body;
  const since = new Date().toISOString();
  for (let i = 0; i < 3; i++) await weft.post("/events", completed());
  await until("all failed", async () => (await weft.get(`${path}/${id}/attempts?status=failed`)).body.length === 3);
  receiver.answer = status(204);
  const recovery = await weft.post(`${path}/${id}/recover`, { since });
  expect(recovery).toMatchObject({ status: 200, body: { status: "running", total: 3, recovered: 0 } });
  const done = await until("it completed", async () => {
    const { body } = await weft.get(`${path}/${id}/recoveries/${recovery.body.id}`);
    return body.status === "completed" && body;
  });
  expect(done.recovered).toBe(3);
  await until("all arrived", async () => (await weft.get(`${path}/${id}/attempts?status=success`)).body.length === 3);
});

test("a window that ends before it begins recovers nothing and is no mistake; one too long is", async () => {
  const { id } = (await subscribe()).body;
  const hour = (hours: number) => new Date(Date.now() - hours * 3_600_000).toISOString();
  expect(await weft.post(`${path}/${id}/recover`, { since: hour(1), until: hour(2) })).toMatchObject({
    status: 200,
    body: { status: "completed", total: 0 },
  });
  expect((await weft.post(`${path}/${id}/recover`, { since: hour(15 * 24) })).body.detail).toBe(
    "Cannot recover more than 14 days of messages",
  );
  expect((await weft.post(`${path}/${id}/recover`, {})).status).toBe(422);
  expect((await weft.post(`${path}/${zeros}/recover`, { since: hour(1) })).status).toBe(404);
});

test("a test event goes to its subscription alone and answers the attempt", async () => {
  const { id } = (await subscribe({ event_types: ["collection.deleted"] })).body;
  receiver.received.length = 0;
  const tested = await weft.post(`${path}/${id}/test`, { event_type: "sync.completed" });
  expect(tested).toMatchObject({
    status: 200,
    body: { status: "success", trigger: "test", endpoint_id: id, response_status_code: 204 },
  });
  expect(receiver.received).toHaveLength(1);
  receiver.answer = status(503, {}, "busy");
  expect((await weft.post(`${path}/${id}/test`, { event_type: "sync.failed" })).body).toMatchObject({
    status: "failed",
    response_status_code: 503,
    response: "busy",
    next_attempt_at: null,
  });
  expect((await weft.post(`${path}/${id}/test`, { event_type: "sync.*" })).status).toBe(422);
  await weft.patch(`${path}/${id}`, { disabled: true });
  expect((await weft.post(`${path}/${id}/test`, { event_type: "sync.completed" })).status).toBe(409);
});

test("a message is sent again to one subscription or to all; a disabled one is a 409 that says so", async () => {
  const { id } = (await subscribe()).body;
  const message = (await weft.post("/events", completed())).body.id;
  const attempts = async () =>
    (await weft.get(`/webhooks/messages/${message}?include_attempts=true`)).body.delivery_attempts.filter(
      (attempt: { endpoint_id: string; status: string }) => attempt.endpoint_id === id && attempt.status === "success",
    );
  await until("it arrived", async () => (await attempts()).length === 1);
  expect((await weft.post(`/webhooks/messages/${message}/resend`)).body.subscription_ids).toContain(id);
  await until("it arrived again", async () => (await attempts()).length === 2);
  await weft.post(`/webhooks/messages/${message}/resend`, { subscription_id: id });
  const [latest] = await until("it arrived a third time", async () => {
    const made = await attempts();
    return made.length === 3 && made;
  });
  expect(latest).toMatchObject({ attempt_number: 3, trigger: "manual" });
  await weft.patch(`${path}/${id}`, { disabled: true });
  expect(await weft.post(`/webhooks/messages/${message}/resend`, { subscription_id: id })).toMatchObject({
    status: 409,
    body: { detail: expect.stringContaining("disabled") },
  });
  expect((await weft.post(`/webhooks/messages/${zeros}/resend`)).status).toBe(404);
  expect((await weft.post(`/webhooks/messages/${message}/resend`, { subscription_id: zeros })).status).toBe(404);
});

test("health follows the deliveries: unknown, healthy, degraded, failing", async () => {
  const { id } = (await subscribe({ retry_schedule: [] })).body;
  const health = async () => (await weft.get(`${path}/${id}`)).body.health_status;
  const send = (event_type = "sync.completed") => weft.post(`${path}/${id}/test`, { event_type });
  expect(await health()).toBe("unknown");
  await send();
  expect(await health()).toBe("healthy");
  receiver.answer = status(500);
  await send();
  expect(await health()).toBe("degraded");
  await send();
  await send();
  expect(await health()).toBe("failing");
});

test("a rotated secret is shown, and the one before signs as well until the overlap ends", async () => {
  const { id } = (await subscribe()).body;
  const before = (await weft.get(`${path}/${id}?include_secret=true`)).body.secret;
  const rotated = await weft.post(`${path}/${id}/rotate-secret`, { overlap: 3600 });
  expect(rotated.body.secret).toMatch(/^whsec_/);
  expect(rotated.body.secret).not.toBe(before);
  expect((await weft.get(`${path}/${id}?include_secret=true`)).body.secret).toBe(rotated.body.secret);
  receiver.received.length = 0;
  await weft.post(`${path}/${id}/test`, { event_type: "sync.completed" });
  expect(String(receiver.received[0]?.headers["svix-signature"]).split(" ")).toHaveLength(2);
  expect((await weft.post(`${path}/${id}/rotate-secret`, { secret: "short" })).status).toBe(422);
});

test("credentials in headers reach the endpoint and nobody else", async () => {
  const made = await subscribe({ headers: { Authorization: "Bearer t0ken", "X-Team": "search" } });
  expect(made.body.headers).toEqual({ Authorization: "***", "X-Team": "search" });
  receiver.received.length = 0;
  await weft.post(`${path}/${made.body.id}/test`, { event_type: "sync.completed" });
  expect(receiver.received[0]?.headers).toMatchObject({ authorization: "Bearer t0ken", "x-team": "search" });
});

test("creating twice under one Idempotency-Key creates once", async () => {
  const headers = { "idempotency-key": "create-1" };
  const body = { url: receiver.url("/once"), event_types: ["sync.completed"] };
  const first = await weft.post(path, body, { headers });
  const again = await weft.post(path, body, { headers });
  expect(again.body).toEqual(first.body);
  expect((await weft.post(path, { ...body, description: "x" }, { headers })).status).toBe(409);
  const failed = await weft.post(path, { ...body, url: "nope" }, { headers: { "idempotency-key": "create-2" } });
  expect(failed.status).toBe(422);
  expect((await weft.post(path, body, { headers: { "idempotency-key": "create-2" } })).status).toBe(200);
});

test("lists are plain arrays, newest first, with limits and a Link to the next page", async () => {
  await using other = await RunningWeft.start();
  const ids = [];
  for (let i = 0; i < 5; i++) ids.unshift((await other.post("/events", completed())).body.id);
  const first = await other.get("/v1/webhooks/messages?limit=2&event_types=sync.completed&event_types=sync.failed");
  const next = /<([^>]+)>; rel="next"/.exec(first.headers.get("link") ?? "")?.[1] ?? "";
  expect(next.startsWith("/v1/webhooks/messages?")).toBe(true);
  const second = await other.get(next);
  const third = await other.get(/<([^>]+)>/.exec(second.headers.get("link") ?? "")?.[1] ?? "");
  expect([first, second, third].flatMap(({ body }) => body.map((item: { id: string }) => item.id))).toEqual(ids);
  expect(third.headers.get("link")).toBeNull();
  expect((await other.get("/webhooks/messages?limit=251")).status).toBe(422);
  expect((await other.get("/webhooks/messages?limit=0")).status).toBe(422);
  expect((await other.get("/webhooks/messages?cursor=nonsense")).status).toBe(422);
  expect((await other.get("/webhooks/messages?unknown=1")).status).toBe(200);
  expect((await other.get("/webhooks/messages?since=2999-01-01T00:00:00Z")).body).toEqual([]);
});

function completed() {
  return {
    event_type: "sync.completed",
    payload: {
      event_type: "sync.completed",
      collection_readable_id: "sales-data-ab123",
      collection_name: "Sales Data",
      source_connection_id: "660e8400-e29b-41d4-a716-446655440001",
      source_type: "github",
      timestamp: "2026-01-15T14:30:00.000Z",
    },
  };
}
