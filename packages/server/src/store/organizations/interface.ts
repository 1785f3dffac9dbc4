import type { ApiKey, Organization, OrganizationChanges } from "../../domain/account.ts";
import type { ApiKeyId, OrganizationId } from "../../domain/id.ts";
import type { PageOf } from "../page.ts";

/** Organizations and API keys. The operators' organization is no tenant: it is found by its id alone. */
export interface AccountStore {
  /** False, and nothing happens, when there is one with this id or uid. */
  createOrganization(params: { organization: Organization }): Promise<boolean>;
  readOrganization(params: { organizationId: OrganizationId }): Promise<Organization | null>;
  findOrganization(params: { uid: string }): Promise<Organization | null>;
  /** The organization that was made first: the one of a fresh installation. */
  readFirstOrganization(params: Record<never, never>): Promise<Organization | null>;
  /** Newest first, or oldest first: then the page is what is newer than the cursor. */
  listOrganizations(params: PageOf<OrganizationId> & { oldestFirst: boolean }): Promise<Organization[]>;
  updateOrganization(params: {
    organizationId: OrganizationId;
    changes: OrganizationChanges;
    now: number;
  }): Promise<Organization | "uid_taken" | "not_found">;
  /**
   * Deletes an organization that has no collections and no subscriptions. It and its keys are gone at once; its messages
   * are removed step by step in `purgeOrganizations`.
   */
  deleteOrganization(params: {
    organizationId: OrganizationId;
    now: number;
  }): Promise<"deleted" | "in_use" | "not_found">;
  /**
   * Takes one step in removing what deleted organizations left: `limit` messages, or as many other rows. Answers whether
   * there may be more.
   */
  purgeOrganizations(params: { limit: number }): Promise<boolean>;

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
