import { z } from "zod";
import type { Caller } from "../../auth/caller.ts";
import { hasScope } from "../../domain/api-key.ts";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { limits } from "../../domain/limits.ts";
import { idIn, notFound } from "../../http/ids.ts";
import { cursorIn, respondWithListById } from "../../http/pages.ts";
import { type Route, type RouteRequest, route } from "../../http/route.ts";
import type { SourceConnectionKey, SourceConnectionView } from "../../store/source-connections/interface.ts";
import type { Store } from "../../store/store.ts";
import type { Authorizations } from "../../sync/oauth/authorizations.ts";
import type { SourceConnectionRequest, SourceConnections } from "../../sync/source-connections.ts";
import { collectionKey } from "./collections.ts";
import { skipOf, skipQuery } from "./producer-pages.ts";
import {
  changeRequest,
  connectionOf,
  connectionResponse,
  createRequest,
  listedOf,
  listedResponse,
  type ShownConnection,
} from "./source-connection-schemas.ts";

export interface SourceConnectionParts {
  readonly store: Pick<Store, "readCollection" | "readSourceConnection" | "listSourceConnections" | "listSyncJobs">;
  readonly connections: SourceConnections;
  readonly authorizations: Pick<Authorizations, "urlOf">;
  readonly now: () => number;
}

const connectionKind = { prefix: null, noun: "Source connection" } as const;

export function sourceConnectionRoutes(parts: SourceConnectionParts): Route[] {
  return [
    listConnections(parts),
    listOfCollection(parts),
    createConnection(parts),
    getConnection(parts),
    changeConnection(parts),
    deleteConnection(parts),
    pauseConnection(parts),
    resumeConnection(parts),
  ];
}

function listConnections({ store, now }: SourceConnectionParts): Route {
  return route({
    method: "GET",
    path: "/source-connections",
    operation: "listSourceConnections",
    tag: "source-connections",
    summary: "List source connections, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({
      ...skipQuery,
      collection: z.string().optional().describe("Only source connections of the collection with this readable id."),
    }),
    response: z.array(listedResponse),
    handle: async (request) => await pageOf({ store, now }, request, request.query.collection ?? null),
  });
}

/** The list that Airweave's command line reads. */
function listOfCollection({ store, now }: SourceConnectionParts): Route {
  return route({
    method: "GET",
    path: "/collections/:readable_id/source-connections",
    operation: "listCollectionSourceConnections",
    tag: "source-connections",
    summary: "List the source connections of a collection, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object(skipQuery),
    response: z.array(listedResponse),
    handle: async (request) => {
      const key = collectionKey(request);
      if ((await store.readCollection(key)) === null) throw notFound("Collection");
      return await pageOf({ store, now }, request, key.readableId);
    },
  });
}

type ListQuery = z.output<z.ZodObject<typeof skipQuery>>;

/** One page of the connections of a collection, or of all collections. */
async function pageOf(
  { store, now }: Pick<SourceConnectionParts, "store" | "now">,
  { caller, query, nextPage }: Pick<RouteRequest<ListQuery, unknown>, "caller" | "query" | "nextPage">,
  collection: string | null,
) {
  const filter = { organizationId: caller.organizationId, collection };
  return await respondWithListById({
    limit: query.limit,
    cursor: cursorIn<"sourceConnection">(query.cursor, null),
    read: (part) => store.listSourceConnections({ ...filter, ...part, skip: skipOf(query, part) }),
    responseOf: (connection) => listedOf(connection, now()),
    nextPage,
  });
}

function createConnection({ connections, authorizations, now }: SourceConnectionParts): Route {
  return route({
    method: "POST",
    path: "/source-connections",
    operation: "createSourceConnection",
    tag: "source-connections",
    summary: "Connect a source to a collection, and start its first sync or its authorization",
    scope: "write",
    body: createRequest,
    bodyBounds: bodyBounds.settings,
    response: connectionResponse,
    handle: async ({ caller, body }) => {
      const connection = await connections.create(caller.organizationId, {
        shortName: body.short_name,
        readableCollectionId: body.readable_collection_id,
        name: body.name ?? null,
        description: body.description ?? null,
        metadata: body.metadata ?? {},
        config: body.config ?? {},
        authentication: body.authentication ?? null,
        syncImmediately: body.sync_immediately ?? null,
        schedule: body.schedule ?? null,
        redirectUrl: body.redirect_url ?? null,
      });
      const { claimToken } = connection;
      return connectionOf(connection, { ...shownTo(caller, { authorizations, now }), claimToken });
    },
  });
}

function getConnection({ store, authorizations, now }: SourceConnectionParts): Route {
  return route({
    method: "GET",
    path: "/source-connections/:source_connection_id",
    operation: "getSourceConnection",
    tag: "source-connections",
    summary: "Get a source connection with its last job and its entity counts",
    scope: "read",
    response: connectionResponse,
    handle: async (request) =>
      connectionOf(
        orNotFound(await store.readSourceConnection(connectionKey(request))),
        shownTo(request.caller, { authorizations, now }),
      ),
  });
}

function changeConnection({ connections, authorizations, now }: SourceConnectionParts): Route {
  return route({
    method: "PATCH",
    path: "/source-connections/:source_connection_id",
    operation: "updateSourceConnection",
    tag: "source-connections",
    summary: "Change a source connection's name, settings or credentials; the next job uses them",
    scope: "write",
    body: changeRequest,
    bodyBounds: bodyBounds.settings,
    response: connectionResponse,
    handle: async (request) => {
      const changes = changesIn(request.body);
      return connectionOf(
        orNotFound(await connections.update(connectionKey(request), changes)),
        shownTo(request.caller, { authorizations, now }),
      );
    },
  });
}

function changesIn(body: z.output<typeof changeRequest>): SourceConnectionRequest {
  return {
    ...(typeof body.name === "string" ? { name: body.name } : {}),
    ...(body.description === undefined ? {} : { description: body.description }),
    ...(body.metadata === undefined ? {} : { metadata: body.metadata }),
    ...(body.config === undefined || body.config === null ? {} : { config: body.config }),
    ...(body.schedule === undefined ? {} : { schedule: body.schedule }),
    ...(body.authentication === undefined || body.authentication === null
      ? {}
      : { authentication: body.authentication }),
    ...(body.redirect_url === undefined ? {} : { redirectUrl: body.redirect_url }),
  };
}

function deleteConnection({ connections, authorizations, now }: SourceConnectionParts): Route {
  return route({
    method: "DELETE",
    path: "/source-connections/:source_connection_id",
    operation: "deleteSourceConnection",
    tag: "source-connections",
    summary: "Delete a source connection and its data; a running job is cancelled first",
    scope: "write",
    response: connectionResponse,
    handle: async (request) =>
      connectionOf(
        orNotFound(await connections.delete(connectionKey(request))),
        shownTo(request.caller, { authorizations, now }),
      ),
  });
}

function pauseConnection({ connections, authorizations, now }: SourceConnectionParts): Route {
  return route({
    method: "POST",
    path: "/source-connections/:source_connection_id/pause",
    operation: "pauseSourceConnection",
    tag: "source-connections",
    summary: "Pause a source connection's schedule; jobs can still be started by request",
    scope: "write",
    response: connectionResponse,
    handle: async (request) =>
      connectionOf(
        orNotFound(await connections.pause(connectionKey(request))),
        shownTo(request.caller, { authorizations, now }),
      ),
  });
}

function resumeConnection({ connections, authorizations, now }: SourceConnectionParts): Route {
  return route({
    method: "POST",
    path: "/source-connections/:source_connection_id/resume",
    operation: "resumeSourceConnection",
    tag: "source-connections",
    summary: "Resume a paused schedule at its next time",
    scope: "write",
    response: connectionResponse,
    handle: async (request) =>
      connectionOf(
        orNotFound(await connections.resume(connectionKey(request))),
        shownTo(request.caller, { authorizations, now }),
      ),
  });
}

/**
 * The URL of an authorization lets a browser give the connection credentials, so that only callers who may change the
 * connection see it.
 */
export function shownTo(
  { scopes }: Caller,
  { authorizations, now }: Pick<SourceConnectionParts, "authorizations" | "now">,
): ShownConnection {
  const mayChange = hasScope(scopes, "write");
  return { urlOf: (code) => (mayChange ? authorizations.urlOf(code) : null), now: now() };
}

/** The source connection in a path, for the caller. */
export function connectionKey({
  caller,
  params,
}: Pick<RouteRequest<unknown, unknown>, "caller" | "params">): SourceConnectionKey {
  return {
    organizationId: caller.organizationId,
    sourceConnectionId: idIn<"sourceConnection">(params, "source_connection_id", connectionKind),
  };
}

export function orNotFound<Found extends SourceConnectionView>(found: Found | null): Found {
  if (found === null) throw notFound(connectionKind.noun);
  return found;
}
