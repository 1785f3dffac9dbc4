import type { NodeId } from "../../domain/id.ts";
import { type Batch, type BatchResponse, type Command, noEffects, type Outcome } from "../commit/batch.ts";
import type { CommitEffects } from "../commit/commit-effects.ts";
import { storeChangeLogEntries } from "./change-log-entries.ts";
import { type CommandName, commands } from "./operations.ts";
import type { SqliteTransactions } from "./transaction.ts";

/**
 * Runs a batch in one transaction and one commit. A command that fails does not affect the others. When the commit
 * itself fails, every command of the batch fails, and nothing of it was stored.
 */
export async function runBatch(context: SqliteTransactions, batch: Batch<CommandName>): Promise<BatchResponse> {
  try {
    try {
      return await commit(context, batch, runPlainly);
    } catch (error) {
      if (isStorageFault(error)) throw error;
      // A command failed: the batch runs again with a savepoint for each command, which would cost every batch a
      // twentieth of its time.
      return await commit(context, batch, runApart);
    }
  } catch (error) {
    const outcome: Outcome = { ok: false, unavailable: true, error };
    return { results: batch.commands.map(() => outcome), ...noEffects };
  }
}

type RunCommand = (context: SqliteTransactions, command: Command<CommandName>) => Promise<Outcome>;

async function commit(context: SqliteTransactions, batch: Batch<CommandName>, run: RunCommand): Promise<BatchResponse> {
  const { db } = context;
  try {
    db.exec("begin immediate");
    context.begin(batch.room !== null && hasLease(context, batch.room.nodeId) ? batch.room : null);
    const results: Outcome[] = [];
    for (const command of batch.commands) results.push(await run(context, command));
    await storeChangeLogEntries(context);
    db.exec("commit");
    return { results, ...effectsOf(context.effects) };
  } catch (error) {
    context.forget();
    if (db.inTransaction) db.exec("rollback");
    throw error;
  }
}

function effectsOf(effects: CommitEffects): Omit<BatchResponse, "results"> {
  const { claimed, backlogged, drained, changed, streamed, fanOutWaits } = effects;
  return {
    claimed,
    fanOutWaits,
    backlogged: [...backlogged],
    drained: [...drained],
    changed: [...changed],
    streamed: [...streamed],
  };
}

function hasLease({ db }: SqliteTransactions, nodeId: NodeId): boolean {
  return db.get("select 1 from node where id = ? and expired_at is null", nodeId) !== null;
}

async function runPlainly<Name extends CommandName>(
  context: SqliteTransactions,
  { name, params }: Command<Name>,
): Promise<Outcome> {
  return { ok: true, value: await commands[name](context, params) };
}

async function runApart<Name extends CommandName>(
  context: SqliteTransactions,
  { name, params }: Command<Name>,
): Promise<Outcome> {
  try {
    return { ok: true, value: await context.atomically(() => commands[name](context, params)) };
  } catch (error) {
    // SQLite may have undone the whole transaction by itself.
    if (!context.db.inTransaction || isStorageFault(error)) throw error;
    return { ok: false, unavailable: false, error };
  }
}

// Primary result codes of SQLite: BUSY 5, LOCKED 6, NOMEM 7, READONLY 8, IOERR 10, CORRUPT 11, FULL 13, CANTOPEN 14.
const storageFaults: readonly unknown[] = [5, 6, 7, 8, 10, 11, 13, 14];

/** Whether the database failed for a reason outside the command, such as a full disk. */
export function isStorageFault(error: unknown): boolean {
  const code = error instanceof Error && "errcode" in error ? error.errcode : undefined;
  return typeof code === "number" && storageFaults.includes(code & 0xff);
}
