// Operations on an installation other than running it: migrations, backups, copies, and creating tokens.

import { isNamespace, SvixTokens } from "./auth/svix-tokens.ts";
import { type Config, ConfigError } from "./config/config.ts";
import type { Clock } from "./domain/clock.ts";
import { parseId } from "./domain/id.ts";
import { defaultNamespace } from "./domain/organization.ts";
import { machineClock } from "./main.ts";
import {
  type BackUp,
  backUpStore,
  type CopiedCounts,
  type Copying,
  checkMasterKey,
  copyStore,
  databaseServers,
  forgetPreviousMasterKey,
  migrateStore,
  type OpenedStore,
  openStore,
  replaceKeptMasterKey,
  restoreStore,
  type ServerState,
  type Verification,
  verifyStore,
} from "./open-store.ts";
import { type SealedAnew, sealEverythingAnew } from "./upkeep/seal-anew.ts";
import { probeArchive } from "./wiring/archive.ts";
import { checkCollector, collectorAgents } from "./wiring/collector.ts";
import { portalBrand } from "./wiring/portal-brand.ts";
import { reachProxy } from "./wiring/reach-proxy.ts";

export type { Verification };

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

/** Copies an installation between SQLite and PostgreSQL. Returns the rows and the checksum of each table. */
export function copyDatabase(from: Config, to: Config, onStep: Copying["onStep"]): Promise<CopiedCounts> {
  return copyStore(from, to, { command: "weft migrate copy", clock: machineClock, onStep });
}

/**
 * Throws an error with a sentence when the database's secrets are encrypted with another master key. False when the database
 * was unavailable.
 */
export function checkKey(config: Config): Promise<boolean> {
  return checkMasterKey(config);
}

/** The state of each server of the database, if the settings name several. */
export function checkServers(config: Config): Promise<ServerState[]> {
  return databaseServers(config);
}

/** Reads the whole configured database. Throws an error with a sentence when a Weft could not start on it. */
export function verifyDatabase(config: Config): Promise<Verification> {
  return verifyStore(config);
}

/** Returns a sentence for each signal that the configured OpenTelemetry collector does not accept. */
export function checkTelemetry(config: Config): Promise<readonly string[]> {
  return checkCollector(config);
}

/** Throws a ConfigError when a file that the settings name cannot be used. */
export function checkFiles(config: Config): void {
  portalBrand(config);
  collectorAgents(config)[Symbol.dispose]();
}

/** Throws a ConfigError when the outbound proxy of the settings cannot be reached. */
export function checkProxy(config: Config): Promise<void> {
  return reachProxy(config, machineClock.now);
}

/** Writes a small file to the archive of the settings and reads it back. Throws a ConfigError when that fails. */
export function checkArchive(config: Config): Promise<void> {
  return probeArchive(config, machineClock.now);
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

export { isNamespace };

export interface TokenRequest {
  /** The id of one application, in either spelling; null for all applications. */
  readonly application: string | null;
  /** The namespace of the application or applications; null for the default one, whose token reaches all of them. */
  readonly namespace: string | null;
  readonly featureFlags: readonly string[];
  /** Unix ms; null for a year from now. */
  readonly expiresAt: number | null;
}

/**
 * Signs a token for Svix's SDKs. Null when the application is not a valid id. Throws a ConfigError without a signing secret.
 */
export async function signSvixToken({ svixJwtKeys }: Config, request: TokenRequest): Promise<string | null> {
  if (svixJwtKeys === null) {
    throw new ConfigError(["WEFT_SVIX_JWT_SECRET: needed to sign tokens; give the one that the running Weft has"]);
  }
  if (svixJwtKeys.signing === null) {
    throw new ConfigError(["WEFT_SVIX_JWT_SECRET: is a public key; a token is signed with the private key"]);
  }
  const tokens = new SvixTokens(svixJwtKeys, machineClock.now);
  const expiresAt = request.expiresAt ?? machineClock.now() + year;
  const namespace = request.namespace ?? defaultNamespace;
  if (request.application === null) return await tokens.organizationToken(expiresAt, namespace);
  const organizationId = parseId<"organization">("app", request.application);
  if (organizationId === null) return null;
  return await tokens.applicationToken({ organizationId, namespace, featureFlags: request.featureFlags, expiresAt });
}
