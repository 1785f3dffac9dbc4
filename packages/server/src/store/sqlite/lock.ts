import { DatabaseSync } from "node:sqlite";

/** The process that has a database file open. */
export interface Holder {
  readonly pid: number;
  /** The command that the process runs and the address that it listens on, in words for people. */
  readonly description: string;
  readonly since: string;
}

/** Another process has the database open. */
export class DatabaseInUseError extends Error {
  override readonly name = "DatabaseInUseError";
}

/**
 * Takes the database file for this process. The lock is a write transaction that stays open on a small file next to it,
 * so the operating system frees it however the process ends, and a refused process can read which process has it.
 */
export function lockDatabase(path: string, holder: Holder): Disposable {
  const lock = new DatabaseSync(`${path}.lock`, { timeout: 0 });
  try {
    lock.exec("pragma journal_mode = delete");
    lock.exec("begin immediate; create table if not exists holder (description text); delete from holder");
    lock.prepare("insert into holder values (?)").run(JSON.stringify(holder));
    lock.exec("commit; begin immediate");
  } catch (error) {
    const message = inUseSentence(path, readHolder(lock));
    lock.close();
    throw new DatabaseInUseError(message, { cause: error });
  }
  return {
    [Symbol.dispose]: () => {
      try {
        lock.exec("delete from holder; commit");
      } catch {
        // The disk is full: the name of the last process stays, and the lock is still released with the file.
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
    return null; // Not written yet, or being written now.
  }
}

function inUseSentence(path: string, holder: Holder | null): string {
  if (holder === null)
    return `The database ${path} is in use by another Weft process. Stop it, or use another data folder.`;
  return (
    `The database ${path} is in use by process ${holder.pid} (${holder.description}, since ${holder.since}). ` +
    "Stop that process, or use another data folder."
  );
}
