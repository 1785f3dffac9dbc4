import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, test } from "vitest";
import { StoreUnavailableError } from "../domain/errors.ts";
import { idSource } from "../domain/id.ts";
import { loggingReporter } from "./logging-reporter.ts";
import { createMetrics } from "./metrics.ts";

const newId = idSource(
  () => 1_768_487_400_000,
  (size) => Buffer.alloc(size, 7),
);

function reporting() {
  let now = 0;
  const lines: Record<string, unknown>[] = [];
  const out = new Writable({
    write: (line, _, done) => {
      lines.push(JSON.parse(String(line)));
      done();
    },
  });
  const metrics = createMetrics();
  const log = pino({ messageKey: "event" }, out);
  return { lines, metrics, reporter: loggingReporter(log, metrics, () => now), at: (ms: number) => (now = ms) };
}

const refused = { kind: "unreachable", reason: "connect", detail: "It was refused." } as const;

test("a failing endpoint gets a few log lines a second, and the metrics count every attempt", async () => {
  const { reporter, lines, metrics, at } = reporting();
  const subscriptionId = newId<"subscription">();
  function attempt(number: number): void {
    const messageId = newId<"message">();
    reporter.attemptFinished({
      messageId,
      subscriptionId,
      attempt: number,
      outcome: refused,
      became: "due",
      tookMs: 1,
    });
  }
  for (let i = 0; i < 40_000; i++) attempt(i);
  expect(lines).toHaveLength(2);
  at(1_000);
  attempt(0);
  expect(lines.at(-1)).toMatchObject({ event: "attempt finished", linesLeftOut: 39_998 });
  expect(await metrics.registry.getSingleMetricAsString("weft_attempts_total")).toContain(" 40001");
});

test("thousands of failing endpoints together get a bounded number of lines a second", () => {
  const { reporter, lines } = reporting();
  for (let i = 0; i < 5_000; i++) {
    const [messageId, subscriptionId] = [newId<"message">(), newId<"subscription">()];
    reporter.attemptFinished({ messageId, subscriptionId, attempt: 1, outcome: refused, became: "due", tookMs: 1 });
    reporter.circuitOpened({ subscriptionId });
    reporter.addressBlocked({ host: `${i}.example.com`, address: "10.0.0.1", range: "private" });
  }
  expect(lines.length).toBeLessThanOrEqual(150);
});

test("an error is logged once for its cause, with any ids in its message, and other causes are still logged", () => {
  const { reporter, lines } = reporting();
  for (let i = 0; i < 1_000; i++) {
    const ids = { messageId: newId<"message">(), subscriptionId: newId<"subscription">() };
    reporter.deliveryFailed({ ...ids, error: new TypeError(`Message ${ids.messageId} has no payload (${i}).`) });
    reporter.internalOperationFailed({
      operation: "record attempts",
      error: new StoreUnavailableError("The disk is full."),
    });
  }
  reporter.deliveryFailed({ messageId: newId<"message">(), subscriptionId: newId<"subscription">(), error: "odd" });
  expect(lines.map(({ event }) => event)).toEqual(["delivery failed", "internal operation failed", "delivery failed"]);
  expect(lines[0]).toMatchObject({ error: expect.stringContaining("has no payload"), stack: expect.any(String) });
});
