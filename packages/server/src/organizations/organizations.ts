import type { PublishedEventTypeName } from "../domain/event-catalogue.ts";
import type { OrganizationId } from "../domain/id.ts";
import type { Message } from "../domain/message.ts";
import type { Organization } from "../domain/organization.ts";
import type { Intake, Origin } from "../intake/intake.ts";
import type { Store } from "../store/store.ts";

export interface OrganizationsParts {
  readonly store: Pick<
    Store,
    "createOrganization" | "deleteOrganization" | "readOrganization" | "readFirstOrganization"
  >;
  readonly intake: Pick<Intake, "announcement">;
  readonly origin: Pick<Origin, "now">;
}

/**
 * The use cases of organizations, for both APIs. Each change commits together with its event, which the first organization
 * gets: the keys of that one create and delete the others.
 */
export class Organizations {
  readonly #parts: OrganizationsParts;

  constructor(parts: OrganizationsParts) {
    this.#parts = parts;
  }

  /** Returns false if the id or uid of the organization is taken. */
  async create(organization: Organization): Promise<boolean> {
    const announce = await this.#event("organization.created", organization, organization.createdAt);
    return await this.#parts.store.createOrganization({ organization, announce });
  }

  /** Deletes an organization that has no collections and no subscriptions. */
  async delete(organizationId: OrganizationId): Promise<"deleted" | "in_use" | "not_found"> {
    const { store, origin } = this.#parts;
    const organization = await store.readOrganization({ organizationId });
    if (organization === null) return "not_found";
    const now = origin.now();
    const announce = await this.#event("organization.deleted", organization, now);
    return await store.deleteOrganization({ organizationId, now, announce });
  }

  async #event(
    eventType: Extract<PublishedEventTypeName, `organization.${string}`>,
    { id, name }: Organization,
    at: number,
  ): Promise<Message[]> {
    const first = await this.#parts.store.readFirstOrganization({});
    if (first === null) return [];
    const payload = {
      event_type: eventType,
      organization_id: id,
      organization_name: name,
      owner_email: "",
      affected_user_emails: [],
      plan: "",
      timestamp: new Date(at).toISOString(),
    };
    return [this.#parts.intake.announcement(first.id, eventType, payload, null)];
  }
}
