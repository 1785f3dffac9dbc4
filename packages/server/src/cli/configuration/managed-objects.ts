// Objects of a configuration carry two keys in their metadata: the name of the configuration that created them, and for source
// connections, which have no uid, their name in the configuration.

export const managerKey = "weft_configuration";
export const nameKey = "weft_name";

export type Metadata = Readonly<Record<string, string>>;

export const kinds = ["event type", "organization", "subscription", "source connection"] as const;
export type Kind = (typeof kinds)[number];

/** A value of a field, as JSON. */
export type Fields = Readonly<Record<string, unknown>>;

/** An object that exists. */
export interface ExistingObject {
  readonly kind: Kind;
  /** Its name or uid. */
  readonly name: string;
  readonly id: string;
  /** The uid or id of its organization; null for event types and organizations. */
  readonly organization: string | null;
  readonly organizationId: string | null;
  readonly fields: Fields;
  readonly metadata: Metadata;
}

/** An object that the configuration describes. */
export interface WantedObject {
  readonly kind: Kind;
  readonly name: string;
  readonly organization: string | null;
  /** The fields to compare. Fields that are absent stay as they are. */
  readonly fields: Fields;
  /** Names of fields whose values Weft does not show. They are sent to a new object, and with `--update-secrets`. */
  readonly secretFields: readonly string[];
  /** Fields that cannot be changed after the object was created. */
  readonly fixedFields: readonly string[];
  /** An existing object to use, in place of one with this name. */
  readonly id: string | null;
}

/** The configuration that created an object; null for an object that was created in another way. */
export function managerOf({ metadata }: Pick<ExistingObject, "metadata">): string | null {
  return metadata[managerKey] ?? null;
}

export function withoutMarks(metadata: Metadata): Metadata {
  const { [managerKey]: _manager, [nameKey]: _name, ...own } = metadata;
  return own;
}

/** The marks of an object that stay when its other metadata is replaced. */
export function marksOf(metadata: Metadata): Metadata {
  const marks = Object.entries(metadata).filter(([key]) => key === managerKey || key === nameKey);
  return Object.fromEntries(marks);
}

export function pathOf({ kind, name, organization }: Pick<WantedObject, "kind" | "name" | "organization">): string {
  return organization === null ? `${kind} ${name}` : `${kind} ${name} of ${organization}`;
}
