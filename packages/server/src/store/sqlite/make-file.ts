import { closeSync, openSync } from "node:fs";
import { dirname } from "node:path";
import { makeFolder } from "../../make-folder.ts";

/** Creates the file and its folder for their owner only; SQLite gives its other files the same permissions. */
export function makeFile(path: string): void {
  try {
    makeFolder(dirname(path));
    closeSync(openSync(path, "a", 0o600));
  } catch (error) {
    throw new Error(
      `The database ${path} cannot be created or written. Give Weft a data folder that it may write to.`,
      {
        cause: error,
      },
    );
  }
}
