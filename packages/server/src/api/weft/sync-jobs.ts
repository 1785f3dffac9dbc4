import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { idIn, notFound } from "../../http/ids.ts";
import { cursorIn, respondWithListById } from "../../http/pages.ts";
import { type Route, route } from "../../http/route.ts";
import { skipQuery } from "./producer-pages.ts";
import { connectionKey, orNotFound, type SourceConnectionParts } from "./source-connections.ts";
import { syncJobOf, syncJobResponse } from "./sync-job-schemas.ts";

const jobKind = { prefix: null, noun: "Sync job" } as const;

/** The jobs of a source connection: start, list and cancel them. */
type JobParts = Pick<SourceConnectionParts, "store" | "connections">;

export function syncJobRoutes(parts: JobParts): Route[] {
  return [runConnection(parts), listJobs(parts), cancelJob(parts)];
}

function runConnection({ connections }: JobParts): Route {
  return route({
    method: "POST",
    path: "/source-connections/:source_connection_id/run",
    operation: "runSourceConnection",
    tag: "source-connections",
    summary: "Start a sync",
    scope: "write",
    // Accepted for the platform's SDKs; every sync of Weft is a full one.
    body: z.looseObject({}).nullish(),
    response: syncJobResponse,
    handle: async (request) => syncJobOf(await connections.run(connectionKey(request))),
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
      orNotFound(await store.readSourceConnection(key));
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
