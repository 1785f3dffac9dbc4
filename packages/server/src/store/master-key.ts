import { randomBytes } from "node:crypto";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";

const keyBytes = 32;

/** The master key kept in a data folder as `master.key`, readable by its owner only; made when there is none. */
export function keptMasterKey(databasePath: string): string {
  const folder = dirname(databasePath);
  const path = join(folder, "master.key");
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    writeFileSync(path, `${randomBytes(keyBytes).toString("base64")}\n`, { flag: "wx", mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") {
      throw new Error(`The master key ${path} cannot be made. Give the process a data folder that it may write to.`, {
        cause: error,
      });
    }
  }
  const key = readFileSync(path, "utf8").trim();
  if (key.length < keyBytes) throw new Error(`The master key ${path} is damaged: restore it, stored secrets need it.`);
  return key;
}
