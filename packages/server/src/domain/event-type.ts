// The event types of an installation: those of Weft's own producers, and those that its operator defined.

import { eventCatalogue, type OwnEventType } from "./event-catalogue.ts";
import { parsePrintable } from "./json-text.ts";

/** The JSON text of any JSON Schema of draft 7, 2019-09 or 2020-12. Its numbers may be larger than JavaScript's. */
export type PayloadSchema = string;

export interface EventType {
  readonly name: string;
  readonly description: string;
  /** New subscriptions cannot select an archived type. Existing ones keep it, and its events are delivered. */
  readonly archived: boolean;
  readonly deprecated: boolean;
  /** JSON Schemas of the payload by version. With null, any object is valid. */
  readonly schemas: Readonly<Record<string, PayloadSchema>> | null;
  /** Only application tokens with this flag see the type. */
  readonly featureFlag: string | null;
  readonly groupName: string | null;
  /** Data that operators store with it. */
  readonly metadata: Readonly<Record<string, string>>;
  readonly createdAt: number;
  readonly updatedAt: number;
}

/** An event type that an operator defined in a namespace. */
export interface DefinedEventType extends EventType {
  readonly namespace: string;
}

/** Whether a caller with these flags sees a type. A caller with null sees all types. */
export function isShownTo({ featureFlag }: EventType, featureFlags: readonly string[] | null): boolean {
  return featureFlag === null || featureFlags === null || featureFlags.includes(featureFlag);
}

const ownSince = Date.UTC(2026, 0, 1);

/** The types of Airweave's API. They cannot be changed, because they describe the events of producers. */
export const ownEventTypes: readonly EventType[] = eventCatalogue.map(eventTypeOf);

function eventTypeOf({ name, group, description, schema, example }: OwnEventType): EventType {
  return {
    name,
    description,
    archived: false,
    deprecated: false,
    schemas: { "1": JSON.stringify({ ...schema, examples: [example] }) },
    featureFlag: null,
    groupName: group,
    metadata: {},
    createdAt: ownSince,
    updatedAt: ownSince,
  };
}

/**
 * The schema that payloads are validated against: that of the highest version, compared as numbers where versions are numbers.
 */
export function newestSchema({ schemas }: Pick<EventType, "schemas">): PayloadSchema | null {
  const versions = Object.keys(schemas ?? {}).sort((a, b) => a.localeCompare(b, "en", { numeric: true }));
  return schemas?.[versions.at(-1) ?? ""] ?? null;
}

type Example = Record<string, unknown>;

/** The examples in the newest schema that are objects, with their numbers as they were written. */
export function examplesOf(type: Pick<EventType, "schemas">): readonly Example[] {
  const { examples } = parsePrintable(newestSchema(type) ?? "{}") as Record<string, unknown>;
  return Array.isArray(examples) ? examples.filter(isPayload) : [];
}

/** The first of these examples. */
export function exampleOf(type: Pick<EventType, "schemas">): Example | null {
  return examplesOf(type)[0] ?? null;
}

function isPayload(example: unknown): example is Example {
  return typeof example === "object" && example !== null && !Array.isArray(example);
}

/** The group that a type is listed under: its own group, or else the first part of its name. */
export function groupOf({ name, groupName }: Pick<EventType, "name" | "groupName">): string {
  return groupName ?? name.split(".")[0] ?? name;
}
