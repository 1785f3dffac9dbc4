/**
 * The part of JSON Schema that the catalogue uses, which is valid as draft 7 and as 2020-12. `format` is an annotation next to
 * a `pattern`, so that a validator need not know any format.
 */
export interface JsonSchema {
  readonly title?: string;
  readonly description?: string;
  readonly type?: string | readonly string[];
  readonly const?: string;
  readonly minimum?: number;
  readonly pattern?: string;
  readonly format?: string;
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean;
}

type Properties = Readonly<Record<string, JsonSchema>>;

/** ISO 8601 with a zone: `Z` or an offset. Every reader would interpret a local time without a zone differently. */
const timestampPattern =
  "^\\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\\d|3[01])T([01]\\d|2[0-3]):[0-5]\\d:([0-5]\\d|60)(\\.\\d{1,9})?(Z|[+-]([01]\\d|2[0-3]):[0-5]\\d)$";

const syncFields: Properties = {
  sync_id: text("The sync. Each source connection has one, and each job is a run of it."),
  sync_job_id: text("This run of the sync."),
  job_id: text("An alias of `sync_job_id`."),
  collection_id: text("The collection that the entities go to."),
  collection_readable_id: text("The collection's readable id, such as `sales-data-ab123`."),
  collection_name: text("The collection's name."),
  source_connection_id: text("The source connection that is synced."),
  source_type: text("The source's short name, such as `github` or `notion`."),
};

const countFields: Properties = {
  entities_inserted: count("Entities that are new."),
  entities_updated: count("Entities that changed."),
  entities_deleted: count("Entities that were deleted at the source."),
  entities_skipped: count("Entities that were unchanged."),
  chunks_written: count("Chunks written to the vector database."),
};

/** The payload of `sync.<status>`. Only a completed sync has counts. */
export function syncSchema(status: string, description: string): JsonSchema {
  return payloadSchema({
    name: `sync.${status}`,
    description,
    required: ["collection_readable_id", "collection_name", "source_connection_id", "source_type"],
    fields: {
      ...syncFields,
      status: { ...text("The status of the job."), const: status },
      error: { type: ["string", "null"], description: "Why the job failed; null unless it did." },
      ...(status === "completed" ? countFields : {}),
    },
  });
}

/** The payload of `source_connection.<happened>`. */
export function sourceConnectionSchema(happened: string, description: string): JsonSchema {
  return payloadSchema({
    name: `source_connection.${happened}`,
    description,
    required: ["source_connection_id", "collection_readable_id", "source_type", "is_authenticated"],
    fields: {
      source_connection_id: text("The source connection."),
      collection_readable_id: text("The readable id of its collection."),
      source_type: text("The source's short name, such as `github` or `notion`."),
      is_authenticated: { type: "boolean", description: "Whether it holds credentials; false once it is deleted." },
    },
  });
}

/** The payload of `collection.<happened>`. Only a deleted collection lists the connections that were deleted with it. */
export function collectionSchema(happened: string, description: string): JsonSchema {
  const connectionIds: JsonSchema = {
    type: "array",
    items: { type: "string" },
    description: "The source connections that were deleted with it; no event of their own fires for them.",
  };
  return payloadSchema({
    name: `collection.${happened}`,
    description,
    required: ["collection_id", "collection_name", "collection_readable_id"],
    fields: {
      collection_id: text("The collection."),
      collection_name: text("The collection's name."),
      collection_readable_id: text("The collection's readable id, such as `sales-data-ab123`."),
      ...(happened === "deleted" ? { source_connection_ids: connectionIds } : {}),
    },
  });
}

/** Further fields are allowed, because a platform may send more than its documents describe. */
function payloadSchema(payload: {
  name: string;
  description: string;
  required: readonly string[];
  fields: Properties;
}): JsonSchema {
  return {
    title: payload.name,
    description: payload.description,
    type: "object",
    properties: {
      event_type: { ...text("The name of the event."), const: payload.name },
      ...payload.fields,
      timestamp: {
        ...text("When it happened: ISO 8601 with a zone and sub-second digits."),
        format: "date-time",
        pattern: timestampPattern,
      },
    },
    required: ["event_type", ...payload.required, "timestamp"],
    additionalProperties: true,
  };
}

function text(description: string): JsonSchema {
  return { type: "string", description };
}

function count(description: string): JsonSchema {
  return { type: "integer", minimum: 0, description };
}
