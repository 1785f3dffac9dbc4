import { z } from "zod";
import { bodyBounds } from "../../domain/body-bounds.ts";
import { ApiError, type Mistake, validationFailed } from "../../domain/errors.ts";
import { limits } from "../../domain/limits.ts";
import {
  type SearchCondition,
  type SearchFilter,
  searchConditionOf,
  searchFilterFields,
  searchFilterOperators,
} from "../../domain/search-filter.ts";
import { keptText } from "../../http/kept-text.ts";
import { EventStream, type Route, route } from "../../http/route.ts";
import { timeResponse } from "../../http/times.ts";
import type { Searches, SearchTier } from "../../search/searches.ts";
import { collectionKey } from "./collections.ts";

const resultsResponse = z
  .object({
    results: z.array(
      z.object({
        entity_id: z.string().describe("The id of the entity with the index of the chunk."),
        name: z.string(),
        relevance_score: z
          .number()
          .describe("A greater score is better. Scores are comparable only within one response."),
        breadcrumbs: z.array(z.object({ entity_id: z.string(), name: z.string(), entity_type: z.string() })),
        created_at: timeResponse.nullable().describe("When the entity was first stored."),
        updated_at: timeResponse.nullable().describe("When the entity was created or last changed."),
        textual_representation: z.string().describe("The text of the chunk."),
        airweave_system_metadata: z.object({
          source_name: z.string(),
          entity_type: z.string(),
          original_entity_id: z.string(),
          chunk_index: z.int(),
          sync_id: z.string().nullable(),
          sync_job_id: z.string().nullable(),
        }),
        access: z.object({ viewers: z.null(), is_public: z.null() }),
        web_url: z.string(),
        url: z.null(),
        raw_source_fields: z.record(z.string(), z.unknown()),
      }),
    ),
  })
  .meta({ id: "SearchResults", description: "The chunks that match a query best, best first." });

const value = keptText.max(limits.searchFilterValueLengthMax);

const condition = z
  .strictObject({
    field: z.enum(searchFilterFields),
    operator: z.enum(searchFilterOperators),
    value: z.union([
      value,
      z.int(),
      z.boolean(),
      z.array(value).max(limits.searchFilterValuesMax),
      z.array(z.int()).max(limits.searchFilterValuesMax),
    ]),
  })
  .meta({ id: "SearchCondition" });

const filter = z
  .array(z.strictObject({ conditions: z.array(condition).min(1).max(limits.searchFilterConditionsMax) }))
  .max(limits.searchFilterConditionsMax)
  .refine((groups) => groups.flatMap(({ conditions }) => conditions).length <= limits.searchFilterConditionsMax, {
    error: `A filter has at most ${limits.searchFilterConditionsMax} conditions.`,
  })
  .nullish()
  .describe("Groups of conditions. A chunk matches if all conditions of at least one group hold.");

const query = keptText
  .refine((text) => text.trim() !== "", { error: "A query contains at least one character that is not a space." })
  .describe("Any text. Its words are searched; a text that is too long is cut.");

const classicRequest = z.strictObject({
  query,
  filter,
  limit: z.int().min(1).max(limits.searchResultsMax).default(100),
  offset: z.int().min(0).default(0),
});
const instantRequest = classicRequest.extend({
  retrieval_strategy: z
    .enum(["hybrid", "semantic", "keyword", "neural"])
    .nullish()
    .describe("Accepted for clients of Airweave. Every strategy ranks by words."),
});
const agenticRequest = z.strictObject({
  query,
  filter,
  thinking: z.boolean().nullish(),
  limit: z.int().min(1).nullish(),
});

const noLanguageModel =
  "Agentic search needs a language model, which this server does not have. Use /search/classic or /search/instant.";

// Clients wait for the event and then end the connection; this limits the wait for a slow one.
const never = new AbortController().signal;

/** The searches of Airweave's SDKs, command line and MCP server. */
export function searchTierRoutes(searches: Searches): Route[] {
  return [
    searchRoute(searches, { tier: "instant", operation: "searchInstant", body: instantRequest }),
    searchRoute(searches, { tier: "classic", operation: "searchClassic", body: classicRequest }),
    route({
      ...common,
      path: "/collections/:readable_id/search/agentic",
      operation: "searchAgentic",
      summary: "Return an error: agentic search needs a language model, which Weft does not have",
      body: agenticRequest,
      response: resultsResponse,
      handle: async (request) => {
        filterOf(request.body.filter);
        await searches.collectionOf(collectionKey(request));
        throw new ApiError("language_model_missing", noLanguageModel);
      },
    }),
    route({
      ...common,
      path: "/collections/:readable_id/search/agentic/stream",
      operation: "streamSearchAgentic",
      summary: "Stream one event with the error of agentic search, as Airweave's command line expects it",
      body: agenticRequest,
      response: z.object({ type: z.literal("error"), message: z.string(), duration_ms: z.int() }),
      mediaType: "text/event-stream",
      handle: async (request) => {
        filterOf(request.body.filter);
        await searches.collectionOf(collectionKey(request));
        const event = { type: "error", message: noLanguageModel, duration_ms: 0 };
        return new EventStream(async (out) => {
          await out.write(`data: ${JSON.stringify(event)}\n\n`, never);
        });
      },
    }),
  ];
}

const common = {
  method: "POST",
  tag: "collections",
  scope: "read",
  idempotency: "none",
  isLogged: false,
  bodyBounds: bodyBounds.fields,
} as const;

function searchRoute(
  searches: Searches,
  { tier, operation, body }: { tier: SearchTier; operation: string; body: typeof classicRequest },
): Route {
  return route({
    ...common,
    path: `/collections/:readable_id/search/${tier}`,
    operation,
    summary: `Search a collection's chunks by their words, as ${tier} search of Airweave's clients`,
    bytesReserved: limits.pageBytesMax,
    body,
    response: resultsResponse,
    handle: async (request) => {
      const { query: text, limit, offset } = request.body;
      const searched = { query: text, filter: filterOf(request.body.filter), limit, offset };
      return { results: [...(await searches.run(tier, collectionKey(request), searched))] };
    },
  });
}

/** The meaning of a filter. Throws validation_failed with each condition that has none. */
function filterOf(groups: z.output<typeof filter>): SearchFilter | null {
  const mistakes: Mistake[] = [];
  const read = (groups ?? []).map(({ conditions }, group) =>
    conditions.flatMap((requested, index): SearchCondition[] => {
      const found = searchConditionOf(requested);
      if (!("mistake" in found)) return [found];
      const loc = ["body", "filter", group, "conditions", index];
      mistakes.push({ loc, msg: found.mistake, type: "value_error" });
      return [];
    }),
  );
  if (mistakes.length > 0) throw validationFailed(mistakes);
  return read.length === 0 ? null : read;
}
