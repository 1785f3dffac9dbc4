import { existsSync } from "node:fs";
import { join } from "node:path";
import { writeArchive } from "../archive.ts";
import type { Release, Skipped } from "../release.ts";
import { programFolderOf } from "./program-folder.ts";

/** An archive that runs from any folder, with Node inside. */
export async function buildLinuxTarball(release: Release): Promise<readonly string[] | Skipped> {
  const { folder, version, time, platform } = release;
  if (!existsSync(programFolderOf(release))) return { skipped: "It contains a program for Linux." };
  const name = `weft-${version}-linux-${platform.architecture}`;
  const path = join(folder, `${name}.tar.gz`);
  await writeArchive({ folder: programFolderOf(release), below: `${name}/`, time, path });
  return [`${name}.tar.gz`];
}
