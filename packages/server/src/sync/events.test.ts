import { expect, test } from "vitest";
import type { Collection } from "../domain/collection.ts";
import { publishedEventTypes } from "../domain/event-catalogue.ts";
import { idSource } from "../domain/id.ts";
import type { SourceConnection } from "../domain/source-connection.ts";
import { cancelJob, endJob, newJob, startJob } from "../domain/sync-job.ts";
import { Catalogue } from "../intake/catalogue.ts";
import {
  collectionCreated,
  collectionDeleted,
  collectionUpdated,
  connectionAuthenticated,
  connectionCreated,
  connectionDeleted,
  type ProducerEvent,
  syncEvent,
} from "./events.ts";

const at = Date.UTC(2026, 0, 15, 14, 30, 0, 127);
const newId = idSource(
  () => at,
  (size) => new Uint8Array(size),
);
const organizationId = newId<"organization">();
const collection: Collection = {
  id: newId<"collection">(),
  organizationId,
  readableId: "sales-data-ab123",
  name: "Sales Data",
  syncConfig: null,
  createdAt: at,
  modifiedAt: at,
};
const syncId = newId<"sync">();
const connection: SourceConnection = {
  id: newId<"sourceConnection">(),
  organizationId,
  collectionId: collection.id,
  readableCollectionId: collection.readableId,
  name: "Folder",
  description: null,
  source: "directory",
  config: {},
  authMethod: "direct",
  authenticatedAt: null,
  tokensExpireAt: null,
  needsReauthAt: null,
  syncId,
  schedule: null,
  nextRunAt: null,
  pausedAt: null,
  metadata: {},
  entityCount: 0,
  createdAt: at,
  modifiedAt: at,
};
const subject = { connection, collectionName: collection.name };
const pending = newJob({
  id: newId<"syncJob">(),
  organizationId,
  sourceConnectionId: connection.id,
  syncId,
  now: at,
});
const running = startJob(pending, at);
const counts = { inserted: 42, updated: 10, deleted: 3, skipped: 120, failed: 7, chunksWritten: 215 };
const counted = { ...running, counts };
const cancelling = cancelJob(counted, at);
if (cancelling === null) throw new Error("A running job can be cancelled.");

const events: ProducerEvent[] = [
  syncEvent(subject, pending, at),
  syncEvent(subject, running, at),
  syncEvent(subject, cancelling, at),
  syncEvent(subject, endJob(counted, { kind: "done" }, at), at),
  syncEvent(subject, endJob(counted, { kind: "failed", reason: "Out of reach." }, at), at),
  syncEvent(subject, endJob(counted, { kind: "cancelled" }, at), at),
  connectionCreated(connection, at),
  connectionAuthenticated(connection, at),
  connectionDeleted({ ...connection, authenticatedAt: at }, at),
  collectionCreated(collection, at),
  collectionUpdated(collection, at),
  collectionDeleted(collection, [connection.id], at),
];

test("each event of a producer has exactly the fields of the catalogue's example, and matches its schema", () => {
  const catalogue = new Catalogue(null);
  const ofProducers = publishedEventTypes.filter(({ group }) =>
    ["sync", "source_connection", "collection"].includes(group),
  );
  expect(events.map((event) => event.eventType)).toEqual(ofProducers.map((type) => type.name));
  for (const { eventType, payload } of events) {
    const example = ofProducers.find((type) => type.name === eventType)?.example;
    expect(Object.keys(payload).sort(), eventType).toEqual(Object.keys(example ?? {}).sort());
    expect(catalogue.mistakesIn(eventType, payload, []), eventType).toEqual([]);
    expect(payload).toMatchObject({ event_type: eventType, organization_id: organizationId });
    expect(payload.timestamp).toBe("2026-01-15T14:30:00.127Z");
  }
});

test("every sync event has the counts so far, and a failed one has its error", () => {
  const [pendingEvent, runningEvent, cancellingEvent, completed, failed, cancelled] = events.map(
    (event) => event.payload,
  );
  const none = {
    error: null,
    entities_inserted: 0,
    entities_updated: 0,
    entities_deleted: 0,
    entities_skipped: 0,
    chunks_written: 0,
  };
  const final = {
    entities_inserted: 42,
    entities_updated: 10,
    entities_deleted: 3,
    entities_skipped: 120,
    chunks_written: 215,
  };
  expect(pendingEvent).toMatchObject({ status: "pending", ...none });
  expect(runningEvent).toMatchObject({ status: "running", ...none });
  expect(cancellingEvent).toMatchObject({ status: "cancelling", error: null, ...final });
  expect(completed).toMatchObject({ status: "completed", error: null, ...final });
  expect(failed).toMatchObject({
    ...final,
    status: "failed",
    error: "Out of reach.",
    job_id: pending.id,
    sync_job_id: pending.id,
  });
  expect(cancelled).toMatchObject({ ...final, status: "cancelled", error: null, sync_id: syncId });
});

test("a connection shows whether it is authenticated, and a deleted one never is", () => {
  expect(connectionCreated(connection, at).payload.is_authenticated).toBe(false);
  expect(connectionCreated({ ...connection, authenticatedAt: at }, at).payload.is_authenticated).toBe(true);
  expect(connectionAuthenticated(connection, at).payload.is_authenticated).toBe(true);
  expect(connectionDeleted({ ...connection, authenticatedAt: at }, at).payload.is_authenticated).toBe(false);
});
