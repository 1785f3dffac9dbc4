import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { PushMetricExporter } from "@opentelemetry/sdk-metrics";
import type { ReadableSpan, SpanExporter, SpanProcessor } from "@opentelemetry/sdk-trace";
import type { Reporter } from "../reporter.ts";

type DropReporter = Pick<Reporter, "telemetryDropped" | "internalOperationFailed">;

/** Counts the spans that no collector got. */
export class CountedSpanExporter implements SpanExporter {
  readonly #inner: SpanExporter;
  readonly #reporter: DropReporter;
  #taken = 0;

  constructor(inner: SpanExporter, reporter: DropReporter) {
    this.#inner = inner;
    this.#reporter = reporter;
  }

  /** The number of spans that were passed to the exporter so far. */
  get taken(): number {
    return this.#taken;
  }

  export(spans: ReadableSpan[], done: (result: ExportResult) => void): void {
    this.#taken += spans.length;
    this.#inner.export(spans, (result) => {
      if (result.code !== ExportResultCode.SUCCESS) reportFailure(this.#reporter, "traces", spans.length, result);
      done(result);
    });
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }

  async forceFlush(): Promise<void> {
    await this.#inner.forceFlush?.();
  }
}

/** Passes spans on while fewer than the maximum wait for their export, and counts the others. */
export class BoundedSpanProcessor implements SpanProcessor {
  readonly #inner: SpanProcessor;
  readonly #exporter: Pick<CountedSpanExporter, "taken">;
  readonly #spansMax: number;
  readonly #reporter: DropReporter;
  #added = 0;

  constructor(
    inner: SpanProcessor,
    exporter: Pick<CountedSpanExporter, "taken">,
    { spansMax, reporter }: { readonly spansMax: number; readonly reporter: DropReporter },
  ) {
    this.#inner = inner;
    this.#exporter = exporter;
    this.#spansMax = spansMax;
    this.#reporter = reporter;
  }

  onStart(): void {}

  onEnd(span: ReadableSpan): void {
    if (this.#added - this.#exporter.taken >= this.#spansMax) {
      this.#reporter.telemetryDropped({ signal: "traces", reason: "queue_full", count: 1 });
      return;
    }
    this.#added += 1;
    this.#inner.onEnd(span);
  }

  forceFlush(): Promise<void> {
    return this.#inner.forceFlush();
  }

  shutdown(): Promise<void> {
    return this.#inner.shutdown();
  }
}

/** An exporter of metrics that counts its failures. */
export function countedMetricExporter(inner: PushMetricExporter, reporter: DropReporter): PushMetricExporter {
  return {
    export: (metrics, done) =>
      inner.export(metrics, (result) => {
        if (result.code !== ExportResultCode.SUCCESS) reportFailure(reporter, "metrics", 1, result);
        done(result);
      }),
    forceFlush: () => inner.forceFlush(),
    shutdown: () => inner.shutdown(),
  };
}

function reportFailure(
  reporter: DropReporter,
  signal: "traces" | "metrics",
  count: number,
  { error }: ExportResult,
): void {
  reporter.telemetryDropped({ signal, reason: "export_failed", count });
  reporter.internalOperationFailed({
    operation: `export ${signal}`,
    error: error ?? new Error("The collector did not accept them."),
  });
}
