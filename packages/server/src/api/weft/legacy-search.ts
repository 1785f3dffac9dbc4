import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { ApiError } from "../../domain/errors.ts";
import { parseUuid, type SourceConnectionId } from "../../domain/id.ts";
import { limits } from "../../domain/limits.ts";
import { keptText } from "../../http/kept-text.ts";
import { type Route, route, StatusResponse } from "../../http/route.ts";
import { timeResponse } from "../../http/times.ts";
import { searchResultOf } from "../../search/search-result.ts";
import type { CollectionKey, CollectionView } from "../../store/collections/interface.ts";
import { anyEntity, type SearchHit } from "../../store/entities/interface.ts";
import type { Store } from "../../store/store.ts";
import { collectionKey } from "./collections.ts";
import { type LegacyCondition, type LegacyFilter, legacyFilterOf } from "./legacy-search-filter.ts";

/** The headers of responses whose form Airweave has replaced. */
export const deprecation = {
  "x-api-deprecation": "true",
  "x-api-deprecation-message": "Use POST /collections/{readable_id}/search/classic or /search/instant.",
} as const;

/** Throws not_found with the text of Airweave's older search routes. */
export async function collectionOf(store: Pick<Store, "readCollection">, key: CollectionKey): Promise<CollectionView> {
  const collection = await store.readCollection(key);
  if (collection === null) throw new ApiError("not_found", `Collection '${key.readableId}' not found.`);
  return collection;
}

const text = keptText.max(limits.searchFilterValueLengthMax);
const scalar = z.union([text, z.number(), z.boolean()]);
const scalars = z.array(scalar).max(limits.searchFilterValuesMax);
const bound = scalar.nullish();

const matchCondition = z
  .object({
    key: text,
    match: z.object({ value: scalar.optional(), any: scalars.optional(), except: scalars.optional() }),
  })
  .meta({ id: "LegacyMatch" });
const rangeCondition = z
  .object({ key: text, range: z.strictObject({ gt: bound, gte: bound, lt: bound, lte: bound }) })
  .meta({ id: "LegacyRange" });
const idCondition = z.object({ has_id: z.array(text).max(limits.searchFilterValuesMax) }).meta({ id: "LegacyIds" });

const condition: z.ZodType<LegacyCondition> = z
  .lazy(() => z.union([matchCondition, rangeCondition, idCondition, filter]))
  .meta({ id: "LegacyCondition" });

const conditions = z.array(condition).max(limits.searchFilterConditionsMax).nullish();
const keys = ["must", "should", "must_not"];

const filter: z.ZodType<LegacyFilter> = z
  .looseObject({ must: conditions, should: conditions, must_not: conditions })
  .refine((given) => Object.keys(given).every((key) => keys.includes(key)), {
    error: "A filter consists of the lists must, should and must_not.",
  })
  .meta({ id: "LegacyFilter" });

// Options of searches with a language model, and of an older form of the request.
const ignored = z.unknown().optional();

const searchRequest = z.strictObject({
  query: keptText.refine((given) => given.trim() !== "", {
    error: "A query contains at least one character that is not a space.",
  }),
  filter: filter.nullish(),
  offset: z.int().min(0).nullish(),
  limit: z.int().min(1).max(limits.searchResultsMax).nullish(),
  source_connection_ids: z.array(text).max(limits.searchFilterValuesMax).nullish(),
  retrieval_strategy: z.enum(["hybrid", "neural", "keyword"]).nullish(),
  ...{ expand_query: ignored, interpret_filters: ignored, rerank: ignored, generate_answer: ignored },
  ...{ temporal_relevance: ignored, response_type: ignored, search_method: ignored, score_threshold: ignored },
  ...{ recency_bias: ignored, expansion_strategy: ignored, enable_reranking: ignored },
  enable_query_interpretation: ignored,
});

const olderFields = [
  ...["response_type", "search_method", "score_threshold", "recency_bias", "expansion_strategy"],
  ...["enable_reranking", "enable_query_interpretation"],
];

const searchResponse = z
  .object({
    results: z.array(
      z.object({
        id: z.string(),
        score: z.number(),
        entity_id: z.string(),
        name: z.string(),
        textual_representation: z.string(),
        created_at: timeResponse,
        updated_at: timeResponse,
        breadcrumbs: z.array(z.unknown()),
        system_metadata: z.record(z.string(), z.unknown()),
        access: z.object({ viewers: z.null(), is_public: z.null() }),
        source_fields: z.record(z.string(), z.unknown()),
      }),
    ),
    completion: z.null(),
    status: z.enum(["success", "no_results"]).optional().describe("Only for requests of the older form."),
    response_type: z.literal("raw").optional().describe("Only for requests of the older form."),
  })
  .meta({ id: "LegacySearchResponse", description: "The chunks that match a query best, best first." });

/** The search of Airweave's TypeScript SDK. Options that need a language model have no effect. */
export function legacySearchRoute(store: Pick<Store, "readCollection" | "searchCollection">): Route {
  return route({
    method: "POST",
    path: "/collections/:readable_id/search",
    operation: "searchCollectionLegacy",
    tag: "collections",
    summary: "Search a collection's chunks by their words, as Airweave's TypeScript SDK does",
    scope: "read",
    idempotency: "none",
    isLogged: false,
    bodyBounds: bodyBounds.fields,
    bytesReserved: limits.pageBytesMax,
    body: searchRequest,
    response: searchResponse,
    handle: async (request) => {
      const { body } = request;
      const searchFilter = body.filter ? legacyFilterOf(body.filter) : null;
      const key = collectionKey(request);
      const collection = await collectionOf(store, key);
      const offset = body.offset ?? 0;
      const page = { query: body.query, filter: searchFilter, limit: body.limit ?? defaultLimit, offset };
      const sourceConnectionIds = body.source_connection_ids ? uuidsIn(body.source_connection_ids) : null;
      const hits =
        offset >= limits.searchCandidatesMax
          ? []
          : await store.searchCollection({
              ...anyEntity,
              ...page,
              organizationId: key.organizationId,
              collectionId: collection.id,
              sourceConnectionIds,
            });
      const found = { results: hits.map(resultOf), completion: null };
      if (!olderFields.some((field) => Object.hasOwn(body, field))) return found;
      const status = hits.length === 0 ? "no_results" : "success";
      return new StatusResponse(200, { ...found, status, response_type: "raw" }, deprecation);
    },
  });
}

const defaultLimit = 100;

function uuidsIn(ids: readonly string[]): SourceConnectionId[] {
  return ids.flatMap((id) => parseUuid(id) ?? []) as SourceConnectionId[];
}

function resultOf(hit: SearchHit) {
  const {
    airweave_system_metadata,
    relevance_score,
    raw_source_fields,
    web_url: _,
    url: _url,
    ...shared
  } = searchResultOf(hit);
  return {
    ...shared,
    id: shared.entity_id,
    score: relevance_score,
    system_metadata: airweave_system_metadata,
    source_fields: raw_source_fields,
  };
}
