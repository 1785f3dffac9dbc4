import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { productionPackages } from "../production-packages.ts";
import type { Release } from "../release.ts";
import { sbomOf } from "../sbom.ts";

/** The bill of materials: every package that the server needs at run time, with its licence and checksum. */
export async function writeSbom({ root, folder, version, time }: Release): Promise<string[]> {
  const name = `weft-${version}.cdx.json`;
  const sbom = sbomOf(productionPackages(root), time);
  writeFileSync(join(folder, name), `${JSON.stringify(sbom, null, 2)}\n`);
  return [name];
}
