import {
  type CreateEventTypeBody,
  type CreateOrganizationBody,
  type CreateSourceConnectionBody,
  type CreateSubscriptionBody,
  type UpdateSourceConnectionBody,
  type UpdateSubscriptionBody,
  type Weft,
  WeftApiError,
} from "@weft/sdk";
import { assertNever } from "../../domain/assert-never.ts";
import { CommandError } from "../failure.ts";
import { type ExistingObject, managerKey, marksOf, nameKey, pathOf, type WantedObject } from "./managed-objects.ts";
import type { Change } from "./plan.ts";

/** Makes changes through the API, one after the other. */
export class ChangeMaker {
  readonly #client: Weft;
  readonly #manager: string;
  /** The ids of organizations by their uids. */
  readonly #organizationIds: Map<string, string>;
  #made = 0;

  constructor(client: Weft, manager: string, organizationIds: ReadonlyMap<string, string>) {
    this.#client = client;
    this.#manager = manager;
    this.#organizationIds = new Map(organizationIds);
  }

  /** Throws a CommandError that names the object. The changes before it stay. */
  async make(change: Change): Promise<void> {
    try {
      await this.#make(change);
      this.#made += 1;
    } catch (error) {
      if (!(error instanceof WeftApiError)) throw error;
      const object = pathOf(change.action === "delete" ? change.existing : change.wanted);
      const done = this.#made === 0 ? "Nothing was changed" : `${this.#made} changes before it were made`;
      const message = `The API refused to ${change.action} the ${object}: ${error.message} ${done}; run the command again.`;
      throw new CommandError(1, message, { cause: error });
    }
  }

  #make(change: Change): Promise<unknown> {
    switch (change.action) {
      case "create":
        return this.#create(change.wanted);
      case "change":
        return this.#change(change.wanted, change.existing, new Set(change.fields.map(({ field }) => field)));
      case "delete":
        return this.#delete(change.existing);
      default:
        return assertNever(change);
    }
  }

  async #create(wanted: WantedObject): Promise<void> {
    const { kind, name, fields } = wanted;
    const { webhooks, organizations, sourceConnections } = this.#client;
    const metadata = { ...(fields.metadata as object), [managerKey]: this.#manager };
    switch (kind) {
      case "event type":
        await webhooks.createEventType({ ...fields, name, metadata } as CreateEventTypeBody);
        return;
      case "organization": {
        const { id } = await organizations.createOrganization({
          ...fields,
          metadata,
        } as unknown as CreateOrganizationBody);
        this.#organizationIds.set(name, id);
        return;
      }
      case "subscription": {
        const { disabled, ...settings } = fields;
        const options = this.#in(wanted);
        const body = { ...settings, metadata } as unknown as CreateSubscriptionBody;
        const { id } = await webhooks.createSubscription(body, options);
        if (disabled === true) await webhooks.updateSubscription(id, { disabled }, options);
        return;
      }
      case "source connection": {
        const options = this.#in(wanted);
        await this.#bringCollection(String(fields.collection), options.organizationId);
        const body = connectionBody({ ...fields, metadata: { ...metadata, [nameKey]: name } });
        await sourceConnections.createSourceConnection(body as unknown as CreateSourceConnectionBody, options);
        return;
      }
      default:
        assertNever(kind);
    }
  }

  async #change(wanted: WantedObject, existing: ExistingObject, changed: ReadonlySet<string>): Promise<void> {
    const { webhooks, organizations, sourceConnections } = this.#client;
    const fields = Object.fromEntries(Object.entries(wanted.fields).filter(([field]) => changed.has(field)));
    const metadata = { ...(wanted.fields.metadata as object), ...marksOf(existing.metadata) };
    const body = { ...fields, ...(changed.has("metadata") && { metadata }) };
    const options = { organizationId: existing.organizationId ?? undefined };
    switch (wanted.kind) {
      case "event type":
        await webhooks.updateEventType(existing.id, body);
        return;
      case "organization":
        await organizations.updateOrganization(existing.id, body);
        return;
      case "subscription":
        await webhooks.updateSubscription(existing.id, body as UpdateSubscriptionBody, options);
        return;
      case "source connection": {
        const change = connectionBody(body) as unknown as UpdateSourceConnectionBody;
        await sourceConnections.updateSourceConnection(existing.id, change, options);
        return;
      }
      default:
        assertNever(wanted.kind);
    }
  }

  async #delete({ kind, id, organizationId }: ExistingObject): Promise<void> {
    const options = { organizationId: organizationId ?? undefined };
    switch (kind) {
      case "event type":
        await this.#client.webhooks.deleteEventType(id);
        return;
      case "organization":
        await this.#client.organizations.deleteOrganization(id);
        return;
      case "subscription":
        await this.#client.webhooks.deleteSubscription(id, options);
        return;
      case "source connection":
        await this.#client.sourceConnections.deleteSourceConnection(id, options);
        return;
      default:
        assertNever(kind);
    }
  }

  async #bringCollection(readableId: string, organizationId: string): Promise<void> {
    const { collections } = this.#client;
    try {
      await collections.getCollection(readableId, { organizationId });
    } catch (error) {
      if (!(error instanceof WeftApiError) || error.status !== 404) throw error;
      await collections.createCollection({ name: readableId, readable_id: readableId }, { organizationId });
    }
  }

  #in({ organization }: WantedObject): { organizationId: string } {
    const id = this.#organizationIds.get(organization ?? "");
    if (id === undefined) throw new Error(`The organization ${organization} has no id.`);
    return { organizationId: id };
  }
}

/** The fields of a source connection under their names in the API. */
function connectionBody({ source, collection, credentials, ...fields }: Readonly<Record<string, unknown>>): object {
  return {
    ...fields,
    ...(source !== undefined && { short_name: source }),
    ...(collection !== undefined && { readable_collection_id: collection }),
    ...(credentials !== undefined && { authentication: { credentials } }),
  };
}
