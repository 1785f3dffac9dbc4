import { z } from "zod";
import { limits } from "../../domain/limits.ts";
import { type Route, route } from "../../http/route.ts";
import type { Source } from "../../sync/source.ts";
import type { SourceList } from "../../sync/source-list.ts";

const definitionResponse = z
  .object({
    short_name: z.string(),
    name: z.string(),
    description: z.string(),
    class_name: z.string(),
    module_name: z.string().describe("The short name of the source."),
    entity_type: z.literal("json"),
    entity_schema: z.record(z.string(), z.unknown()).describe("The JSON Schema of an entity, which all types share."),
  })
  .meta({ id: "EntityDefinition", description: "A type of entity that a source yields." });

// The fields that a search returns.
const entitySchema = z.toJSONSchema(
  z.object({
    entity_id: z.string(),
    name: z.string(),
    textual_representation: z.string(),
    breadcrumbs: z.array(z.object({ entity_id: z.string(), name: z.string(), entity_type: z.string() })),
    created_at: z.iso.datetime().nullable(),
    updated_at: z.iso.datetime().nullable(),
    web_url: z.string(),
  }),
);

/** The types of entity of the sources, in the form of Airweave's API. */
export function entityDefinitionRoutes(sources: Pick<SourceList, "find">): Route[] {
  return [
    route({
      method: "GET",
      path: "/entities/definitions/by-source",
      operation: "listEntityDefinitionsOfSource",
      tag: "sources",
      summary: "List the types of entity that a source yields; none for an unknown source",
      scope: "read",
      query: z.object({ source_short_name: z.string().max(limits.nameLengthMax).describe("The source.") }),
      response: z.array(definitionResponse),
      handle: async ({ query }) => {
        const source = sources.find(query.source_short_name);
        return source === null ? [] : source.entityTypes.map((type) => definitionOf(source, type));
      },
    }),
  ];
}

function definitionOf(source: Source, type: string): z.input<typeof definitionResponse> {
  return {
    short_name: type.replaceAll(/(?<=[a-z])(?=[A-Z])/g, "_").toLowerCase(),
    name: type,
    description: `An entity of the source ${source.name}.`,
    class_name: type,
    module_name: source.shortName,
    entity_type: "json",
    entity_schema: entitySchema,
  };
}
