import {
  AlwaysOnSampler,
  InMemorySpanExporter,
  ParentBasedSampler,
  type ReadableSpan,
  type Sampler,
  SimpleSpanProcessor,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { expect, test } from "vitest";
import type { ClaimedDelivery } from "../../domain/delivery.ts";
import { idSource, type SubscriptionId } from "../../domain/id.ts";
import { newMessage } from "../../domain/message.ts";
import { newAttempt } from "../../domain/new-attempt.ts";
import { parseTraceContext } from "../../domain/trace-context.ts";
import type { Reporter } from "../reporter.ts";
import { RecordedTraces } from "./recorded-traces.ts";
import { SpanIds } from "./span-ids.ts";
import { SpanRecorder } from "./span-recorder.ts";
import { tracingReporter } from "./tracing-reporter.ts";

let randomByte = 0;
const newId = idSource(
  () => 1_768_487_400_000,
  (size) => Buffer.from(Array.from({ length: size }, () => (randomByte = (randomByte * 31 + 7) % 251))),
);

/** A reporter whose spans a test reads. */
function tracing(sampler: Sampler = new ParentBasedSampler({ root: new AlwaysOnSampler() })) {
  const exporter = new InMemorySpanExporter();
  const facts: string[] = [];
  const base = new Proxy({} as Reporter, {
    get: (_, name) => () => void facts.push(String(name)),
    ownKeys: () => [],
  });
  const idGenerator = new SpanIds();
  const provider = new TracerProvider({
    sampler,
    idGenerator,
    spanProcessors: [new SimpleSpanProcessor({ exporter })],
  });
  const spans = new SpanRecorder(provider.getTracer("test"), sampler, idGenerator);
  const traces = new RecordedTraces(spans);
  return { facts, traces, reporter: tracingReporter(base, spans, traces), spans: () => exporter.getFinishedSpans() };
}

function deliveryOf(traceContext: string | null, attempts = 0): ClaimedDelivery {
  return {
    ...{ messageId: newId<"message">(), subscriptionId: newId<"subscription">() as SubscriptionId },
    ...{ organizationId: newId<"organization">(), eventType: "sync.completed", payload: "{}", contentType: null },
    ...{ trigger: "scheduled", attempts, scheduleStep: 0, ordered: false, dueAt: 900, traceContext },
  };
}

/** Reports one accepted attempt of a delivery, and its record. */
function deliver({ reporter }: { reporter: Reporter }, delivery: ClaimedDelivery, url = "https://example.com/secret") {
  const outcome = { kind: "accepted", status: 200, body: "", note: null } as const;
  const settled = { state: "delivered" } as const;
  const exchange = { kind: "answered", status: 200, headers: {}, body: "", truncated: null, durationMs: 20 } as const;
  const facts = { id: newId<"attempt">(), url, exchange, outcome, settled, startedAt: 1_000 };
  const attempt = newAttempt(delivery, facts);
  reporter.attemptFinished({ delivery, attempt, outcome, became: "delivered" });
  reporter.attemptsRecorded({ records: [{ attempt }], at: 1_050 });
}

function named(spans: readonly ReadableSpan[], name: string): ReadableSpan {
  const span = spans.find((one) => one.name === name);
  if (span === undefined) throw new Error(`No span is named ${name}.`);
  return span;
}

const millis = ([seconds, nanos]: readonly [number, number]) => seconds * 1_000 + nanos / 1e6;

test("the wait, the request and the record of an attempt follow each other", () => {
  const traced = tracing();
  deliver(traced, deliveryOf(null));
  const times = ["wait", "POST", "record", "deliver sync.completed"].map((name) => {
    const { startTime, endTime } = named(traced.spans(), name);
    return [millis(startTime), millis(endTime)];
  });
  expect(times).toEqual([
    [900, 1_000],
    [1_000, 1_020],
    [1_020, 1_050],
    [900, 1_050],
  ]);
});

test("a message without a trace context begins a trace with its own id, and every fact still reaches the log", () => {
  const traced = tracing();
  const delivery = deliveryOf(null);
  deliver(traced, delivery);
  const deliverSpan = named(traced.spans(), "deliver sync.completed");
  expect(deliverSpan.spanContext().traceId).toBe(delivery.messageId.replaceAll("-", ""));
  expect(deliverSpan.parentSpanContext).toBeUndefined();
  expect(traced.facts).toEqual(["attemptFinished", "attemptsRecorded"]);
});

test("the context that an attempt sends is that of its own request", () => {
  const traced = tracing();
  for (const context of [null, traced.traces.ofPublish(null)]) {
    const delivery = deliveryOf(context);
    const sent = parseTraceContext(traced.traces.ofAttempt(delivery));
    deliver(traced, delivery);
    const request = traced.spans().find((span) => span.spanContext().spanId === sent.spanId);
    expect([request?.name, request?.spanContext().traceId, sent.isSampled]).toEqual(["POST", sent.traceId, true]);
  }
});

test("another process knows the span of the attempt before without having seen it", () => {
  const [first, second] = [tracing(), tracing()];
  const delivery = deliveryOf(first.traces.ofPublish(null));
  deliver(first, delivery);
  deliver(second, { ...delivery, attempts: 1 });
  const [link] = named(second.spans(), "POST").links;
  expect(link?.context.spanId).toBe(named(first.spans(), "POST").spanContext().spanId);
});

test("a trace is recorded completely or not at all, whichever process continues it", () => {
  const ratio = () => new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(0.5) });
  const [publisher, deliverer] = [tracing(ratio()), tracing(ratio())];
  let recorded = 0;
  for (let n = 0; n < 200; n++) {
    const traceContext = publisher.traces.ofPublish(null);
    const message = newMessage({
      ...{ id: newId<"message">(), organizationId: newId<"organization">(), eventType: "sync.completed" },
      ...{ eventId: null, payload: "{}", createdAt: 900, traceContext },
    });
    const accepted = [{ duplicate: false }];
    publisher.reporter.published({ messages: [message], accepted, parent: null, at: 910, tookMs: 10, storedMs: 5 });
    const delivery = { ...deliveryOf(traceContext), messageId: message.id };
    const before = deliverer.spans().length;
    deliver(deliverer, delivery);
    const isPublished = publisher
      .spans()
      .some((span) => span.spanContext().traceId === parseTraceContext(traceContext ?? "").traceId);
    expect(deliverer.spans().length - before).toBe(isPublished ? 4 : 0);
    recorded += isPublished ? 1 : 0;
  }
  expect(recorded).toBeGreaterThan(40);
  expect(recorded).toBeLessThan(160);
});

test("no span contains the path of an endpoint", () => {
  const traced = tracing();
  deliver(traced, deliveryOf(null), "https://user.example.com:8443/secret?token=hush");
  const attributes = traced.spans().map((span) => span.attributes);
  expect(JSON.stringify(attributes)).not.toMatch(/secret|hush/);
  expect(named(traced.spans(), "POST").attributes).toMatchObject({
    "server.address": "user.example.com",
    "server.port": 8443,
  });
});

test("an error while spans are recorded is reported, and does not reach the caller", () => {
  const broken: Sampler = {
    shouldSample: () => {
      throw new Error("The sampler is broken.");
    },
    toString: () => "broken",
  };
  const traced = tracing(broken);
  expect(() => deliver(traced, deliveryOf(null))).not.toThrow();
  expect(traced.facts).toContain("internalOperationFailed");
});
