import { mkdirSync } from "node:fs";
import { dirname } from "node:path";

/**
 * Creates a folder and the folders above it, for their owner only. The recursive `mkdir` of Node never ends in folders such
 * as /proc, which create nothing.
 */
export function makeFolder(path: string): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "EEXIST") return;
    if (code !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    mkdirSync(path, { mode: 0o700 });
  }
}
