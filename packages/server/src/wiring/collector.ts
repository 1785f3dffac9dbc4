// The connections to the OpenTelemetry collector that the settings name. Without one, nothing of OpenTelemetry is loaded.

import { readFileSync } from "node:fs";
import { type Config, ConfigError } from "../config/config.ts";
import { CollectorAgents } from "../outbound/collector-agents.ts";
import type { Reporter } from "../report/reporter.ts";
import type { TelemetryParts } from "../report/telemetry/open-telemetry.ts";
import { type Traces, untraced } from "../report/traces.ts";

export interface OpenedTelemetry extends AsyncDisposable {
  readonly reporter: Reporter;
  readonly traces: Traces;
}

/** Starts the exports. Throws a ConfigError when a file for TLS cannot be read. */
export async function openCollector(config: Config, parts: Omit<TelemetryParts, "agentFor">): Promise<OpenedTelemetry> {
  if (!hasCollector(config)) {
    return { reporter: parts.reporter, traces: untraced, [Symbol.asyncDispose]: async () => {} };
  }
  const agents = collectorAgents(config);
  const { openTelemetry } = await import("../report/telemetry/open-telemetry.ts");
  const telemetry = openTelemetry(config.telemetry, { ...parts, agentFor: (protocol) => agents.agentFor(protocol) });
  return {
    ...{ reporter: telemetry.reporter, traces: telemetry.traces },
    [Symbol.asyncDispose]: async () => {
      await telemetry[Symbol.asyncDispose]();
      agents[Symbol.dispose]();
    },
  };
}

/** Sends an empty export of each signal. Returns a sentence for each one that the collector did not accept. */
export async function checkCollector(config: Config): Promise<readonly string[]> {
  if (!hasCollector(config)) return [];
  using agents = collectorAgents(config);
  const { refusals } = await import("../report/telemetry/collector-check.ts");
  return await refusals(config.telemetry, (protocol) => agents.agentFor(protocol));
}

/** Throws a ConfigError when a file for TLS cannot be read. */
export function collectorAgents({ telemetry }: Config): CollectorAgents {
  const { certificate, clientCertificate, clientKey } = telemetry.tls;
  return new CollectorAgents({
    ...(certificate !== null && { ca: contentOf("OTEL_EXPORTER_OTLP_CERTIFICATE", certificate) }),
    ...(clientCertificate !== null && {
      cert: contentOf("OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE", clientCertificate),
    }),
    ...(clientKey !== null && { key: contentOf("OTEL_EXPORTER_OTLP_CLIENT_KEY", clientKey) }),
  });
}

function hasCollector({ telemetry }: Config): boolean {
  return telemetry.traces !== null || telemetry.metrics !== null;
}

function contentOf(variable: string, path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new ConfigError([`${variable}: ${path} could not be read (${(error as Error).message}).`]);
  }
}
