import { isShownTo } from "../../domain/event-type.ts";
import type { ApiKeyId, OrganizationId } from "../../domain/id.ts";
import { McpError } from "../../domain/mcp-subscription.ts";
import type { Catalogue } from "../../intake/catalogue.ts";
import type { CatalogueReader } from "../../intake/catalogue-reader.ts";
import type { OrganizationNamespaces } from "../../intake/organization-namespaces.ts";
import { definitionOf, type EventDefinition } from "./event-definitions.ts";

export interface OfferedEventsParts {
  readonly catalogue: Pick<Catalogue, "typesFor" | "isOwn">;
  readonly reader: Pick<CatalogueReader, "refresh">;
  readonly namespaces: Pick<OrganizationNamespaces, "of">;
}

/** The agent that calls. */
export interface AgentIdentity {
  readonly organizationId: OrganizationId;
  readonly principal: string;
  readonly keyId: ApiKeyId | null;
  /** When the key expires (Unix ms); null when it does not. */
  readonly expiresAt: number | null;
  readonly featureFlags: readonly string[] | null;
}

/** The events that agents can subscribe to. */
export class OfferedEvents {
  readonly #parts: OfferedEventsParts;

  constructor(parts: OfferedEventsParts) {
    this.#parts = parts;
  }

  /** The events that an agent can subscribe to, by name. */
  async all({ organizationId, featureFlags }: AgentIdentity): Promise<EventDefinition[]> {
    const { catalogue, namespaces } = this.#parts;
    const namespace = await namespaces.of(organizationId);
    return catalogue
      .typesFor({ id: organizationId, namespace })
      .filter((type) => !type.archived && isShownTo(type, featureFlags))
      .flatMap((type) => definitionOf(type, catalogue.isOwn(namespace, type.name)) ?? [])
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }

  /** Throws for an event that does not exist or that the agent may not see. */
  async require({ organizationId, featureFlags }: AgentIdentity, name: string): Promise<EventDefinition> {
    const { catalogue, reader, namespaces } = this.#parts;
    const namespace = await namespaces.of(organizationId);
    const find = () => {
      const type = catalogue.typesFor({ id: organizationId, namespace }).find((one) => one.name === name) ?? null;
      const isShown = type !== null && !type.archived && isShownTo(type, featureFlags);
      return isShown ? definitionOf(type, catalogue.isOwn(namespace, name)) : null;
    };
    const known = find();
    if (known !== null) return known;
    // Another node may have defined it a moment ago.
    await reader.refresh();
    const defined = find();
    if (defined !== null) return defined;
    throw new McpError("not_found", "No event of this name exists. Call events/list.", { kind: "event" });
  }
}
