import { z } from "zod";
import { ApiError } from "../../domain/errors.ts";
import type { SyncId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { idIn, notFound } from "../../http/ids.ts";
import { cursorIn, respondWithListById } from "../../http/pages.ts";
import { flag } from "../../http/query-values.ts";
import { type Route, route } from "../../http/route.ts";
import type { SourceConnectionView } from "../../store/source-connections/interface.ts";
import { collectionKey, orNotFound as collectionOrNotFound } from "./collections.ts";
import { skipQuery } from "./producer-pages.ts";
import { connectionKey, orNotFound, type SourceConnectionParts } from "./source-connections.ts";
import { syncJobOf, syncJobResponse } from "./sync-job-schemas.ts";

const jobKind = { prefix: null, noun: "Sync job" } as const;

/** The jobs of a source connection: start, list and cancel them. */
type JobParts = Pick<SourceConnectionParts, "store" | "connections">;

export function syncJobRoutes(parts: JobParts): Route[] {
  return [runCollection(parts), runConnection(parts), getSyncId(parts), listJobs(parts), cancelJob(parts)];
}

function runConnection({ connections }: JobParts): Route {
  return route({
    method: "POST",
    path: "/source-connections/:source_connection_id/run",
    operation: "runSourceConnection",
    tag: "source-connections",
    summary: "Start a sync",
    scope: "write",
    query: z.object({
      force_full_sync: flag.describe("Whether the job ignores the stored cursor and reads the whole source again."),
    }),
    // Airweave's command line sends the parameter in the body.
    body: z.looseObject({ force_full_sync: z.boolean().nullish() }).nullish(),
    response: syncJobResponse,
    handle: async (request) => {
      const readsEverything = request.query.force_full_sync || request.body?.force_full_sync === true;
      return syncJobOf(await connections.run(connectionKey(request), { readsEverything }));
    },
  });
}

function runCollection({ store, connections }: JobParts): Route {
  return route({
    method: "POST",
    path: "/collections/:readable_id/refresh_all",
    operation: "runSourceConnectionsOfCollection",
    tag: "source-connections",
    summary: "Start a sync of each source connection of a collection that can be synced now",
    scope: "write",
    body: z.looseObject({}).nullish(),
    response: z.array(syncJobResponse),
    handle: async (request) => {
      const { organizationId, readableId } = collectionKey(request);
      collectionOrNotFound(await store.readCollection({ organizationId, readableId }));
      const jobs = await connections.runAll(organizationId, readableId);
      return jobs.map(syncJobOf);
    },
  });
}

function getSyncId({ store }: JobParts): Route {
  return route({
    method: "GET",
    path: "/source-connections/:source_connection_id/sync-id",
    operation: "getSyncId",
    tag: "source-connections",
    summary: "Get the id of the sync that the jobs of a source connection run",
    scope: "read",
    response: z.object({ sync_id: z.uuid() }),
    handle: async (request) => {
      return { sync_id: syncIdOf(await store.readSourceConnection(connectionKey(request))) };
    },
  });
}

function listJobs({ store }: JobParts): Route {
  return route({
    method: "GET",
    path: "/source-connections/:source_connection_id/jobs",
    operation: "listSyncJobs",
    tag: "source-connections",
    summary: "List the sync jobs of a source connection, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ limit: skipQuery.limit, cursor: skipQuery.cursor }),
    response: z.array(syncJobResponse),
    handle: async (request) => {
      const { query, nextPage } = request;
      const key = connectionKey(request);
      syncIdOf(await store.readSourceConnection(key));
      const cursor = cursorIn<"syncJob">(query.cursor, null);
      return await respondWithListById({
        limit: query.limit,
        cursor,
        read: (part) => store.listSyncJobs({ ...key, ...part }),
        responseOf: syncJobOf,
        nextPage,
        step: limits.pageMax,
      });
    },
  });
}

function cancelJob({ connections }: JobParts): Route {
  return route({
    method: "POST",
    path: "/source-connections/:source_connection_id/jobs/:job_id/cancel",
    operation: "cancelSyncJob",
    tag: "source-connections",
    summary: "Cancel a sync job; a running job ends soon after",
    scope: "write",
    body: z.looseObject({}).nullish(),
    response: syncJobResponse,
    handle: async (request) => {
      const jobId = idIn<"syncJob">(request.params, "job_id", jobKind);
      const job = await connections.cancel(connectionKey(request), jobId);
      if (job === null) throw notFound(jobKind.noun);
      return syncJobOf(job);
    },
  });
}

/** The sync of a connection. A connection that waits for its first authorization has none. */
function syncIdOf(found: SourceConnectionView | null): SyncId {
  const { syncId } = orNotFound(found);
  if (syncId === null) throw new ApiError("not_found", "No sync found for this source connection");
  return syncId;
}
