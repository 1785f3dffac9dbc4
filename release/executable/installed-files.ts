import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stagePackage } from "../pack.ts";
import { productionPackages } from "../production-packages.ts";
import { installedPath } from "../steps/application.ts";
import type { Files } from "./archive.ts";

const own = ["receiver", "sdk", "server"] as const;

/** Files that a program reads, and licences. */
const isNeeded =
  /\.(js|cjs|mjs|json|wasm|sql|html|css|svg|woff2|br|gz|zst|txt|xml|py|go|rb|php)$|(^|\/)(licen[cs]e|notice)[^/]*$/i;
// A folder `doc` inside a package may contain code.
const isUnused = /(^|\/)(tests?|examples?|benchmarks?|\.github|\.cache)\/|^docs?\/|\.d\.[cm]?ts$/;

/** The files of an installed server: Weft's packages as users install them, and their dependencies. */
export function installedFiles(root: string): Files {
  const files = new Map<string, Buffer>();
  const stage = mkdtempSync(join(tmpdir(), "weft-executable-"));
  try {
    for (const name of own) {
      const folder = join(stage, name);
      stagePackage(name, folder, null);
      for (const path of filesIn(folder)) add(files, `node_modules/@weft/${name}/${path}`, join(folder, path));
    }
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  for (const one of productionPackages(root)) {
    // Packages of Weft have no integrity.
    if (one.integrity === null) continue;
    for (const path of filesIn(join(root, one.path))) {
      if (isNeeded.test(path) && !isUnused.test(path))
        add(files, `${installedPath(one)}/${path}`, join(root, one.path, path));
    }
  }
  return files;
}

function add(files: Map<string, Buffer>, path: string, source: string): void {
  files.set(path, readFileSync(source));
}

/** Without the packages that are installed below this one. */
function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .filter((path) => !path.split("/").includes("node_modules"));
}
