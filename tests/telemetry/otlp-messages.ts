// The messages of OTLP that Weft sends, by their field numbers in version 1 of the protocol, for a decoder that shares no code with
// the exporter.

import protobuf from "protobufjs";

type Fields = Record<string, { id: number; type: string; rule?: "repeated" }>;

/** Fields as `name: "id type"`, with `*` after the type of a repeated field. */
function message(fields: Record<string, string>) {
  const entries = Object.entries(fields).map(([name, text]) => {
    const [id = "", type = ""] = text.split(" ");
    const rule = type.endsWith("*") ? ({ rule: "repeated" } as const) : {};
    return [name, { id: Number(id), type: type.replace("*", ""), ...rule }];
  });
  return { fields: Object.fromEntries(entries) as Fields };
}

const times = { start_time_unix_nano: "2 fixed64", time_unix_nano: "3 fixed64" };

const root = protobuf.Root.fromJSON({
  nested: {
    AnyValue: message({
      string_value: "1 string",
      bool_value: "2 bool",
      int_value: "3 int64",
      double_value: "4 double",
      array_value: "5 ArrayValue",
    }),
    ArrayValue: message({ values: "1 AnyValue*" }),
    KeyValue: message({ key: "1 string", value: "2 AnyValue" }),
    Resource: message({ attributes: "1 KeyValue*" }),
    Scope: message({ name: "1 string" }),

    TraceRequest: message({ resource_spans: "1 ResourceSpans*" }),
    ResourceSpans: message({ resource: "1 Resource", scope_spans: "2 ScopeSpans*" }),
    ScopeSpans: message({ scope: "1 Scope", spans: "2 Span*" }),
    Span: message({
      trace_id: "1 bytes",
      span_id: "2 bytes",
      trace_state: "3 string",
      parent_span_id: "4 bytes",
      name: "5 string",
      kind: "6 int32",
      start_time_unix_nano: "7 fixed64",
      end_time_unix_nano: "8 fixed64",
      attributes: "9 KeyValue*",
      links: "13 Link*",
      status: "15 Status",
    }),
    Link: message({ trace_id: "1 bytes", span_id: "2 bytes" }),
    Status: message({ message: "2 string", code: "3 int32" }),

    MetricsRequest: message({ resource_metrics: "1 ResourceMetrics*" }),
    ResourceMetrics: message({ resource: "1 Resource", scope_metrics: "2 ScopeMetrics*" }),
    ScopeMetrics: message({ scope: "1 Scope", metrics: "2 Metric*" }),
    Metric: message({
      name: "1 string",
      description: "2 string",
      unit: "3 string",
      gauge: "5 Points",
      sum: "7 Sum",
      histogram: "9 Histogram",
    }),
    Points: message({ data_points: "1 NumberPoint*" }),
    Sum: message({ data_points: "1 NumberPoint*", aggregation_temporality: "2 int32", is_monotonic: "3 bool" }),
    Histogram: message({ data_points: "1 HistogramPoint*", aggregation_temporality: "2 int32" }),
    NumberPoint: message({ ...times, as_double: "4 double", as_int: "6 sfixed64", attributes: "7 KeyValue*" }),
    HistogramPoint: message({
      ...times,
      count: "4 fixed64",
      sum: "5 double",
      bucket_counts: "6 fixed64*",
      explicit_bounds: "7 double*",
      attributes: "9 KeyValue*",
    }),
  },
});

export type Attributes = Readonly<Record<string, unknown>>;

export interface CollectedSpan {
  readonly traceId: string;
  readonly spanId: string;
  /** Null for the first span of a trace. */
  readonly parentId: string | null;
  readonly traceState: string;
  readonly name: string;
  /** 1 internal, 2 server, 3 client. */
  readonly kind: number;
  /** Unix milliseconds. */
  readonly startedAt: number;
  readonly endedAt: number;
  readonly attributes: Attributes;
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[];
  /** 2 for an error. */
  readonly status: number;
  readonly resource: Attributes;
}

export interface CollectedMetric {
  readonly name: string;
  readonly description: string;
  readonly unit: string;
  readonly kind: "gauge" | "sum" | "histogram";
  readonly points: readonly CollectedPoint[];
}

export interface CollectedPoint {
  readonly attributes: Attributes;
  readonly value: number;
  readonly histogram: {
    readonly count: number;
    readonly bounds: readonly number[];
    readonly counts: readonly number[];
  };
}

// biome-ignore lint/suspicious/noExplicitAny: decoded messages have the shapes of the table above.
type Decoded = any;

function decoded(type: string, body: Uint8Array): Decoded {
  const found = root.lookupType(type);
  return found.toObject(found.decode(body), { longs: Number, arrays: true, bytes: String });
}

export function spansIn(body: Uint8Array): CollectedSpan[] {
  const { resource_spans: groups } = decoded("TraceRequest", body);
  return groups.flatMap(({ resource, scope_spans: scopes }: Decoded) =>
    scopes.flatMap(({ spans }: Decoded) => spans.map((span: Decoded) => spanOf(span, attributesOf(resource)))),
  );
}

export function metricsIn(body: Uint8Array): CollectedMetric[] {
  const { resource_metrics: groups } = decoded("MetricsRequest", body);
  return groups.flatMap(({ scope_metrics: scopes }: Decoded) =>
    scopes.flatMap(({ metrics }: Decoded) => metrics.map(metricOf)),
  );
}

function spanOf(span: Decoded, resource: Attributes): CollectedSpan {
  const parentId = hexOf(span.parent_span_id);
  return {
    traceId: hexOf(span.trace_id),
    spanId: hexOf(span.span_id),
    parentId: parentId === "" ? null : parentId,
    traceState: span.trace_state ?? "",
    name: span.name,
    kind: span.kind ?? 0,
    startedAt: span.start_time_unix_nano / 1e6,
    endedAt: span.end_time_unix_nano / 1e6,
    attributes: attributesOf(span),
    links: span.links.map((link: Decoded) => ({ traceId: hexOf(link.trace_id), spanId: hexOf(link.span_id) })),
    status: span.status?.code ?? 0,
    resource,
  };
}

function metricOf(metric: Decoded): CollectedMetric {
  const kind = (["gauge", "sum", "histogram"] as const).find((name) => metric[name] !== undefined);
  if (kind === undefined) throw new Error(`The metric ${metric.name} has no data.`);
  return {
    ...{ name: metric.name, description: metric.description ?? "", unit: metric.unit ?? "", kind },
    points: metric[kind].data_points.map((point: Decoded) => ({
      attributes: attributesOf(point),
      value: point.as_double ?? point.as_int ?? point.sum ?? 0,
      histogram: { count: point.count ?? 0, bounds: point.explicit_bounds ?? [], counts: point.bucket_counts ?? [] },
    })),
  };
}

function attributesOf(owner: Decoded): Attributes {
  const pairs = owner?.attributes ?? [];
  return Object.fromEntries(pairs.map(({ key, value }: Decoded) => [key, Object.values(value)[0]]));
}

/** `bytes: String` returns base64. */
function hexOf(base64: string | undefined): string {
  return Buffer.from(base64 ?? "", "base64").toString("hex");
}
