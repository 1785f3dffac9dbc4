import { join, resolve } from "node:path";
import { renderChart } from "./helm.ts";

export const root = resolve(import.meta.dirname, "../..");
export const chart = join(root, "deploy/helm/weft");

/** The plain manifests, and the values of the chart that they are rendered with. */
export const plainManifests = [
  { path: "deploy/kubernetes/sqlite.yaml", about: "one pod with SQLite on a volume", values: { database: "sqlite" } },
  { path: "deploy/kubernetes/fleet.yaml", about: "a fleet on PostgreSQL", values: { database: "postgres" } },
] as const;

/** The text of a plain manifest. */
export async function plainManifestOf({ about, values }: (typeof plainManifests)[number]): Promise<string> {
  const { manifests, error } = await renderChart(chart, values);
  if (manifests === undefined) throw new Error(`The chart in ${chart} cannot be rendered: ${error}`);
  const objects = objectsOf(manifests);
  return `# Weft as ${about}: kubectl apply -f FILE. Rendered from deploy/helm/weft by tests/kubernetes/write.ts.
# Before the first start, set the image to one in your registry, and create the Secret that values.yaml of the chart describes.
${objects.map((object) => `---\n${object}\n`).join("")}`;
}

/** The objects of a rendered chart, without the notes for people and templates that render nothing. */
export function objectsOf(manifests: Readonly<Record<string, string>>): string[] {
  return Object.entries(manifests)
    .filter(([template]) => template.endsWith(".yaml"))
    .map(([, text]) => text.trim())
    .filter((text) => text !== "");
}
