import type { ApiKey } from "../../domain/api-key.ts";
import type { ApiKeyId, OrganizationId } from "../../domain/id.ts";
import type { PageOf } from "../page.ts";

/** API keys. */
export interface ApiKeyStore {
  createApiKey(params: { key: ApiKey; hash: string }): Promise<null>;
  /** The key with this SHA-256 (hex), or with this one before its last rotation while they overlap, unless it has expired. */
  findApiKey(params: { hash: string; now: number }): Promise<ApiKey | null>;
  listApiKeys(params: { organizationId: OrganizationId } & PageOf<ApiKeyId>): Promise<ApiKey[]>;
  /** Gives the key another hash. The old one is refused from `overlapUntil` on, or from the commit on without; older ones are. */
  rotateApiKey(params: {
    organizationId: OrganizationId;
    keyId: ApiKeyId;
    hash: string;
    prefix: string;
    overlapUntil: number | null;
  }): Promise<ApiKey | null>;
  deleteApiKey(params: { organizationId: OrganizationId; keyId: ApiKeyId }): Promise<ApiKey | null>;
}
