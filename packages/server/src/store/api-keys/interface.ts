import type { ApiKey } from "../../domain/api-key.ts";
import type { ApiKeyId, OrganizationId } from "../../domain/id.ts";
import type { PageOf, SortedPageOf, SortPosition } from "../page.ts";

/** API keys of organizations. The store keeps the SHA-256 of a key, never the key. */
export interface ApiKeyStore {
  /** Stores a key under its hash. */
  createApiKey(params: { key: ApiKey; hash: string }): Promise<null>;
  /**
   * Returns the key with this SHA-256 (hex), unless it has expired. After a rotation the previous hash also matches
   * until the overlap ends.
   */
  findApiKey(params: { hash: string; now: number }): Promise<ApiKey | null>;
  /** Returns a key of an organization, or null. */
  readApiKey(params: ApiKeyOf): Promise<ApiKey | null>;
  /** Lists the keys of an organization, newest first. */
  listApiKeys(params: { organizationId: OrganizationId } & PageOf<ApiKeyId>): Promise<ApiKey[]>;
  /** Lists the keys of an organization in the order of a value. It orders the newest `limits.sortedMax` keys. */
  sortApiKeys(params: { organizationId: OrganizationId } & SortedPageOf<ApiKeyId, ApiKeySort>): Promise<SortedApiKey[]>;
  /**
   * Gives a key a new hash. The previous hash is accepted until `overlapUntil`, or refused at once if that is null;
   * older hashes are always refused. Null if there is no such key.
   */
  rotateApiKey(
    params: ApiKeyOf & { hash: string; prefix: string; overlapUntil: number | null; now: number },
  ): Promise<ApiKey | null>;
  /** Stores when keys were last used, unless a later time, or one less than a minute earlier, is stored already. */
  noteKeyUses(params: { uses: readonly KeyUse[] }): Promise<null>;
  /** Deletes a key and returns it, and ends the subscriptions that agents made with it. Null if there is no such key. */
  deleteApiKey(params: ApiKeyOf): Promise<ApiKey | null>;
}

export const apiKeySorts = ["name", "last_used", "created"] as const;
export type ApiKeySort = (typeof apiKeySorts)[number];

export interface SortedApiKey {
  readonly key: ApiKey;
  readonly position: SortPosition<ApiKeyId>;
}

export interface KeyUse {
  readonly keyId: ApiKeyId;
  readonly usedAt: number;
}

export interface ApiKeyOf {
  readonly organizationId: OrganizationId;
  readonly keyId: ApiKeyId;
}
