import {
  type Attributes,
  createTraceState,
  type Link,
  ROOT_CONTEXT,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import { type Sampler, SamplingDecision } from "@opentelemetry/sdk-trace";
import { parseTraceContext } from "../../domain/trace-context.ts";
import type { SpanIds } from "./span-ids.ts";

/** A span that has ended. Times are Unix milliseconds. */
export interface EndedSpan {
  readonly name: string;
  readonly kind?: SpanKind;
  /** Null for the first span of a trace. */
  readonly parent: SpanContext | null;
  /** The trace of a span without a parent; random by default. */
  readonly traceId?: string;
  /** Random by default. */
  readonly spanId?: string;
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly links?: Link[];
  /** Null for success. */
  readonly error?: string | null;
}

/** Records spans from facts, after their end. */
export class SpanRecorder {
  readonly #tracer: Tracer;
  readonly #sampler: Sampler;
  readonly #ids: SpanIds;

  constructor(tracer: Tracer, sampler: Sampler, ids: SpanIds) {
    this.#tracer = tracer;
    this.#sampler = sampler;
    this.#ids = ids;
  }

  /** Whether the sampler records spans of a trace below this parent. */
  isSampled(parent: SpanContext | null, traceId: string): boolean {
    const { decision } = this.#sampler.shouldSample(contextOf(parent), traceId, "", SpanKind.INTERNAL, {}, []);
    return decision === SamplingDecision.RECORD_AND_SAMPLED;
  }

  randomIds(): { readonly traceId: string; readonly spanId: string } {
    return { traceId: this.#ids.generateTraceId(), spanId: this.#ids.generateSpanId() };
  }

  record({ name, kind, parent, traceId, spanId, startedAt, endedAt, attributes, links, error }: EndedSpan): void {
    const options = {
      kind: kind ?? SpanKind.INTERNAL,
      startTime: millisToHrTime(startedAt),
      attributes,
      links: links ?? [],
    };
    const chosen = { traceId: traceId ?? null, spanId: spanId ?? null };
    const span = this.#ids.choose(chosen, () => this.#tracer.startSpan(name, options, contextOf(parent)));
    if (typeof error === "string") span.setStatus({ code: SpanStatusCode.ERROR, message: error });
    // The clocks of two nodes may differ.
    span.end(millisToHrTime(Math.max(startedAt, endedAt)));
  }
}

/** The span that a stored trace context names, as the parent of others. */
export function spanContextIn(text: string): SpanContext {
  const { traceId, spanId, isSampled, state } = parseTraceContext(text);
  return {
    ...spanContext(traceId, spanId, isSampled),
    ...(state !== null && { traceState: createTraceState(state) }),
  };
}

export function spanContext(traceId: string, spanId: string, isSampled: boolean): SpanContext {
  return { traceId, spanId, traceFlags: isSampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

function contextOf(parent: SpanContext | null) {
  return parent === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, parent);
}
