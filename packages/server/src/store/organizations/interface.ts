import type { OrganizationId } from "../../domain/id.ts";
import type { Organization, OrganizationChanges } from "../../domain/organization.ts";
import type { PageOf } from "../page.ts";

/** Organizations, the tenants. The operators' organization is not a tenant: only a look-up by its id finds it. */
export interface OrganizationStore {
  /** Stores an organization. Returns false and changes nothing if its id or uid is taken. */
  createOrganization(params: { organization: Organization }): Promise<boolean>;
  /** Returns the organization, or null if it does not exist or was deleted. */
  readOrganization(params: { organizationId: OrganizationId }): Promise<Organization | null>;
  /** Returns the organization with this uid. */
  findOrganization(params: { uid: string }): Promise<Organization | null>;
  /** Returns the organization that was created first: the one of a fresh installation. */
  readFirstOrganization(params: Record<never, never>): Promise<Organization | null>;
  /**
   * Lists organizations, newest first. With `oldestFirst`, the page holds organizations that are newer than the cursor.
   */
  listOrganizations(params: PageOf<OrganizationId> & { oldestFirst: boolean }): Promise<Organization[]>;
  /** Changes the given fields and returns the organization as it is afterwards. */
  updateOrganization(params: {
    organizationId: OrganizationId;
    changes: OrganizationChanges;
    now: number;
  }): Promise<Organization | "uid_taken" | "not_found">;
  /**
   * Deletes an organization that has no collections and no subscriptions. It disappears at once with its keys;
   * `purgeOrganizations` removes its messages in steps.
   */
  deleteOrganization(params: {
    organizationId: OrganizationId;
    now: number;
  }): Promise<"deleted" | "in_use" | "not_found">;
  /**
   * Takes one step in removing the data of deleted organizations: at most `limit` messages, or as many other rows.
   * Returns whether there may be more.
   */
  purgeOrganizations(params: { limit: number }): Promise<boolean>;
}
