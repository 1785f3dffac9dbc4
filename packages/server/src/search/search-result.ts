import type { Breadcrumb, SearchHit } from "../store/entities/interface.ts";

/** One chunk that a search found, with the fields of Airweave's API. */
export interface SearchResult {
  readonly entity_id: string;
  readonly name: string;
  readonly relevance_score: number;
  readonly breadcrumbs: { readonly entity_id: string; readonly name: string; readonly entity_type: string }[];
  readonly created_at: string;
  readonly updated_at: string;
  readonly textual_representation: string;
  readonly airweave_system_metadata: {
    readonly source_name: string;
    readonly entity_type: string;
    readonly original_entity_id: string;
    readonly chunk_index: number;
    readonly sync_id: string | null;
    readonly sync_job_id: string;
  };
  readonly access: { readonly viewers: null; readonly is_public: null };
  readonly web_url: string;
  readonly url: null;
  readonly raw_source_fields: Record<string, unknown>;
}

export function searchResultOf(hit: SearchHit): SearchResult {
  return {
    entity_id: `${hit.entityId}__chunk_${hit.position}`,
    name: hit.name,
    relevance_score: hit.score,
    breadcrumbs: breadcrumbsOf(hit),
    created_at: new Date(hit.createdAt).toISOString(),
    updated_at: new Date(hit.updatedAt).toISOString(),
    textual_representation: hit.text,
    airweave_system_metadata: {
      source_name: hit.source,
      entity_type: hit.type,
      original_entity_id: hit.entityId,
      chunk_index: hit.position,
      sync_id: hit.syncId,
      sync_job_id: hit.syncJobId,
    },
    access: { viewers: null, is_public: null },
    web_url: hit.url ?? "",
    url: null,
    raw_source_fields: {},
  };
}

function breadcrumbsOf({ breadcrumbs }: SearchHit): SearchResult["breadcrumbs"] {
  const stored = JSON.parse(breadcrumbs ?? "[]") as readonly Breadcrumb[];
  return stored.map(({ id, name, type }) => ({ entity_id: id, name, entity_type: type }));
}
