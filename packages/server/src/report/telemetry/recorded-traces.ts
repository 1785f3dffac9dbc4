import type { SpanContext } from "@opentelemetry/api";
import type { ClaimedDelivery } from "../../domain/delivery.ts";
import type { SyncJobId } from "../../domain/id.ts";
import { parseTraceContext, traceContextText } from "../../domain/trace-context.ts";
import type { Traces } from "../traces.ts";
import { spanIdOf, traceIdOf } from "./span-ids.ts";
import { type SpanRecorder, spanContext, spanContextIn } from "./span-recorder.ts";

/** An attempt's place in its trace. */
export interface AttemptTrace {
  /** The span of the publish; null for a message without a trace context, whose deliveries begin a trace. */
  readonly publish: SpanContext | null;
  readonly traceId: string;
  readonly isSampled: boolean;
}

/** The trace contexts of a Weft that records spans. */
export class RecordedTraces implements Traces {
  readonly #spans: SpanRecorder;

  constructor(spans: SpanRecorder) {
    this.#spans = spans;
  }

  ofPublish(parent: string | null): string | null {
    const above = parent === null ? null : spanContextIn(parent);
    const random = this.#spans.randomIds();
    const traceId = above?.traceId ?? random.traceId;
    const isSampled = this.#spans.isSampled(above, traceId);
    // A publish that is not recorded is not a link of the chain.
    if (!isSampled && parent !== null) return parent;
    const state = parent === null ? null : parseTraceContext(parent).state;
    return traceContextText({ traceId, spanId: random.spanId, isSampled, state });
  }

  ofSyncJob(jobId: SyncJobId): string {
    const traceId = traceIdOf(jobId);
    const isSampled = this.#spans.isSampled(null, traceId);
    return traceContextText({ traceId, spanId: jobSpanId(jobId), isSampled, state: null });
  }

  ofAttempt(delivery: ClaimedDelivery): string {
    const { traceContext } = delivery;
    const { traceId, isSampled } = this.attempt(delivery);
    if (!isSampled && traceContext !== null) return traceContext;
    const state = traceContext === null ? null : parseTraceContext(traceContext).state;
    return traceContextText({ traceId, spanId: attemptSpanId(delivery, delivery.attempts + 1), isSampled, state });
  }

  attempt({ messageId, traceContext }: Pick<ClaimedDelivery, "messageId" | "traceContext">): AttemptTrace {
    const publish = traceContext === null ? null : spanContextIn(traceContext);
    const traceId = publish?.traceId ?? traceIdOf(messageId);
    return { publish, traceId, isSampled: this.#spans.isSampled(publish, traceId) };
  }
}

type DeliveryIds = Pick<ClaimedDelivery, "messageId" | "subscriptionId">;

/** The request of an attempt. */
export function attemptSpanId({ messageId, subscriptionId }: DeliveryIds, attempt: number): string {
  return spanIdOf("attempt", messageId, subscriptionId, attempt);
}

/** The whole of an attempt, from the time when it was due until it is recorded. */
export function deliverySpan(
  { messageId, subscriptionId }: DeliveryIds,
  attempt: number,
  { traceId }: AttemptTrace,
): SpanContext {
  return spanContext(traceId, spanIdOf("delivery", messageId, subscriptionId, attempt), true);
}

export function jobSpanId(jobId: SyncJobId): string {
  return spanIdOf("sync job", jobId);
}
