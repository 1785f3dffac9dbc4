import pg from "pg";
import { StoreUnavailableError } from "../../domain/errors.ts";
import { timeOfId } from "../../domain/id.ts";

/** The connection broke, or the server did not respond for too long: the last statement may or may not have run. */
export class ConnectionLostError extends StoreUnavailableError {}

/** Every connection of this node is in use, which does not mean that the database is unavailable. */
export class ConnectionsInUseError extends StoreUnavailableError {}

/** No server accepts writes: those that respond are standbys, or were set to read only. */
export class NoPrimaryError extends StoreUnavailableError {}

// Classes of SQLSTATE: 08 connection, 53 resources, 57 operator intervention (shutdown, timeout), 58 system.
const faultClasses: readonly string[] = ["08", "53", "57", "58"];
const isReadOnly = "25006";

/**
 * Serialization failure, deadlock, and a unique key that another transaction stored first: a retry resolves them all.
 */
const lostRaces: readonly unknown[] = ["40001", "40P01", "23505"];

/** The error that callers of the store get for a failed request to PostgreSQL. */
export function storeError(error: unknown): unknown {
  if (error instanceof StoreUnavailableError) return error;
  if (!(error instanceof pg.DatabaseError)) {
    return new ConnectionLostError(`${sentence(error)} Try again.`, { cause: error });
  }
  const code = error.code ?? "";
  if (code === isReadOnly) {
    return new NoPrimaryError(`${sentence(error)} Nothing was stored; try again.`, { cause: error });
  }
  if (!faultClasses.includes(code.slice(0, 2))) return error;
  return new StoreUnavailableError(`${sentence(error)} Nothing was stored; try again.`, { cause: error });
}

/** A migration changed the columns of a prepared statement. On another connection, the statement is prepared again. */
export function hasStalePlan(error: unknown): boolean {
  return error instanceof pg.DatabaseError && error.code === "0A000" && error.message.startsWith("cached plan");
}

/** Whether a statement waited for a lock for longer than its limit, or for a transaction that waited for it. */
export function lostLock(error: unknown): boolean {
  return error instanceof pg.DatabaseError && (error.code === "55P03" || error.code === "40P01");
}

export function lostRace(error: unknown): boolean {
  return error instanceof pg.DatabaseError && lostRaces.includes(error.code);
}

/** The time (ms) of a row without a partition, if that was the failure. */
export function timeWithoutPartition(error: unknown): number | null {
  // The code is that of a failed check; but a check has a name.
  if (!(error instanceof pg.DatabaseError) || error.code !== "23514" || error.constraint !== undefined) return null;
  const id = uuidPattern.exec(error.detail ?? "");
  return id === null ? null : timeOfId(id[0]);
}

const uuidPattern = /[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/;

function sentence(error: unknown): string {
  return `The database could not do this now: ${error instanceof Error ? error.message : String(error)}.`;
}
