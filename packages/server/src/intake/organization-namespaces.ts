import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { defaultNamespace } from "../domain/organization.ts";
import type { Store } from "../store/store.ts";

/** The namespaces of organizations. An organization never changes its namespace, so that one look-up serves all later calls. */
export class OrganizationNamespaces {
  readonly #store: Pick<Store, "readOrganization">;
  readonly #known = new Map<OrganizationId, string>();

  constructor(store: Pick<Store, "readOrganization">) {
    this.#store = store;
  }

  /** The namespace of an organization; that of the installation if the organization does not exist. */
  of(organizationId: OrganizationId): string | Promise<string> {
    return this.#known.get(organizationId) ?? this.#read(organizationId);
  }

  async #read(organizationId: OrganizationId): Promise<string> {
    const found = await this.#store.readOrganization({ organizationId });
    if (found === null) return defaultNamespace;
    if (this.#known.size >= limits.organizationNamespacesKnownMax) {
      this.#known.delete(this.#known.keys().next().value ?? organizationId);
    }
    this.#known.set(organizationId, found.namespace);
    return found.namespace;
  }
}
