import { existsSync } from "node:fs";
import { Worker } from "node:worker_threads";
import type { OrganizationId, SubscriptionId } from "../../domain/id.ts";
import { WriteQueue } from "../commit/write-queue.ts";
import { keptMasterKeys, replaceKeptKey } from "../master-key.ts";
import { bindOperations, namesOf } from "../operations.ts";
import { checkOpens, claimSealingKey, isSealed, isSealingDue } from "../sealing/sql.ts";
import type { HandOver, Store, StoreOperations } from "../store.ts";
import { type MasterKeys, openVault } from "../vault.ts";
import type { Verification } from "../verification/interface.ts";
import { verifyRows } from "../verification/verify-rows.ts";
import { refuseIncompleteCopy } from "./copy-target.ts";
import { Database } from "./database.ts";
import { Disk } from "./disk.ts";
import { type Holder, lockDatabase } from "./lock.ts";
import { makeFile } from "./make-file.ts";
import { migrate, requireSchema } from "./migrate.ts";
import { expireAllNodes } from "./nodes.ts";
import { commands, lists, lookUps } from "./operations.ts";
import { OutboxWatch } from "./outbox-watch.ts";
import { ReadPool } from "./read-pool.ts";
import { RepeatedLooks } from "./repeated-looks.ts";
import { SqliteSql } from "./sqlite-sql.ts";
import { stopThread } from "./stop-thread.ts";
import type { ThreadSettings, WriterResponse } from "./thread-messages.ts";

export interface SqliteSettings {
  /** Path of the database file; its folder is created. The `-wal`, `-shm` and `.lock` files are next to it. */
  readonly path: string;
  /** Null means that it is created and kept in the folder of the database. */
  readonly masterKey: string | null;
  /** The master key before a rotation. */
  readonly previousMasterKey?: string | null;
  readonly holder: Holder;
  readonly now: number;
}

// Look-ups never wait for a list, because the deliveries of every tenant may wait for a look-up.
const lookUpThreads = 1;
const listThreads = 2;

/** Opens the store for this process alone. Throws DatabaseInUseError when another process has it. */
export async function openSqliteStore(settings: SqliteSettings): Promise<Store> {
  makeFile(settings.path);
  const lock = lockDatabase(settings.path, settings.holder);
  let writer: Worker | null = null;
  try {
    const { masterKeys } = await prepare(settings);
    const { path } = settings;
    const threads = new Threads({ path, masterKeys });
    writer = await threads.start("writer");
    const disk = new Disk(writer, () => threads.start("disk"));
    const startReader = () => threads.start("reader");
    const forLookUps = new ReadPool(startReader, lookUpThreads);
    await forLookUps.start();
    const forLists = new ReadPool(startReader, listThreads);
    return storeOver({ writer, disk, forLookUps, forLists }, lock, path);
  } catch (error) {
    // A thread that is not stopped would keep the process alive, and no supervisor would restart it.
    await writer?.terminate();
    lock[Symbol.dispose]();
    throw error;
  }
}

/** Runs the pending migrations and returns their names. */
export async function migrateSqlite(settings: SqliteSettings): Promise<string[]> {
  makeFile(settings.path);
  using _lock = lockDatabase(settings.path, settings.holder);
  return (await prepare(settings)).ran;
}

/** Replaces the kept master key with a new one, while no other process has the database. */
export async function replaceMasterKey(settings: SqliteSettings): Promise<void> {
  using _lock = lockDatabase(settings.path, settings.holder);
  const { masterKeys, isRotating } = await prepare(settings);
  // An interrupted rotation continues with its own key.
  if (masterKeys.previous === null || !isRotating) replaceKeptKey(settings.path);
}

/** Throws a sentence when the master key is missing, or opens no text in the database at the path. It only reads. */
export async function checkSqliteKey({
  path,
  ...settings
}: Pick<SqliteSettings, "path" | "masterKey" | "previousMasterKey">) {
  const db = new Database(path, { readOnly: true });
  try {
    const sql = new SqliteSql(db);
    const made = db.get("select 1 from sqlite_schema where name = 'sealing_key'");
    // A database of an earlier program is checked when it is migrated.
    if (made === null || !(await isSealed(sql))) return;
    await checkOpens({ sql, vault: openVault(keysOf({ path, ...settings }, { mayMake: false })) });
  } finally {
    db.close();
  }
}

/** Reads the whole database at a path. Throws a sentence when it is damaged, incomplete, or of another version. */
export async function verifySqlite(path: string): Promise<Verification> {
  if (!existsSync(path)) throw new Error(`The database ${path} does not exist.`);
  const db = new Database(path, { readOnly: true });
  try {
    const checked = db.get<{ quick_check: string }>("pragma quick_check(1)");
    if (checked?.quick_check !== "ok") throw new Error(`The database ${path} is damaged: ${checked?.quick_check}.`);
    requireSchema(db);
    refuseIncompleteCopy(db);
    return await verifyRows(new SqliteSql(db));
  } finally {
    db.close();
  }
}

interface Prepared {
  readonly ran: string[];
  readonly masterKeys: MasterKeys;
  /** Whether a text may still be sealed with the previous key. */
  readonly isRotating: boolean;
}

async function prepare(settings: SqliteSettings): Promise<Prepared> {
  const db = new Database(settings.path, { readOnly: false });
  try {
    const ran = migrate(db, settings.now);
    refuseIncompleteCopy(db);
    const sql = new SqliteSql(db);
    const masterKeys = keysOf(settings, { mayMake: !(await isSealed(sql)) });
    const vault = openVault(masterKeys);
    await claimSealingKey({ sql, vault }, settings.now);
    expireAllNodes({ db });
    return { ran, masterKeys, isRotating: await isSealingDue({ sql, vault }) };
  } finally {
    db.close();
  }
}

function keysOf(
  { path, masterKey, previousMasterKey = null }: Pick<SqliteSettings, "path" | "masterKey" | "previousMasterKey">,
  { mayMake }: { mayMake: boolean },
): MasterKeys {
  if (masterKey !== null) return { current: masterKey, previous: previousMasterKey };
  return keptMasterKeys(path, { mayMake });
}

interface StoreThreads {
  readonly writer: Worker;
  readonly disk: Disk;
  readonly forLookUps: ReadPool;
  readonly forLists: ReadPool;
}

function storeOver({ writer, disk, forLookUps, forLists }: StoreThreads, lock: Disposable, path: string): Store {
  const listeners: ((subscriptionId: SubscriptionId) => void)[] = [];
  const streamListeners: ((organizationId: OrganizationId) => void)[] = [];
  const fanOutListeners: (() => void)[] = [];
  const commitListeners: ((commands: number) => void)[] = [];
  const looks = new RepeatedLooks(path);
  const queue = new WriteQueue({
    commit: (batch) => writer.postMessage(batch),
    sync: (isCommitting) => disk.sync(isCommitting),
    gathering: null,
    onChange: (subscriptionId) => {
      for (const listener of listeners) listener(subscriptionId);
    },
    onStreamed: (organizationId) => {
      for (const listener of streamListeners) listener(organizationId);
    },
    onFanOutWaiting: () => {
      for (const listener of fanOutListeners) listener();
    },
    onCommitted: (commands) => {
      looks.committed();
      for (const listener of commitListeners) listener(commands);
    },
  });
  writer.on("message", (response: WriterResponse) => {
    if ("synced" in response) disk.synced(response);
    else queue.committed(response);
  });
  writer.on("error", (error) => queue.fail(error));
  writer.on("exit", () => queue.fail(new Error("The store's writer has stopped.")));
  void disk.failed.then((error) => queue.fail(error));
  const operations: StoreOperations = {
    ...bindOperations(namesOf(commands), (name, params) => queue.run(name, params)),
    ...bindOperations(namesOf(lookUps), (name, params) => {
      const query = () => forLookUps.run(name, params);
      return looks.isOne(name) ? looks.look(name, params, query) : query();
    }),
    ...bindOperations(namesOf(lists), (name, params) => forLists.run(name, params)),
  };

  const outbox = new OutboxWatch(path);
  return {
    ...operations,
    outboxWaits: (params) => outbox.waits(() => operations.outboxWaits(params)),
    watchOutbox: (onChange) => outbox.watch(onChange),
    handOverTo: (handOver: HandOver) => queue.handOverTo(handOver),
    checkReady: () => queue.checkReady(),
    onSubscriptionChange: (listener) => void listeners.push(listener),
    onCommit: (listener) => void commitListeners.push(listener),
    onFanOutWaiting: (listener) => void fanOutListeners.push(listener),
    onChangeLogEntries: (listener) => void streamListeners.push(listener),
    failed: Promise.race([queue.failed, forLookUps.failed, forLists.failed]),
    [Symbol.asyncDispose]: async () => {
      outbox.close();
      await queue.drained();
      for (const pool of [forLookUps, forLists]) await pool.stop();
      await disk.stop();
      await stopThread(writer);
      lock[Symbol.dispose]();
    },
  };
}

const maxYoungGenerationSizeMb = 16;

/**
 * Starts threads, one after the other: V8 may crash when threads load and drop WebAssembly concurrently, as Node does to read
 * TypeScript that is not cached yet.
 */
class Threads {
  readonly #settings: Omit<ThreadSettings, "role">;
  #last: Promise<unknown> = Promise.resolve();

  constructor(settings: Omit<ThreadSettings, "role">) {
    this.#settings = settings;
  }

  start(role: ThreadSettings["role"]): Promise<Worker> {
    const started = this.#last.then(() => startThread({ ...this.#settings, role }));
    this.#last = started.catch(() => {});
    return started;
  }
}

function startThread(settings: ThreadSettings): Promise<Worker> {
  const worker = new Worker(new URL("./start-thread.js", import.meta.url), {
    workerData: settings,
    // The objects of a batch or a result live for milliseconds. Without a bound V8 lets the heap of each thread grow.
    resourceLimits: { maxYoungGenerationSizeMb },
    name: `weft-${settings.role}`,
  });
  return new Promise((resolve, reject) => {
    worker.once("message", () => resolve(worker));
    worker.once("error", reject);
    worker.once("exit", () => reject(new Error(`The store's ${settings.role} thread ended while it started.`)));
  });
}
