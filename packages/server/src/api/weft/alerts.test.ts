import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { until } from "../../delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../../delivery/fixtures/receiver.ts";
import { eventCatalogue } from "../../domain/event-catalogue.ts";
import { MailServer } from "../../outbound/fixtures/mail-server.ts";
import { RunningWeft } from "../fixtures/running-weft.ts";

let weft: RunningWeft;
let service: Receiver;
let mail: MailServer;

beforeAll(async () => {
  [service, mail] = await Promise.all([Receiver.start(), MailServer.start()]);
  weft = await RunningWeft.start({
    WEFT_SMTP_URL: `smtp://${mail.host}`,
    WEFT_SMTP_FROM: "Weft <weft@example.org>",
    WEFT_SMTP_DOMAINS: "Example.com, example.net",
    WEFT_RETRY_SCHEDULE: "1ms",
  });
});
beforeEach(() => {
  service.respond = status(200, {}, "ok");
  service.received.length = 0;
  mail.refusal = null;
  mail.mails.length = 0;
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await Promise.all([service[Symbol.asyncDispose](), mail[Symbol.asyncDispose]()]);
});

const path = "/webhooks/subscriptions";
const routingKey = "R0UT1NGKEY0123456789abcdef012345";

function subscribe(body: Record<string, unknown>) {
  return weft.post(path, { event_types: ["sync.failed", "sync.completed"], ...body });
}

function publish(eventType: string) {
  const payload = eventCatalogue.find(({ name }) => name === eventType)?.example;
  return weft.post("/events", { event_type: eventType, payload });
}

// biome-ignore lint/suspicious/noExplicitAny: tests look into answers of every shape.
async function attemptsOf(id: string, count: number): Promise<any[]> {
  return await until(`${count} attempts were made`, async () => {
    const listed = (await weft.get(`${path}/${id}/attempts`)).body as { status: string }[];
    const attempts = listed.filter((attempt) => attempt.status !== "pending");
    return attempts.length >= count && attempts;
  });
}

test("Slack receives an unsigned request, which the history shows with a masked address", async () => {
  const { status: created, body } = await subscribe({
    destination: "slack",
    url: service.url("/services/T0/B0/s3cr3t"),
  });
  expect([created, body.destination, body.rate_limit, body.ordered]).toEqual([200, "slack", 1, false]);
  expect(body.url).toBe(`${new URL(service.url()).origin}/services/***`);
  await publish("sync.failed");
  const [attempt] = await attemptsOf(body.id, 1);
  expect(attempt).toMatchObject({ status: "success", url: body.url, response: "ok" });
  const [sent] = service.received.filter(({ method }) => method === "POST");
  expect(sent?.path).toBe("/services/T0/B0/s3cr3t");
  expect(sent?.headers).toMatchObject({ "content-type": "application/json" });
  expect(sent?.headers).not.toHaveProperty("webhook-signature");
  expect(JSON.parse(sent?.body ?? "")).toEqual({
    text: "🔴 salesforce does not sync into Sales Data: Authentication token expired",
  });
  const { request } = (await weft.get(`/webhooks/attempts/${attempt.id}`)).body;
  expect(request).toMatchObject({ method: "POST", url: body.url, body: sent?.body, signature_known: false });
  await weft.delete(`${path}/${body.id}`);
});

test("a service that refuses gets the attempts of the schedule, and then the delivery has failed", async () => {
  const { id } = (await subscribe({ destination: "slack", url: service.url("/a/b"), retry_schedule: [0.001] })).body;
  service.respond = status(500, {}, "no_service");
  await publish("sync.failed");
  const attempts = await attemptsOf(id, 2);
  expect(attempts[0]).toMatchObject({
    status: "failed",
    response: "no_service",
    attempt_number: 2,
    next_attempt_at: null,
  });
  await weft.delete(`${path}/${id}`);
});

test("a subscription's own template is rendered, and can be changed", async () => {
  const { id } = (
    await subscribe({
      destination: "discord",
      url: service.url("/api/webhooks/1/t"),
      template: "{{source_type}} broke",
      rate_limit: null,
    })
  ).body;
  const contents = () =>
    service.received.filter(({ method }) => method === "POST").map(({ body }) => JSON.parse(body).content);
  await publish("sync.failed");
  await attemptsOf(id, 1);
  const changed = await weft.patch(`${path}/${id}`, { template: "{{error}}" });
  expect(changed.body).toMatchObject({ template: "{{error}}", destination: "discord" });
  await publish("sync.failed");
  await attemptsOf(id, 2);
  expect((await weft.patch(`${path}/${id}`, { template: null })).body.template).toBeNull();
  await publish("sync.completed");
  await attemptsOf(id, 3);
  expect(contents()).toEqual([
    "salesforce broke",
    "Authentication token expired",
    "🟢 salesforce has synced into Sales Data.",
  ]);
  await weft.delete(`${path}/${id}`);
});

test("PagerDuty gets an incident and then its resolution, with the routing key that is never shown", async () => {
  const { body } = await subscribe({
    destination: "pagerduty",
    url: service.url("/v2/enqueue"),
    routing_key: routingKey,
  });
  expect(body).toMatchObject({ destination: "pagerduty", ordered: true, url: service.url("/v2/enqueue") });
  await publish("sync.failed");
  await publish("sync.completed");
  const attempts = await attemptsOf(body.id, 2);
  const events = service.received.filter(({ method }) => method === "POST").map((sent) => JSON.parse(sent.body));
  expect(events).toMatchObject([
    { routing_key: routingKey, event_action: "trigger" },
    { routing_key: routingKey, event_action: "resolve" },
  ]);
  expect(events[0].dedup_key).toBe(events[1].dedup_key);
  const shown = await Promise.all([
    weft.get(`/webhooks/attempts/${attempts[0].id}`),
    weft.get(`${path}/${body.id}?include_secret=true`),
    weft.get(path),
  ]);
  expect(JSON.stringify(shown.map(({ text }) => text))).not.toContain(routingKey);
  await weft.delete(`${path}/${body.id}`);
});

test("an e-mail is sent with the server's reply as the outcome", async () => {
  const { body } = await subscribe({ destination: "email", url: "mailto:ops@example.com" });
  expect(body).toMatchObject({ destination: "email", url: "mailto:ops@example.com", rate_limit: null });
  await publish("sync.failed");
  const [attempt] = await attemptsOf(body.id, 1);
  expect(attempt).toMatchObject({ status: "success", response_status_code: 250, url: "mailto:ops@example.com" });
  expect(mail.mails).toMatchObject([{ recipients: ["ops@example.com"] }]);
  expect(mail.mails[0]?.source).toContain("Subject: salesforce does not sync into Sales Data");
  expect((await weft.get(`/webhooks/attempts/${attempt.id}`)).body.request).toMatchObject({
    method: "SMTP",
    headers: { to: "ops@example.com", subject: expect.stringContaining("salesforce") },
  });
  mail.refusal = { code: 450, text: "Mailbox busy" };
  await publish("sync.completed");
  const [refused] = await attemptsOf(body.id, 3);
  expect(refused).toMatchObject({ status: "failed", response_status_code: 450, response: "450 Mailbox busy" });
  await weft.delete(`${path}/${body.id}`);
});

test("the notice of a test event says so", async () => {
  const { id } = (await subscribe({ destination: "slack", url: service.url("/a/b") })).body;
  expect((await weft.post(`${path}/${id}/test`, { event_type: "sync.failed" })).body).toMatchObject({
    status: "success",
  });
  expect(service.received.at(-1)?.body).toContain("[Test] salesforce");
  await weft.delete(`${path}/${id}`);
});

test.each([
  [{ destination: "slack", url: "mailto:ops@example.com" }, "url"],
  [{ destination: "email", url: "https://example.com/" }, "url"],
  [{ destination: "email", url: "mailto:a@example.com,b@example.com" }, "url"],
  [{ destination: "email", url: "mailto:a@example.com?bcc=b@example.com" }, "url"],
  [{ destination: "email", url: "mailto:a@example.com%0d%0aBcc:b@example.com" }, "url"],
  [{ destination: "email", url: "mailto:a@elsewhere.org" }, "url"],
  [{ destination: "email", url: "mailto:a@example.com", headers: { "X-Team": "a" } }, "headers"],
  [{ destination: "pagerduty", url: "https://events.pagerduty.com/v2/enqueue" }, "routing_key"],
  [{ destination: "slack", url: "https://example.com/", routing_key: routingKey }, "routing_key"],
  [{ destination: "slack", url: "https://example.com/", template: "{{error" }, "template"],
  [{ destination: "slack", url: "https://example.com/", template: "" }, "template"],
  [{ destination: "teams", url: "https://example.com/" }, "destination"],
  [{ url: "https://example.com/", template: "{{error}}" }, "template"],
])("%j is refused with the invalid field", async (body, field) => {
  expect(await subscribe(body)).toMatchObject({ status: 422, body: { errors: [{ loc: ["body", field] }] } });
});

test("a new address replaces the old one, and sending the masked address back changes nothing", async () => {
  const { body } = await subscribe({ destination: "slack", url: service.url("/services/old"), rate_limit: null });
  expect((await weft.patch(`${path}/${body.id}`, { url: body.url, description: "#alerts" })).body.url).toBe(body.url);
  await publish("sync.failed");
  await attemptsOf(body.id, 1);
  expect((await weft.patch(`${path}/${body.id}`, { url: service.url("/services/new") })).body.url).toBe(body.url);
  await publish("sync.failed");
  await attemptsOf(body.id, 2);
  const sent = service.received.filter(({ method }) => method === "POST");
  expect(sent.map((request) => request.path)).toEqual(["/services/old", "/services/new"]);
  await weft.delete(`${path}/${body.id}`);
});

test("a caller must know a PagerDuty subscription's key to change its URL, so that the key is not sent elsewhere", async () => {
  const { id } = (
    await subscribe({ destination: "pagerduty", url: service.url("/v2/enqueue"), routing_key: routingKey })
  ).body;
  const moved = { url: service.url("/mine") };
  expect(await weft.patch(`${path}/${id}`, moved)).toMatchObject({
    status: 422,
    body: { errors: [{ loc: ["body", "routing_key"] }] },
  });
  expect((await weft.patch(`${path}/${id}`, { ...moved, routing_key: routingKey })).body.url).toBe(moved.url);
  await weft.delete(`${path}/${id}`);
});

test("Svix' routes mask a destination, keep it when the mask is sent back, and never reveal its key", async () => {
  const [slack, pager] = await Promise.all([
    subscribe({ destination: "slack", url: service.url("/services/old") }),
    subscribe({ destination: "pagerduty", url: service.url("/v2/enqueue"), routing_key: routingKey }),
  ]);
  const organization = weft.weft.organizationId;
  const endpoint = (id: string) => `/api/v1/app/${organization}/endpoint/${id}`;
  const shown = (await weft.get(endpoint(slack.body.id))).body;
  expect(shown.url).toBe(slack.body.url);
  expect(await weft.call("PUT", endpoint(slack.body.id), { body: { url: shown.url, rateLimit: 1 } })).toMatchObject({
    status: 200,
  });
  await publish("sync.failed");
  await attemptsOf(slack.body.id, 1);
  expect(service.received.some((request) => request.path === "/services/old" && request.method === "POST")).toBe(true);
  const stolen = await weft.patch(endpoint(pager.body.id), { url: service.url("/mine") });
  expect(stolen.status).toBe(422);
  await Promise.all([slack, pager].map(({ body }) => weft.delete(`${path}/${body.id}`)));
});

test("no file contains a destination's credential in plain text", async () => {
  const url = service.url("/services/T0/B0/n0where1nplain");
  const made = await Promise.all([
    subscribe({ destination: "slack", url }),
    subscribe({ destination: "pagerduty", url: service.url("/v2"), routing_key: routingKey }),
  ]);
  const files = readdirSync(weft.folder).map((name) => readFileSync(join(weft.folder, name), "latin1"));
  expect(files.join("")).toContain("/services/***");
  for (const secret of ["n0where1nplain", routingKey]) expect(files.some((file) => file.includes(secret))).toBe(false);
  await Promise.all(made.map(({ body }) => weft.delete(`${path}/${body.id}`)));
});

test("a Weft without a mail server rejects the destination email", async () => {
  await using without = await RunningWeft.start();
  const params = { destination: "email", url: "mailto:a@example.com", event_types: ["*"] };
  expect(await without.post(path, params)).toMatchObject({
    status: 422,
    body: { detail: expect.stringContaining("WEFT_SMTP_URL") },
  });
});
