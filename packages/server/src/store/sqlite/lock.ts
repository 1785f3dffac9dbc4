import { DatabaseSync } from "node:sqlite";

/** Who holds a database file. */
export interface Holder {
  readonly pid: number;
  /** What it runs, and where it listens, as a person would say it. */
  readonly description: string;
  readonly since: string;
}

/** Another process has the database open. */
export class DatabaseHeldError extends Error {
  override readonly name = "DatabaseHeldError";
}

/**
 * Takes the database file for this process. The lock is a write transaction held open on a small file beside it, so
 * the operating system frees it however the process ends, and a refused process can read which one has it.
 */
export function lockDatabase(path: string, holder: Holder): Disposable {
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("pragma journal_mode = delete");
    lock.exec("begin immediate; create table if not exists holder (description text); delete from holder");
    lock.prepare("insert into holder values (?)").run(JSON.stringify(holder));
    lock.exec("commit; begin immediate");
  } catch (error) {
    const message = heldSentence(path, readHolder(lock));
    lock.close();
    throw new DatabaseHeldError(message, { cause: error });
  }
  return {
    [Symbol.dispose]: () => {
      try {
        lock.exec("delete from holder; commit");
      } catch {
        // The disk takes nothing more: the name of the last holder stays, and the lock goes with the file all the same.
      }
      lock.close();
    },
  };
}

function readHolder(lock: DatabaseSync): Holder | null {
  try {
    const row = lock.prepare("select description from holder").get() as { description: string } | undefined;
    return row === undefined ? null : (JSON.parse(row.description) as Holder);
  } catch {
    return null; // Not written yet, or being written just now.
  }
}

function heldSentence(path: string, holder: Holder | null): string {
  if (holder === null)
    return `The database ${path} is held by another Weft process. Stop it, or use another data folder.`;
  return (
    `The database ${path} is held by process ${holder.pid} (${holder.description}, since ${holder.since}). ` +
    "Stop that process, or use another data folder."
  );
}
