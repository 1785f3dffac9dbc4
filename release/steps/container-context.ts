import { chmodSync, copyFileSync, cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { writeArchive } from "../archive.ts";
import type { Release } from "../release.ts";
import { applicationOf } from "./application.ts";

/** The context of the image, with the application in it: building the image fetches only its base. */
export async function buildContainerContext(release: Release): Promise<string[]> {
  const { root, stage, folder, version, time } = release;
  const context = join(stage, "container");
  mkdirSync(context);
  for (const file of ["Dockerfile", "compose.yaml"]) {
    copyFileSync(join(root, "deploy", file), join(context, file));
    chmodSync(join(context, file), 0o644);
  }
  cpSync(applicationOf(release), join(context, "application"), { recursive: true });
  const name = `weft-${version}-container.tar.gz`;
  await writeArchive({ folder: context, below: "", time, path: join(folder, name) });
  return [name];
}
