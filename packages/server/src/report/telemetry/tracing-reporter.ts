import { type Attributes, SpanKind } from "@opentelemetry/api";
import type { Attempt } from "../../domain/attempt.ts";
import type { ClaimedDelivery, DeliveryState } from "../../domain/delivery.ts";
import type { FinishedJob } from "../../domain/sync-job.ts";
import type { Reporter } from "../reporter.ts";
import { type AttemptTrace, attemptSpanId, deliverySpan, jobSpanId, type RecordedTraces } from "./recorded-traces.ts";
import { RequestAttributes } from "./request-attributes.ts";
import { traceIdOf } from "./span-ids.ts";
import { type SpanRecorder, spanContext, spanContextIn } from "./span-recorder.ts";

type Fact<Name extends keyof Reporter> = Parameters<Reporter[Name]>[0];

/** An attempt whose record is not stored yet. */
interface UnrecordedAttempt {
  readonly delivery: ClaimedDelivery;
  readonly trace: AttemptTrace;
  readonly became: DeliveryState;
}

const messaging = { "messaging.system": "weft" } as const;

/** Passes facts to `base`, and turns them into spans. */
export function tracingReporter(base: Reporter, spans: SpanRecorder, traces: RecordedTraces): Reporter {
  const requests = new RequestAttributes();
  const unrecorded = new WeakMap<Attempt, UnrecordedAttempt>();
  /** An error in a span must not affect the work that the fact is about. */
  function guarded(record: () => void): void {
    try {
      record();
    } catch (error) {
      base.internalOperationFailed({ operation: "record spans", error });
    }
  }
  return {
    ...base,
    published(fact) {
      base.published(fact);
      guarded(() => recordPublish(spans, fact));
    },
    fannedOut(fact) {
      base.fannedOut(fact);
      guarded(() => recordFanOuts(spans, fact));
    },
    attemptFinished(fact) {
      base.attemptFinished(fact);
      guarded(() => {
        const { delivery, attempt, became } = fact;
        const trace = traces.attempt(delivery);
        if (!trace.isSampled) return;
        recordAttempt(spans, fact, trace, requests.of(attempt, fact.outcome));
        unrecorded.set(attempt, { delivery, trace, became });
      });
    },
    attemptsRecorded(fact) {
      base.attemptsRecorded(fact);
      guarded(() => {
        for (const { attempt } of fact.records) {
          const finished = unrecorded.get(attempt);
          if (finished === undefined) continue;
          unrecorded.delete(attempt);
          recordDelivery(spans, attempt, finished, fact.at);
        }
      });
    },
    syncJobFinished(fact) {
      base.syncJobFinished(fact);
      guarded(() => recordJob(spans, fact.job));
    },
  };
}

/** All messages of a publish have the context of its span. */
function recordPublish(spans: SpanRecorder, fact: Fact<"published">): void {
  const { messages, accepted, parent, at, tookMs, storedMs } = fact;
  const [message] = messages;
  if (message === undefined || message.traceContext === null || message.traceContext === parent) return;
  const own = spanContextIn(message.traceContext);
  const attributes = {
    ...messaging,
    "messaging.operation.name": "publish",
    "messaging.operation.type": "send",
    "messaging.destination.name": message.eventType,
    "weft.organization.id": message.organizationId,
    ...(messages.length === 1 && { "messaging.message.id": message.id }),
    ...(messages.length > 1 && { "messaging.batch.message_count": messages.length }),
    "weft.duplicates": accepted.filter(({ duplicate }) => duplicate).length,
  };
  spans.record({
    name: `publish ${message.eventType}`,
    kind: SpanKind.SERVER,
    parent: parent === null ? null : spanContextIn(parent),
    traceId: own.traceId,
    spanId: own.spanId,
    startedAt: at - tookMs,
    endedAt: at,
    attributes,
  });
  spans.record({
    name: "fan out",
    parent: own,
    startedAt: at - storedMs,
    endedAt: at,
    attributes: { "weft.messages": messages.length },
  });
}

function recordFanOuts(spans: SpanRecorder, { messages, at }: Fact<"fannedOut">): void {
  for (const { id, organizationId, eventType, createdAt, traceContext } of messages) {
    if (traceContext === null) continue;
    spans.record({
      name: "continue fan out",
      parent: spanContextIn(traceContext),
      startedAt: createdAt,
      endedAt: at,
      attributes: {
        ...messaging,
        "messaging.destination.name": eventType,
        "messaging.message.id": id,
        "weft.organization.id": organizationId,
      },
    });
  }
}

/** The wait of a delivery, and its request. An attempt after a failed one has a link to that one. */
function recordAttempt(
  spans: SpanRecorder,
  { delivery, attempt, outcome }: Fact<"attemptFinished">,
  trace: AttemptTrace,
  request: Attributes,
): void {
  const { attemptNumber, startedAt, durationMs } = attempt;
  const parent = deliverySpan(delivery, attemptNumber, trace);
  spans.record({ name: "wait", parent, startedAt: delivery.dueAt, endedAt: startedAt, attributes: {} });
  spans.record({
    name: request["http.request.method"] === "POST" ? "POST" : "send",
    kind: SpanKind.CLIENT,
    parent,
    spanId: attemptSpanId(delivery, attemptNumber),
    startedAt,
    endedAt: startedAt + durationMs,
    attributes: {
      ...request,
      "messaging.message.id": delivery.messageId,
      "weft.subscription.id": delivery.subscriptionId,
    },
    links: attemptNumber > 1 ? [linkTo(delivery, attemptNumber - 1, trace)] : [],
    error: outcome.kind === "accepted" ? null : outcome.kind === "unreachable" ? outcome.detail : "",
  });
}

function recordDelivery(
  spans: SpanRecorder,
  attempt: Attempt,
  { delivery, trace, became }: UnrecordedAttempt,
  recordedAt: number,
): void {
  const { attemptNumber, startedAt, durationMs, succeeded } = attempt;
  const own = deliverySpan(delivery, attemptNumber, trace);
  const endedAt = startedAt + durationMs;
  spans.record({ name: "record", parent: own, startedAt: endedAt, endedAt: recordedAt, attributes: {} });
  spans.record({
    name: `deliver ${delivery.eventType}`,
    parent: trace.publish,
    traceId: own.traceId,
    spanId: own.spanId,
    startedAt: delivery.dueAt,
    endedAt: recordedAt,
    attributes: {
      ...messaging,
      "messaging.operation.name": "deliver",
      "messaging.operation.type": "process",
      "messaging.destination.name": delivery.eventType,
      "messaging.message.id": delivery.messageId,
      "weft.organization.id": delivery.organizationId,
      "weft.subscription.id": delivery.subscriptionId,
      "weft.attempt.id": attempt.id,
      "weft.attempt.number": attemptNumber,
      "weft.attempt.trigger": delivery.trigger,
      "weft.delivery.state": became,
    },
    error: succeeded ? null : (attempt.error ?? ""),
  });
}

function recordJob(spans: SpanRecorder, job: FinishedJob): void {
  const traceId = traceIdOf(job.id);
  if (!spans.isSampled(null, traceId)) return;
  const spanId = jobSpanId(job.id);
  const attributes = {
    "weft.organization.id": job.organizationId,
    "weft.source_connection.id": job.sourceConnectionId,
    "weft.sync_job.id": job.id,
    "weft.sync_job.state": job.state,
  };
  const { createdAt, startedAt, endedAt } = job;
  const error = job.state === "failed" ? job.error : null;
  spans.record({ name: "sync job", parent: null, traceId, spanId, startedAt: createdAt, endedAt, attributes, error });
  if (startedAt === null) return;
  const own = spanContext(traceId, spanId, true);
  spans.record({ name: "wait", parent: own, startedAt: createdAt, endedAt: startedAt, attributes: {} });
}

function linkTo(delivery: ClaimedDelivery, attempt: number, { traceId }: AttemptTrace) {
  return { context: spanContext(traceId, attemptSpanId(delivery, attempt), true) };
}
