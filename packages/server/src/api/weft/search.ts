import { z } from "zod";
import { parseUuid, type SourceConnectionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { searchWords } from "../../domain/search-words.ts";
import { snippetOf } from "../../domain/snippet.ts";
import { severalTexts } from "../../http/query-values.ts";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import { isoTime, timeRequest, timeResponse } from "../../http/times.ts";
import type { SearchHit } from "../../store/entities/interface.ts";
import type { Store } from "../../store/store.ts";
import { collectionKey } from "./collections.ts";
import { collectionOf, deprecation } from "./legacy-search.ts";

const searchResponse = z
  .object({
    results: z.array(
      z.object({
        score: z.number().describe("A greater score is better. Scores are comparable only within one response."),
        entity_id: z.string(),
        name: z.string(),
        type: z.string(),
        url: z.string().nullable(),
        source_connection_id: z.uuid(),
        source_type: z.string(),
        chunk_index: z.int().describe("The index of the chunk in the entity, from 0."),
        text: z.string(),
        snippet: z.string().describe("An excerpt of the text on one line, with the most words of the query."),
        matches: z
          .array(z.tuple([z.int(), z.int()]))
          .describe("Their positions in the snippet: start and end, in UTF-16 units."),
        updated_at: timeResponse.describe("When the entity was created or last changed."),
      }),
    ),
    response_type: z.literal("raw"),
    completion: z.null(),
    status: z.enum(["success", "no_results"]),
  })
  .meta({ id: "SearchResponse", description: "The chunks that match a query best, best first." });

const found = { response_type: "raw", completion: null, status: "success" } as const;
const nothingFound = { ...found, results: [], status: "no_results" as const };

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
        source_types: severalTexts.describe("Only chunks from these sources, by their short names; may be repeated."),
        source_connection_id: z.string().optional().describe("Only chunks of this source connection."),
        types: severalTexts.describe("Only chunks of entities of these types; may be repeated."),
        updated_since: timeRequest
          .optional()
          .describe("Only entities that were created or changed at this time or later."),
        updated_until: timeRequest.optional().describe("Only entities that were created or changed before this time."),
      }),
      response: searchResponse,
      handle: async (request) => {
        const key = collectionKey(request);
        const collection = await collectionOf(store, key);
        const { query, limit, offset, source_types, source_connection_id, types, updated_since, updated_until } =
          request.query;
        const connectionId = source_connection_id === undefined ? null : parseUuid(source_connection_id);
        if (source_connection_id !== undefined && connectionId === null) {
          return new StatusResponse(200, nothingFound, deprecation);
        }
        const hits = await store.searchCollection({
          organizationId: key.organizationId,
          collectionId: collection.id,
          query,
          limit,
          offset,
          sources: source_types ?? null,
          sourceConnectionIds: connectionId === null ? null : [connectionId as SourceConnectionId],
          types: types ?? null,
          updatedSince: updated_since ?? null,
          updatedUntil: updated_until ?? null,
          filter: null,
        });
        const words = searchWords(query);
        const searched = {
          ...(hits.length === 0 ? nothingFound : found),
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
            ...shownIn(hit, words),
            updated_at: isoTime(hit.updatedAt),
          })),
        };
        return new StatusResponse(200, searched, deprecation);
      },
    }),
  ];
}

function shownIn({ text }: SearchHit, words: readonly string[]) {
  const { text: snippet, matches } = snippetOf(text, words, limits.searchSnippetLengthMax);
  return { snippet, matches: matches.map(([from, to]): [number, number] => [from, to]) };
}
