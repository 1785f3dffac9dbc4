import type { EventTypeDefinition, Organization, SourceConnection, SubscriptionListItem, Weft } from "@weft/sdk";
import { type ExistingObject, nameKey, withoutMarks } from "./managed-objects.ts";

const pageSize = 250;

/** All event types that operators defined, archived ones too. */
export async function existingEventTypes(client: Weft): Promise<ExistingObject[]> {
  const found: ExistingObject[] = [];
  for await (const type of client.webhooks.eachEventType({ limit: pageSize, include_archived: true })) {
    if (!type.built_in) found.push(eventTypeOf(await client.webhooks.getEventType(type.name)));
  }
  return found;
}

export async function existingOrganizations(client: Weft): Promise<ExistingObject[]> {
  const found: ExistingObject[] = [];
  for await (const one of client.organizations.eachOrganization({ limit: pageSize })) found.push(organizationOf(one));
  return found;
}

/** The subscriptions and source connections of an organization. Listeners belong to programs, and are left out. */
export async function existingIn(
  client: Weft,
  { id: organizationId, name }: ExistingObject,
): Promise<ExistingObject[]> {
  const found: ExistingObject[] = [];
  const options = { organizationId };
  for await (const one of client.webhooks.eachSubscription({ limit: pageSize }, options)) {
    if (one.kind === "endpoint") found.push({ ...subscriptionOf(one), organization: name, organizationId });
  }
  for await (const { id } of client.sourceConnections.eachSourceConnection({ limit: pageSize }, options)) {
    const one = await client.sourceConnections.getSourceConnection(id, options);
    found.push({ ...sourceConnectionOf(one), organization: name, organizationId });
  }
  return found;
}

const installationWide = { organization: null, organizationId: null } as const;

function eventTypeOf(type: EventTypeDefinition): ExistingObject {
  const { name, description, schemas, group, feature_flag, deprecated, archived, metadata } = type;
  return {
    ...{ kind: "event type", name, id: name, ...installationWide, metadata },
    fields: { description, schemas, group, feature_flag, deprecated, archived, metadata: withoutMarks(metadata) },
  };
}

function organizationOf(organization: Organization): ExistingObject {
  const { id, namespace, uid, name, unknown_event_types, retention_days, event_type_retention_days, metadata } =
    organization;
  return {
    // A uid is unique in its namespace only.
    ...{ kind: "organization", name: namespace === "org_weft" ? (uid ?? id) : id, id, ...installationWide, metadata },
    fields: {
      ...{ uid, name, unknown_event_types, retention_days, event_type_retention_days },
      metadata: withoutMarks(metadata),
    },
  };
}

function subscriptionOf(one: SubscriptionListItem) {
  const { id, uid, url, destination, description, filters, headers, retry_schedule, disabled, template } = one;
  const { ordered, rate_limit, send_trace_context, metadata, filter_types: event_types } = one;
  return {
    ...{ kind: "subscription" as const, name: uid ?? id, id, metadata },
    fields: {
      ...{ uid, url, destination, event_types, description, filters, headers, retry_schedule, disabled, template },
      ...{ ordered, rate_limit, send_trace_context, metadata: withoutMarks(metadata) },
    },
  };
}

function sourceConnectionOf(one: SourceConnection) {
  const { id, short_name: source, readable_collection_id: collection, name, description, config, schedule } = one;
  const { metadata } = one;
  return {
    ...{ kind: "source connection" as const, name: metadata[nameKey] ?? id, id, metadata },
    fields: {
      ...{ source, collection, name, description, config, metadata: withoutMarks(metadata) },
      schedule: schedule === null ? null : shownSchedule(schedule),
    },
  };
}

function shownSchedule({ cron, time_zone, continuous }: NonNullable<SourceConnection["schedule"]>) {
  return continuous ? { continuous } : { cron, time_zone };
}
