// Operations on an installation other than running it: migrations, backups, copies, and creating tokens.

import { SvixTokens } from "./auth/svix-tokens.ts";
import { type Config, ConfigError } from "./config.ts";
import type { Clock } from "./domain/clock.ts";
import { parseId } from "./domain/id.ts";
import { machineClock } from "./main.ts";
import {
  type BackUp,
  backUpStore,
  checkMasterKey,
  copyIntoStore,
  forgetPreviousMasterKey,
  migrateStore,
  type OpenedStore,
  openStore,
  replaceKeptMasterKey,
  restoreStore,
} from "./open-store.ts";
import { type SealedAnew, sealEverythingAnew } from "./upkeep/seal-anew.ts";

/** Migrates the database to this program's schema. Returns the migrations that it ran. */
export function migrateDatabase(config: Config): Promise<string[]> {
  return migrateStore(config, "weft migrate", machineClock);
}

/** Writes a backup of the configured database into a folder. Weft may be running. */
export function backUpDatabase(config: Config, folder: string): Promise<BackUp> {
  return backUpStore(config, folder);
}

/** Restores a backup to the configured location, where no database exists yet. */
export function restoreDatabase(config: Config, folder: string): Promise<BackUp> {
  return restoreStore(config, folder);
}

/** Copies the SQLite installation at a URL into the configured PostgreSQL. Returns the rows of each table. */
export function copyDatabase(
  config: Config,
  from: string,
  onTable: (table: string, rows: number) => void,
): Promise<Readonly<Record<string, number>>> {
  return copyIntoStore(config, from, { command: "weft migrate copy", clock: machineClock, onTable });
}

/**
 * Throws an error with a sentence when the database's secrets are encrypted with another master key. False when the database
 * was unavailable.
 */
export function checkKey(config: Config): Promise<boolean> {
  return checkMasterKey(config);
}

/**
 * Encrypts every secret with the new master key, while nodes run with both keys. Where Weft stores the key itself, it generates
 * the new one. After an interruption, another call continues.
 */
export async function rotateMasterKey(config: Config, onStep: (sealed: number) => void): Promise<SealedAnew> {
  const command = "weft keys rotate-master";
  const isKept = config.masterKey === null;
  if (isKept) await replaceKeptMasterKey(config, command, machineClock);
  else if (config.masterKeyPrevious === null) {
    throw new ConfigError([
      "WEFT_MASTER_KEY_PREVIOUS: needed to rotate; give the new key as WEFT_MASTER_KEY and the old one as WEFT_MASTER_KEY_PREVIOUS.",
    ]);
  }
  const { store, clock } = await openStore(config, command, machineClock);
  try {
    await store.aimSealing({ now: clock.now() });
    const outcome = await sealUntilNodesKnow(store, clock, onStep);
    if (isKept && outcome.end === "ended") forgetPreviousMasterKey(config);
    return outcome;
  } finally {
    await store[Symbol.asyncDispose]();
  }
}

// It is longer than a lease, so that a stopped node has expired by then.
const nodesPatienceMs = 15_000;

async function sealUntilNodesKnow(
  store: OpenedStore["store"],
  { now, sleep }: Clock,
  onStep: (sealed: number) => void,
): Promise<SealedAnew> {
  const until = now() + nodesPatienceMs;
  let sealed = 0;
  for (;;) {
    const outcome = await sealEverythingAnew(store, { now, onStep });
    sealed += outcome.sealed;
    if (outcome.end !== "nodes" || now() >= until) return { ...outcome, sealed };
    await sleep(1_000, new AbortController().signal);
  }
}

const year = 365 * 24 * 3_600_000;

export interface TokenRequest {
  /** The id of one application, in either spelling; null for all applications. */
  readonly application: string | null;
  readonly featureFlags: readonly string[];
  /** Unix ms; null for a year from now. */
  readonly expiresAt: number | null;
}

/**
 * Signs a token for Svix's SDKs. Null when the application is not a valid id. Throws a ConfigError without a signing secret.
 */
export async function signSvixToken({ svixJwtSecret }: Config, request: TokenRequest): Promise<string | null> {
  if (svixJwtSecret === null) {
    throw new ConfigError(["WEFT_SVIX_JWT_SECRET: needed to sign tokens; give the one that the running Weft has"]);
  }
  const tokens = new SvixTokens(svixJwtSecret, machineClock.now);
  const expiresAt = request.expiresAt ?? machineClock.now() + year;
  if (request.application === null) return await tokens.organizationToken(expiresAt);
  const organizationId = parseId<"organization">("app", request.application);
  if (organizationId === null) return null;
  return await tokens.applicationToken({ organizationId, featureFlags: request.featureFlags, expiresAt });
}
