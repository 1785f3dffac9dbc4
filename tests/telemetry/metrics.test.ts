import { afterAll, beforeAll, expect, test } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { completed } from "../../packages/server/src/api/fixtures/weft-and-receiver.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { Collector } from "./collector.ts";

let weft: RunningWeft;
let collector: Collector;
let receiver: Receiver;
beforeAll(async () => {
  [collector, receiver] = await Promise.all([Collector.start(), Receiver.start()]);
  weft = await RunningWeft.start({ ...collector.variables, OTEL_TRACES_EXPORTER: "none" });
  await weft.post("/webhooks/subscriptions", { url: receiver.url(), event_types: ["sync.*"] });
  await weft.post("/events", completed());
  await until("it arrived", () => receiver.received.length === 1);
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
});

test("every metric of Prometheus is exported under the same name, with its description", async () => {
  const { text } = await weft.get("/metrics");
  const helps = [...text.matchAll(/^# HELP (\w+) (.*)$/gm)].map(([, name, help]) => [name, help] as const);
  expect(helps.length).toBeGreaterThan(30);
  await until("metrics were exported", () => collector.metrics.size > 0);
  for (const [name = "", help] of helps) {
    expect(collector.metrics.get(name)?.description, name).toBe(help);
  }
});

test("counters, gauges and histograms keep their kind, labels and values", async () => {
  await until("the attempt was exported", () => (collector.metrics.get("weft_attempts_total")?.points.length ?? 0) > 0);
  const { metrics } = collector;
  expect(metrics.get("weft_attempts_total")).toMatchObject({
    kind: "sum",
    points: [{ attributes: { outcome: "accepted", became: "delivered" }, value: 1 }],
  });
  expect(metrics.get("weft_backlog_oldest_seconds")).toMatchObject({
    kind: "gauge",
    unit: "s",
    points: [{ value: 0 }],
  });
  const queue = metrics.get("weft_queue_seconds");
  const [point] = queue?.points ?? [];
  expect([queue?.kind, queue?.unit, point?.histogram.count]).toEqual(["histogram", "s", 1]);
  const { bounds = [], counts = [] } = point?.histogram ?? {};
  // The last bucket has no boundary.
  expect(counts).toHaveLength(bounds.length + 1);
  expect(counts.reduce((sum, count) => sum + count, 0)).toBe(1);
});

test("without traces, no request to the collector has any", () => {
  expect(collector.requests.map(({ path }) => path)).not.toContain("/v1/traces");
});
