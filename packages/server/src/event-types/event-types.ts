import { ApiError, type Mistake, validationFailed } from "../domain/errors.ts";
import { type EventType, isShownTo, type PayloadSchema } from "../domain/event-type.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import { defaultNamespace } from "../domain/organization.ts";
import type { Catalogue } from "../intake/catalogue.ts";
import type { CatalogueReader } from "../intake/catalogue-reader.ts";
import type { Origin } from "../intake/intake.ts";
import type { OrganizationNamespaces } from "../intake/organization-namespaces.ts";
import { schemasBytes } from "../intake/schemas/schema-bounds.ts";
import type { SchemaChecks } from "../intake/schemas/schema-checks.ts";
import type { Store } from "../store/store.ts";

export interface EventTypesParts {
  readonly store: Pick<Store, "createEventType" | "replaceEventTypes" | "deleteEventType">;
  readonly catalogue: Catalogue;
  readonly reader: Pick<CatalogueReader, "refresh">;
  readonly namespaces: OrganizationNamespaces;
  readonly checks: Pick<SchemaChecks, "schemaMistake">;
  readonly origin: Pick<Origin, "now">;
}

export type EventTypeFields = Omit<EventType, "name" | "createdAt" | "updatedAt">;

/** An event type with all fields that a caller sets. Without metadata, a known type keeps its own. */
export type EventTypeDefinition = Omit<EventType, "createdAt" | "updatedAt" | "metadata"> &
  Partial<Pick<EventType, "metadata">>;

/** An event type of an imported document. */
export type ImportedDefinition = Omit<EventTypeDefinition, "archived">;

export interface EventTypeSelection {
  readonly featureFlags: readonly string[] | null;
  readonly includeArchived: boolean;
}

/** The owner of compilations when a schema is stored: only operators define event types. */
const operators = "operators";

/**
 * The use cases of event types, for both APIs. Operators define them for all organizations of a namespace, in addition to Weft's own,
 * which only the default namespace has. A change takes effect on this node when the call returns, and on other nodes within five seconds. Each use case throws an
 * ApiError for a request that it refuses.
 */
export class EventTypes {
  readonly #parts: EventTypesParts;

  constructor(parts: EventTypesParts) {
    this.#parts = parts;
  }

  /** The namespace whose event types an organization has. */
  namespaceOf(organizationId: OrganizationId): string | Promise<string> {
    return this.#parts.namespaces.of(organizationId);
  }

  /** The event types of a namespace: Weft's own in the order of their story, then the others by name. */
  async list(namespace: string, selection: EventTypeSelection): Promise<readonly EventType[]> {
    const { reader, catalogue } = this.#parts;
    await reader.refresh();
    return selected(catalogue.types(namespace), selection);
  }

  /** The event types that an organization's subscriptions can select. */
  async listFor(organizationId: OrganizationId, selection: EventTypeSelection): Promise<readonly EventType[]> {
    await this.#parts.reader.refresh();
    return selected(await this.typesFor(organizationId), selection);
  }

  /** All of these event types, as this node knows them. */
  async typesFor(organizationId: OrganizationId): Promise<readonly EventType[]> {
    const namespace = await this.namespaceOf(organizationId);
    return this.#parts.catalogue.typesFor({ id: organizationId, namespace });
  }

  /** Whether the type is one of Weft's own, which cannot be changed or deleted. */
  isBuiltIn(namespace: string, name: string): boolean {
    return this.#parts.catalogue.isOwn(namespace, name);
  }

  /** Null if the type does not exist, or a caller with these flags does not see it. */
  async find(namespace: string, name: string, featureFlags: readonly string[] | null): Promise<EventType | null> {
    const { reader, catalogue } = this.#parts;
    await reader.refresh();
    const type = catalogue.find(namespace, name);
    return type !== null && isShownTo(type, featureFlags) ? type : null;
  }

  /** Creates an event type, or restores an archived one with these fields. */
  async create(namespace: string, definition: EventTypeDefinition): Promise<EventType> {
    const { name } = definition;
    const { store, catalogue, reader, origin } = this.#parts;
    await this.#requireSchemas(namespace, name, definition.schemas);
    this.#requireRoomForSchemas(namespace, [definition]);
    const at = origin.now();
    const type = { metadata: {}, ...definition, createdAt: at, updatedAt: at };
    const made = catalogue.isOwn(namespace, name)
      ? "exists"
      : await store.createEventType({ namespace, type, ...room });
    await reader.refresh();
    if (made === "full") throw noRoom(namespace);
    if (made === "created") return type;
    const known = catalogue.find(namespace, name);
    if (known?.archived !== true) throw alreadyExists(name);
    const restored = { ...type, createdAt: known.createdAt };
    await this.#replace(namespace, [restored]);
    return restored;
  }

  /** Replaces the event type of this name, or creates it. */
  async replace(
    namespace: string,
    definition: EventTypeDefinition,
  ): Promise<{ readonly type: EventType; readonly isNew: boolean }> {
    const known = await this.#changeable(namespace, definition.name);
    await this.#requireSchemas(namespace, definition.name, definition.schemas);
    const at = this.#parts.origin.now();
    const metadata = known?.metadata ?? {};
    const type = { metadata, ...definition, createdAt: known?.createdAt ?? at, updatedAt: at };
    await this.#replace(namespace, [type]);
    return { type, isNew: known === null };
  }

  /** Changes the given fields. Returns null when there is no event type of this name. */
  async change(namespace: string, name: string, changes: Partial<EventTypeFields>): Promise<EventType | null> {
    const known = await this.#changeable(namespace, name);
    if (known === null) return null;
    await this.#requireSchemas(namespace, name, changes.schemas ?? null);
    const type = { ...known, ...changes, updatedAt: this.#parts.origin.now() };
    await this.#replace(namespace, [type]);
    return type;
  }

  /** Returns the deleted event type, or null if it does not exist. */
  async delete(namespace: string, name: string): Promise<EventType | null> {
    const { store, reader } = this.#parts;
    const known = await this.#changeable(namespace, name);
    if (known === null) return null;
    await store.deleteEventType({ namespace, name });
    await reader.refresh();
    return known;
  }

  /**
   * Creates or replaces the event types that differ from their definitions, which are then not archived. `archivesOthers` archives
   * those that are not among the definitions. A dry run only returns the changes.
   */
  async import(
    namespace: string,
    definitions: readonly ImportedDefinition[],
    { archivesOthers, isDryRun }: { archivesOthers: boolean; isDryRun: boolean },
  ): Promise<{ readonly changed: readonly EventType[]; readonly archived: readonly EventType[] }> {
    const { catalogue, reader, origin } = this.#parts;
    await reader.refresh();
    const at = origin.now();
    const changed = definitions.flatMap((definition): EventType[] => {
      this.#requireNotOwn(namespace, definition.name);
      const known = catalogue.find(namespace, definition.name);
      if (known !== null && !known.archived && isSame(definition, known)) return [];
      const { metadata = {}, createdAt = at } = known ?? {};
      return [{ metadata, ...definition, archived: false, createdAt, updatedAt: at }];
    });
    const named = new Set(definitions.map(({ name }) => name));
    const others = archivesOthers
      ? catalogue.types(namespace).filter(({ name }) => !named.has(name) && !catalogue.isOwn(namespace, name))
      : [];
    const archived = others
      .filter((type) => !type.archived)
      .map((type) => ({ ...type, archived: true, updatedAt: at }));
    if (!isDryRun) await this.#replace(namespace, [...changed, ...archived]);
    return { changed, archived };
  }

  /**
   * Why schemas cannot be stored for a type of this name, with each mistake located at its version below `loc`. Stored schemas
   * are not compiled again.
   */
  async schemaMistakes(
    namespace: string,
    name: string,
    schemas: EventType["schemas"],
    loc: Mistake["loc"],
  ): Promise<Mistake[]> {
    const versions = Object.entries(schemas ?? {});
    if (versions.length > limits.schemaVersionsMax) {
      return [{ loc, msg: `An event type has at most ${limits.schemaVersionsMax} schemas.`, type: "too_big" }];
    }
    const mistakes: Mistake[] = [];
    for (const [version, schema] of versions) {
      if (this.#isStored(namespace, name, version, schema)) continue;
      const mistake = await this.#parts.checks.schemaMistake(schema, operators);
      if (mistake === null) continue;
      mistakes.push({ loc: [...loc, version], msg: `This is not a JSON Schema: ${mistake}`, type: "schema_invalid" });
      if (mistakes.length >= limits.payloadMistakesMax) break;
    }
    return mistakes;
  }

  #isStored(namespace: string, name: string, version: string, schema: PayloadSchema): boolean {
    const { schemas } = this.#parts.catalogue.find(namespace, name) ?? {};
    if (schemas === undefined || schemas === null || !Object.hasOwn(schemas, version)) return false;
    return schemas[version] === schema;
  }

  async #requireSchemas(namespace: string, name: string, schemas: EventType["schemas"]): Promise<void> {
    const mistakes = await this.schemaMistakes(namespace, name, schemas, ["body", "schemas"]);
    if (mistakes.length > 0) throw validationFailed(mistakes);
  }

  /** The current event type; null if it does not exist. Throws for a type of Weft's own. */
  async #changeable(namespace: string, name: string): Promise<EventType | null> {
    const { catalogue, reader } = this.#parts;
    await reader.refresh();
    this.#requireNotOwn(namespace, name);
    return catalogue.find(namespace, name);
  }

  #requireNotOwn(namespace: string, name: string): void {
    if (!this.#parts.catalogue.isOwn(namespace, name)) return;
    throw new ApiError("event_type_own", `${name} is a built-in event type, which cannot be changed or deleted.`);
  }

  async #replace(namespace: string, types: readonly EventType[]): Promise<void> {
    const { store, reader } = this.#parts;
    this.#requireRoomForSchemas(namespace, types);
    const replaced = await store.replaceEventTypes({ namespace, types, ...room });
    await reader.refresh();
    if (replaced === "full") throw noRoom(namespace);
  }

  /** Throws limit_reached when the schemas of these types and of others exceed a limit. */
  #requireRoomForSchemas(namespace: string, types: readonly EventTypeDefinition[]): void {
    const { catalogue } = this.#parts;
    const names = new Set(types.map(({ name }) => name));
    const own = catalogue.types(namespace).filter(({ name }) => !catalogue.isOwn(namespace, name));
    const replaced = own.filter(({ name }) => names.has(name));
    const added = schemasBytes(types) - schemasBytes(replaced);
    if (namespace !== defaultNamespace) {
      requireBytes(schemasBytes(own) + added, limits.namespaceEventTypeSchemasBytesMax, "a namespace");
    }
    requireBytes(schemasBytes(catalogue.defined) + added, limits.eventTypeSchemasBytesMax, "an installation");
  }
}

const room = { typesMax: limits.eventTypesMax, namespaceTypesMax: limits.namespaceEventTypesMax };

function requireBytes(bytes: number, max: number, place: string): void {
  if (bytes <= max) return;
  throw new ApiError("limit_reached", `The schemas of all event types of ${place} have at most ${max} bytes together.`);
}

function noRoom(namespace: string): ApiError {
  const most = `An installation has at most ${limits.eventTypesMax} event types`;
  const sentence =
    namespace === defaultNamespace ? `${most}.` : `${most}, and a namespace at most ${limits.namespaceEventTypesMax}.`;
  return new ApiError("limit_reached", `${sentence} Delete some that are not needed.`);
}

function selected(
  types: readonly EventType[],
  { featureFlags, includeArchived }: EventTypeSelection,
): readonly EventType[] {
  return types.filter((type) => isShownTo(type, featureFlags) && (includeArchived || !type.archived));
}

function alreadyExists(name: string): ApiError {
  return new ApiError("event_type_exists", `The event type ${name} already exists. Change it, or use another name.`);
}

function isSame(definition: ImportedDefinition, known: EventType): boolean {
  const contentOf = ({ description, deprecated, schemas, featureFlag, groupName }: ImportedDefinition) =>
    JSON.stringify([description, deprecated, schemas, featureFlag, groupName]);
  return contentOf(definition) === contentOf(known);
}
