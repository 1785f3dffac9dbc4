import { ApiError } from "../domain/errors.ts";
import type { CollectionId, NewId, OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { SearchFilter } from "../domain/search-filter.ts";
import type { Intake } from "../intake/intake.ts";
import type { CollectionView } from "../store/collections/interface.ts";
import { anyEntity } from "../store/entities/interface.ts";
import type { Store } from "../store/store.ts";
import { type SearchResult, searchResultOf } from "./search-result.ts";

/** The kinds of search under Airweave's names. Both find chunks by their words. */
export type SearchTier = "instant" | "classic";

export interface SearchRequest {
  readonly query: string;
  readonly filter: SearchFilter | null;
  readonly limit: number;
  readonly offset: number;
}

export interface SearchesParts {
  readonly store: Pick<Store, "readCollection" | "searchCollection" | "hasMatch">;
  readonly intake: Pick<Intake, "announce">;
  readonly newId: NewId;
  readonly now: () => number;
}

export interface SearchedCollection {
  readonly organizationId: OrganizationId;
  readonly readableId: string;
}

/**
 * The searches of Airweave's clients. The event about a search is stored only while an enabled subscription selects its
 * type: a commit per search would cost more than the search.
 */
export class Searches {
  readonly #parts: SearchesParts;

  constructor(parts: SearchesParts) {
    this.#parts = parts;
  }

  /** Throws not_found if there is no such collection. */
  async run(tier: SearchTier, searched: SearchedCollection, request: SearchRequest): Promise<readonly SearchResult[]> {
    const requestId = this.#parts.newId<"search">();
    const beganAt = this.#parts.now();
    try {
      const collection = await this.collectionOf(searched);
      const results = await this.#resultsIn(searched.organizationId, collection.id, request);
      await this.#announce(searched.organizationId, "search.completed", () => ({
        request_id: requestId,
        tier,
        plan: null,
        results: withoutTexts(results),
        duration_ms: this.#parts.now() - beganAt,
        diagnostics: null,
        billable: true,
        collection_id: tier === "instant" ? null : collection.id,
      }));
      return results;
    } catch (error) {
      if (error instanceof ApiError && error.status < 500) throw error;
      await this.#announce(searched.organizationId, "search.failed", () => ({
        request_id: requestId,
        tier,
        plan: null,
        message: "The server could not complete the search.",
        duration_ms: this.#parts.now() - beganAt,
        diagnostics: null,
      }));
      throw error;
    }
  }

  /** Throws not_found. */
  async collectionOf(searched: SearchedCollection): Promise<CollectionView> {
    const collection = await this.#parts.store.readCollection(searched);
    if (collection === null) throw new ApiError("not_found", `Collection '${searched.readableId}' not found`);
    return collection;
  }

  async #resultsIn(
    organizationId: OrganizationId,
    collectionId: CollectionId,
    { query, filter, limit, offset }: SearchRequest,
  ): Promise<readonly SearchResult[]> {
    // Nothing beyond the candidates is ranked.
    if (offset >= limits.searchCandidatesMax) return [];
    const page = { ...anyEntity, organizationId, collectionId, query, filter, limit, offset };
    const hits = await this.#parts.store.searchCollection(page);
    return firstOf(hits.map(searchResultOf), limits.pageBytesMax);
  }

  async #announce(
    organizationId: OrganizationId,
    eventType: "search.completed" | "search.failed",
    payload: () => Record<string, unknown>,
  ): Promise<void> {
    if (!(await this.#parts.store.hasMatch({ organizationId, eventType, channels: null }))) return;
    const timestamp = new Date(this.#parts.now()).toISOString();
    const fields = { event_type: eventType, organization_id: organizationId, ...payload(), timestamp };
    await this.#parts.intake.announce(organizationId, eventType, fields);
  }
}

/** The first results that fit into this many bytes of JSON. */
function firstOf(results: readonly SearchResult[], bytesMax: number): readonly SearchResult[] {
  let bytes = 0;
  const end = results.findIndex((result) => {
    bytes += Buffer.byteLength(JSON.stringify(result)) + 1;
    return bytes > bytesMax;
  });
  return end === -1 ? results : results.slice(0, end);
}

// The other fields of the payload.
const payloadRestBytes = 4_096;

/** Texts are left out, and so are the last results where they do not fit into a payload. */
function withoutTexts(results: readonly SearchResult[]): readonly SearchResult[] {
  const short = results.map((result) => ({ ...result, textual_representation: "" }));
  return firstOf(short, limits.payloadBytesMax - payloadRestBytes);
}
