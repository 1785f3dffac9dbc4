import { z } from "zod";
import { limits } from "../domain/limits.ts";
import type { Store } from "../store/store.ts";
import { collectionKey, orNotFound } from "./collections.ts";
import { type Route, route } from "./route.ts";

const searchAnswer = z
  .object({
    results: z.array(
      z.object({
        score: z.number().describe("Greater is better; only comparable within one answer."),
        entity_id: z.string(),
        name: z.string(),
        type: z.string(),
        url: z.string().nullable(),
        source_connection_id: z.uuid(),
        source_type: z.string(),
        chunk_index: z.int().describe("Which chunk of the entity it is, from 0."),
        text: z.string(),
      }),
    ),
    response_type: z.literal("raw"),
    completion: z.null(),
    status: z.enum(["success", "no_results"]),
  })
  .meta({ id: "SearchAnswer", description: "The chunks that fit a query best, best first." });

/** Full-text search over a collection's chunks. */
export function searchRoutes(store: Pick<Store, "readCollection" | "searchCollection">): Route[] {
  return [
    route({
      method: "GET",
      path: "/collections/:readable_id/search",
      operation: "searchCollection",
      tag: "collections",
      summary: "Search a collection's chunks by their words",
      scope: "read",
      query: z.object({
        query: z.string().min(1).max(limits.searchQueryLengthMax),
        limit: z.coerce.number().int().min(1).max(limits.searchResultsMax).default(limits.searchResultsDefault),
        offset: z.coerce.number().int().min(0).max(limits.searchOffsetMax).default(0),
      }),
      answer: searchAnswer,
      handle: async (request) => {
        const key = collectionKey(request);
        const collection = orNotFound(await store.readCollection(key));
        const hits = await store.searchCollection({
          organizationId: key.organizationId,
          collectionId: collection.id,
          ...request.query,
        });
        return {
          results: hits.map((hit) => ({
            score: hit.score,
            entity_id: hit.entityId,
            name: hit.name,
            type: hit.type,
            url: hit.url,
            source_connection_id: hit.sourceConnectionId,
            source_type: hit.source,
            chunk_index: hit.position,
            text: hit.text,
          })),
          response_type: "raw" as const,
          completion: null,
          status: hits.length > 0 ? ("success" as const) : ("no_results" as const),
        };
      },
    }),
  ];
}
