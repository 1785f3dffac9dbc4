import type { OrganizationId } from "../domain/id.ts";
import type { Person } from "../domain/person.ts";
import { type Role, type RoleMapping, scopesOfAll } from "../domain/role.ts";
import type { Store } from "../store/store.ts";
import { type Caller, type Membership, unknownCaller } from "./caller.ts";

export interface PeopleSettings {
  readonly mappings: readonly RoleMapping[];
  readonly defaultOrganizationId: OrganizationId;
}

/** Derives the rights of people from their groups. A change of the settings applies to sessions that already exist. */
export class People {
  readonly #settings: PeopleSettings;
  readonly #store: Pick<Store, "readOrganization">;

  constructor(settings: PeopleSettings, store: Pick<Store, "readOrganization">) {
    this.#settings = settings;
    this.#store = store;
  }

  /** The groups that are mapped to a role, out of those that a provider lists. */
  mappedGroups(groups: readonly string[]): string[] {
    const known = new Set(this.#settings.mappings.map(({ group }) => group));
    return [...new Set(groups)].filter((group) => known.has(group));
  }

  /** The caller in their first organization that exists; null for a person without a role. */
  async callerOf(person: Person): Promise<Caller | null> {
    const { mappings, defaultOrganizationId } = this.#settings;
    const held = mappings.filter(({ group }) => person.groups.includes(group));
    // A role in all organizations replaces roles in single ones, so that the rights of an operator are the same everywhere.
    const everywhere = held.filter(({ organization }) => organization === "all").map(({ role }) => role);
    if (everywhere.length > 0) return callerWith(person, defaultOrganizationId, everywhere);
    const memberships = membershipsOf(held, defaultOrganizationId);
    for (const { organizationId, scopes } of memberships) {
      const organization = await this.#store.readOrganization({ organizationId });
      if (organization !== null) return { ...callerWith(person, organizationId, []), scopes, memberships };
    }
    return null;
  }
}

function callerWith(person: Person, organizationId: OrganizationId, everywhere: readonly Role[]): Caller {
  return {
    ...unknownCaller(organizationId),
    actor: { kind: "person", id: person.id, name: person.name, via: null },
    scopes: scopesOfAll(everywhere),
    isOperator: everywhere.length > 0,
    person,
  };
}

function membershipsOf(held: readonly RoleMapping[], first: OrganizationId): Membership[] {
  const byOrganization = Map.groupBy(held, ({ organization }) => (organization === "first" ? first : organization));
  return [...byOrganization].map(([organizationId, mappings]) => ({
    organizationId: organizationId as OrganizationId,
    scopes: scopesOfAll(mappings.map(({ role }) => role)),
  }));
}
