import type { Dirent } from "node:fs";
import { findFiles, type Readdir } from "./find-files.ts";

/** Which of these relative paths a folder's search with the same globs would find, in order. */
export async function matchPaths(
  paths: Iterable<string>,
  globs: { include: readonly string[]; exclude: readonly string[]; signal: AbortSignal },
): Promise<readonly string[]> {
  const folders = foldersOf(paths);
  const readdir: Readdir = (path, _options, done) => {
    const found = folders.get(path.slice(root.length).replaceAll(/^\/|\/$/g, ""));
    // Not at once: the search would go down one stack for every folder.
    setImmediate(() =>
      done(
        null,
        [...(found ?? [])].map(([name, isFolder]) => direntOf(name, isFolder)),
      ),
    );
  };
  const { ids } = await findFiles({ folder: root, ...globs, readdir });
  return ids;
}

// The search looks nowhere but into `readdir`, so that this folder need not be there.
const root = "/repository";

/** By folder: what is in it, and whether that is a folder. */
function foldersOf(paths: Iterable<string>): Map<string, Map<string, boolean>> {
  const folders = new Map<string, Map<string, boolean>>();
  for (const path of paths) {
    let isFolder = false;
    for (let rest = path; ; isFolder = true) {
      const at = rest.lastIndexOf("/");
      const folder = rest.slice(0, Math.max(at, 0));
      const siblings = folders.get(folder) ?? new Map<string, boolean>();
      folders.set(folder, siblings);
      const name = rest.slice(at + 1);
      if (isFolder && siblings.has(name)) break;
      siblings.set(name, isFolder);
      if (at < 0) break;
      rest = folder;
    }
  }
  return folders;
}

function direntOf(name: string, isFolder: boolean): Dirent {
  const entry = { name, isDirectory: () => isFolder, isFile: () => !isFolder, isSymbolicLink: () => false };
  return entry as Dirent;
}
