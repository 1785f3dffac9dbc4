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

/** Every payload of Airweave has it; the documents leave it out. */
const organizationField: Properties = { organization_id: text("The organization that the event concerns.") };

const syncFields: Properties = {
  ...organizationField,
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

/** The payload of `sync.<status>`. The counts are those so far. */
export function syncSchema(status: string, description: string): JsonSchema {
  return payloadSchema({
    name: `sync.${status}`,
    description,
    required: ["collection_readable_id", "collection_name", "source_connection_id", "source_type"],
    fields: {
      ...syncFields,
      status: { ...text("The status of the job."), const: status },
      error: { type: ["string", "null"], description: "Why the job failed; null unless it did." },
      ...countFields,
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
      ...organizationField,
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
      ...organizationField,
      collection_id: text("The collection."),
      collection_name: text("The collection's name."),
      collection_readable_id: text("The collection's readable id, such as `sales-data-ab123`."),
      ...(happened === "deleted" ? { source_connection_ids: connectionIds } : {}),
    },
  });
}

/** The payload of `organization.<happened>`. */
export function organizationSchema(happened: string, description: string): JsonSchema {
  return payloadSchema({
    name: `organization.${happened}`,
    description,
    required: ["organization_id", "organization_name"],
    fields: {
      ...organizationField,
      organization_name: text("The organization's name."),
      owner_email: text("The e-mail address of its owner; empty if it has none."),
      affected_user_emails: {
        type: "array",
        items: { type: "string" },
        description: "The e-mail addresses of the people whom the event affects.",
      },
      plan: text("The plan of the organization; empty if it has none."),
    },
  });
}

const searchFields: Properties = {
  ...organizationField,
  request_id: text("The search."),
};

const searchTiming: Properties = {
  duration_ms: count("Milliseconds since the search began."),
  diagnostics: { type: ["object", "null"], description: "Details about the search; null if there are none." },
};

const tier = text("The kind of search: `instant`, `classic` or `agentic`.");
const plan = text("The filters and queries that a language model planned; null without such a plan.", "null");
const searchCollection = text("The readable id of the collection that was searched.");

/** The fields of each event of a search besides those that all have. */
const fieldsOfSearches: Readonly<Record<string, Properties>> = {
  started: {
    tier,
    collection_readable_id: searchCollection,
    query: text("The query."),
    plan,
    retrieval_strategy: text("The retrieval strategy of the request; null if it has none.", "null"),
    thinking: { type: "boolean", description: "Whether the request allows a language model to think." },
    filter: { type: ["array", "null"], items: { type: "object" }, description: "The groups of the filter." },
    limit: { type: ["integer", "null"], minimum: 0, description: "The limit of the request; null if it has none." },
    offset: { type: ["integer", "null"], minimum: 0, description: "The offset of the request; null if it has none." },
  },
  completed: {
    tier,
    plan,
    results: {
      type: "array",
      items: { type: "object" },
      description:
        "The results without their texts and source fields. The last ones are left out where they do not fit.",
    },
    ...searchTiming,
    billable: { type: "boolean", description: "Whether the platform bills the search." },
    collection_id: text("The collection; null for instant searches.", "null"),
  },
  failed: { tier, plan, message: text("Why the search failed."), ...searchTiming },
  reranking: searchTiming,
  thinking: {
    ...searchTiming,
    thinking: text("The thoughts of the language model; null if it gave none.", "null"),
    text: text("The text of the language model; null if it gave none.", "null"),
  },
  tool_called: { ...searchTiming, tool_name: text("The tool that the language model called.") },
};

/** The payload of `search.<happened>`. */
export function searchSchema(happened: keyof typeof fieldsOfSearches, description: string): JsonSchema {
  const fields = { ...searchFields, ...fieldsOfSearches[happened] };
  return payloadSchema({ name: `search.${happened}`, description, required: ["request_id"], fields });
}

/** The payload of `query.processed`. */
export function querySchema(description: string): JsonSchema {
  return payloadSchema({
    name: "query.processed",
    description,
    required: [],
    fields: {
      ...organizationField,
      collection_id: text("The collection; null if the platform does not say.", "null"),
      queries: count("The number of queries."),
      billable: { type: "boolean", description: "Whether the platform bills them." },
    },
  });
}

const batchFields: Properties = {
  ...organizationField,
  sync_id: text("The sync."),
  sync_job_id: text("The run of the sync."),
  source_connection_id: text("The source connection that is synced."),
  source_type: text("The source's short name, such as `github` or `notion`."),
};

const fieldsOfBatches = {
  entity: {
    collection_id: text("The collection that the entities go to."),
    inserted: count("Entities of the batch that are new."),
    updated: count("Entities of the batch that changed."),
    deleted: count("Entities of the batch that were deleted at the source."),
    kept: count("Entities of the batch that were unchanged."),
    type_breakdown: { type: "object", description: "The number of entities by type." },
    batch_seq: count("The position of the batch in the run, from 0."),
    batch_duration_ms: count("Milliseconds that the batch took."),
    billable: { type: "boolean", description: "Whether the platform bills the batch." },
  },
  access_control: {
    collected: count("Memberships that the source reported."),
    upserted: count("Memberships that were new or changed."),
  },
} satisfies Readonly<Record<string, Properties>>;

/** The payload of `entity.batch_processed` or `access_control.batch_processed`. */
export function batchSchema(subject: keyof typeof fieldsOfBatches, description: string): JsonSchema {
  return payloadSchema({
    name: `${subject}.batch_processed`,
    description,
    required: ["sync_id", "sync_job_id", "source_connection_id", "source_type"],
    fields: { ...batchFields, ...fieldsOfBatches[subject] },
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

function text(description: string, or?: "null"): JsonSchema {
  return { type: or === undefined ? "string" : ["string", or], description };
}

function count(description: string): JsonSchema {
  return { type: "integer", minimum: 0, description };
}
