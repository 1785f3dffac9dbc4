import type { OrganizationId } from "../../domain/id.ts";
import type { Organization, OrganizationChanges } from "../../domain/organization.ts";
import type { PageOf } from "../page.ts";

/** Organizations and API keys. The operators' organization is no tenant: it is found by its id alone. */
export interface OrganizationStore {
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
}
