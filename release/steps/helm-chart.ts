import { join } from "node:path";
import { writeArchive } from "../archive.ts";
import type { Release } from "../release.ts";

/** The chart as Helm packs it: an archive with one folder, named after the chart. */
export async function packHelmChart({ root, folder, version, time }: Release): Promise<string[]> {
  const name = `weft-chart-${version}.tgz`;
  await writeArchive({ folder: join(root, "deploy/helm/weft"), below: "weft/", time, path: join(folder, name) });
  return [name];
}
