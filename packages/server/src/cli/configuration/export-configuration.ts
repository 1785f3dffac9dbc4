import { stringify } from "yaml";
import type { ExistingObject, Fields, Metadata } from "./managed-objects.ts";

/** Values that a configuration may leave out. */
const defaults: Readonly<Record<string, unknown>> = {
  description: null,
  schemas: null,
  feature_flag: null,
  deprecated: false,
  unknown_event_types: "refuse",
  retention_days: null,
  destination: null,
  template: null,
  filters: null,
  retry_schedule: null,
  ordered: false,
  rate_limit: null,
  send_trace_context: false,
  disabled: false,
  schedule: null,
};

/** Fields that a configuration may leave out when they are empty objects. */
const mapFields = ["metadata", "event_type_retention_days"];

/** The YAML of a configuration that describes these objects. Secrets are references to environment variables. */
export function exportedYaml(name: string, objects: readonly ExistingObject[], schemaUrl: string): string {
  const names = new Names();
  const organizations = objects.filter(({ kind }) => kind === "organization");
  const event_types = objects
    .filter(({ kind, fields }) => kind === "event type" && fields.archived !== true)
    .map((one) => [one.name, exportedEventType(one)] as const);
  const document = {
    name,
    ...(event_types.length > 0 && { event_types: Object.fromEntries(event_types) }),
    organizations: Object.fromEntries(
      organizations.map((organization) => {
        const own = objects.filter(({ organizationId }) => organizationId === organization.id);
        return [names.of("", organization), exportedOrganization(organization, own, names)];
      }),
    ),
  };
  return `# yaml-language-server: $schema=${schemaUrl}\n${stringify(document, { lineWidth: 0 })}`;
}

function exportedEventType({ name, fields }: ExistingObject): object {
  const { archived: _, description, group, ...rest } = fields;
  return {
    ...(description !== "" && { description }),
    ...(group !== name.split(".")[0] && { group }),
    ...withoutDefaults(rest),
  };
}

function exportedOrganization(one: ExistingObject, own: readonly ExistingObject[], names: Names): object {
  const { uid, ...fields } = one.fields;
  const group = (kind: ExistingObject["kind"], exported: (object: ExistingObject) => object) => {
    const found = own.filter((object) => object.kind === kind);
    return Object.fromEntries(found.map((object) => [names.of(`${one.id} ${kind}`, object), exported(object)]));
  };
  const subscriptions = group("subscription", exportedSubscription);
  const source_connections = group("source connection", exportedConnection);
  return {
    ...(uid === null && { id: one.id }),
    ...withoutDefaults(fields),
    ...(Object.keys(subscriptions).length > 0 && { subscriptions }),
    ...(Object.keys(source_connections).length > 0 && { source_connections }),
  };
}

function exportedSubscription({ id, name, fields }: ExistingObject): object {
  const { uid, url, headers, send_trace_context, template, ...rest } = fields;
  const isAlert = fields.destination !== null;
  const shownHeaders = Object.entries(headers as Metadata).map(([header, value]) => [
    header,
    value === "***" ? reference(name, header) : value,
  ]);
  return {
    ...(uid === null && { id }),
    url: String(url).includes("***") ? reference(name, "url") : url,
    ...withoutDefaults(isAlert ? { template, ...rest } : { send_trace_context, ...rest }, isAlert ? paceFields : []),
    ...(shownHeaders.length > 0 && { headers: Object.fromEntries(shownHeaders) }),
  };
}

/** An alert has defaults of its own for these, so that they are always written. */
const paceFields = ["ordered", "rate_limit"];

function exportedConnection({ id, name, fields, metadata }: ExistingObject): object {
  const { name: shownName, config, ...rest } = fields;
  const isUnnamed = Object.keys(metadata).every((key) => metadata[key] !== name);
  return {
    ...(isUnnamed && { id }),
    ...(shownName !== name && { name: shownName }),
    ...withoutDefaults(rest),
    ...(Object.keys(config as object).length > 0 && { config }),
  };
}

function reference(...words: readonly string[]): { env: string } {
  return { env: words.join("_").replaceAll(/\W+/g, "_").toUpperCase() };
}

function withoutDefaults(fields: Fields, always: readonly string[] = []): Fields {
  const entries = Object.entries(fields).filter(([field, value]) => {
    if (always.includes(field)) return true;
    if (mapFields.includes(field)) return Object.keys(value as object).length > 0;
    return value !== undefined && value !== defaults[field];
  });
  return Object.fromEntries(entries);
}

/** Names in the file: that of the object, or one that is made from its title. */
class Names {
  readonly #taken = new Map<string, Set<string>>();

  of(scope: string, { name, id, fields }: ExistingObject): string {
    const taken = this.#taken.get(scope) ?? new Set();
    this.#taken.set(scope, taken);
    const plain = name === id ? slugOf(String(fields.name ?? fields.description ?? "") || "unnamed") : name;
    let unique = plain;
    for (let number = 2; taken.has(unique); number++) unique = `${plain}-${number}`;
    taken.add(unique);
    return unique;
  }
}

function slugOf(text: string): string {
  const slug = text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replaceAll(/^-+|-+$/g, "");
  return slug.slice(0, 60) || "unnamed";
}
