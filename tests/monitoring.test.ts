import { readFileSync } from "node:fs";
import { createServer } from "node:net";
import { join, resolve } from "node:path";
import { parser } from "@prometheus-io/lezer-promql";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { RunningWeft } from "../packages/server/src/api/fixtures/running-weft.ts";
import { completed } from "../packages/server/src/api/fixtures/weft-and-receiver.ts";
import { until } from "../packages/server/src/delivery/fixtures/manual-clock.ts";
import { Receiver } from "../packages/server/src/delivery/fixtures/receiver.ts";

const root = resolve(import.meta.dirname, "..");

interface Rules {
  readonly groups: readonly {
    readonly rules: readonly {
      readonly alert: string;
      readonly expr: string;
      readonly annotations: { summary: string };
    }[];
  }[];
}

interface Dashboard {
  readonly panels: readonly {
    readonly title: string;
    readonly description: string;
    readonly targets: readonly { readonly expr: string; readonly legendFormat: string }[];
  }[];
}

const { groups } = parse(readFileSync(join(root, "deploy/monitoring/alerts.yaml"), "utf8")) as Rules;
const alerts = groups.flatMap(({ rules }) => rules);
const dashboard = JSON.parse(readFileSync(join(root, "deploy/monitoring/grafana-dashboard.json"), "utf8")) as Dashboard;
const targets = dashboard.panels.flatMap(({ title, targets }) => targets.map((target) => ({ title, ...target })));

const queries: readonly (readonly [string, string])[] = [
  ...alerts.map(({ alert, expr }) => [alert, expr] as const),
  ...targets.map(({ title, expr }) => [`${title}: ${expr}`, withoutVariables(expr)] as const),
];

/** Grafana replaces its variables before Prometheus reads a query. */
function withoutVariables(expr: string): string {
  return expr.replaceAll("$__rate_interval", "5m").replaceAll("$job", "weft");
}

/** The labels that Prometheus adds to every series. */
const scrapeLabels = ["job", "instance"];
/** A series of Prometheus itself. */
const scrapeMetric = "up";

interface Selector {
  readonly metric: string;
  readonly matchers: readonly { readonly label: string; readonly operator: string; readonly value: string }[];
}

interface ReadQuery {
  readonly hasErrors: boolean;
  readonly selectors: readonly Selector[];
  /** Labels that the query groups by, and those of metrics in the same query. */
  readonly groupings: readonly string[];
}

function readQuery(text: string): ReadQuery {
  const selectors: { metric: string; matchers: { label: string; operator: string; value: string }[] }[] = [];
  const groupings: string[] = [];
  let hasErrors = false;
  const cursor = parser.parse(text).cursor();
  do {
    const { type, from, to } = cursor;
    const part = text.slice(from, to);
    if (type.isError) hasErrors = true;
    if (type.name === "VectorSelector") selectors.push({ metric: "", matchers: [] });
    const selector = selectors.at(-1);
    if (type.name === "Identifier" && selector !== undefined && selector.metric === "") selector.metric = part;
    if (type.name === "LabelName") {
      if (cursor.node.parent?.name === "GroupingLabels") groupings.push(part);
      else selector?.matchers.push({ label: part, operator: "", value: "" });
    }
    const matcher = selector?.matchers.at(-1);
    if (type.name === "MatchOp" && matcher !== undefined) matcher.operator = part;
    if (type.name === "StringLiteral" && matcher !== undefined) matcher.value = part.slice(1, -1);
  } while (cursor.next());
  return { hasErrors, selectors, groupings };
}

let weft: RunningWeft;
let receiver: Receiver;
/** The labels of each sample by its name, as Weft returned them. */
let samples: ReadonlyMap<string, readonly Readonly<Record<string, string>>[]>;

beforeAll(async () => {
  receiver = await Receiver.start();
  weft = await RunningWeft.start({
    // No collector listens there, so that exports fail.
    OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${await unusedPort()}`,
    OTEL_EXPORTER_OTLP_TIMEOUT: "100",
    OTEL_METRIC_EXPORT_INTERVAL: "100",
    OTEL_BSP_SCHEDULE_DELAY: "1",
    WEFT_VERIFY_ENDPOINTS: "false",
  });
  using _watch = weft.weft.watch(process);
  await makeTraffic();
  samples = await until("every series of the traffic has a sample", async () => {
    const found = samplesIn((await weft.get("/metrics")).text);
    const awaited = ["weft_sync_jobs_total", "weft_telemetry_dropped_total", "weft_lanes_held_back"];
    const rejected = found.get("weft_attempts_total")?.some(({ outcome }) => outcome === "rejected") ?? false;
    return rejected && awaited.every((name) => (found.get(name)?.length ?? 0) > 0) && found;
  });
});
afterAll(async () => {
  await weft[Symbol.asyncDispose]();
  await receiver[Symbol.asyncDispose]();
});

/** Accepted and refused attempts, a refused call, and a sync job. */
async function makeTraffic(): Promise<void> {
  receiver.respond = (response, { path }) => void response.writeHead(path === "/refuses" ? 400 : 204).end();
  for (const path of ["/accepts", "/refuses"]) {
    const body = { url: receiver.url(path), event_types: ["sync.completed"], retry_schedule: [] };
    expect((await weft.post("/webhooks/subscriptions", body)).status, path).toBe(200);
  }
  await weft.post("/events", completed());
  const collection = (await weft.post("/collections", { name: "Docs" })).body.readable_id;
  await weft.post("/source-connections", {
    short_name: "stub",
    readable_collection_id: collection,
    authentication: { credentials: { stub_key: "sk-secret" } },
    sync_immediately: true,
  });
}

async function unusedPort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as { port: number };
  await new Promise((resolve) => server.close(resolve));
  return port;
}

function samplesIn(text: string): ReadonlyMap<string, readonly Readonly<Record<string, string>>[]> {
  const found = new Map<string, Record<string, string>[]>();
  for (const [, name = "", labels = ""] of text.matchAll(/^(\w+)(?:\{(.*)\})? \S+$/gm)) {
    const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, label, value]) => [label, value]);
    found.set(name, [...(found.get(name) ?? []), Object.fromEntries(pairs)]);
  }
  return found;
}

test("each alert and each panel has a sentence that explains it", () => {
  expect(queries.length).toBeGreaterThan(30);
  for (const { alert, annotations } of alerts) expect(annotations.summary, alert).toMatch(/\.$/);
  for (const { title, description } of dashboard.panels) expect(description, title).toMatch(/\.$/);
});

test("a query with a mistake is detected", () => {
  expect(readQuery("sum(rate(weft_attempts_total[5m])").hasErrors).toBe(true);
  expect(readQuery('sum by (le) (rate(a_bucket{b="c", d!~"e"}[5m])) / sum(f)')).toEqual({
    hasErrors: false,
    selectors: [
      {
        metric: "a_bucket",
        matchers: [
          { label: "b", operator: "=", value: "c" },
          { label: "d", operator: "!~", value: "e" },
        ],
      },
      { metric: "f", matchers: [] },
    ],
    groupings: ["le"],
  });
});

describe.each(queries)("%s", (_, text) => {
  test("is valid PromQL over metrics, labels and values of a running Weft", () => {
    const { hasErrors, selectors, groupings } = readQuery(text);
    expect(hasErrors, text).toBe(false);
    expect(selectors.length).toBeGreaterThan(0);
    for (const { metric, matchers } of selectors) {
      const known = metric === scrapeMetric ? [{}] : (samples.get(metric) ?? []);
      expect(known.length, metric).toBeGreaterThan(0);
      const labels = [...scrapeLabels, ...known.flatMap((sample) => Object.keys(sample))];
      for (const { label, operator, value } of matchers) {
        expect(labels, `${metric}: ${label}`).toContain(label);
        const values = known.map((sample) => (sample as Record<string, string>)[label]);
        if (operator === "=" && !scrapeLabels.includes(label)) expect(values, `${metric}: ${label}`).toContain(value);
      }
      for (const label of groupings) expect(labels, `${metric}: ${label}`).toContain(label);
    }
  });
});

test("the legend of each panel names labels that its query keeps", () => {
  for (const { title, expr, legendFormat } of targets) {
    const { groupings } = readQuery(withoutVariables(expr));
    const named = [...legendFormat.matchAll(/\{\{(\w+)\}\}/g)].map(([, label = ""]) => label);
    const kept = groupings.length > 0 ? groupings : scrapeLabels;
    for (const label of named) expect(kept, `${title}: ${legendFormat}`).toContain(label);
  }
});
