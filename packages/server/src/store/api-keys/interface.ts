import type { ApiKey } from "../../domain/api-key.ts";
import type { ApiKeyId, OrganizationId } from "../../domain/id.ts";
import type { PageOf } from "../page.ts";

/** API keys of organizations. The store keeps the SHA-256 of a key, never the key. */
export interface ApiKeyStore {
  /** Stores a key under its hash. */
  createApiKey(params: { key: ApiKey; hash: string }): Promise<null>;
  /**
   * Returns the key with this SHA-256 (hex), unless it has expired. After a rotation the previous hash also matches
   * until the overlap ends.
   */
  findApiKey(params: { hash: string; now: number }): Promise<ApiKey | null>;
  /** Lists the keys of an organization, newest first. */
  listApiKeys(params: { organizationId: OrganizationId } & PageOf<ApiKeyId>): Promise<ApiKey[]>;
  /**
   * Gives a key a new hash. The previous hash is accepted until `overlapUntil`, or refused at once if that is null;
   * older hashes are always refused. Null if there is no such key.
   */
  rotateApiKey(
    params: ApiKeyOf & { hash: string; prefix: string; overlapUntil: number | null },
  ): Promise<ApiKey | null>;
  /** Deletes a key and returns it. Null if there is no such key. */
  deleteApiKey(params: ApiKeyOf): Promise<ApiKey | null>;
}

export interface ApiKeyOf {
  readonly organizationId: OrganizationId;
  readonly keyId: ApiKeyId;
}
