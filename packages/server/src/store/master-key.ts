import { randomBytes } from "node:crypto";
import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { makeFolder } from "../make-folder.ts";
import { syncToDisk } from "./sync-to-disk.ts";
import type { MasterKeys } from "./vault.ts";

const keyBytes = 32;
const fileName = "master.key";

/** Files of a data folder that hold master keys; all but the first only during a rotation. */
export const masterKeyFiles = [fileName, `${fileName}.previous`] as const;

/**
 * The master keys kept in a data folder, readable by their owner only. A missing first key is created if `mayMake` says
 * that nothing is sealed yet; otherwise it is refused with a sentence.
 */
export function keptMasterKeys(databasePath: string, { mayMake }: { mayMake: boolean }): MasterKeys {
  return { current: keptMasterKey(databasePath, mayMake), previous: keptPreviousKey(databasePath) };
}

export function keptMasterKey(databasePath: string, mayMake = true): string {
  const path = pathOf(databasePath);
  if (!existsSync(path)) {
    if (!mayMake) {
      throw new Error(
        `The master key ${path} is missing, and the database holds secrets that are sealed with it. Put the file back from where ` +
          "you keep a copy, or give the key as WEFT_MASTER_KEY. Without it these secrets are lost.",
      );
    }
    makeKey(path);
  }
  return readKey(path);
}

function keptPreviousKey(databasePath: string): string | null {
  const path = `${pathOf(databasePath)}.previous`;
  return existsSync(path) ? readKey(path) : null;
}

/**
 * Replaces the kept master key with a new one. The old key stays in the folder as the previous one, so the folder can
 * open everything if the process ends at any moment, and a repeated call continues.
 */
export function replaceKeptKey(databasePath: string): void {
  const path = pathOf(databasePath);
  const [next, previous] = [`${path}.next`, `${path}.previous`];
  rmSync(next, { force: true });
  makeKey(next);
  rmSync(previous, { force: true });
  writeFileSync(previous, `${readKey(path)}\n`, { flag: "wx", mode: 0o600, flush: true });
  syncToDisk(dirname(path));
  renameSync(next, path);
  syncToDisk(dirname(path));
}

/** Removes the previous key, which nothing is sealed with any more. */
export function removePreviousKey(databasePath: string): void {
  rmSync(`${pathOf(databasePath)}.previous`, { force: true });
}

function pathOf(databasePath: string): string {
  return join(dirname(databasePath), fileName);
}

function makeKey(path: string): void {
  try {
    makeFolder(dirname(path));
    writeFileSync(path, `${randomBytes(keyBytes).toString("base64")}\n`, { flag: "wx", mode: 0o600, flush: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EEXIST") return;
    throw new Error(`The master key ${path} cannot be created. Give the process a data folder that it may write to.`, {
      cause: error,
    });
  }
}

function readKey(path: string): string {
  const key = readFileSync(path, "utf8").trim();
  if (key.length < keyBytes) throw new Error(`The master key ${path} is damaged: restore it, stored secrets need it.`);
  return key;
}
