import type { SealingEnd } from "../sealing/interface.ts";
import { endSealing as endSharedSealing } from "../sealing/sql.ts";
import type { Sql, WriteContext } from "../sql.ts";
import type { Vault } from "../vault.ts";
import type { PostgresDatabase } from "./database.ts";
import type { ServerClock } from "./server-clock.ts";

// Longer than a lease: a node that ended without a notice is forgotten by then.
const patienceMs = 15_000;
const lookEveryMs = 500;
const never = new AbortController().signal;

/**
 * Waits until every running node has this program's key, because a node without it could not read the texts that it
 * seals. Throws a sentence when a node still lacks it after a while.
 */
export async function waitForNodesWith(database: PostgresDatabase, vault: Vault, clock: ServerClock): Promise<void> {
  const until = clock.now() + patienceMs;
  while (await database.read((sql) => hasNodeWithout(sql, clock.now(), `%${vault.keyId}%`))) {
    if (clock.now() >= until) {
      throw new Error(
        "Nodes are running that do not have this master key, and could not read what this one seals. For a rotation, give every " +
          "node the new key as WEFT_MASTER_KEY_PREVIOUS first; then make it WEFT_MASTER_KEY, node by node.",
      );
    }
    await clock.sleep(lookEveryMs, never);
  }
}

/** Seals values as for every database, when no node seals with another key any more. */
export async function endSealing(context: WriteContext, params: { now: number }): Promise<SealingEnd> {
  const { sql, vault } = context;
  if (await hasNodeWithout(sql, params.now, `${vault.keyId}%`)) return "nodes";
  return await endSharedSealing(context, params);
}

/** Whether a node with other keys is alive. */
async function hasNodeWithout(sql: Sql, now: number, pattern: string): Promise<boolean> {
  const text = `select 1 from node where lease_until > ? and expired_at is null
    and sealing_keys not like ? limit 1`;
  return (await sql.get(text, now, pattern)) !== null;
}
