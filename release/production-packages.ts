import { readFileSync } from "node:fs";
import { join } from "node:path";

/** A package that the server needs at run time, as the lockfile pins it. */
export interface ProductionPackage {
  /** Its folder in the checkout, such as `node_modules/pg`. Packages of Weft are in `packages/`. */
  readonly path: string;
  readonly name: string;
  readonly version: string;
  readonly license: string | null;
  /** Subresource integrity, such as `sha512-…`; null for packages of Weft. */
  readonly integrity: string | null;
  /** The paths of the packages that it needs. */
  readonly needs: readonly string[];
}

interface LockfileEntry {
  readonly version?: string;
  readonly name?: string;
  readonly license?: string;
  readonly integrity?: string;
  readonly link?: boolean;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const serverPath = "packages/server";

/** The server and all packages that it needs, by path. The first one is the server. */
export function productionPackages(root: string): ProductionPackage[] {
  const lockfile = JSON.parse(readFileSync(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, LockfileEntry>;
  };
  const entries = new Map(Object.entries(lockfile.packages));
  const found = new Map<string, ProductionPackage>();
  const waiting = [serverPath];
  for (let path = waiting.pop(); path !== undefined; path = waiting.pop()) {
    if (found.has(path)) continue;
    const one = packageAt(path, entries);
    found.set(path, one);
    waiting.push(...one.needs);
  }
  const others = [...found.values()].filter(({ path }) => path !== serverPath);
  return [packageAt(serverPath, entries), ...others.sort((a, b) => (a.path < b.path ? -1 : 1))];
}

function packageAt(path: string, entries: ReadonlyMap<string, LockfileEntry>): ProductionPackage {
  const entry = entries.get(path);
  if (entry?.version === undefined) throw new Error(`package-lock.json has no version of ${path}. Run npm install.`);
  const required = Object.keys(entry.dependencies ?? {}).map((name) => ({ name, optional: false }));
  const optional = Object.keys(entry.optionalDependencies ?? {}).map((name) => ({ name, optional: true }));
  const needs = [...required, ...optional].flatMap(({ name, optional }) => {
    const at = resolveFrom(path, name, entries);
    if (at === null && !optional) throw new Error(`package-lock.json has no ${name}, which ${path} needs.`);
    return at ?? [];
  });
  return {
    path,
    name: entry.name ?? path.slice(path.lastIndexOf("node_modules/") + "node_modules/".length),
    version: entry.version,
    license: entry.license ?? null,
    integrity: entry.integrity ?? null,
    needs: [...new Set(needs)].sort(),
  };
}

/** Finds a package as Node does: in the `node_modules` of the folder, or of a folder above. */
function resolveFrom(path: string, name: string, entries: ReadonlyMap<string, LockfileEntry>): string | null {
  for (let folder: string | null = path; folder !== null; folder = folderAbove(folder)) {
    const at = folder === "" ? `node_modules/${name}` : `${folder}/node_modules/${name}`;
    const entry = entries.get(at);
    if (entry !== undefined) return entry.link === true && entry.resolved !== undefined ? entry.resolved : at;
  }
  return null;
}

function folderAbove(folder: string): string | null {
  if (folder === "") return null;
  const slash = folder.lastIndexOf("/");
  return slash === -1 ? "" : folder.slice(0, slash);
}
