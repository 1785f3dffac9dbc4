import type { OrganizationId } from "../../domain/id.ts";
import type { Message } from "../../domain/message.ts";
import type { Organization, OrganizationChanges } from "../../domain/organization.ts";
import type { Page, PageOf, SortedPageOf, SortPosition } from "../page.ts";

/**
 * Organizations, the tenants. The operators' organization is not a tenant: only a look-up by its id finds it. The
 * messages that announce a change are stored only if the change took place.
 */
export interface OrganizationStore {
  /** Stores an organization. Returns false and changes nothing if its id is taken, or its uid in its namespace. */
  createOrganization(params: { organization: Organization; announce?: readonly Message[] }): Promise<boolean>;
  /** Returns the organization, or null if it does not exist or was deleted. */
  readOrganization(params: { organizationId: OrganizationId }): Promise<Organization | null>;
  /** Returns the organization with this uid in a namespace. */
  findOrganization(params: { namespace: string; uid: string }): Promise<Organization | null>;
  /** Returns the organization that was created first: the one of a fresh installation. */
  readFirstOrganization(params: Record<never, never>): Promise<Organization | null>;
  /**
   * Lists organizations, newest first. With `oldestFirst`, the page holds organizations that are newer than the cursor.
   */
  listOrganizations(params: PageOf<OrganizationId> & { oldestFirst: boolean }): Promise<Organization[]>;
  /** Lists the organizations of operators, which no other list contains, in the order of their ids. */
  listOrganizationsOfOperators(params: PageOf<OrganizationId>): Promise<Organization[]>;
  /**
   * Lists organizations like `listOrganizations`, without those that the filters leave out, which cost at most
   * `limits.examinedForPageMax` organizations for a page.
   */
  filterOrganizations(params: FilterOrganizations): Promise<Page<Organization, OrganizationId>>;
  /** Lists organizations in the order of a value. It orders the newest `limits.sortedMax` organizations. */
  sortOrganizations(params: SortedPageOf<OrganizationId, OrganizationSort>): Promise<SortedOrganization[]>;
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
    announce?: readonly Message[];
  }): Promise<"deleted" | "in_use" | "not_found">;
  /**
   * Takes one step in removing the data of deleted organizations: at most `limit` messages, or as many other rows.
   * Returns whether there may be more.
   */
  purgeOrganizations(params: { limit: number }): Promise<boolean>;
}

export interface FilterOrganizations extends PageOf<OrganizationId> {
  readonly oldestFirst: boolean;
  /** Null for all namespaces. */
  readonly namespace: string | null;
  /** Leaves out organizations without subscriptions. */
  readonly hasSubscriptions: boolean;
  /** Leaves out organizations that have subscriptions, all of which are disabled. */
  readonly hasNotOnlyDisabled: boolean;
}

export const organizationSorts = ["name", "created"] as const;
export type OrganizationSort = (typeof organizationSorts)[number];

export interface SortedOrganization {
  readonly organization: Organization;
  readonly position: SortPosition<OrganizationId>;
}
