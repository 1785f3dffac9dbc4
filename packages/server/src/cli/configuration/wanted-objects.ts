import type {
  Configuration,
  EventTypeConfiguration,
  OrganizationConfiguration,
  SourceConnectionConfiguration,
  SubscriptionConfiguration,
} from "./configuration-schema.ts";
import type { WantedObject } from "./managed-objects.ts";
import { isSecret, type Secrets } from "./secrets.ts";

/** The objects of a configuration, each after those that it needs. */
export function wantedObjects(
  { event_types = {}, organizations = {} }: Configuration,
  secrets: Secrets,
): WantedObject[] {
  const all = Object.entries(organizations);
  return [
    ...Object.entries(event_types).map(([name, type]) => eventType(name, type)),
    ...all.map(([uid, one]) => organization(uid, one)),
    ...all.flatMap(([uid, { subscriptions = {} }]) =>
      Object.entries(subscriptions).map(([name, one]) => subscription(uid, name, one, secrets)),
    ),
    ...all.flatMap(([uid, { source_connections = {} }]) =>
      Object.entries(source_connections).map(([name, one]) => sourceConnection(uid, name, one, secrets)),
    ),
  ];
}

function eventType(name: string, type: EventTypeConfiguration): WantedObject {
  return {
    ...{ kind: "event type", name, organization: null, id: null, secretFields: [], fixedFields: [] },
    fields: {
      description: type.description ?? "",
      schemas: type.schemas ?? null,
      group: type.group ?? name.split(".")[0],
      feature_flag: type.feature_flag ?? null,
      deprecated: type.deprecated ?? false,
      archived: false,
      metadata: type.metadata ?? {},
    },
  };
}

function organization(uid: string, one: OrganizationConfiguration): WantedObject {
  return {
    ...{ kind: "organization", name: uid, organization: null, id: one.id ?? null, secretFields: [], fixedFields: [] },
    fields: {
      ...(one.id === undefined && { uid }),
      name: one.name ?? uid,
      unknown_event_types: one.unknown_event_types ?? "refuse",
      retention_days: one.retention_days ?? null,
      event_type_retention_days: one.event_type_retention_days ?? {},
      metadata: one.metadata ?? {},
    },
  };
}

function subscription(
  organization: string,
  name: string,
  one: SubscriptionConfiguration,
  secrets: Secrets,
): WantedObject {
  const { destination = null, headers = {} } = one;
  const isAlert = destination !== null;
  return {
    ...{ kind: "subscription", name, organization, id: one.id ?? null, fixedFields: ["destination"] },
    secretFields: ["secret", "routing_key", ...(isSecret(one.url) ? ["url"] : [])],
    fields: {
      ...(one.id === undefined && { uid: name }),
      url: secrets.read(one.url),
      destination,
      event_types: [...new Set(one.event_types)],
      description: one.description ?? null,
      filters: one.filters === undefined || one.filters === null ? null : listsOf(one.filters),
      headers: secrets.readAll(headers),
      retry_schedule: one.retry_schedule ?? null,
      disabled: one.disabled ?? false,
      // Alerts have defaults of their own, which the server knows.
      ...(isAlert ? { template: one.template ?? null } : { send_trace_context: one.send_trace_context ?? false }),
      ...(isAlert && one.ordered === undefined ? {} : { ordered: one.ordered ?? false }),
      ...(isAlert && one.rate_limit === undefined ? {} : { rate_limit: one.rate_limit ?? null }),
      ...(one.secret !== undefined && { secret: secrets.read(one.secret) }),
      ...(one.routing_key !== undefined && { routing_key: secrets.read(one.routing_key) }),
      metadata: one.metadata ?? {},
    },
  };
}

function listsOf(filters: NonNullable<SubscriptionConfiguration["filters"]>): Record<string, unknown[]> {
  const entries = Object.entries(filters).map(([field, values]) => [field, Array.isArray(values) ? values : [values]]);
  return Object.fromEntries(entries);
}

function sourceConnection(
  organization: string,
  name: string,
  one: SourceConnectionConfiguration,
  secrets: Secrets,
): WantedObject {
  const { schedule = null } = one;
  return {
    ...{ kind: "source connection", name, organization, id: one.id ?? null },
    secretFields: ["credentials"],
    fixedFields: ["source", "collection"],
    fields: {
      source: one.source,
      collection: one.collection,
      name: one.name ?? name,
      description: one.description ?? null,
      config: one.config ?? {},
      schedule: schedule !== null && "cron" in schedule ? { time_zone: "UTC", ...schedule } : schedule,
      ...(one.credentials !== undefined && { credentials: secrets.readAll(one.credentials) }),
      metadata: one.metadata ?? {},
    },
  };
}
