import { basename } from "node:path";
import { packAll } from "../pack.ts";
import type { Release } from "../release.ts";

/** The packages for npm. */
export async function buildNpmPackages({ folder }: Release): Promise<string[]> {
  return (await packAll(folder)).map(({ path }) => basename(path));
}
