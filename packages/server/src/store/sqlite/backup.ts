import { closeSync, existsSync, openSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { backup, DatabaseSync } from "node:sqlite";
import { makeFolder } from "../../make-folder.ts";
import { masterKeyFiles } from "../master-key.ts";
import { syncToDisk } from "../sync-to-disk.ts";

export interface CopiedDatabase {
  readonly path: string;
  readonly bytes: number;
}

// All pages in one step: between two steps a writer would make the copy begin again, and a busy one endlessly.
const allPages = 2 ** 31 - 1;

/**
 * Copies a database to a new file while others write to it: the copy has the state of one moment, with every commit
 * that was confirmed before. The file gets its name only when it is complete, checked and on the disk. Throws with a
 * sentence when it cannot be created.
 */
export async function copyDatabase({ from, to }: { from: string; to: string }): Promise<CopiedDatabase> {
  if (!existsSync(from)) throw new Error(`The database ${from} does not exist.`);
  if (existsSync(to)) throw new Error(`${to} already exists and is not overwritten. Name another folder.`);
  makeFolder(dirname(to));
  const partial = `${to}.partial`;
  removeDatabase(partial);
  // The file is created with its permissions before it is filled, so that other users can never read it.
  closeSync(openSync(partial, "wx", 0o600));
  try {
    const source = new DatabaseSync(from, { readOnly: true, timeout: 5_000 });
    try {
      await backup(source, partial, { rate: allPages });
    } finally {
      source.close();
    }
    const bytes = checkedSize(partial, from);
    syncToDisk(partial);
    renameSync(partial, to);
    syncToDisk(dirname(to));
    return { path: to, bytes };
  } catch (error) {
    removeDatabase(partial);
    throw error;
  }
}

function checkedSize(path: string, from: string): number {
  const copy = new DatabaseSync(path);
  try {
    const [found] = copy.prepare("pragma quick_check(1)").all() as { quick_check: string }[];
    if (found?.quick_check !== "ok") throw new Error(`The database ${from} is damaged: ${found?.quick_check}.`);
    const isWeft = copy.prepare("select 1 from sqlite_schema where name = 'migration'").get() !== undefined;
    if (!isWeft) throw new Error(`${from} is not a database of Weft.`);
    const { bytes } = copy
      .prepare("select page_count * page_size as bytes from pragma_page_count, pragma_page_size")
      .get() as { bytes: number };
    return bytes;
  } finally {
    copy.close();
  }
}

/**
 * Copies kept master keys to another folder; during a rotation there are two. False when this folder has none. Throws
 * when the other folder already has another one.
 */
export function copyMasterKey({ from, to }: { from: string; to: string }): boolean {
  const kept = masterKeyFiles.filter((name) => existsSync(join(from, name)));
  for (const name of kept) copyKey(join(from, name), join(to, name));
  return kept.length > 0;
}

function copyKey(source: string, target: string): void {
  const key = readFileSync(source, "utf8");
  makeFolder(dirname(target));
  if (!existsSync(target)) {
    writeFileSync(target, key, { flag: "wx", mode: 0o600, flush: true });
    return;
  }
  if (readFileSync(target, "utf8") === key) return;
  throw new Error(
    `${target} is another master key, which the copied secrets could not be read with. Name another folder.`,
  );
}

function removeDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm", "-journal"])
    rmSync(join(dirname(path), basename(path) + suffix), { force: true });
}
