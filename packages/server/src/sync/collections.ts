import { type Collection, readableIdFrom } from "../domain/collection.ts";
import { ApiError } from "../domain/errors.ts";
import type { OrganizationId } from "../domain/id.ts";
import { isUnfinished } from "../domain/sync-job.ts";
import type { Intake, Origin } from "../intake/intake.ts";
import type { CollectionKey, CollectionView } from "../store/collections/interface.ts";
import type { Store } from "../store/store.ts";
import { announcementOf, collectionCreated, collectionDeleted, collectionUpdated } from "./events.ts";
import type { SourceConnections } from "./source-connections.ts";

export interface NewCollection {
  readonly name: string;
  /** Null derives it from the name. */
  readonly readableId: string | null;
  readonly syncConfig: Collection["syncConfig"];
}

export interface CollectionChanges {
  readonly name?: string;
  readonly syncConfig?: Collection["syncConfig"];
}

const tailLength = 6;
// A round fails only because of a concurrent change of the same collection.
const roundsMax = 10;

/** The operations on collections. Each change commits together with its event. */
export class Collections {
  readonly #store: Store;
  readonly #intake: Pick<Intake, "announcement">;
  readonly #origin: Origin;
  readonly #connections: SourceConnections;

  constructor(store: Store, intake: Pick<Intake, "announcement">, origin: Origin, connections: SourceConnections) {
    this.#store = store;
    this.#intake = intake;
    this.#origin = origin;
    this.#connections = connections;
  }

  /** Throws readable_id_taken. */
  async create(organizationId: OrganizationId, request: NewCollection): Promise<CollectionView> {
    for (let round = 0; round < roundsMax; round++) {
      const collection = this.#newCollection(organizationId, request);
      const announce = [
        announcementOf(this.#intake, organizationId, collectionCreated(collection, collection.createdAt)),
      ];
      if ((await this.#store.createCollection({ collection, announce })) === "created") {
        return { ...collection, connections: [] };
      }
      if (request.readableId !== null) break;
    }
    throw new ApiError(
      "readable_id_taken",
      `A collection with the readable_id "${request.readableId ?? ""}" already exists. Use another one, or leave it out.`,
    );
  }

  #newCollection(organizationId: OrganizationId, { name, readableId, syncConfig }: NewCollection): Collection {
    const id = this.#origin.newId<"collection">();
    const now = this.#origin.now();
    return {
      id,
      organizationId,
      // The last digits of a new id are random.
      readableId: readableId ?? readableIdFrom(name, id.slice(-tailLength)),
      name,
      syncConfig,
      createdAt: now,
      modifiedAt: now,
    };
  }

  /** A change without effect has no event. Null when there is no such collection. */
  async update(key: CollectionKey, changes: CollectionChanges): Promise<CollectionView | null> {
    for (let round = 0; round < roundsMax; round++) {
      const before = await this.#store.readCollection(key);
      if (before === null) return null;
      const after = { ...before, ...changes, modifiedAt: this.#origin.now() };
      if (isSame(before, after)) return before;
      const announce = [announcementOf(this.#intake, key.organizationId, collectionUpdated(after, after.modifiedAt))];
      if (await this.#store.updateCollection({ before, after, announce })) return after;
    }
    throw changedMeanwhile();
  }

  /**
   * Deletes a collection with its connections and all their data, and returns it as it was. Running jobs are cancelled first,
   * with their events. Null when there is no such collection.
   */
  async delete(key: CollectionKey): Promise<CollectionView | null> {
    const { organizationId } = key;
    let asItWas: CollectionView | null = null;
    for (let round = 0; round < roundsMax; round++) {
      const found = await this.#store.readCollection(key);
      if (found === null) return null;
      asItWas ??= found;
      const connectionIds = found.connections.map((connection) => connection.id);
      const busy = found.connections.filter(({ lastJob }) => lastJob !== null && isUnfinished(lastJob));
      await Promise.all(busy.map(({ id }) => this.#connections.stopJob({ organizationId, sourceConnectionId: id })));
      const now = this.#origin.now();
      const announce = [announcementOf(this.#intake, organizationId, collectionDeleted(found, connectionIds, now))];
      const collectionId = found.id;
      const giveBack = await this.#connections.grantsOf(organizationId, connectionIds);
      const result = await this.#store.deleteCollection({ organizationId, collectionId, connectionIds, now, announce });
      if (result === "not_found") return null;
      if (result !== "deleted") continue;
      giveBack();
      this.#connections.purgeSoon();
      return asItWas;
    }
    throw changedMeanwhile();
  }
}

function isSame(before: Collection, after: Collection): boolean {
  return before.name === after.name && before.syncConfig === after.syncConfig;
}

function changedMeanwhile(): ApiError {
  return new ApiError("job_under_way", "Other requests are changing or syncing the collection now. Try again.");
}
