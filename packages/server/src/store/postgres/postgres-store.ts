import pg from "pg";
import type { Clock } from "../../domain/clock.ts";
import { OutcomeUnknownError, StoreUnavailableError } from "../../domain/errors.ts";
import type { OrganizationId, SubscriptionId, SyncJobId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { OrderedTasks } from "../../domain/ordered-tasks.ts";
import type { Batch } from "../commit/batch.ts";
import { CommitEffects } from "../commit/commit-effects.ts";
import { WriteQueue } from "../commit/write-queue.ts";
import { bindOperations, namesOf } from "../operations.ts";
import { checkOpens, claimSealingKey } from "../sealing/sql.ts";
import type { HandOver, Store, StoreOperations } from "../store.ts";
import { openVault, type Vault } from "../vault.ts";
import type { Verification } from "../verification/interface.ts";
import { verifyRows } from "../verification/verify-rows.ts";
import { ChangeFeed } from "./change-feed.ts";
import { storeChangeLogEntries } from "./change-log-entries.ts";
import { batchedCommands, Committer } from "./committer.ts";
import { PostgresDatabase } from "./database.ts";
import { forgetBefore } from "./forget-before.ts";
import type { ServerState } from "./hosts.ts";
import { refuseIncompleteCopy } from "./incomplete-copy.ts";
import { migrate, requireSchema } from "./migrate.ts";
import { commands, lists, lookUps } from "./operations.ts";
import { Partitions } from "./partitions.ts";
import { Routes } from "./routes.ts";
import { waitForNodesWith } from "./sealing-nodes.ts";
import { ServerClock } from "./server-clock.ts";
import { PostgresWriteContext, type WriteContextParts } from "./write-context.ts";

export interface PostgresSettings {
  /** `postgres://…`, also with several hosts; Weft keeps everything in the schema `weft` of that database. */
  readonly url: string;
  readonly masterKey: string;
  /** The master key before a rotation. */
  readonly previousMasterKey?: string | null;
  /** How long messages are kept (ms). The length of the partitions is derived from it. */
  readonly retentionMs: number;
  /** The bytes that a payload may have which an application publishes in its own transaction; the default one if absent. */
  readonly payloadBytesMax?: number;
  /** The connections of this node, without the one for its commits and the one that listens. */
  readonly connectionsMax: number;
  readonly preparesStatements: boolean;
}

/** A store that shares its database with other nodes, and their common time. */
export interface PostgresStore extends Store {
  /** Unix milliseconds by the clock of the database. */
  now(): number;
  /** Calls the listener with the server that became the primary after another one. */
  onNewPrimary(listener: (server: string) => void): void;
}

/** A commit costs the server and the node most of a millisecond, however small it is. */
const gatherMs = 10;

function noResponse(): OutcomeUnknownError {
  return new OutcomeUnknownError(
    "The database does not respond. The request may have been stored: try again with the same event id or idempotency key.",
  );
}

/** How long callers wait for a commit whose fate is unknown before they get an error. */
const patienceMs = 5_000;

/** Opens the store for one node of a fleet. Brings the schema up to this program's, once, however many nodes start. */
export async function openPostgresStore(settings: PostgresSettings, machine: Clock): Promise<PostgresStore> {
  const database = new PostgresDatabase(settings);
  const clock = new ServerClock(database, machine);
  const partitions = new Partitions(database, settings.retentionMs);
  try {
    await clock.start();
    await migrate(database, clock);
    await refuseIncompleteCopy(database);
    await claimMasterKey(database, settings, clock);
    await partitions.cover([clock.now()]);
    await keepPayloadLimit(database, settings);
    return await storeOver(database, clock, partitions, settings);
  } catch (error) {
    clock.stop();
    await database.close();
    throw refusal(error) ?? error;
  }
}

/** Applications that publish in their own transaction have the limit of the node that started last. */
async function keepPayloadLimit(
  database: PostgresDatabase,
  { payloadBytesMax = limits.payloadBytesDefault }: PostgresSettings,
): Promise<void> {
  await database.write((sql) => sql.run("update payload_limit set bytes_max = ?", payloadBytesMax));
}

/**
 * Throws a sentence when a text is sealed with a master key that this node lacks, or running nodes lack this node's
 * key.
 */
async function claimMasterKey(
  database: PostgresDatabase,
  settings: PostgresSettings,
  clock: ServerClock,
): Promise<void> {
  const vault = vaultOf(settings);
  await waitForNodesWith(database, vault, clock);
  await database.write(async (sql) => {
    // If nodes start together, the first stores its key and the others check theirs.
    await sql.simply("lock table sealing_key in share row exclusive mode");
    await claimSealingKey({ sql, vault }, clock.now());
  });
}

/**
 * Throws a sentence when a text is sealed with a master key that the settings lack. It only reads. False when the
 * database could not be reached.
 */
export async function checkPostgresKey(settings: PostgresSettings): Promise<boolean> {
  const database = new PostgresDatabase(settings);
  try {
    const made = await database.read((sql) => sql.get("select 1 where to_regclass('weft.sealing_key') is not null"));
    if (made !== null) await database.read((sql) => checkOpens({ sql, vault: vaultOf(settings) }));
    return true;
  } catch (error) {
    if (error instanceof StoreUnavailableError || error instanceof pg.DatabaseError) return false;
    throw error;
  } finally {
    await database.close();
  }
}

/** The state of each server that the settings name. */
export async function postgresServers(settings: PostgresSettings): Promise<ServerState[]> {
  const database = new PostgresDatabase(settings);
  try {
    return await database.states();
  } finally {
    await database.close();
  }
}

/** Reads the whole database. Throws a sentence when this program cannot use it, or it contains an incomplete copy. */
export async function verifyPostgres(settings: PostgresSettings): Promise<Verification> {
  const database = new PostgresDatabase(settings);
  try {
    await requireSchema(database);
    await refuseIncompleteCopy(database);
    return await database.readAll(verifyRows);
  } finally {
    await database.close();
  }
}

function vaultOf({ masterKey, previousMasterKey = null }: PostgresSettings): Vault {
  return openVault({ current: masterKey, previous: previousMasterKey });
}

/** The error for operators if the server responds but refuses this program; null for any other error. */
function refusal(error: unknown): Error | null {
  if (!(error instanceof pg.DatabaseError) || !refusals.includes(error.code?.slice(0, 2) ?? "")) return null;
  return new Error(
    `PostgreSQL refuses: ${error.message}. Check the user, password and database in WEFT_DATABASE_URL; the user must be ` +
      "allowed to create the schema weft, or own it.",
    { cause: error },
  );
}

// Classes of SQLSTATE: 28 authorization, 3D no such database, 42 no permission.
const refusals = ["28", "3D", "42"];

/** Runs the pending migrations and returns their names. */
export async function migratePostgres(settings: PostgresSettings, clock: Clock): Promise<string[]> {
  const database = new PostgresDatabase(settings);
  try {
    return await migrate(database, clock);
  } finally {
    await database.close();
  }
}

async function storeOver(
  database: PostgresDatabase,
  clock: ServerClock,
  partitions: Partitions,
  settings: PostgresSettings,
): Promise<PostgresStore> {
  const vault = vaultOf(settings);
  const routes = new Routes();
  database.onNewPrimary(() => routes.forget());
  const listeners: ((subscriptionId: SubscriptionId) => void)[] = [];
  function notifyChange(subscriptionId: SubscriptionId): void {
    for (const listener of listeners) listener(subscriptionId);
  }
  const streamListeners: ((organizationId: OrganizationId) => void)[] = [];
  function notifyStreams(organizationId: OrganizationId): void {
    for (const listener of streamListeners) listener(organizationId);
  }
  const feed = new ChangeFeed({ database, clock, onChange: notifyChange });
  await feed.start();
  const onChange: WriteContextParts["onChange"] = (subscriptionId, changedAt) => feed.know(subscriptionId, changedAt);
  const committer = new Committer({ database, partitions, vault, routes, onChange });
  let handOver: HandOver | null = null;

  function commit(batch: Batch): void {
    const impatient = setTimeout(() => queue.stall(noResponse()), patienceMs);
    void committer.commit(batch).then((response) => {
      clearTimeout(impatient);
      queue.committed(response);
      if (response.changed.length > 0) feed.notify();
    });
  }
  const fanOutListeners: (() => void)[] = [];
  function fanOutWaits(): void {
    for (const listener of fanOutListeners) listener();
  }
  const commitListeners: ((commands: number) => void)[] = [];
  const queue = new WriteQueue({
    commit,
    sync: null,
    onChange: notifyChange,
    onStreamed: notifyStreams,
    onFanOutWaiting: fanOutWaits,
    onCommitted: (commands) => {
      for (const listener of commitListeners) listener(commands);
    },
    gathering: { ms: gatherMs, clock },
  });

  function run<Result>(command: (context: PostgresWriteContext) => Promise<Result>): Promise<Result> {
    return partitions.covering(async () => {
      let effects = new CommitEffects(null);
      const result = await database.write((sql) => {
        effects = new CommitEffects(null);
        return storing(new PostgresWriteContext(sql, { vault, routes, effects, onChange }), command);
      });
      apply(effects);
      return result;
    });
  }

  function apply(effects: CommitEffects): void {
    for (const organizationId of effects.streamed) notifyStreams(organizationId);
    for (const subscriptionId of effects.changed) notifyChange(subscriptionId);
    if (effects.changed.size > 0) feed.notify();
    if (effects.fanOutWaits) fanOutWaits();
    if (effects.backlogged.size > 0) handOver?.take([], [...effects.backlogged]);
  }

  const entityTasks = new OrderedTasks<SyncJobId>();
  const operations: StoreOperations = {
    ...bindOperations(namesOf(batchedCommands), (name, params) => queue.run(name, params)),
    ...bindOperations(namesOf(commands), (name, params) => run((context) => commands[name](context, params))),
    // Each runs on any connection of the pool, so that a later batch could overtake an earlier one.
    storeEntities: (params) =>
      entityTasks.run(params.jobId, () => run((context) => commands.storeEntities(context, params))),
    ...bindOperations(namesOf(lookUps), (name, params) =>
      database.read((sql) => lookUps[name]({ sql, vault }, params)),
    ),
    ...bindOperations(namesOf(lists), (name, params) => database.list((sql) => lists[name]({ sql, vault }, params))),
    forgetBefore: (params) => forgetBefore({ database, partitions, now: clock.now() }, params),
  };

  return {
    ...operations,
    now: () => clock.now(),
    onNewPrimary: (listener) => database.onNewPrimary(listener),
    handOverTo: (engine) => {
      handOver = engine;
      queue.handOverTo(engine);
    },
    checkReady: () => queue.checkReady(),
    onSubscriptionChange: (listener) => void listeners.push(listener),
    onCommit: (listener) => void commitListeners.push(listener),
    watchOutbox: () => null,
    onFanOutWaiting: (listener) => void fanOutListeners.push(listener),
    onChangeLogEntries: (listener) => void streamListeners.push(listener),
    // The database may return after any time.
    failed: new Promise(() => {}),
    [Symbol.asyncDispose]: async () => {
      await queue.drained();
      clock.stop();
      await feed.close();
      await database.close();
    },
  };
}

/** Runs a command, and stores its entries of the change log. */
async function storing<Result>(
  context: PostgresWriteContext,
  command: (context: PostgresWriteContext) => Promise<Result>,
): Promise<Result> {
  const result = await command(context);
  await storeChangeLogEntries(context);
  return result;
}
