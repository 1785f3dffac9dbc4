import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../fixtures/running-weft.ts";

let weft: RunningWeft;
beforeAll(async () => {
  weft = await RunningWeft.start({}, "serve");
});
afterAll(() => weft[Symbol.asyncDispose]());

test("health, metrics and the document need no key", async () => {
  expect((await weft.get("/health/live")).body).toEqual({ status: "ok" });
  expect((await weft.get("/health/ready")).body).toEqual({ status: "ok" });
  expect((await weft.get("/health")).body).toEqual({ status: "ok" });
  expect((await weft.get("/")).body.name).toBe("Weft");
  const metrics = await weft.get("/metrics");
  expect(metrics.headers.get("content-type")).toMatch(/^text\/plain/);
  expect(metrics.text).toContain("weft_messages_accepted_total");
});

test("while writes fail the process is alive and not ready, and a publish is a 503", async () => {
  await using locked = await RunningWeft.start();
  const other = new DatabaseSync(join(locked.folder, "weft.db"));
  other.exec("begin immediate");
  const event = (await locked.get("/webhooks/event-types")).body[0];
  const [live, ready, publish] = await Promise.all([
    locked.get("/health/live"),
    locked.get("/health/ready"),
    locked.post("/events", { event_type: event.name, payload: event.example }),
  ]);
  expect([live.status, ready.status, publish.status]).toEqual([200, 503, 503]);
  expect(publish.headers.get("retry-after")).toBe("1");
  other.exec("rollback");
  other.close();
  expect((await locked.get("/webhooks/messages")).body).toEqual([]);
  expect((await locked.get("/health/ready")).status).toBe(200);
});

test("a request must arrive within a minute, and a response may take longer", () => {
  const { server } = weft.weft.server;
  expect(server.requestTimeout).toBe(60_000);
  expect(server.timeout).toBe(0);
});

test("the document describes every route of the contract's webhooks table", async () => {
  const { body } = await weft.get("/openapi.json");
  const routes = Object.entries(body.paths as Record<string, object>).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => `${method.toUpperCase()} ${path.replaceAll(/\{\w+\}/g, "{}")}`),
  );
  expect(routes).toEqual(
    expect.arrayContaining([
      "GET /webhooks/messages",
      "GET /webhooks/messages/{}",
      "POST /webhooks/messages/{}/resend",
      "GET /webhooks/subscriptions",
      "POST /webhooks/subscriptions",
      "GET /webhooks/subscriptions/{}",
      "PATCH /webhooks/subscriptions/{}",
      "DELETE /webhooks/subscriptions/{}",
      "POST /webhooks/subscriptions/{}/recover",
      "GET /webhooks/subscriptions/{}/recoveries",
      "GET /webhooks/subscriptions/{}/recoveries/{}",
      "POST /webhooks/subscriptions/{}/rotate-secret",
      "POST /webhooks/subscriptions/{}/test",
      "GET /webhooks/subscriptions/{}/attempts",
      "GET /webhooks/event-types",
      "POST /events",
    ]),
  );
});

test("an unknown path is a 404 that names it, with a request id", async () => {
  const missing = await weft.get("/v1/nothing/here");
  expect(missing).toMatchObject({ status: 404, body: { detail: expect.stringContaining("/nothing/here") } });
  expect(missing.headers.get("content-type")).toMatch(/^application\/problem\+json/);
  expect(missing.headers.get("x-request-id")).toBe(missing.body.request_id);
  const wrongMethod = await weft.call("PUT", "/v1/webhooks/subscriptions/", { body: {} });
  expect([wrongMethod.status, wrongMethod.headers.get("allow")]).toEqual([405, "GET, POST"]);
});

test("an invalid URL gets a response and crashes nothing", async () => {
  for (const path of ["/%", "/webhooks/messages/%E0%A4%A", "//", "/v1", "/v1/"]) {
    const { status } = await weft.get(path);
    expect(status, path).toBeGreaterThanOrEqual(200);
    expect(status, path).toBeLessThan(500);
  }
  expect((await weft.get("/health")).status).toBe(200);
});
