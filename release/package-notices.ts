import { readdirSync } from "node:fs";
import { join, relative } from "node:path";

const isNotice = /^package\.json$|(^|\/)(licen[cs]e|notice|copying)[^/]*$/i;

/** The paths of the licences of a package, and of its manifest, by which scanners recognize a package. */
export function noticesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => isNotice.test(path) && !path.split("/").includes("node_modules"));
}
