import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { completed } from "../../packages/server/src/api/fixtures/weft-and-receiver.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver, status } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { TestDatabases } from "../../packages/server/src/store/postgres/fixtures/test-databases.ts";
import { Collector } from "./collector.ts";
import { databaseSettings, databases } from "./databases.ts";
import type { CollectedSpan } from "./otlp-messages.ts";

const made = new TestDatabases();
afterAll(() => made[Symbol.asyncDispose]());

const callerSpanId = "00f067aa0ba902b7";
let lastTrace = 0;

/** The headers of a caller with a trace of its own. */
function callerTrace(isSampled = true) {
  lastTrace += 1;
  const traceId = lastTrace.toString(16).padStart(32, "a");
  return {
    traceId,
    headers: { traceparent: `00-${traceId}-${callerSpanId}-${isSampled ? "01" : "00"}`, tracestate: "acme=1" },
  };
}

function named(spans: readonly CollectedSpan[], name: string): CollectedSpan[] {
  return spans.filter((span) => span.name === name);
}

function only(spans: readonly CollectedSpan[], name: string): CollectedSpan {
  const [span, ...others] = named(spans, name);
  if (span === undefined || others.length > 0) throw new Error(`${others.length + 1} spans have the name ${name}.`);
  return span;
}

describe.each(databases)("on %s", (database) => {
  let weft: RunningWeft;
  let collector: Collector;
  let receiver: Receiver;
  beforeAll(async () => {
    [collector, receiver] = await Promise.all([Collector.start(), Receiver.start()]);
    const settings = await databaseSettings(database, made);
    const retries = { WEFT_RETRY_SCHEDULE: "10ms,10ms" };
    weft = await RunningWeft.start({ ...settings, ...retries, ...collector.variables });
  });
  afterAll(async () => {
    await weft[Symbol.asyncDispose]();
    await receiver[Symbol.asyncDispose]();
    await collector[Symbol.asyncDispose]();
  });
  beforeEach(async () => {
    receiver.respond = status(204);
    receiver.received.length = 0;
    for (const { id } of (await weft.get("/webhooks/subscriptions")).body)
      await weft.delete(`/webhooks/subscriptions/${id}`);
  });

  async function subscribe(more: object = {}, path = "/hook"): Promise<string> {
    const body = { url: receiver.url(path), event_types: ["sync.*"], ...more };
    const { status, body: subscription } = await weft.post("/webhooks/subscriptions", body);
    expect(status).toBe(200);
    return subscription.id;
  }

  test("a publish and its deliveries are spans of the caller's trace, from the fan-out to the record", async () => {
    const subscriptionId = await subscribe();
    const { traceId, headers } = callerTrace();
    const { body } = await weft.post("/events", completed(), { headers });
    const spans = await collector.trace(traceId, /^deliver/, 1);
    const publish = only(spans, "publish sync.completed");
    const deliver = only(spans, "deliver sync.completed");
    const post = only(spans, "POST");
    expect(publish).toMatchObject({ parentId: callerSpanId, kind: 2, traceState: "acme=1" });
    expect(publish.attributes).toMatchObject({
      "messaging.system": "weft",
      "messaging.destination.name": "sync.completed",
      "messaging.message.id": body.id,
    });
    expect(only(spans, "fan out").parentId).toBe(publish.spanId);
    expect(deliver.parentId).toBe(publish.spanId);
    expect(deliver.attributes).toMatchObject({
      "messaging.message.id": body.id,
      "weft.subscription.id": subscriptionId,
      "weft.attempt.number": 1,
      "weft.delivery.state": "delivered",
    });
    for (const name of ["wait", "POST", "record"]) expect(only(spans, name).parentId, name).toBe(deliver.spanId);
    expect(post).toMatchObject({ kind: 3, links: [], status: 0 });
    expect(post.attributes).toMatchObject({
      "http.request.method": "POST",
      "http.response.status_code": 204,
      "server.address": "127.0.0.1",
      "server.port": Number(new URL(receiver.url()).port),
      "url.scheme": "http",
    });
    expect(JSON.stringify(spans)).not.toContain("/hook");
    for (const span of spans) expect(span.endedAt).toBeGreaterThanOrEqual(span.startedAt);
    expect(publish.resource).toMatchObject({ "service.name": "weft", "service.version": expect.any(String) });
  });

  test("a retry is in the trace of the first attempt, and its request has a link to the first one", async () => {
    await subscribe();
    receiver.respond = (response) => void response.writeHead(receiver.received.length === 1 ? 500 : 204).end();
    const { traceId, headers } = callerTrace();
    await weft.post("/events", completed(), { headers });
    const spans = await collector.trace(traceId, /^deliver/, 2);
    const [first, second] = named(spans, "POST").sort((a, b) => a.startedAt - b.startedAt);
    expect(first).toMatchObject({ status: 2, links: [] });
    expect(first?.attributes).toMatchObject({ "error.type": "500", "http.response.status_code": 500 });
    expect(second).toMatchObject({ status: 0, links: [{ traceId, spanId: first?.spanId }] });
    expect(second?.attributes).toMatchObject({ "http.request.resend_count": 1 });
  });

  test("a receiver gets the context of its request if the subscription allows it, and nothing otherwise", async () => {
    await subscribe({ send_trace_context: true }, "/traced");
    await subscribe({}, "/plain");
    const { traceId, headers } = callerTrace();
    await weft.post("/events", completed(), { headers });
    const spans = await collector.trace(traceId, /^deliver/, 2);
    const byPath = new Map(receiver.received.map((request) => [request.path, request.headers]));
    const { traceparent, tracestate } = byPath.get("/traced") ?? {};
    const [, sentTrace, sentSpan, flags] = String(traceparent).split("-");
    expect([sentTrace, flags, tracestate]).toEqual([traceId, "01", "acme=1"]);
    expect(named(spans, "POST").map(({ spanId }) => spanId)).toContain(sentSpan);
    expect(byPath.get("/plain")).not.toHaveProperty("traceparent");
    expect(byPath.get("/plain")).not.toHaveProperty("tracestate");
  });

  test("the setting can be changed, and alerts refuse it", async () => {
    const id = await subscribe();
    const path = `/webhooks/subscriptions/${id}`;
    expect((await weft.get(path)).body.send_trace_context).toBe(false);
    expect((await weft.patch(path, { send_trace_context: true })).body.send_trace_context).toBe(true);
    await weft.post("/events", completed(), { headers: callerTrace().headers });
    await until("it arrived with its context", () => receiver.received.some(({ headers }) => "traceparent" in headers));
    const alert = { url: "https://hooks.slack.com/services/a/b/c", destination: "slack", event_types: ["sync.*"] };
    const refused = await weft.post("/webhooks/subscriptions", { ...alert, send_trace_context: true });
    expect([refused.status, refused.body.errors[0].loc]).toEqual([422, ["body", "send_trace_context"]]);
  });

  test("the publish of a caller without a trace begins one, which a batch shares", async () => {
    await subscribe();
    const { body } = await weft.post("/events", [completed(), completed()]);
    const publish = await until("the publish was exported", () =>
      collector.spans.find(({ attributes }) => attributes["messaging.batch.message_count"] === 2),
    );
    expect(publish.parentId).toBeNull();
    const spans = await collector.trace(publish.traceId, /^deliver/, 2);
    const ids = named(spans, "deliver sync.completed").map(({ attributes }) => attributes["messaging.message.id"]);
    expect(ids.sort()).toEqual(body.map(({ id }: { id: string }) => id).sort());
  });

  test("a trace that the caller does not record is not exported, and its receiver gets the caller's own context", async () => {
    await subscribe({ send_trace_context: true });
    const { traceId, headers } = callerTrace(false);
    await weft.post("/events", completed(), { headers });
    await until("it arrived", () => receiver.received.length === 1);
    expect(receiver.received[0]?.headers).toMatchObject(headers);
    const recorded = callerTrace();
    await weft.post("/events", completed(), { headers: recorded.headers });
    await collector.trace(recorded.traceId, /^deliver/, 1);
    expect(collector.spans.filter((span) => span.traceId === traceId)).toEqual([]);
  });

  test("a sync job and the deliveries of its events are one trace", async () => {
    await subscribe();
    const collection = (await weft.post("/collections", { name: "Docs" })).body.readable_id;
    const connection = (
      await weft.post("/source-connections", {
        short_name: "stub",
        readable_collection_id: collection,
        authentication: { credentials: { stub_key: "sk-secret" } },
        sync_immediately: false,
      })
    ).body;
    const job = (await weft.post(`/source-connections/${connection.id}/run`)).body.id as string;
    const spans = await collector.trace(job.replaceAll("-", ""), /^deliver/, 3);
    const root = only(spans, "sync job");
    expect(root.parentId).toBeNull();
    expect(root.attributes).toMatchObject({ "weft.sync_job.id": job, "weft.sync_job.state": "completed" });
    const delivers = spans.filter(({ name }) => name.startsWith("deliver "));
    expect(delivers.map(({ name }) => name).sort()).toEqual([
      "deliver sync.completed",
      "deliver sync.pending",
      "deliver sync.running",
    ]);
    for (const deliver of delivers) expect(deliver.parentId).toBe(root.spanId);
  });
});
