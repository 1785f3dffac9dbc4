import { type CommandName, commands } from "./operations.ts";
import type { Batch, BatchAnswer, Outcome } from "./thread-messages.ts";
import type { Writing } from "./transaction.ts";

/**
 * Runs a batch in one transaction and one commit. A command that fails takes nothing with it. When the commit itself
 * fails, every command of the batch fails, and nothing of it was stored.
 */
export function runBatch(writing: Writing, batch: Batch): BatchAnswer {
  const { db } = writing;
  writing.begin(batch.room);
  try {
    db.exec("begin immediate");
    const results = batch.commands.map(({ name, params }) => runCommand(writing, name, params));
    db.exec("commit");
    return {
      results,
      claimed: writing.claimed,
      spilled: [...writing.spilled],
      changed: [...writing.changed],
    };
  } catch (error) {
    writing.forget();
    if (db.inTransaction) db.exec("rollback");
    const outcome: Outcome = { ok: false, unavailable: true, error };
    return { results: batch.commands.map(() => outcome), claimed: [], spilled: [], changed: [] };
  }
}

function runCommand(writing: Writing, name: CommandName, params: unknown): Outcome {
  const command = commands[name] as (writing: Writing, params: unknown) => unknown;
  try {
    return { ok: true, value: writing.atomically(() => command(writing, params)) };
  } catch (error) {
    if (concernsTheWholeCommit(writing, error)) throw error;
    return { ok: false, unavailable: false, error };
  }
}

// Primary result codes of SQLite: BUSY 5, LOCKED 6, NOMEM 7, READONLY 8, IOERR 10, CORRUPT 11, FULL 13, CANTOPEN 14.
const storageFaults: readonly unknown[] = [5, 6, 7, 8, 10, 11, 13, 14];

function concernsTheWholeCommit(writing: Writing, error: unknown): boolean {
  if (!writing.db.inTransaction) return true;
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" && storageFaults.includes(code & 0xff);
}
