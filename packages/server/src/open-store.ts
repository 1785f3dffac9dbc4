// The only file that names the stores there are.

import { dirname, join } from "node:path";
import type { Config } from "./config.ts";
import { type CopiedRows, copyInstallation } from "./copy-installation.ts";
import type { Clock } from "./domain/clock.ts";
import { keptMasterKey } from "./store/master-key.ts";
import { migratePostgres, openPostgresStore, type PostgresSettings } from "./store/postgres/postgres-store.ts";
import { copyDatabase, copyMasterKey } from "./store/sqlite/backup.ts";
import { migrateSqlite, openSqliteStore, type SqliteSettings } from "./store/sqlite/sqlite-store.ts";
import type { Store } from "./store/store.ts";
import { derivedKey } from "./store/vault.ts";

/** A store, and the time that everybody who shares it goes by. */
export interface OpenedStore {
  readonly store: Store;
  readonly clock: Clock;
  /** What sessions are sealed with, the same on every node. */
  readonly sessionKey: Uint8Array;
}

/** Opens the database that the settings name. `command` is what a second process is told runs here. */
export async function openStore(config: Config, command: string, clock: Clock): Promise<OpenedStore> {
  if (isPostgres(config)) {
    const settings = postgresSettings(config);
    const store = await openPostgresStore(settings);
    const sessionKey = derivedKey(settings.masterKey, "sessions");
    return { store, clock: { now: () => store.now(), sleep: clock.sleep }, sessionKey };
  }
  const settings = sqliteSettings(config, command, clock);
  const store = await openSqliteStore(settings);
  return { store, clock, sessionKey: derivedKey(settings.masterKey, "sessions") };
}

/** Brings the database's schema up to this program's. Answers the migrations that it ran. */
export async function migrateStore(config: Config, command: string, clock: Clock): Promise<string[]> {
  if (isPostgres(config)) return await migratePostgres(postgresSettings(config));
  return migrateSqlite(sqliteSettings(config, command, clock));
}

/** Copies the SQLite installation at a URL into the PostgreSQL that the settings name. */
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

/** What a backup holds. */
export interface BackUp {
  readonly folder: string;
  readonly bytes: number;
  /** Whether the master key is in it; when not, it was given by the operator, who keeps it elsewhere. */
  readonly hasMasterKey: boolean;
}

const backedUpName = "weft.db";

/** Writes a backup into a folder, also while Weft runs. Throws for PostgreSQL, which has its own way. */
export async function backUpStore(config: Config, folder: string): Promise<BackUp> {
  const path = sqlitePath(config, "pg_dump");
  const copied = await copyDatabase({ from: path, to: join(folder, backedUpName) });
  const hasMasterKey = config.masterKey === null && copyMasterKey({ from: dirname(path), to: folder });
  return { folder, bytes: copied.bytes, hasMasterKey };
}

/** Puts a backup where the settings name no database yet. */
export async function restoreStore(config: Config, folder: string): Promise<BackUp> {
  const path = sqlitePath(config, "pg_restore");
  const hasMasterKey = config.masterKey === null && copyMasterKey({ from: folder, to: dirname(path) });
  const copied = await copyDatabase({ from: join(folder, backedUpName), to: path });
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
    masterKey: config.masterKey,
    retentionMs: config.retentionMs,
    connectionsMax: config.databaseConnections,
    preparesStatements: config.databasePrepare,
  };
}

function sqliteSettings(config: Config, command: string, clock: Clock): SqliteSettings {
  const path = config.databaseUrl.slice("sqlite:".length);
  return {
    path,
    masterKey: config.masterKey ?? keptMasterKey(path),
    holder: { pid: process.pid, description: command, since: new Date(clock.now()).toISOString() },
    now: clock.now(),
  };
}
