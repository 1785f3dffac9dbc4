// Exports traces and metrics to an OpenTelemetry collector. This file and its libraries are loaded only if the settings name a
// collector.

import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { type Resource, resourceFromAttributes } from "@opentelemetry/resources";
import { MeterProvider, PeriodicExportingMetricReader } from "@opentelemetry/sdk-metrics";
import {
  AlwaysOffSampler,
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type Sampler,
  TraceIdRatioBasedSampler,
  TracerProvider,
} from "@opentelemetry/sdk-trace";
import { ATTR_SERVICE_VERSION } from "@opentelemetry/semantic-conventions";
import type { Registry } from "prom-client";
import { assertNever } from "../../domain/assert-never.ts";
import type { Clock } from "../../domain/clock.ts";
import { limits } from "../../domain/limits.ts";
import type { Reporter } from "../reporter.ts";
import { type Traces, untraced } from "../traces.ts";
import { BoundedSpanProcessor, CountedSpanExporter, countedMetricExporter } from "./counted-export.ts";
import { ExportedMetrics } from "./exported-metrics.ts";
import { type AgentFor, exporterOptions } from "./exporter-options.ts";
import { RecordedTraces } from "./recorded-traces.ts";
import { SpanIds } from "./span-ids.ts";
import { SpanRecorder } from "./span-recorder.ts";
import type { MetricExport, TelemetrySettings, TraceExport } from "./telemetry-settings.ts";
import { tracingReporter } from "./tracing-reporter.ts";

export interface TelemetryParts {
  readonly registry: Registry;
  /** Gets the facts that spans are made of, and failures of the export. */
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly version: string;
  /** Identifies this process among others of the same service. */
  readonly instanceId: string;
  readonly agentFor: AgentFor;
}

export interface Telemetry extends AsyncDisposable {
  readonly reporter: Reporter;
  readonly traces: Traces;
}

/** Starts to export. Disposing it exports the rest, within a time limit. */
export function openTelemetry(settings: TelemetrySettings, parts: TelemetryParts): Telemetry {
  const { clock, version, instanceId } = parts;
  const resource = resourceFromAttributes({
    [ATTR_SERVICE_VERSION]: version,
    "service.instance.id": instanceId,
    ...settings.resource,
  });
  const metrics = settings.metrics === null ? null : openMetrics(settings.metrics, parts, resource);
  const traces = settings.traces === null ? null : openTraces(settings.traces, parts, resource);
  return {
    reporter: traces?.reporter ?? parts.reporter,
    traces: traces?.traces ?? untraced,
    [Symbol.asyncDispose]: async () => {
      const isOver = new AbortController();
      // An export that fails has been counted.
      const ends = Promise.allSettled([metrics?.shutdown(), traces?.provider.shutdown()]);
      await Promise.race([ends, clock.sleep(limits.telemetryEndMs, isOver.signal)]);
      isOver.abort();
    },
  };
}

function openTraces(
  { sampler: name, samplerRatio, queueSpansMax, batchSpansMax, delayMs, ...target }: TraceExport,
  { reporter, agentFor }: TelemetryParts,
  resource: Resource,
) {
  const exporter = new CountedSpanExporter(new OTLPTraceExporter(exporterOptions(target, agentFor)), reporter);
  const batches = new BatchSpanProcessor({
    exporter,
    maxQueueSize: queueSpansMax,
    maxExportBatchSize: batchSpansMax,
    scheduledDelayMillis: delayMs,
    exportTimeoutMillis: target.timeoutMs + limits.telemetryEndMs,
  });
  const processor = new BoundedSpanProcessor(batches, exporter, { spansMax: queueSpansMax, reporter });
  const sampler = samplerOf(name, samplerRatio);
  const idGenerator = new SpanIds();
  const provider = new TracerProvider({ resource, sampler, idGenerator, spanProcessors: [processor] });
  const spans = new SpanRecorder(provider.getTracer("weft"), sampler, idGenerator);
  const traces = new RecordedTraces(spans);
  return { provider, traces, reporter: tracingReporter(reporter, spans, traces) };
}

function openMetrics(
  { intervalMs, ...target }: MetricExport,
  { registry, reporter, clock, agentFor }: TelemetryParts,
  resource: Resource,
): MeterProvider {
  const reader = new PeriodicExportingMetricReader({
    exporter: countedMetricExporter(new OTLPMetricExporter(exporterOptions(target, agentFor)), reporter),
    exportIntervalMillis: intervalMs,
    exportTimeoutMillis: Math.min(intervalMs, target.timeoutMs + limits.telemetryEndMs),
    metricProducers: [new ExportedMetrics(registry, resource, clock.now)],
  });
  return new MeterProvider({ resource, readers: [reader] });
}

function samplerOf(name: TraceExport["sampler"], ratio: number): Sampler {
  switch (name) {
    case "always_on":
      return new AlwaysOnSampler();
    case "always_off":
      return new AlwaysOffSampler();
    case "traceidratio":
      return new TraceIdRatioBasedSampler(ratio);
    case "parentbased_always_on":
      return new ParentBasedSampler({ root: new AlwaysOnSampler() });
    case "parentbased_always_off":
      return new ParentBasedSampler({ root: new AlwaysOffSampler() });
    case "parentbased_traceidratio":
      return new ParentBasedSampler({ root: new TraceIdRatioBasedSampler(ratio) });
    default:
      return assertNever(name);
  }
}
