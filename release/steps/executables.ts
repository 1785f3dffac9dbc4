import { basename } from "node:path";
import { buildExecutable } from "../executable/build.ts";
import { NodeUnavailableError, targets } from "../executable/node-binary.ts";
import type { Release, Skipped } from "../release.ts";

/** One file for each platform. Node's distribution for it comes from the registry, and its integrity is pinned. */
export async function buildExecutables({ folder }: Release): Promise<readonly string[] | Skipped> {
  const files: string[] = [];
  try {
    for (const target of targets) files.push(basename(await buildExecutable(target, folder)));
  } catch (error) {
    if (!(error instanceof NodeUnavailableError)) throw error;
    return { skipped: `${error.message} The registry is needed once.` };
  }
  return files;
}
