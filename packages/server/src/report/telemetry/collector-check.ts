import { type ExportResult, ExportResultCode } from "@opentelemetry/core";
import { OTLPMetricExporter } from "@opentelemetry/exporter-metrics-otlp-proto";
import { OTLPTraceExporter } from "@opentelemetry/exporter-trace-otlp-proto";
import { emptyResource } from "@opentelemetry/resources";
import { maskUrls } from "../../domain/masked-urls.ts";
import { type AgentFor, exporterOptions } from "./exporter-options.ts";
import type { OtlpTarget, TelemetrySettings } from "./telemetry-settings.ts";

const timeoutMsMax = 5_000;

/** Sends an empty export of each signal. Returns a sentence for each one that the collector did not accept. */
export async function refusals(
  { traces, metrics }: Pick<TelemetrySettings, "traces" | "metrics">,
  agentFor: AgentFor,
): Promise<string[]> {
  const checks: Promise<string | null>[] = [];
  if (traces !== null) {
    const exporter = new OTLPTraceExporter(exporterOptions(boundedIn(traces), agentFor));
    checks.push(refusal("traces", traces, (done) => exporter.export([], done)));
  }
  if (metrics !== null) {
    const exporter = new OTLPMetricExporter(exporterOptions(boundedIn(metrics), agentFor));
    const nothing = { resource: emptyResource(), scopeMetrics: [] };
    checks.push(refusal("metrics", metrics, (done) => exporter.export(nothing, done)));
  }
  return (await Promise.all(checks)).filter((sentence) => sentence !== null);
}

function boundedIn(target: OtlpTarget): OtlpTarget {
  return { ...target, timeoutMs: Math.min(target.timeoutMs, timeoutMsMax) };
}

async function refusal(
  signal: string,
  { url }: OtlpTarget,
  send: (done: (result: ExportResult) => void) => void,
): Promise<string | null> {
  const { code, error } = await new Promise<ExportResult>((resolve) => send(resolve));
  if (code === ExportResultCode.SUCCESS) return null;
  const reason = error === undefined ? "it did not accept the export" : maskUrls(error.message.replace(/\.$/, ""));
  return `The collector at ${maskUrls(url)} cannot receive ${signal} (${reason}). Weft runs without it, and drops what it cannot export.`;
}
