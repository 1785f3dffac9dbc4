import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import type { ReadableSpan } from "@opentelemetry/sdk-trace";
import { expect, test } from "vitest";
import type { Reporter } from "../reporter.ts";
import { BoundedSpanProcessor, CountedSpanExporter } from "./counted-export.ts";

const span = {} as ReadableSpan;

function counting() {
  const drops: Parameters<Reporter["telemetryDropped"]>[0][] = [];
  const reporter = {
    telemetryDropped: (fact: Parameters<Reporter["telemetryDropped"]>[0]) => void drops.push(fact),
    internalOperationFailed: () => {},
  };
  const pending: ((result: ExportResult) => void)[] = [];
  const inner = {
    export: (_: ReadableSpan[], done: (result: ExportResult) => void) => void pending.push(done),
    shutdown: async () => {},
  };
  return { drops, reporter, pending, exporter: new CountedSpanExporter(inner, reporter) };
}

test("spans beyond the maximum are dropped and counted, until the exporter has taken others", () => {
  const { drops, reporter, exporter } = counting();
  const passed: ReadableSpan[] = [];
  const inner = {
    onStart: () => {},
    onEnd: (ended: ReadableSpan) => void passed.push(ended),
    forceFlush: async () => {},
    shutdown: async () => {},
  };
  const processor = new BoundedSpanProcessor(inner, exporter, { spansMax: 3, reporter });
  for (let n = 0; n < 5; n++) processor.onEnd(span);
  expect([passed.length, drops.length]).toEqual([3, 2]);
  expect(drops[0]).toEqual({ signal: "traces", reason: "queue_full", count: 1 });
  exporter.export(passed.splice(0, 2), () => {});
  for (let n = 0; n < 5; n++) processor.onEnd(span);
  expect([passed.length, drops.length]).toEqual([3, 5]);
});

test("the spans of an export that failed are counted once, and those of one that succeeded are not", () => {
  const { drops, pending, exporter } = counting();
  const results: ExportResult[] = [];
  exporter.export([span, span], (result) => void results.push(result));
  exporter.export([span], (result) => void results.push(result));
  pending[0]?.({ code: ExportResultCode.FAILED, error: new Error("It was refused.") });
  pending[1]?.({ code: ExportResultCode.SUCCESS });
  expect(drops).toEqual([{ signal: "traces", reason: "export_failed", count: 2 }]);
  expect(results.map(({ code }) => code)).toEqual([ExportResultCode.FAILED, ExportResultCode.SUCCESS]);
});
