import { z } from "zod";
import { ApiError } from "../../domain/errors.ts";
import { type Route, route } from "../../http/route.ts";
import { isSecret } from "../../sync/secret-credentials.ts";
import type { Source } from "../../sync/source.ts";
import type { SourceList } from "../../sync/source-list.ts";

const fieldsResponse = z.object({
  fields: z.array(
    z.object({
      name: z.string(),
      title: z.string(),
      description: z.string().nullable(),
      type: z.string(),
      required: z.boolean(),
      items_type: z.string().nullable(),
      is_secret: z.boolean(),
      is_multiline: z.boolean().describe("Whether the text has several lines, such as a key."),
      enum_values: z.array(z.string()).nullable(),
      default: z.unknown().describe("The default value."),
    }),
  ),
});

const sourceResponse = z
  .object({
    name: z.string(),
    short_name: z.string(),
    class_name: z.string(),
    description: z.string(),
    auth_methods: z.array(z.string()),
    oauth_type: z.string().nullable(),
    requires_byoc: z.boolean(),
    auth_config_class: z.string().nullable(),
    config_class: z.string().nullable(),
    output_entity_definitions: z.array(z.string()),
    detects_changes: z.string().nullable().describe("How a job reads only changes; null when the source does not say."),
    detects_deletions: z
      .string()
      .nullable()
      .describe("When a job detects deleted entities; null when the source does not say."),
    supports_discovery: z.boolean().describe("Whether a connection selects streams, which `discover` lists."),
    labels: z.array(z.string()),
    supports_continuous: z.boolean(),
    federated_search: z.boolean(),
    supports_temporal_relevance: z.boolean(),
    supports_access_control: z.boolean(),
    supports_browse_tree: z.boolean(),
    rate_limit_level: z.string().nullable(),
    feature_flag: z.string().nullable(),
    auth_fields: fieldsResponse,
    config_fields: fieldsResponse,
    supported_auth_providers: z.array(z.string()),
  })
  .meta({ id: "Source", description: "A kind of source, with the fields of a connection to it." });

export function sourceRoutes(sources: SourceList): Route[] {
  return [
    route({
      method: "GET",
      path: "/sources",
      operation: "listSources",
      tag: "sources",
      summary: "List the sources that can be connected",
      scope: "read",
      response: z.array(sourceResponse),
      handle: async () => sources.all.map(sourceOf),
    }),
    route({
      method: "GET",
      path: "/sources/:short_name",
      operation: "getSource",
      tag: "sources",
      summary: "Get a source, with the fields of its settings and credentials",
      scope: "read",
      response: sourceResponse,
      handle: async ({ params }) => {
        const source = sources.find(params.short_name ?? "");
        if (source === null) throw new ApiError("not_found", "Source not found");
        return sourceOf(source);
      },
    }),
  ];
}

function sourceOf(source: Source): z.input<typeof sourceResponse> {
  return {
    name: source.name,
    short_name: source.shortName,
    class_name: source.className,
    description: source.description,
    auth_methods: [...source.authMethods],
    oauth_type: source.oauth === undefined ? null : "with_refresh",
    requires_byoc: source.oauth?.requiresOwnClient === true,
    auth_config_class: null,
    config_class: null,
    output_entity_definitions: [...source.entityTypes],
    detects_changes: source.detects?.changes ?? null,
    detects_deletions: source.detects?.deletions ?? null,
    supports_discovery: source.discover !== undefined,
    labels: [...source.labels],
    supports_continuous: source.watch !== undefined,
    federated_search: false,
    supports_temporal_relevance: false,
    supports_access_control: false,
    supports_browse_tree: false,
    rate_limit_level: null,
    feature_flag: null,
    auth_fields: fieldsOf(source.credentials, (name) => isSecret(source.credentials, name)),
    config_fields: fieldsOf(source.config, () => false),
    supported_auth_providers: [],
  };
}

interface FieldSchema {
  readonly type?: string;
  readonly description?: string;
  readonly items?: { readonly type?: string };
  readonly enum?: readonly string[];
  readonly default?: unknown;
  readonly multiline?: boolean;
}

/** Derives a form's fields from the schema that validates the form's values. */
function fieldsOf(schema: z.ZodObject, isSecretField: (name: string) => boolean): z.input<typeof fieldsResponse> {
  const described = z.toJSONSchema(schema, { io: "input", unrepresentable: "any" });
  const required = described.required ?? [];
  const fields = Object.entries((described.properties ?? {}) as Record<string, FieldSchema>);
  return {
    fields: fields.map(([name, field]) => ({
      name,
      title: titleOf(name),
      description: field.description ?? null,
      type: field.type === "integer" ? "number" : (field.type ?? "string"),
      required: required.includes(name),
      items_type: field.items?.type ?? null,
      is_secret: isSecretField(name),
      is_multiline: field.multiline === true,
      enum_values: field.enum === undefined ? null : [...field.enum],
      default: field.default ?? null,
    })),
  };
}

function titleOf(name: string): string {
  const words = name.replaceAll("_", " ");
  return `${words.charAt(0).toUpperCase()}${words.slice(1)}`;
}
