import { realpath, stat } from "node:fs/promises";
import { isAbsolute, relative, sep } from "node:path";
import { SourceError } from "../../source.ts";

/**
 * A folder's path without links in it, once it is known to lie in one of those that the operator opened. Throws a
 * SourceError when it does not, or is not there.
 */
export async function openFolder(path: string, allowedFolders: readonly string[]): Promise<string> {
  const folder = await realpath(path).catch((error: unknown) => refuse(path, error));
  const roots = await Promise.all(allowedFolders.map((root) => realpath(root).catch(() => null)));
  if (!roots.some((root) => root !== null && isInside(root, folder))) {
    throw new SourceError(`The folder ${path} is not one that the operator of this Weft opened for syncing.`);
  }
  const stats = await stat(folder).catch((error: unknown) => refuse(path, error));
  if (!stats.isDirectory()) throw new SourceError(`${path} is not a folder.`);
  return folder;
}

function isInside(root: string, folder: string): boolean {
  const way = relative(root, folder);
  return way === "" || (way !== ".." && !way.startsWith(`..${sep}`) && !isAbsolute(way));
}

function refuse(path: string, error: unknown): never {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  const what =
    code === "ENOENT" || code === "ENOTDIR" ? "does not exist" : `cannot be opened (${String(code ?? "unknown")})`;
  throw new SourceError(`The folder ${path} ${what}.`, { cause: error });
}
