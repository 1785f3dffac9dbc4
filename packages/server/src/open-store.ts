// The only file that names the existing stores.

import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Config, sqlitePathOf } from "./config/config.ts";
import { type CopiedCounts, type Copying, copiedTables, copyInstallation } from "./copy-installation.ts";
import type { Clock } from "./domain/clock.ts";
import { databaseHosts } from "./domain/database-hosts.ts";
import { keptMasterKeys, removePreviousKey } from "./store/master-key.ts";
import type { ServerState } from "./store/postgres/hosts.ts";
import type { PostgresSettings } from "./store/postgres/postgres-store.ts";
import { copyDatabase, copyMasterKey } from "./store/sqlite/backup.ts";
import { SqliteCopySource } from "./store/sqlite/copy-source.ts";
import { SqliteCopyTarget } from "./store/sqlite/copy-target.ts";
import {
  checkSqliteKey,
  migrateSqlite,
  openSqliteStore,
  replaceMasterKey,
  type SqliteSettings,
  verifySqlite,
} from "./store/sqlite/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import { derivedKey, type MasterKeys, openVault } from "./store/vault.ts";
import type { Verification } from "./store/verification/interface.ts";

export type { CopiedCounts, Copying, ServerState, Verification };

/** PostgreSQL's part and its client are a tenth of a start, and most installations do not use them. */
const postgresStore = () => import("./store/postgres/postgres-store.ts");

/** A store, and the clock that everything on it uses. */
export interface OpenedStore {
  readonly store: Store;
  readonly clock: Clock;
  /** The keys that encrypt sessions, equal on every node: the first encrypts, all of them decrypt. */
  readonly sessionKeys: readonly Uint8Array[];
  /** Calls the listener with the server that became the primary of PostgreSQL after another one. */
  readonly onNewPrimary: (listener: (server: string) => void) => void;
}

/** Opens the configured database. A second process reports `command` as the one that uses it. */
export async function openStore(config: Config, command: string, clock: Clock): Promise<OpenedStore> {
  if (isPostgres(config)) {
    const settings = postgresSettings(config);
    const { openPostgresStore } = await postgresStore();
    const store = await openPostgresStore(settings, clock);
    const sessionKeys = sessionKeysOf({ current: settings.masterKey, previous: config.masterKeyPrevious });
    return {
      ...{ store, sessionKeys, onNewPrimary: store.onNewPrimary },
      clock: { now: () => store.now(), sleep: clock.sleep },
    };
  }
  const settings = sqliteSettings(config, command, clock);
  const store = await openSqliteStore(settings);
  const { path, masterKey } = settings;
  const keys =
    masterKey === null
      ? keptMasterKeys(path, { mayMake: false })
      : { current: masterKey, previous: config.masterKeyPrevious };
  return { store, clock, sessionKeys: sessionKeysOf(keys), onNewPrimary: () => {} };
}

function sessionKeysOf({ current, previous }: MasterKeys): Uint8Array[] {
  return [current, ...(previous === null ? [] : [previous])].map((key) => derivedKey(key, "sessions"));
}

/**
 * Throws an error with a sentence when the secrets in the configured database are encrypted with another master key. Nothing is
 * created or changed. False when the database exists but is unavailable.
 */
export async function checkMasterKey(config: Config): Promise<boolean> {
  if (isPostgres(config)) return await (await postgresStore()).checkPostgresKey(postgresSettings(config));
  const path = sqlitePath(config);
  if (existsSync(path)) await checkSqliteKey({ path, ...masterKeysOf(config) });
  return true;
}

/** The state of each server, if the settings name several. */
export async function databaseServers(config: Config): Promise<ServerState[]> {
  if (!isPostgres(config) || databaseHosts(config.databaseUrl).length === 1) return [];
  return await (await postgresStore()).postgresServers(postgresSettings(config));
}

/** Reads the whole configured database. Throws an error with a sentence when it cannot be used. It changes nothing. */
export async function verifyStore(config: Config): Promise<Verification> {
  if (isPostgres(config)) return await (await postgresStore()).verifyPostgres(postgresSettings(config));
  return await verifySqlite(sqlitePath(config));
}

/** Begins a rotation where Weft stores the master key itself: it stores a new key next to the old one. */
export async function replaceKeptMasterKey(config: Config, command: string, clock: Clock): Promise<void> {
  await replaceMasterKey(sqliteSettings(config, command, clock));
}

/** Ends such a rotation. */
export function forgetPreviousMasterKey(config: Config): void {
  removePreviousKey(sqlitePath(config));
}

/** Migrates the database to this program's schema. Returns the migrations that it ran. */
export async function migrateStore(config: Config, command: string, clock: Clock): Promise<string[]> {
  if (isPostgres(config)) return await (await postgresStore()).migratePostgres(postgresSettings(config), clock);
  return await migrateSqlite(sqliteSettings(config, command, clock));
}

/** Copies an installation between SQLite and PostgreSQL. One of the two settings names SQLite, and the other one PostgreSQL. */
export async function copyStore(
  from: Config,
  to: Config,
  context: { command: string; clock: Clock; onStep: Copying["onStep"] },
): Promise<CopiedCounts> {
  const { command, clock, onStep } = context;
  if (isPostgres(from) === isPostgres(to)) {
    throw new Error(
      "An installation is copied between SQLite and PostgreSQL. To move it within one of them, use a backup of that database.",
    );
  }
  await using opened = new AsyncDisposableStack();
  if (isPostgres(to)) {
    const settings = postgresSettings(to);
    const { path, holder, now } = sqliteSettings(from, command, clock);
    const source = opened.use(new SqliteCopySource(path, holder, now));
    await source.checkMasterKey(openVault(keysOf(settings)));
    const { PostgresCopyTarget } = await import("./store/postgres/copy-target.ts");
    const target = opened.use(await PostgresCopyTarget.open(settings, clock));
    return await copyInstallation({
      from: source,
      to: target,
      tables: copiedTables.map((name) => source.table(name)),
      onStep,
    });
  }
  const settings = postgresSettings(from);
  const { PostgresCopySource } = await import("./store/postgres/copy-source.ts");
  const source = opened.use(await PostgresCopySource.open(settings, clock));
  await source.checkMasterKey(openVault(keysOf(settings)));
  const { path, holder, now } = sqliteSettings(to, command, clock);
  const target = opened.use(new SqliteCopyTarget(path, holder, now));
  return await copyInstallation({
    from: source,
    to: target,
    tables: copiedTables.map((name) => target.table(name)),
    onStep,
  });
}

function keysOf({ masterKey, previousMasterKey = null }: PostgresSettings): MasterKeys {
  return { current: masterKey, previous: previousMasterKey };
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
  const path = sqlitePath(config);
  const copied = await copyDatabase({ from: path, to: join(folder, backedUpName) });
  const hasMasterKey = config.masterKey === null && copyMasterKey({ from: dirname(path), to: folder });
  return { folder, bytes: copied.bytes, hasMasterKey };
}

/** Restores a backup to the configured location, where no database exists yet. */
export async function restoreStore(config: Config, folder: string): Promise<BackUp> {
  const path = sqlitePath(config);
  const from = join(folder, backedUpName);
  if (existsSync(from)) await checkSqliteKey({ path: from, ...masterKeysOf(config) });
  const hasMasterKey = config.masterKey === null && copyMasterKey({ from: folder, to: dirname(path) });
  const copied = await copyDatabase({ from, to: path });
  return { folder: dirname(path), bytes: copied.bytes, hasMasterKey };
}

function sqlitePath(config: Config): string {
  const path = sqlitePathOf(config);
  if (path !== null) return path;
  throw new Error("This operation is for SQLite. PostgreSQL is backed up and restored by its own programs.");
}

function isPostgres(config: Config): boolean {
  return sqlitePathOf(config) === null;
}

function postgresSettings(config: Config): PostgresSettings {
  if (config.masterKey === null) throw new Error("WEFT_MASTER_KEY is needed with PostgreSQL.");
  return {
    url: config.databaseUrl,
    ...masterKeysOf(config),
    masterKey: config.masterKey,
    retentionMs: config.retentionMs,
    payloadBytesMax: config.payloadBytesMax,
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
