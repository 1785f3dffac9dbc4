import { createServer } from "node:net";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { completed } from "../../packages/server/src/api/fixtures/weft-and-receiver.ts";
import { runWeft, temporaryFolder } from "../../packages/server/src/cli/fixtures/weft-process.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";
import { Collector } from "./collector.ts";

let receiver: Receiver;
beforeAll(async () => {
  receiver = await Receiver.start();
});
afterAll(() => receiver[Symbol.asyncDispose]());
beforeEach(() => {
  receiver.received.length = 0;
});

/** A Weft with a small queue of spans, which exports them at once. */
async function startWeft(endpoint: string, more: Record<string, string> = {}): Promise<RunningWeft> {
  const weft = await RunningWeft.start({
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_EXPORTER_OTLP_TIMEOUT: "1000",
    OTEL_BSP_SCHEDULE_DELAY: "1",
    OTEL_BSP_MAX_QUEUE_SIZE: "10",
    OTEL_METRICS_EXPORTER: "none",
    ...more,
  });
  await weft.post("/webhooks/subscriptions", { url: receiver.url(), event_types: ["sync.*"] });
  return weft;
}

async function dropped(weft: RunningWeft, reason: string): Promise<number> {
  const { text } = await weft.get("/metrics");
  const found = new RegExp(`^weft_telemetry_dropped_total\\{signal="traces",reason="${reason}"\\} (\\d+)$`, "m").exec(
    text,
  );
  return Number(found?.[1] ?? 0);
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

test("a collector that never responds stops no delivery, and spans beyond the queue are dropped and counted", async () => {
  await using collector = await Collector.start();
  collector.respond = () => {};
  await using weft = await startWeft(collector.url);
  const events = Array.from({ length: 200 }, completed);
  expect((await weft.post("/events", events)).status).toBe(200);
  await until("all events arrived", () => receiver.received.length === events.length);
  await until("the queue was full", async () => (await dropped(weft, "queue_full")) > 0);
  expect(collector.spans.length).toBeLessThan(events.length);
});

test("an unreachable collector stops no delivery, and its spans are counted as dropped", async () => {
  await using weft = await startWeft(`http://127.0.0.1:${await unusedPort()}`);
  await weft.post("/events", completed());
  await until("it arrived", () => receiver.received.length === 1);
  await until("the failed export was counted", async () => (await dropped(weft, "export_failed")) > 0);
});

test("a collector that refuses exports stops no delivery, and works again when it accepts them", async () => {
  await using collector = await Collector.start();
  collector.respond = (response) => void response.writeHead(400).end();
  await using weft = await startWeft(collector.url);
  await weft.post("/events", completed());
  await until("the failed export was counted", async () => (await dropped(weft, "export_failed")) > 0);
  collector.respond = (response) => void response.writeHead(200).end();
  collector.spans.length = 0;
  await weft.post("/events", completed());
  await until("a span arrived", () => collector.spans.length > 0);
  await until("both events arrived", () => receiver.received.length === 2);
});

test("the last spans are exported when Weft stops", async () => {
  await using collector = await Collector.start();
  {
    await using weft = await startWeft(collector.url, { OTEL_BSP_SCHEDULE_DELAY: "60000" });
    await weft.post("/events", completed());
    await until("it arrived", () => receiver.received.length === 1);
  }
  expect(collector.spans.map(({ name }) => name)).toContain("deliver sync.completed");
});

test("headers and compression of the settings are used", async () => {
  await using collector = await Collector.start();
  await using weft = await startWeft(collector.url, {
    OTEL_EXPORTER_OTLP_HEADERS: "authorization=Bearer%20abc,x-both=1",
    OTEL_EXPORTER_OTLP_TRACES_HEADERS: "x-traces=2",
    OTEL_EXPORTER_OTLP_COMPRESSION: "gzip",
  });
  await weft.post("/events", completed());
  const { path, headers } = await until("an export arrived", () => collector.requests[0]);
  expect(path).toBe("/v1/traces");
  expect(headers).toMatchObject({
    authorization: "Bearer abc",
    "x-both": "1",
    "x-traces": "2",
    "content-encoding": "gzip",
    "content-type": "application/x-protobuf",
  });
  await until("the spans were decoded", () => collector.spans.length > 0);
});

test("weft check reports a collector that cannot be reached, and no other", async () => {
  using folder = temporaryFolder();
  await using collector = await Collector.start();
  const check = (endpoint: string) =>
    runWeft(["check", "--data", folder.path], {
      OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
      OTEL_EXPORTER_OTLP_TIMEOUT: "500",
      OTEL_EXPORTER_OTLP_HEADERS: "authorization=hush",
    });
  const reached = await check(collector.url);
  expect([reached.exitCode, reached.stderr]).toEqual([0, ""]);
  expect(reached.stdout).toContain(`OTEL_EXPORTER_OTLP_ENDPOINT=${collector.url}`);
  expect(reached.stdout).toContain("OTEL_EXPORTER_OTLP_HEADERS=authorization=***");
  expect(reached.stdout).not.toContain("hush");
  const unreached = await check(`http://127.0.0.1:${await unusedPort()}`);
  expect(unreached.exitCode).toBe(0);
  expect(unreached.stderr).toMatch(/^The collector at http.*\/v1\/traces cannot receive traces \(.+\)\./m);
  expect(unreached.stderr).toMatch(/^The collector at http.*\/v1\/metrics cannot receive metrics \(.+\)\./m);
});

test("a certificate that cannot be read is a mistake in the settings", async () => {
  const variables = {
    OTEL_EXPORTER_OTLP_ENDPOINT: "https://127.0.0.1:4318",
    OTEL_EXPORTER_OTLP_CERTIFICATE: "/nowhere/ca.pem",
  };
  const { exitCode, stderr } = await runWeft(["check"], variables);
  expect([exitCode, stderr]).toEqual([2, expect.stringContaining("OTEL_EXPORTER_OTLP_CERTIFICATE: /nowhere/ca.pem")]);
});
