import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative } from "node:path";
import { stagePackage } from "../pack.ts";
import { noticesIn } from "../package-notices.ts";
import { productionPackages } from "../production-packages.ts";
import { installedPath } from "../steps/application.ts";
import type { Files } from "./archive.ts";

const own = ["receiver", "sdk", "server"] as const;

/** The files of an installed server: Weft's packages as users install them, and the licences of the packages in the bundle. */
export async function installedFiles(root: string): Promise<Files> {
  const files = new Map<string, Buffer>();
  const stage = mkdtempSync(join(tmpdir(), "weft-executable-"));
  try {
    for (const name of own) {
      const folder = join(stage, name);
      await stagePackage(name, folder, null);
      for (const path of filesIn(folder)) add(files, `node_modules/@weft/${name}/${path}`, join(folder, path));
    }
  } finally {
    rmSync(stage, { recursive: true, force: true });
  }
  for (const one of productionPackages(root)) {
    // Packages of Weft have no integrity.
    if (one.integrity === null) continue;
    for (const path of noticesIn(join(root, one.path))) {
      add(files, `${installedPath(one)}/${path}`, join(root, one.path, path));
    }
  }
  return files;
}

function add(files: Map<string, Buffer>, path: string, source: string): void {
  files.set(path, readFileSync(source));
}

function filesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)));
}
