import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";
import { readConfig } from "../packages/server/src/config/config.ts";
import { limits } from "../packages/server/src/domain/limits.ts";
import { versionOf } from "../release/release.ts";
import { chart, plainManifests, root } from "./kubernetes/manifests.ts";

interface Variable {
  readonly name: string;
  readonly value?: string;
  readonly valueFrom?: { readonly secretKeyRef: { readonly name: string; readonly key: string } };
}

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
}

interface Container {
  readonly image: string;
  readonly env: readonly Variable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly securityContext: object;
  readonly startupProbe: Probe;
  readonly livenessProbe: Probe;
  readonly readinessProbe: Probe;
  readonly lifecycle: { readonly preStop: { readonly exec: { readonly command: readonly [string, string] } } };
  readonly volumeMounts: readonly { readonly name: string; readonly mountPath: string }[];
}

interface KubernetesObject {
  readonly kind: string;
  readonly spec: Record<string, unknown>;
}

function objectsIn(path: string): KubernetesObject[] {
  return parseAllDocuments(readFileSync(join(root, path), "utf8")).map((one) => one.toJS() as KubernetesObject);
}

function podIn(path: string): {
  containers: [Container];
  terminationGracePeriodSeconds: number;
  securityContext: object;
} {
  const object = objectsIn(path).find(({ kind }) => kind === "StatefulSet" || kind === "Deployment");
  if (object === undefined) throw new Error(`${path} has no pod.`);
  return (object.spec.template as { spec: never }).spec;
}

test("the chart and the packages have one version", () => {
  const { version, appVersion } = parse(readFileSync(join(chart, "Chart.yaml"), "utf8")) as Record<string, string>;
  expect([version, appVersion]).toEqual([versionOf(root), versionOf(root)]);
});

test("a fleet scales and survives the maintenance of a machine, and SQLite has one pod with a volume", () => {
  expect(
    objectsIn("deploy/kubernetes/fleet.yaml")
      .map(({ kind }) => kind)
      .sort(),
  ).toEqual(["Deployment", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Service"]);
  const sqlite = objectsIn("deploy/kubernetes/sqlite.yaml");
  expect(sqlite.map(({ kind }) => kind).sort()).toEqual(["Service", "StatefulSet"]);
  const { replicas, volumeClaimTemplates } = sqlite.find(({ kind }) => kind === "StatefulSet")?.spec ?? {};
  expect(replicas).toBe(1);
  expect(volumeClaimTemplates).toEqual([expect.objectContaining({ metadata: { name: "data" } })]);
});

test.each(plainManifests)("$path: the settings are settings of Weft, and every secret is in one Secret", ({ path }) => {
  const { env } = podIn(path).containers[0];
  const secrets: Record<string, string> = {
    "admin-key": "0123456789abcdef0123456789abcdef0123456789abcdef",
    "master-key": "fedcba9876543210fedcba9876543210fedcba9876543210",
    "database-url": "postgres://weft:secret@db/weft",
  };
  const settings = Object.fromEntries(
    env.map(({ name, value, valueFrom }) => [name, value ?? secrets[valueFrom?.secretKeyRef.key ?? ""]]),
  );
  const isFleet = path.endsWith("fleet.yaml");
  expect(readConfig("serve", settings)).toMatchObject({
    host: "0.0.0.0",
    port: podIn(path).containers[0].ports[0]?.containerPort,
    databaseUrl: isFleet ? secrets["database-url"] : "sqlite:/data/weft.db",
    adminKey: secrets["admin-key"],
    masterKey: secrets["master-key"],
  });
  expect(new Set(env.flatMap(({ valueFrom }) => valueFrom?.secretKeyRef.name ?? []))).toEqual(new Set(["weft"]));
});

test.each(plainManifests)("$path: the pod has longer to stop than Weft takes at most", ({ path }) => {
  const { terminationGracePeriodSeconds, containers } = podIn(path);
  const [command, seconds] = containers[0].lifecycle.preStop.exec.command;
  expect(command).toBe("sleep");
  const stopMs = limits.shutdownMs + limits.cutOffMs + limits.serverCloseMs;
  expect(terminationGracePeriodSeconds * 1_000).toBeGreaterThan(Number(seconds) * 1_000 + stopMs);
});

test.each(plainManifests)("$path: no pod runs as root, gains rights or writes outside its volumes", ({ path }) => {
  const { securityContext, containers } = podIn(path);
  expect(securityContext).toMatchObject({ runAsNonRoot: true, runAsUser: 1000, fsGroup: 1000 });
  expect(containers[0].securityContext).toEqual({
    allowPrivilegeEscalation: false,
    readOnlyRootFilesystem: true,
    capabilities: { drop: ["ALL"] },
  });
  // SQLite's folder, and that of the clones of the source `git`.
  expect(containers[0].volumeMounts.map(({ mountPath }) => mountPath)).toEqual(["/data", "/tmp"]);
  expect(readFileSync(join(root, "deploy/Dockerfile"), "utf8")).toContain("USER 1000:1000");
});

test.each(plainManifests)("$path: probes ask routes of Weft, and readiness includes the database", ({ path }) => {
  const { startupProbe, livenessProbe, readinessProbe } = podIn(path).containers[0];
  const paths = [startupProbe, livenessProbe, readinessProbe].map(({ httpGet }) => httpGet.path);
  expect(paths).toEqual(["/health/live", "/health/live", "/health/ready"]);
  const { paths: routes } = JSON.parse(readFileSync(join(root, "openapi.json"), "utf8")) as { paths: object };
  for (const route of paths) expect(Object.keys(routes)).toContain(route);
});
