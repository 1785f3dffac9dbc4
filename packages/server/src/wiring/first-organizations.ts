import type { OrganizationId } from "../domain/id.ts";
import { operatorsOrganizationId } from "../domain/operational-event.ts";
import { newOrganization, type Organization } from "../domain/organization.ts";
import type { Origin } from "../intake/intake.ts";
import type { Store } from "../store/store.ts";

/** Makes the organizations that every installation has, and returns the one that a caller means by default. */
export async function firstOrganizations(store: Store, origin: Origin): Promise<Organization> {
  const organization = await defaultOrganization(store, origin);
  await makeOperatorsOrganization(store, origin);
  return organization;
}

/**
 * A fresh installation has one organization, so that the first event needs none to be made. Its id is always the same and
 * before all others, so nodes that start together make one organization.
 */
async function defaultOrganization(store: Store, { now }: Origin): Promise<Organization> {
  const known = await store.readFirstOrganization({});
  if (known !== null) return known;
  const id = "00000000-0000-7000-8000-000000000001" as OrganizationId;
  const organization = newOrganization(id, now(), { name: "Default organization" });
  await store.createOrganization({ organization });
  return organization;
}

/** It keeps the operational events, also before the first subscription to them. */
async function makeOperatorsOrganization(store: Store, { now }: Origin): Promise<void> {
  if ((await store.readOrganization({ organizationId: operatorsOrganizationId })) !== null) return;
  await store.createOrganization({
    organization: newOrganization(operatorsOrganizationId, now(), { name: "Operators" }),
  });
}
