import { Writable } from "node:stream";
import { pino } from "pino";
import { expect, test } from "vitest";
import type { ClaimedDelivery } from "../domain/delivery.ts";
import { StoreUnavailableError } from "../domain/errors.ts";
import { idSource, type MessageId, type SubscriptionId } from "../domain/id.ts";
import { newAttempt } from "../domain/new-attempt.ts";
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

function failedAttempt(messageId: MessageId, subscriptionId: SubscriptionId, number: number) {
  const delivery: ClaimedDelivery = {
    ...{ messageId, subscriptionId, organizationId: newId<"organization">() },
    ...{ eventType: "sync.completed", payload: "{}", contentType: null, trigger: "scheduled" },
    ...{ attempts: number - 1, scheduleStep: 0, ordered: false, dueAt: 0, traceContext: null },
  };
  const exchange = { kind: "unanswered", reason: "connect", detail: refused.detail, durationMs: 1 } as const;
  const settled = { state: "due", dueAt: 1, scheduleStep: 1 } as const;
  const facts = { id: newId<"attempt">(), url: "", exchange, outcome: refused, settled, startedAt: 250 };
  return { delivery, attempt: newAttempt(delivery, facts), outcome: refused, became: "due" } as const;
}

test("a failing endpoint gets a few log lines a second, and the metrics count every attempt", async () => {
  const { reporter, lines, metrics, at } = reporting();
  const subscriptionId = newId<"subscription">();
  function attempt(number: number): void {
    reporter.attemptFinished(failedAttempt(newId<"message">(), subscriptionId, number));
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
    reporter.attemptFinished(failedAttempt(messageId, subscriptionId, 1));
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

test("durations and waits are observed in seconds", async () => {
  const { reporter, metrics } = reporting();
  reporter.attemptFinished(failedAttempt(newId<"message">(), newId<"subscription">(), 1));
  reporter.published({ messages: [], accepted: [], parent: null, at: 0, tookMs: 2_500, storedMs: 1 });
  reporter.committed({ commands: 7 });
  reporter.backlogObserved({ oldestMs: 90_000 });
  reporter.eventLoopDelayed({ delayMs: 20 });
  const sums = ["attempt_seconds", "queue_seconds", "publish_seconds", "commit_commands", "backlog_age_seconds"];
  const text = await metrics.registry.metrics();
  const sumOf = (name: string) => Number(new RegExp(`^weft_${name}_sum (\\S+)$`, "m").exec(text)?.[1]);
  expect(sums.map(sumOf)).toEqual([0.001, 0.25, 2.5, 7, 90]);
  expect(sumOf("event_loop_delay_seconds")).toBeCloseTo(0.02);
  expect(text).toContain("weft_backlog_oldest_seconds 90\n");
});
