import type { Collection } from "../../domain/collection.ts";
import type { Message } from "../../domain/message.ts";
import type { SourceConnection } from "../../domain/source-connection.ts";
import {
  cancelJob,
  endJob,
  isUnfinishedJob,
  newJob,
  type PendingJob,
  type SyncJob,
  type SyncOutcome,
} from "../../domain/sync-job.ts";
import type { EntityRecord } from "../entities/interface.ts";
import { anyEntity } from "../entities/interface.ts";
import { anyMessage } from "../messages/interface.ts";
import type { Credentials, SourceConnectionKey } from "../source-connections/interface.ts";
import { unlimited, type World } from "./samples.ts";

export async function makeCollection(world: World, changes: Partial<Collection> = {}): Promise<Collection> {
  const collection = collectionOf(world, changes);
  const made = await world.store.createCollection({ collection, announce: [] });
  if (made !== "created") throw new Error(`The collection was not made: ${made}.`);
  return collection;
}

export function collectionOf(world: World, changes: Partial<Collection> = {}): Collection {
  const id = world.newId<"collection">();
  return {
    id,
    organizationId: world.organizationId,
    readableId: `docs-${id.slice(-8)}`,
    name: "Docs",
    syncConfig: null,
    createdAt: world.now,
    modifiedAt: world.now,
    ...changes,
  };
}

export async function connect(
  world: World,
  collection: Collection,
  changes: Partial<SourceConnection> = {},
  credentials: Credentials | null = {},
): Promise<SourceConnection> {
  const connection = connectionOf(world, collection, changes);
  const made = await world.store.createSourceConnection({
    connection,
    credentials,
    job: null,
    announce: [],
    connectionsMax: unlimited,
  });
  if (made !== "created") throw new Error(`The connection was not made: ${made}.`);
  return connection;
}

export function connectionOf(
  world: World,
  collection: Collection,
  changes: Partial<SourceConnection> = {},
): SourceConnection {
  return {
    id: world.newId<"sourceConnection">(),
    organizationId: collection.organizationId,
    collectionId: collection.id,
    readableCollectionId: collection.readableId,
    name: "Folder",
    description: null,
    source: "directory",
    config: { path: "/srv/docs" },
    authMethod: "direct",
    authenticatedAt: world.now,
    tokensExpireAt: null,
    needsReauthAt: null,
    syncId: world.newId<"sync">(),
    schedule: null,
    nextRunAt: null,
    pausedAt: null,
    entityCount: 0,
    createdAt: world.now,
    modifiedAt: world.now,
    ...changes,
  };
}

export function connectionKey({ organizationId, id }: SourceConnection): SourceConnectionKey {
  return { organizationId, sourceConnectionId: id };
}

export function jobOf(world: World, connection: SourceConnection): PendingJob {
  const { id, organizationId, syncId } = connection;
  if (syncId === null) throw new Error("The connection has no sync.");
  return newJob({ id: world.newId<"syncJob">(), organizationId, sourceConnectionId: id, syncId, now: world.now });
}

export async function makeJob(world: World, connection: SourceConnection): Promise<PendingJob> {
  const job = jobOf(world, connection);
  const made = await world.store.createSyncJob({ job, announce: [] });
  if (made.kind !== "created") throw new Error(`The job was not made: ${made.kind}.`);
  return job;
}

export async function startedJob(world: World, connection: SourceConnection): Promise<PendingJob> {
  const job = await makeJob(world, connection);
  await world.store.startSyncJob({ jobId: job.id, nodeId: world.newId<"node">(), now: world.now, announce: [] });
  return job;
}

/** Ends a job as it is stored now. Answers whether the store took the end. */
export async function end(
  world: World,
  { id, organizationId, sourceConnectionId }: SyncJob,
  outcome: SyncOutcome = { kind: "done" },
  announce: readonly Message[] = [],
): Promise<boolean> {
  const job = await world.store.readSyncJob({ organizationId, sourceConnectionId, jobId: id });
  if (job === null || !isUnfinishedJob(job)) return false;
  return world.store.endSyncJob({ from: job.state, job: endJob(job, outcome, world.now), announce });
}

export function cancelled(job: PendingJob, now: number) {
  const next = cancelJob(job, now);
  if (next === null || isUnfinishedJob(next)) throw new Error("A pending job is cancelled at once.");
  return next;
}

export function entity(
  id: string,
  text: string | readonly string[],
  changes: Partial<EntityRecord> = {},
): EntityRecord {
  const chunks = typeof text === "string" ? [text] : text;
  return { id, type: "file", name: id, url: null, hash: `hash of ${JSON.stringify(chunks)}`, chunks, ...changes };
}

/** One whole job over these entities. */
export async function syncOf(
  world: World,
  connection: SourceConnection,
  entities: readonly EntityRecord[],
): Promise<SyncJob> {
  const { id } = await startedJob(world, connection);
  await world.store.storeEntities({ jobId: id, entities, gone: [], failed: [], cursor: null, now: world.now });
  await world.store.deleteUnseenEntities({ jobId: id, limit: 1_000 });
  const job = await world.store.readSyncJob({ ...connectionKey(connection), jobId: id });
  if (job === null) throw new Error("The job is gone.");
  await end(world, job);
  return job;
}

export async function found(world: World, collection: Collection, query: string): Promise<string[]> {
  const { organizationId, id } = collection;
  const hits = await world.store.searchCollection({
    ...anyEntity,
    organizationId,
    collectionId: id,
    query,
    limit: 100,
    offset: 0,
  });
  return hits.map((hit) => hit.entityId);
}

/** The event types of all messages, oldest first. */
export async function told(world: World): Promise<string[]> {
  const { items: messages } = await world.store.listMessages({
    organizationId: world.organizationId,
    limit: 1_000,
    cursor: null,
    ...anyMessage,
  });
  return messages.map((message) => message.eventType).reverse();
}

/** Removes everything that deletions left. */
export async function purge(world: World, limit = 1_000): Promise<number> {
  let steps = 1;
  while (await world.store.purgeDeleted({ limit })) steps += 1;
  return steps;
}
