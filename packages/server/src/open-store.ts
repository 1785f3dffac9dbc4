// The only file that names the existing stores.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import type { Config } from "./config.ts";
import { type CopiedRows, copyInstallation } from "./copy-installation.ts";
import type { Clock } from "./domain/clock.ts";
import { keptMasterKeys, removePreviousKey } from "./store/master-key.ts";
import {
  checkPostgresKey,
  migratePostgres,
  openPostgresStore,
  type PostgresSettings,
} from "./store/postgres/postgres-store.ts";
import { copyDatabase, copyMasterKey } from "./store/sqlite/backup.ts";
import {
  checkSqliteKey,
  migrateSqlite,
  openSqliteStore,
  replaceMasterKey,
  type SqliteSettings,
} from "./store/sqlite/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import { derivedKey, type MasterKeys } from "./store/vault.ts";

/** A store, and the clock that everything on it uses. */
export interface OpenedStore {
  readonly store: Store;
  readonly clock: Clock;
  /** The keys that encrypt sessions, equal on every node: the first encrypts, all of them decrypt. */
  readonly sessionKeys: readonly Uint8Array[];
}

/** Opens the configured database. A second process reports `command` as the one that uses it. */
export async function openStore(config: Config, command: string, clock: Clock): Promise<OpenedStore> {
  if (isPostgres(config)) {
    const settings = postgresSettings(config);
    const store = await openPostgresStore(settings, clock);
    const sessionKeys = sessionKeysOf({ current: settings.masterKey, previous: config.masterKeyPrevious });
    return { store, clock: { now: () => store.now(), sleep: clock.sleep }, sessionKeys };
  }
  const settings = sqliteSettings(config, command, clock);
  const store = await openSqliteStore(settings);
  const { path, masterKey } = settings;
  const keys =
    masterKey === null
      ? keptMasterKeys(path, { mayMake: false })
      : { current: masterKey, previous: config.masterKeyPrevious };
  return { store, clock, sessionKeys: sessionKeysOf(keys) };
}

function sessionKeysOf({ current, previous }: MasterKeys): Uint8Array[] {
  return [current, ...(previous === null ? [] : [previous])].map((key) => derivedKey(key, "sessions"));
}

/**
 * Throws an error with a sentence when the secrets in the configured database are encrypted with another master key. Nothing is
 * created or changed. False when the database exists but is unavailable.
 */
export async function checkMasterKey(config: Config): Promise<boolean> {
  if (isPostgres(config)) return await checkPostgresKey(postgresSettings(config));
  const path = sqlitePath(config, "");
  if (existsSync(path)) await checkSqliteKey({ path, ...masterKeysOf(config) });
  return true;
}

/** Begins a rotation where Weft stores the master key itself: it stores a new key next to the old one. */
export async function replaceKeptMasterKey(config: Config, command: string, clock: Clock): Promise<void> {
  await replaceMasterKey(sqliteSettings(config, command, clock));
}

/** Ends such a rotation. */
export function forgetPreviousMasterKey(config: Config): void {
  removePreviousKey(sqlitePath(config, ""));
}

/** Migrates the database to this program's schema. Returns the migrations that it ran. */
export async function migrateStore(config: Config, command: string, clock: Clock): Promise<string[]> {
  if (isPostgres(config)) return await migratePostgres(postgresSettings(config), clock);
  return await migrateSqlite(sqliteSettings(config, command, clock));
}

/** Copies the SQLite installation at a URL into the configured PostgreSQL. */
export async function copyIntoStore(
  config: Config,
  from: string,
  context: { command: string; clock: Clock; onTable: (table: string, rows: number) => void },
): Promise<CopiedRows> {
  if (!isPostgres(config))
    throw new Error("An installation is copied from SQLite to PostgreSQL: --to names a postgres:// URL.");
  const { path, holder, now } = sqliteSettings({ ...config, databaseUrl: from }, context.command, context.clock);
  return await copyInstallation({ path, holder }, postgresSettings(config), { now, onTable: context.onTable });
}

/** The content of a backup. */
export interface BackUp {
  readonly folder: string;
  readonly bytes: number;
  /** Whether it contains the master key. If not, the operator provided the key and stores it elsewhere. */
  readonly hasMasterKey: boolean;
}

const backedUpName = "weft.db";

/** Writes a backup into a folder. Weft may be running. Throws for PostgreSQL, which has its own tools. */
export async function backUpStore(config: Config, folder: string): Promise<BackUp> {
  const path = sqlitePath(config, "pg_dump");
  const copied = await copyDatabase({ from: path, to: join(folder, backedUpName) });
  const hasMasterKey = config.masterKey === null && copyMasterKey({ from: dirname(path), to: folder });
  return { folder, bytes: copied.bytes, hasMasterKey };
}

/** Restores a backup to the configured location, where no database exists yet. */
export async function restoreStore(config: Config, folder: string): Promise<BackUp> {
  const path = sqlitePath(config, "pg_restore");
  const from = join(folder, backedUpName);
  if (existsSync(from)) await checkSqliteKey({ path: from, ...masterKeysOf(config) });
  const hasMasterKey = config.masterKey === null && copyMasterKey({ from: folder, to: dirname(path) });
  const copied = await copyDatabase({ from, to: path });
  return { folder: dirname(path), bytes: copied.bytes, hasMasterKey };
}

function sqlitePath(config: Config, program: string): string {
  if (!isPostgres(config)) return config.databaseUrl.slice("sqlite:".length);
  throw new Error(
    `PostgreSQL is backed up by its own programs: use ${program}, with the schema weft, and keep WEFT_MASTER_KEY.`,
  );
}

function isPostgres({ databaseUrl }: Config): boolean {
  return !databaseUrl.startsWith("sqlite:");
}

function postgresSettings(config: Config): PostgresSettings {
  if (config.masterKey === null) throw new Error("WEFT_MASTER_KEY is needed with PostgreSQL.");
  return {
    url: config.databaseUrl,
    ...masterKeysOf(config),
    masterKey: config.masterKey,
    retentionMs: config.retentionMs,
    connectionsMax: config.databaseConnections,
    preparesStatements: config.databasePrepare,
  };
}

function masterKeysOf({ masterKey, masterKeyPrevious }: Config) {
  return { masterKey, previousMasterKey: masterKeyPrevious };
}

function sqliteSettings(config: Config, command: string, clock: Clock): SqliteSettings {
  const path = config.databaseUrl.slice("sqlite:".length);
  return {
    path,
    ...masterKeysOf(config),
    holder: { pid: process.pid, description: command, since: new Date(clock.now()).toISOString() },
    now: clock.now(),
  };
}
