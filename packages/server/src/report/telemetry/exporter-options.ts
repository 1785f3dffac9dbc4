import type { Agent } from "node:http";
import { CompressionAlgorithm } from "@opentelemetry/otlp-exporter-base";
import type { OtlpTarget } from "./telemetry-settings.ts";

/** Creates the connections to the collector. */
export type AgentFor = (protocol: string) => Agent;

/** The options of the exporters of both signals. */
export function exporterOptions({ url, headers, timeoutMs, compression }: OtlpTarget, agentFor: AgentFor) {
  return {
    url,
    headers: { ...headers },
    timeoutMillis: timeoutMs,
    compression: compression === "gzip" ? CompressionAlgorithm.GZIP : CompressionAlgorithm.NONE,
    httpAgentOptions: agentFor,
  };
}
