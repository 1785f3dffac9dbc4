import { z } from "zod";

export const samplerNames = [
  "always_on",
  "always_off",
  "traceidratio",
  "parentbased_always_on",
  "parentbased_always_off",
  "parentbased_traceidratio",
] as const;

/** Where and how one signal is exported. */
export interface OtlpTarget {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly compression: "none" | "gzip";
}

export interface TraceExport extends OtlpTarget {
  readonly sampler: (typeof samplerNames)[number];
  /** The share of traces that a ratio sampler records, 0 to 1. */
  readonly samplerRatio: number;
  readonly queueSpansMax: number;
  readonly batchSpansMax: number;
  readonly delayMs: number;
}

export interface MetricExport extends OtlpTarget {
  readonly intervalMs: number;
}

/** The paths of PEM files for TLS to the collector; null for those of the system. */
export interface CollectorTls {
  readonly certificate: string | null;
  readonly clientCertificate: string | null;
  readonly clientKey: string | null;
}

export interface TelemetrySettings {
  /** Null when no traces are exported. */
  readonly traces: TraceExport | null;
  /** Null when no metrics are exported. */
  readonly metrics: MetricExport | null;
  /** The attributes of this process, `service.name` among them. */
  readonly resource: Readonly<Record<string, string>>;
  readonly tls: CollectorTls;
  /** The variables in a form that can be shown: values of headers are masked. Null for variables without a value. */
  readonly variables: Readonly<Record<string, string | null>>;
}

const defaults = {
  OTEL_SDK_DISABLED: "false",
  OTEL_SERVICE_NAME: "weft",
  OTEL_EXPORTER_OTLP_PROTOCOL: "http/protobuf",
  OTEL_EXPORTER_OTLP_TIMEOUT: "10000",
  OTEL_EXPORTER_OTLP_COMPRESSION: "none",
  OTEL_TRACES_EXPORTER: "otlp",
  OTEL_METRICS_EXPORTER: "otlp",
  OTEL_TRACES_SAMPLER: "parentbased_always_on",
  OTEL_TRACES_SAMPLER_ARG: "1",
  OTEL_METRIC_EXPORT_INTERVAL: "60000",
  OTEL_BSP_SCHEDULE_DELAY: "5000",
  OTEL_BSP_MAX_QUEUE_SIZE: "2048",
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: "512",
} as const;

const endpoint = z
  .string()
  .refine(isHttpUrl, { error: "expected a URL such as http://collector.example.com:4318" })
  .optional();

const pairs = z
  .string()
  .transform((text, context) => {
    const read = readPairs(text);
    if (read === null) context.addIssue({ code: "custom", message: "expected pairs such as key=value,other=value" });
    return read ?? {};
  })
  .optional();

function wholeNumber(min: number, max: number) {
  return z.coerce.number({ error: "expected a number" }).int().min(min).max(max);
}

const exporter = z.enum(["otlp", "none"], { error: "expected otlp or none" });
const path = z.string().optional();

/** The variables of OpenTelemetry that Weft reads. Their names, meanings and defaults are those of its specification. */
export const telemetryVariables = {
  OTEL_SDK_DISABLED: z
    .string()
    .toLowerCase()
    .pipe(z.enum(["true", "false"], { error: "expected true or false" }))
    .transform((text) => text === "true")
    .prefault(defaults.OTEL_SDK_DISABLED),
  OTEL_SERVICE_NAME: z.string().prefault(defaults.OTEL_SERVICE_NAME),
  OTEL_RESOURCE_ATTRIBUTES: pairs,
  OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: endpoint,
  OTEL_EXPORTER_OTLP_PROTOCOL: z
    .literal("http/protobuf", { error: "expected http/protobuf, the only protocol that Weft exports with" })
    .prefault(defaults.OTEL_EXPORTER_OTLP_PROTOCOL),
  OTEL_EXPORTER_OTLP_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TRACES_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_METRICS_HEADERS: pairs,
  OTEL_EXPORTER_OTLP_TIMEOUT: wholeNumber(1, 60_000).prefault(defaults.OTEL_EXPORTER_OTLP_TIMEOUT),
  OTEL_EXPORTER_OTLP_COMPRESSION: z
    .enum(["none", "gzip"], { error: "expected none or gzip" })
    .prefault(defaults.OTEL_EXPORTER_OTLP_COMPRESSION),
  OTEL_EXPORTER_OTLP_CERTIFICATE: path,
  OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE: path,
  OTEL_EXPORTER_OTLP_CLIENT_KEY: path,
  OTEL_TRACES_EXPORTER: exporter.prefault(defaults.OTEL_TRACES_EXPORTER),
  OTEL_METRICS_EXPORTER: exporter.prefault(defaults.OTEL_METRICS_EXPORTER),
  OTEL_TRACES_SAMPLER: z
    .enum(samplerNames, { error: `expected one of ${samplerNames.join(", ")}` })
    .prefault(defaults.OTEL_TRACES_SAMPLER),
  OTEL_TRACES_SAMPLER_ARG: z.coerce
    .number({ error: "expected a share from 0 to 1" })
    .min(0)
    .max(1)
    .prefault(defaults.OTEL_TRACES_SAMPLER_ARG),
  OTEL_METRIC_EXPORT_INTERVAL: wholeNumber(100, 86_400_000).prefault(defaults.OTEL_METRIC_EXPORT_INTERVAL),
  OTEL_BSP_SCHEDULE_DELAY: wholeNumber(1, 60_000).prefault(defaults.OTEL_BSP_SCHEDULE_DELAY),
  OTEL_BSP_MAX_QUEUE_SIZE: wholeNumber(1, 65_536).prefault(defaults.OTEL_BSP_MAX_QUEUE_SIZE),
  // A batch is encoded in one turn of the event loop.
  OTEL_BSP_MAX_EXPORT_BATCH_SIZE: wholeNumber(1, 2_048).prefault(defaults.OTEL_BSP_MAX_EXPORT_BATCH_SIZE),
};

const telemetryEnvironment = z.object(telemetryVariables);
type TelemetryValues = z.output<typeof telemetryEnvironment>;
type TelemetryVariable = keyof TelemetryValues;

const headerVariables: readonly string[] = [
  "OTEL_EXPORTER_OTLP_HEADERS",
  "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
  "OTEL_EXPORTER_OTLP_METRICS_HEADERS",
];

/** The settings from validated variables. `given`: the variables as texts. */
export function telemetrySettings(
  values: TelemetryValues,
  given: Readonly<Record<string, string | undefined>>,
): TelemetrySettings {
  const tracesUrl = urlOf(values, "traces");
  const metricsUrl = urlOf(values, "metrics");
  const { OTEL_EXPORTER_OTLP_HEADERS: headers } = values;
  const shared = {
    timeoutMs: values.OTEL_EXPORTER_OTLP_TIMEOUT,
    compression: values.OTEL_EXPORTER_OTLP_COMPRESSION,
  };
  return {
    traces:
      tracesUrl === null
        ? null
        : {
            url: tracesUrl,
            headers: { ...headers, ...values.OTEL_EXPORTER_OTLP_TRACES_HEADERS },
            ...shared,
            sampler: values.OTEL_TRACES_SAMPLER,
            samplerRatio: values.OTEL_TRACES_SAMPLER_ARG,
            queueSpansMax: values.OTEL_BSP_MAX_QUEUE_SIZE,
            batchSpansMax: Math.min(values.OTEL_BSP_MAX_EXPORT_BATCH_SIZE, values.OTEL_BSP_MAX_QUEUE_SIZE),
            delayMs: values.OTEL_BSP_SCHEDULE_DELAY,
          },
    metrics:
      metricsUrl === null
        ? null
        : {
            url: metricsUrl,
            headers: { ...headers, ...values.OTEL_EXPORTER_OTLP_METRICS_HEADERS },
            ...shared,
            intervalMs: values.OTEL_METRIC_EXPORT_INTERVAL,
          },
    resource: resourceOf(values, given),
    tls: {
      certificate: values.OTEL_EXPORTER_OTLP_CERTIFICATE ?? null,
      clientCertificate: values.OTEL_EXPORTER_OTLP_CLIENT_CERTIFICATE ?? null,
      clientKey: values.OTEL_EXPORTER_OTLP_CLIENT_KEY ?? null,
    },
    variables: Object.fromEntries(
      Object.keys(telemetryVariables).map((name) => [name, shownVariable(name as TelemetryVariable, given)]),
    ),
  };
}

function urlOf(values: TelemetryValues, signal: "traces" | "metrics"): string | null {
  const name = signal === "traces" ? "TRACES" : "METRICS";
  if (values.OTEL_SDK_DISABLED || values[`OTEL_${name}_EXPORTER`] === "none") return null;
  const own = values[`OTEL_EXPORTER_OTLP_${name}_ENDPOINT`];
  if (own !== undefined) return own;
  const base = values.OTEL_EXPORTER_OTLP_ENDPOINT;
  return base === undefined ? null : `${base.replace(/\/+$/, "")}/v1/${signal}`;
}

/** The name of the service has precedence over the attribute of that name. */
function resourceOf(
  { OTEL_RESOURCE_ATTRIBUTES: attributes = {}, OTEL_SERVICE_NAME: name }: TelemetryValues,
  given: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string>> {
  const isNamed = given.OTEL_SERVICE_NAME !== undefined || attributes["service.name"] === undefined;
  return isNamed ? { ...attributes, "service.name": name } : attributes;
}

function shownVariable(name: TelemetryVariable, given: Readonly<Record<string, string | undefined>>): string | null {
  const text = given[name] ?? (name in defaults ? defaults[name as keyof typeof defaults] : null);
  if (text === null || !headerVariables.includes(name)) return text;
  const names = Object.keys(readPairs(text) ?? {});
  return names.map((header) => `${header}=***`).join(",");
}

/** Pairs `key=value`, separated by commas, with percent-encoded values; null if the text is something else. */
function readPairs(text: string): Readonly<Record<string, string>> | null {
  const entries: [string, string][] = [];
  for (const part of text.split(",").filter((part) => part.trim() !== "")) {
    const [, key, value] = /^\s*([^\s=]+)\s*=(.*)$/s.exec(part) ?? [];
    if (key === undefined || value === undefined) return null;
    try {
      entries.push([key, decodeURIComponent(value.trim())]);
    } catch {
      return null;
    }
  }
  return Object.fromEntries(entries);
}

function isHttpUrl(text: string): boolean {
  const url = URL.parse(text);
  return url !== null && ["http:", "https:"].includes(url.protocol) && url.hostname !== "";
}
