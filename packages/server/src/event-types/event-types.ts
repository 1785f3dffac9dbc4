import { ApiError, type Mistake, validationFailed } from "../domain/errors.ts";
import { type EventType, isShownTo, type PayloadSchema } from "../domain/event-type.ts";
import type { OrganizationId } from "../domain/id.ts";
import { limits } from "../domain/limits.ts";
import type { Catalogue } from "../intake/catalogue.ts";
import type { CatalogueReader } from "../intake/catalogue-reader.ts";
import type { Origin } from "../intake/intake.ts";
import { schemasBytes } from "../intake/schemas/schema-bounds.ts";
import type { SchemaChecks } from "../intake/schemas/schema-checks.ts";
import type { Store } from "../store/store.ts";

export interface EventTypesParts {
  readonly store: Pick<Store, "createEventType" | "replaceEventTypes" | "deleteEventType">;
  readonly catalogue: Catalogue;
  readonly reader: Pick<CatalogueReader, "refresh">;
  readonly checks: Pick<SchemaChecks, "schemaMistake">;
  readonly origin: Pick<Origin, "now">;
}

export type EventTypeFields = Omit<EventType, "name" | "createdAt" | "updatedAt">;

/** An event type with all fields that a caller sets. */
export type EventTypeDefinition = Omit<EventType, "createdAt" | "updatedAt">;

/** An event type of an imported document. */
export type ImportedDefinition = Omit<EventTypeDefinition, "archived">;

export interface EventTypeSelection {
  /** Null for the event types of tenants. */
  readonly organizationId: OrganizationId | null;
  readonly featureFlags: readonly string[] | null;
  readonly includeArchived: boolean;
}

/** The owner of compilations when a schema is stored: only operators define event types. */
const operators = "operators";

/**
 * The use cases of event types, for both APIs. Operators define them for the whole installation, in addition to Weft's own. A
 * change takes effect on this node when the call returns, and on other nodes within five seconds. Each use case throws an
 * ApiError for a request that it refuses.
 */
export class EventTypes {
  readonly #parts: EventTypesParts;

  constructor(parts: EventTypesParts) {
    this.#parts = parts;
  }

  /** Weft's own event types in the order of their story, then the others by name. */
  async list({ organizationId, featureFlags, includeArchived }: EventTypeSelection): Promise<readonly EventType[]> {
    const { reader, catalogue } = this.#parts;
    await reader.refresh();
    const types = organizationId === null ? catalogue.types : catalogue.typesFor(organizationId);
    return types.filter((type) => isShownTo(type, featureFlags) && (includeArchived || !type.archived));
  }

  /** Whether the type is one of Weft's own, which cannot be changed or deleted. */
  isBuiltIn(name: string): boolean {
    return this.#parts.catalogue.isOwn(name);
  }

  /** Null if the type does not exist, or a caller with these flags does not see it. */
  async find(name: string, featureFlags: readonly string[] | null): Promise<EventType | null> {
    const { reader, catalogue } = this.#parts;
    await reader.refresh();
    const type = catalogue.find(name);
    return type !== null && isShownTo(type, featureFlags) ? type : null;
  }

  /** Creates an event type, or restores an archived one with these fields. */
  async create(definition: EventTypeDefinition): Promise<EventType> {
    const { name } = definition;
    const { store, catalogue, reader, origin } = this.#parts;
    await this.#requireSchemas(name, definition.schemas);
    this.#requireRoomForSchemas([definition]);
    const at = origin.now();
    const type = { ...definition, createdAt: at, updatedAt: at };
    const made = catalogue.isOwn(name)
      ? "exists"
      : await store.createEventType({ type, typesMax: limits.eventTypesMax });
    await reader.refresh();
    if (made === "full") throw noRoom();
    if (made === "created") return type;
    const known = catalogue.find(name);
    if (known?.archived !== true) throw alreadyExists(name);
    const restored = { ...type, createdAt: known.createdAt };
    await this.#replace([restored]);
    return restored;
  }

  /** Replaces the event type of this name, or creates it. */
  async replace(definition: EventTypeDefinition): Promise<{ readonly type: EventType; readonly isNew: boolean }> {
    const known = await this.#changeable(definition.name);
    await this.#requireSchemas(definition.name, definition.schemas);
    const at = this.#parts.origin.now();
    const type = { ...definition, createdAt: known?.createdAt ?? at, updatedAt: at };
    await this.#replace([type]);
    return { type, isNew: known === null };
  }

  /** Changes the given fields. Returns null when there is no event type of this name. */
  async change(name: string, changes: Partial<EventTypeFields>): Promise<EventType | null> {
    const known = await this.#changeable(name);
    if (known === null) return null;
    await this.#requireSchemas(name, changes.schemas ?? null);
    const type = { ...known, ...changes, updatedAt: this.#parts.origin.now() };
    await this.#replace([type]);
    return type;
  }

  /** Returns the deleted event type, or null if it does not exist. */
  async delete(name: string): Promise<EventType | null> {
    const { store, reader } = this.#parts;
    const known = await this.#changeable(name);
    if (known === null) return null;
    await store.deleteEventType({ name });
    await reader.refresh();
    return known;
  }

  /**
   * Creates or replaces the event types that differ from their definitions, which are then not archived. `archivesOthers` archives
   * those that are not among the definitions. A dry run only returns the changes.
   */
  async import(
    definitions: readonly ImportedDefinition[],
    { archivesOthers, isDryRun }: { archivesOthers: boolean; isDryRun: boolean },
  ): Promise<{ readonly changed: readonly EventType[]; readonly archived: readonly EventType[] }> {
    const { catalogue, reader, origin } = this.#parts;
    await reader.refresh();
    const at = origin.now();
    const changed = definitions.flatMap((definition): EventType[] => {
      this.#requireNotOwn(definition.name);
      const known = catalogue.find(definition.name);
      if (known !== null && !known.archived && isSame(definition, known)) return [];
      return [{ ...definition, archived: false, createdAt: known?.createdAt ?? at, updatedAt: at }];
    });
    const named = new Set(definitions.map(({ name }) => name));
    const others = archivesOthers
      ? catalogue.types.filter(({ name }) => !named.has(name) && !catalogue.isOwn(name))
      : [];
    const archived = others
      .filter((type) => !type.archived)
      .map((type) => ({ ...type, archived: true, updatedAt: at }));
    if (!isDryRun) await this.#replace([...changed, ...archived]);
    return { changed, archived };
  }

  /**
   * Why schemas cannot be stored for a type of this name, with each mistake located at its version below `loc`. Stored schemas
   * are not compiled again.
   */
  async schemaMistakes(name: string, schemas: EventType["schemas"], loc: Mistake["loc"]): Promise<Mistake[]> {
    const versions = Object.entries(schemas ?? {});
    if (versions.length > limits.schemaVersionsMax) {
      return [{ loc, msg: `An event type has at most ${limits.schemaVersionsMax} schemas.`, type: "too_big" }];
    }
    const mistakes: Mistake[] = [];
    for (const [version, schema] of versions) {
      if (this.#isStored(name, version, schema)) continue;
      const mistake = await this.#parts.checks.schemaMistake(schema, operators);
      if (mistake === null) continue;
      mistakes.push({ loc: [...loc, version], msg: `This is not a JSON Schema: ${mistake}`, type: "schema_invalid" });
      if (mistakes.length >= limits.payloadMistakesMax) break;
    }
    return mistakes;
  }

  #isStored(name: string, version: string, schema: PayloadSchema): boolean {
    const { schemas } = this.#parts.catalogue.find(name) ?? {};
    if (schemas === undefined || schemas === null || !Object.hasOwn(schemas, version)) return false;
    return schemas[version] === schema;
  }

  async #requireSchemas(name: string, schemas: EventType["schemas"]): Promise<void> {
    const mistakes = await this.schemaMistakes(name, schemas, ["body", "schemas"]);
    if (mistakes.length > 0) throw validationFailed(mistakes);
  }

  /** The current event type; null if it does not exist. Throws for a type of Weft's own. */
  async #changeable(name: string): Promise<EventType | null> {
    const { catalogue, reader } = this.#parts;
    await reader.refresh();
    this.#requireNotOwn(name);
    return catalogue.find(name);
  }

  #requireNotOwn(name: string): void {
    if (!this.#parts.catalogue.isOwn(name)) return;
    throw new ApiError("event_type_own", `${name} is a built-in event type, which cannot be changed or deleted.`);
  }

  async #replace(types: readonly EventType[]): Promise<void> {
    const { store, reader } = this.#parts;
    this.#requireRoomForSchemas(types);
    const replaced = await store.replaceEventTypes({ types, typesMax: limits.eventTypesMax });
    await reader.refresh();
    if (replaced === "full") throw noRoom();
  }

  /** Throws limit_reached when the schemas of these types and all others exceed the limit. */
  #requireRoomForSchemas(types: readonly EventTypeDefinition[]): void {
    const { catalogue } = this.#parts;
    const names = new Set(types.map(({ name }) => name));
    const others = catalogue.types.filter(({ name }) => !names.has(name) && !catalogue.isOwn(name));
    if (schemasBytes(types) + schemasBytes(others) <= limits.eventTypeSchemasBytesMax) return;
    throw new ApiError(
      "limit_reached",
      `The schemas of all event types have at most ${limits.eventTypeSchemasBytesMax} bytes together.`,
    );
  }
}

function noRoom(): ApiError {
  return new ApiError(
    "limit_reached",
    `There can be ${limits.eventTypesMax} event types. Delete some that are not needed.`,
  );
}

function alreadyExists(name: string): ApiError {
  return new ApiError("event_type_exists", `There is already an event type ${name}. Change it, or use another name.`);
}

function isSame(definition: ImportedDefinition, known: EventType): boolean {
  const contentOf = ({ description, deprecated, schemas, featureFlag, groupName }: ImportedDefinition) =>
    JSON.stringify([description, deprecated, schemas, featureFlag, groupName]);
  return contentOf(definition) === contentOf(known);
}
