import { type HrTime, ValueType } from "@opentelemetry/api";
import { millisToHrTime } from "@opentelemetry/core";
import type { Resource } from "@opentelemetry/resources";
import {
  AggregationTemporality,
  type CollectionResult,
  DataPointType,
  type MetricData,
  type MetricProducer,
} from "@opentelemetry/sdk-metrics";
import type { MetricObjectWithValues, MetricValue, MetricValueWithName, Registry } from "prom-client";

type Metric = MetricObjectWithValues<MetricValueWithName<string> | MetricValue<string>>;

/** Reads the metrics of a registry of Prometheus in the data model of OpenTelemetry, under the same names. */
export class ExportedMetrics implements MetricProducer {
  readonly #registry: Registry;
  readonly #resource: Resource;
  readonly #now: () => number;
  readonly #startedAt: number;

  constructor(registry: Registry, resource: Resource, now: () => number) {
    this.#registry = registry;
    this.#resource = resource;
    this.#now = now;
    this.#startedAt = now();
  }

  async collect(): Promise<CollectionResult> {
    const metrics = (await this.#registry.getMetricsAsJSON()) as Metric[];
    const times = { startTime: millisToHrTime(this.#startedAt), endTime: millisToHrTime(this.#now()) };
    const scopeMetrics = [{ scope: { name: "weft" }, metrics: metrics.flatMap((metric) => exported(metric, times)) }];
    return { resourceMetrics: { resource: this.#resource, scopeMetrics }, errors: [] };
  }
}

interface Times {
  readonly startTime: HrTime;
  readonly endTime: HrTime;
}

function exported(metric: Metric, times: Times): MetricData[] {
  const shared = {
    descriptor: { name: metric.name, description: metric.help, unit: unitOf(metric.name), valueType: ValueType.DOUBLE },
    aggregationTemporality: AggregationTemporality.CUMULATIVE,
  };
  // `MetricType` of prom-client is a numeric enum without names at run time.
  switch (String(metric.type)) {
    case "counter":
      return [
        { ...shared, dataPointType: DataPointType.SUM, isMonotonic: true, dataPoints: points(metric.values, times) },
      ];
    case "gauge":
      return [{ ...shared, dataPointType: DataPointType.GAUGE, dataPoints: points(metric.values, times) }];
    case "histogram":
      return [{ ...shared, dataPointType: DataPointType.HISTOGRAM, dataPoints: histogramPoints(metric, times) }];
    default:
      return [];
  }
}

function points(values: Metric["values"], times: Times) {
  return values.map(({ value, labels }) => ({ ...times, attributes: { ...labels }, value }));
}

/** Prometheus counts the values up to each boundary, and OpenTelemetry those between two boundaries. */
function histogramPoints({ name, values }: Metric, times: Times) {
  const series = Map.groupBy(values, ({ labels }) => seriesKey(labels));
  return [...series.values()].map((ofSeries) => {
    const buckets = ofSeries.filter(({ labels }) => "le" in labels);
    const sampleOf = (suffix: string) =>
      ofSeries.find((value) => "metricName" in value && value.metricName === `${name}${suffix}`)?.value ?? 0;
    const { le: _le, ...attributes } = ofSeries[0]?.labels ?? {};
    const boundaries = buckets.map(({ labels }) => Number(labels.le)).filter(Number.isFinite);
    const counts = buckets.map(({ value }, index) => value - (buckets[index - 1]?.value ?? 0));
    return {
      ...times,
      attributes,
      value: { buckets: { boundaries, counts }, sum: sampleOf("_sum"), count: sampleOf("_count") },
    };
  });
}

function seriesKey(labels: Metric["values"][number]["labels"]): string {
  const { le: _le, ...attributes } = labels;
  return JSON.stringify(attributes);
}

function unitOf(name: string): string {
  const plain = name.replace(/_total$/, "");
  if (plain.endsWith("_seconds")) return "s";
  return plain.endsWith("_bytes") ? "By" : "1";
}
