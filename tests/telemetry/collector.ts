import { createServer, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { gunzipSync } from "node:zlib";
import { until } from "../../packages/server/src/delivery/fixtures/manual-clock.ts";
import { type CollectedMetric, type CollectedSpan, metricsIn, spansIn } from "./otlp-messages.ts";

/** Accepts exports in place of an OpenTelemetry collector, and decodes their protobuf. A test chooses its responses. */
export class Collector implements AsyncDisposable {
  readonly spans: CollectedSpan[] = [];
  /** The metrics of the newest export, by name. */
  metrics: ReadonlyMap<string, CollectedMetric> = new Map();
  readonly requests: { readonly path: string; readonly headers: Readonly<Record<string, unknown>> }[] = [];
  respond: (response: ServerResponse) => void = (response) => void response.writeHead(200).end();
  readonly #server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on("data", (chunk: Buffer) => chunks.push(chunk));
    request.on("end", () => {
      const sent = Buffer.concat(chunks);
      const body = request.headers["content-encoding"] === "gzip" ? gunzipSync(sent) : sent;
      this.requests.push({ path: request.url ?? "", headers: request.headers });
      if (request.url?.endsWith("/v1/traces")) this.spans.push(...spansIn(body));
      else this.metrics = new Map(metricsIn(body).map((metric) => [metric.name, metric]));
      this.respond(response);
    });
  });

  static async start(): Promise<Collector> {
    const collector = new Collector();
    await new Promise<void>((resolve) => collector.#server.listen(0, "127.0.0.1", resolve));
    return collector;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  /** Variables that export to it without a delay. */
  get variables(): Record<string, string> {
    return {
      OTEL_EXPORTER_OTLP_ENDPOINT: this.url,
      OTEL_BSP_SCHEDULE_DELAY: "10",
      OTEL_METRIC_EXPORT_INTERVAL: "100",
    };
  }

  /** Resolves with all spans of a trace once this many spans of a name are among them. */
  async trace(traceId: string, name: RegExp, count: number): Promise<readonly CollectedSpan[]> {
    const inTrace = () => this.spans.filter((span) => span.traceId === traceId);
    return await until(`${count} spans ${name} of the trace were exported`, () => {
      const found = inTrace();
      return found.filter((span) => name.test(span.name)).length >= count && found;
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}
