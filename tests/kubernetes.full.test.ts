import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { parse } from "yaml";
import { versionOf } from "../release/release.ts";
import { packHelmChart } from "../release/steps/helm-chart.ts";
import { installHelm, lintChart, renderChart, validateObjects, whyNoHelm } from "./kubernetes/helm.ts";
import { chart, objectsOf, plainManifestOf, plainManifests, root } from "./kubernetes/manifests.ts";

/** The oldest version that the chart supports, and newer ones. */
const versions = ["1.29", "1.33", "1.37"];
const why = whyNoHelm();

/** Each database, with everything else as it is by default and as different as it can be. */
const variants = {
  sqlite: { database: "sqlite" },
  fleet: { database: "postgres" },
  "sqlite with every value": {
    database: "sqlite",
    persistence: { size: "100Gi", storageClass: "fast" },
    ingress: { enabled: true, className: "nginx", host: "hooks.example.org", tlsSecretName: "hooks-tls" },
    settings: { WEFT_PUBLIC_URL: "https://hooks.example.org", WEFT_RETENTION: "30d", WEFT_ALLOW_HTTP: true },
  },
  "fleet with every value": {
    database: "postgres",
    image: { repository: "registry.example.org/weft", tag: "1.2.3", pullPolicy: "Always" },
    imagePullSecrets: [{ name: "registry" }],
    nameOverride: "hooks",
    autoscaling: { enabled: false },
    replicas: 5,
    podDisruptionBudget: { maxUnavailable: "50%" },
    service: { type: "LoadBalancer", port: 8080, annotations: { "example.org/internal": "true" } },
    ingress: { enabled: true, annotations: { "example.org/timeout": "60" } },
    extraEnv: [{ name: "WEFT_SMTP_URL", valueFrom: { secretKeyRef: { name: "mail", key: "url" } } }],
    drainSeconds: 0,
    startupSeconds: 7,
    podAnnotations: { "prometheus.io/scrape": "true" },
    podLabels: { team: "sync" },
    nodeSelector: { "kubernetes.io/os": "linux" },
    tolerations: [{ key: "webhooks", operator: "Exists" }],
    affinity: { nodeAffinity: { preferredDuringSchedulingIgnoredDuringExecution: [] } },
  },
};

if (why !== null) process.stderr.write(`${why}\n`);

describe.skipIf(why !== null)("the Helm chart", () => {
  beforeAll(() => installHelm(), 300_000);

  test.each(Object.entries(variants))("%s: Helm renders objects that Kubernetes accepts", async (_, values) => {
    const { manifests = {}, error } = await renderChart(chart, values);
    expect(error).toBeUndefined();
    const objects = objectsOf(manifests);
    const { checked, mistakes } = await validateObjects(objects.join("\n---\n"), versions);
    expect(mistakes).toEqual([]);
    expect(checked).toBe(objects.length * versions.length);
    expect(await lintChart(chart, values)).toEqual([expect.objectContaining({ error: "icon is recommended" })]);
  });

  test("the schemas find a field that does not exist and a value of the wrong type", async () => {
    const { mistakes } = await validateObjects(
      "apiVersion: v1\nkind: Service\nmetadata: {name: weft}\nspec: {ports: [{port: eighty}], replicas: 2}\n",
      ["1.37"],
    );
    expect(mistakes).not.toEqual([]);
  });

  test.each(plainManifests)("$path is the chart as rendered now", async (manifest) => {
    expect(readFileSync(join(root, manifest.path), "utf8")).toBe(await plainManifestOf(manifest));
  });

  test("the packed chart renders the same objects", async () => {
    const folder = mkdtempSync(join(tmpdir(), "weft-chart-"));
    try {
      const platform = { os: process.platform, architecture: process.arch };
      const [file = ""] = await packHelmChart({
        root,
        folder,
        stage: folder,
        version: versionOf(root),
        time: new Date(0),
        platform,
      });
      const packed = await renderChart(join(folder, file), variants["fleet with every value"]);
      expect(packed).toEqual(await renderChart(chart, variants["fleet with every value"]));
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });

  test.each([
    ["another database", { database: "mysql" }, /database/],
    ["a misspelt value", { replica: 3 }, /replica/],
    ["a setting that the chart sets itself", { settings: { WEFT_MASTER_KEY: "secret" } }, /WEFT_MASTER_KEY/],
    // Helm would print a large number as 1e+06.
    ["a number as a setting", { settings: { WEFT_SUBSCRIPTIONS_MAX: 1_000_000 } }, /WEFT_SUBSCRIPTIONS_MAX/],
    ["less time to stop than Weft needs", { terminationGracePeriodSeconds: 20 }, /terminationGracePeriodSeconds/],
  ])("Helm refuses %s", async (_, values, expected) => {
    const { error } = await renderChart(chart, values);
    expect(error).toMatch(expected);
  });

  test("the settings and the name of the release reach the objects", async () => {
    const { manifests = {} } = await renderChart(
      chart,
      { settings: { WEFT_RETENTION: "30d", WEFT_ALLOW_HTTP: true } },
      "production",
    );
    const set = parse(manifests["weft/templates/statefulset.yaml"] ?? "") as StatefulSet;
    expect(set.metadata.name).toBe("production-weft");
    const variables = set.spec.template.spec.containers[0]?.env ?? [];
    expect(variables).toEqual(
      expect.arrayContaining([
        { name: "WEFT_RETENTION", value: "30d" },
        { name: "WEFT_ALLOW_HTTP", value: "true" },
      ]),
    );
  });
});

describe.skipIf(why !== null)("the chart's monitoring", () => {
  const monitoring = {
    serviceMonitor: { enabled: true, interval: "15s", labels: { release: "prometheus" } },
    prometheusRule: { enabled: true },
    dashboard: { enabled: true },
  };

  test("the rules and the dashboard are those of deploy/monitoring, for the pods of the release", async () => {
    const { manifests = {}, error } = await renderChart(chart, { monitoring }, "production");
    expect(error).toBeUndefined();
    const object = (name: string) => parse(manifests[`weft/templates/${name}.yaml`] ?? "");
    const monitor = object("servicemonitor");
    expect(monitor.metadata.labels).toMatchObject({ release: "prometheus" });
    expect(monitor.spec.selector.matchLabels).toEqual(object("service").spec.selector);
    expect(monitor.spec.endpoints).toEqual([{ port: "http", path: "/metrics", interval: "15s" }]);
    const rules = readFileSync(join(root, "deploy/monitoring/alerts.yaml"), "utf8");
    expect(object("prometheusrule").spec).toEqual(parse(rules.replace('job="weft"', 'job="production-weft"')));
    const dashboard = readFileSync(join(root, "deploy/monitoring/grafana-dashboard.json"), "utf8");
    const { metadata, data } = object("dashboard");
    expect(metadata.labels).toMatchObject({ grafana_dashboard: "1" });
    expect(JSON.parse(data["weft.json"])).toEqual(JSON.parse(dashboard));
  });

  test("by default, the chart renders none of these objects", async () => {
    const { manifests = {} } = await renderChart(chart, {});
    const kinds = objectsOf(manifests).map((text) => (parse(text) as { kind: string }).kind);
    expect(kinds.sort()).toEqual(["Service", "StatefulSet"]);
  });
});

interface StatefulSet {
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly template: { readonly spec: { readonly containers: readonly { readonly env: object[] }[] } };
  };
}
