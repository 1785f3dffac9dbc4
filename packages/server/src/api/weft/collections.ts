import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { collectionStatus, collectionStatuses, readableIdPattern } from "../../domain/collection.ts";
import { memberText, parsePrintable } from "../../domain/json-text.ts";
import { limits } from "../../domain/limits.ts";
import { jsonObject } from "../../http/caller-objects.ts";
import { notFound } from "../../http/ids.ts";
import { keptText } from "../../http/kept-text.ts";
import { cursorIn, respondWithListById } from "../../http/pages.ts";
import { type Route, type RouteRequest, route } from "../../http/route.ts";
import { isoTime, timeResponse } from "../../http/times.ts";
import type { CollectionKey, CollectionView } from "../../store/collections/interface.ts";
import type { Store } from "../../store/store.ts";
import type { CollectionChanges, Collections } from "../../sync/collections.ts";
import { skipOf, skipQuery } from "./producer-pages.ts";

export interface CollectionParts {
  readonly store: Pick<Store, "readCollection" | "listCollections" | "countCollections" | "searchCollection">;
  readonly collections: Collections;
}

const name = keptText.trim().min(limits.collectionNameLengthMin).max(limits.collectionNameLengthMax);

const syncConfig = jsonObject()
  .refine((value) => Buffer.byteLength(JSON.stringify(value)) <= limits.syncConfigBytesMax, {
    error: `At most ${limits.syncConfigBytesMax} bytes of JSON are accepted.`,
  })
  .nullish()
  .describe("Stored unchanged for the platform's SDKs; Weft does not read it.");

/** The settings in a validated body; undefined where the body does not set them. */
function syncConfigIn(bodyText: string): string | null | undefined {
  const given = memberText(bodyText, "sync_config");
  if (given === null) return undefined;
  return given === "null" ? null : JSON.stringify(parsePrintable(given));
}

const createRequest = z.strictObject({
  name,
  readable_id: z
    .string()
    .max(limits.readableIdLengthMax)
    .regex(readableIdPattern, { error: "Expected small letters and digits with single hyphens between them." })
    .nullish()
    .describe("By default it is derived from the name."),
  sync_config: syncConfig,
});

const changeRequest = z.strictObject({ name: name.nullish(), sync_config: syncConfig });

export const collectionResponse = z
  .object({
    id: z.uuid(),
    name: z.string(),
    readable_id: z.string(),
    created_at: timeResponse,
    modified_at: timeResponse,
    organization_id: z.uuid(),
    status: z.enum(collectionStatuses).describe("Derived from its source connections and their last jobs."),
    vector_size: z.int().describe("Always 0: chunks are searched by their words, not by vectors."),
    embedding_model_name: z.string().describe("Always `none`."),
    sync_config: z.record(z.string(), z.unknown()).nullable(),
    created_by_email: z.null(),
    modified_by_email: z.null(),
    source_connection_summaries: z.array(z.object({ short_name: z.string(), name: z.string() })),
  })
  .meta({ id: "Collection", description: "A named set of entities, fed by source connections and searched as one." });

const search = keptText.max(limits.nameLengthMax).optional().describe("Part of a name or readable id, in any case.");

const collectionNoun = "Collection";

export function collectionRoutes(parts: CollectionParts): Route[] {
  return [
    listCollections(parts),
    createCollection(parts),
    countCollections(parts),
    getCollection(parts),
    changeCollection(parts),
    deleteCollection(parts),
  ];
}

function listCollections({ store }: CollectionParts): Route {
  return route({
    method: "GET",
    path: "/collections",
    operation: "listCollections",
    tag: "collections",
    summary: "List collections, newest first",
    scope: "read",
    bytesReserved: limits.pageBytesMax,
    query: z.object({ ...skipQuery, search }),
    response: z.array(collectionResponse),
    handle: async ({ caller, query, nextPage }) => {
      const filter = { organizationId: caller.organizationId, search: searchText(query.search) };
      return await respondWithListById({
        limit: query.limit,
        cursor: cursorIn<"collection">(query.cursor, null),
        read: (part) => store.listCollections({ ...filter, ...part, skip: skipOf(query, part) }),
        responseOf: collectionOf,
        nextPage,
      });
    },
  });
}

function countCollections({ store }: CollectionParts): Route {
  return route({
    method: "GET",
    path: "/collections/count",
    operation: "countCollections",
    tag: "collections",
    summary: "Count collections",
    scope: "read",
    query: z.object({ search }),
    response: z.int(),
    handle: ({ caller, query }) =>
      store.countCollections({ organizationId: caller.organizationId, search: searchText(query.search) }),
  });
}

function createCollection({ collections }: CollectionParts): Route {
  return route({
    method: "POST",
    path: "/collections",
    operation: "createCollection",
    tag: "collections",
    summary: "Create a collection",
    scope: "write",
    body: createRequest,
    bodyBounds: bodyBounds.settings,
    response: collectionResponse,
    handle: async ({ caller, body, bodyText }) =>
      collectionOf(
        await collections.create(caller.organizationId, {
          name: body.name,
          readableId: body.readable_id ?? null,
          syncConfig: syncConfigIn(bodyText) ?? null,
        }),
      ),
  });
}

function getCollection({ store }: CollectionParts): Route {
  return route({
    method: "GET",
    path: "/collections/:readable_id",
    operation: "getCollection",
    tag: "collections",
    summary: "Get a collection",
    scope: "read",
    response: collectionResponse,
    handle: async (request) => collectionOf(orNotFound(await store.readCollection(collectionKey(request)))),
  });
}

function changeCollection({ collections }: CollectionParts): Route {
  return route({
    method: "PATCH",
    path: "/collections/:readable_id",
    operation: "updateCollection",
    tag: "collections",
    summary: "Change a collection's name or settings",
    scope: "write",
    body: changeRequest,
    bodyBounds: bodyBounds.settings,
    response: collectionResponse,
    handle: async (request) => {
      const { body, bodyText } = request;
      const syncConfig = syncConfigIn(bodyText);
      const changes: CollectionChanges = {
        ...(typeof body.name === "string" ? { name: body.name } : {}),
        ...(syncConfig === undefined ? {} : { syncConfig }),
      };
      return collectionOf(orNotFound(await collections.update(collectionKey(request), changes)));
    },
  });
}

function deleteCollection({ collections }: CollectionParts): Route {
  return route({
    method: "DELETE",
    path: "/collections/:readable_id",
    operation: "deleteCollection",
    tag: "collections",
    summary: "Delete a collection with its source connections and all their data",
    scope: "write",
    response: collectionResponse,
    handle: async (request) => collectionOf(orNotFound(await collections.delete(collectionKey(request)))),
  });
}

/** The collection in a path, for the caller. */
export function collectionKey({
  caller,
  params,
}: Pick<RouteRequest<unknown, unknown>, "caller" | "params">): CollectionKey {
  return { organizationId: caller.organizationId, readableId: params.readable_id ?? "" };
}

export function orNotFound(found: CollectionView | null): CollectionView {
  if (found === null) throw notFound(collectionNoun);
  return found;
}

function searchText(search: string | undefined): string | null {
  return search === undefined || search === "" ? null : search;
}

function collectionOf(collection: CollectionView): z.input<typeof collectionResponse> {
  return {
    id: collection.id,
    name: collection.name,
    readable_id: collection.readableId,
    created_at: isoTime(collection.createdAt),
    modified_at: isoTime(collection.modifiedAt),
    organization_id: collection.organizationId,
    status: collectionStatus(collection.connections),
    vector_size: 0,
    embedding_model_name: "none",
    sync_config:
      collection.syncConfig === null ? null : (parsePrintable(collection.syncConfig) as Record<string, unknown>),
    created_by_email: null,
    modified_by_email: null,
    source_connection_summaries: collection.connections.map(({ source, name }) => ({ short_name: source, name })),
  };
}
