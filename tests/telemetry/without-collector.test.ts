import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { RunningWeft } from "../../packages/server/src/api/fixtures/running-weft.ts";
import { completed } from "../../packages/server/src/api/fixtures/weft-and-receiver.ts";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../../packages/server/src/delivery/fixtures/receiver.ts";

let weft: RunningWeft;
let receiver: Receiver;
beforeAll(async () => {
  [weft, receiver] = await Promise.all([RunningWeft.start(), Receiver.start()]);
  const body = { url: receiver.url(), event_types: ["sync.*"], send_trace_context: true };
  expect((await weft.post("/webhooks/subscriptions", body)).status).toBe(200);
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});
beforeEach(() => {
  receiver.received.length = 0;
});

const traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";

async function delivered(headers: Record<string, string>) {
  const { status } = await weft.post("/events", completed(), { headers });
  expect(status).toBe(200);
  return (await until("it arrived", () => receiver.received[0])).headers;
}

test("without a collector, the receiver gets the publisher's own context", async () => {
  const context = { traceparent, tracestate: "rojo=1,congo=2" };
  expect(await delivered(context)).toMatchObject(context);
});

test.each([
  ["a malformed context", { traceparent: "00-short-01" }],
  ["upper case", { traceparent: traceparent.toUpperCase() }],
  ["a trace of zeros", { traceparent: `00-${"0".repeat(32)}-00f067aa0ba902b7-01` }],
  ["a very long one", { traceparent: `01-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01-${"x".repeat(8_000)}` }],
  ["several contexts", { traceparent: `${traceparent}, ${traceparent}` }],
  ["characters beyond ASCII", { traceparent: `${traceparent}\u{e9}` }],
  ["a state without a context", { tracestate: "rojo=1" }],
])("a publish with %s is accepted, and sends no context", async (_, headers) => {
  const sent = await delivered(headers);
  expect(sent).not.toHaveProperty("traceparent");
  expect(sent).not.toHaveProperty("tracestate");
});

test.each([
  ["too long", `a=${"x".repeat(4_000)}`],
  ["malformed", "no equals sign"],
  ["of too many entries", Array.from({ length: 100 }, (_, n) => `k${n}=1`).join(",")],
])("a state that is %s is left out", async (_, tracestate) => {
  const sent = await delivered({ traceparent, tracestate });
  expect(sent.traceparent).toBe(traceparent);
  expect(sent).not.toHaveProperty("tracestate");
});

test("without a collector, nothing of OpenTelemetry is loaded but its interface, which prom-client needs", async () => {
  const program = fileURLToPath(new URL("loaded-packages.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [program, weft.folder]);
  expect(JSON.parse(stdout)).toEqual(["api"]);
});
