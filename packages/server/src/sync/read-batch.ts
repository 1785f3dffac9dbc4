import { limits } from "../domain/limits.ts";
import type { EntityRecord, StoredHash } from "../store/entities/interface.ts";
import { chunksOfShort, chunkText } from "./chunk-text.ts";
import { entityHash, recordOf } from "./entity-record.ts";
import type { SourceEntity, SourceProblem, SourceUnchanged } from "./source.ts";

/** The rows that a commit changes for one entity cost it about as much as this many bytes of text. */
const entityBytes = 256;

/** The items of a commit, which deletes before it stores. */
export interface BatchPart {
  readonly entities: readonly EntityRecord[];
  readonly gone: readonly string[];
  readonly failed: readonly { readonly id: string; readonly keeps: boolean }[];
}

/** The items that a job has read since the batch before, in order and without repetitions. */
export class ReadBatch {
  readonly #since: number;
  readonly #entities = new Map<string, SourceEntity>();
  readonly #unchanged = new Map<string, SourceUnchanged>();
  readonly #gone = new Set<string>();
  readonly #failed: { readonly id: string; readonly keeps: boolean }[] = [];
  #bytes = 0;

  /** `since`: when the job began to read the batch. */
  constructor(since: number) {
    this.#since = since;
  }

  /** Takes an entity, unless the batch already has one of its id that it does not replace. */
  add(entity: SourceEntity): void {
    const { id } = entity;
    if (entity.replacesEarlier !== true && (this.#entities.has(id) || this.#unchanged.has(id))) return;
    this.#unchanged.delete(id);
    this.#entities.set(id, entity);
    this.#bytes += Buffer.byteLength(entity.text) + entityBytes;
  }

  addUnchanged(item: SourceUnchanged): void {
    if (!this.#entities.has(item.id)) this.#unchanged.set(item.id, item);
  }

  // The store deletes before it stores, so that earlier entities of this batch must not be stored again.
  addGone(id: string): void {
    this.#entities.delete(id);
    this.#unchanged.delete(id);
    this.#gone.add(id);
  }

  addFailed({ id, keeps }: SourceProblem): void {
    this.#failed.push({ id, keeps: keeps !== "nothing" });
  }

  get isEmpty(): boolean {
    return this.#size === 0;
  }

  /** Whether the batch is as large as a commit may be, or has been open for this long. */
  isFull(now: number, batchMsMax: number): boolean {
    return (
      this.#size >= limits.syncBatchEntitiesMax ||
      this.#bytes >= limits.syncBatchTextBytesMax ||
      now - this.#since >= batchMsMax
    );
  }

  get #size(): number {
    return this.#entities.size + this.#unchanged.size + this.#gone.size + this.#failed.length;
  }

  /** The ids of the entities whose stored hashes `parts` needs. */
  idsStored(): string[] {
    return [...new Set([...this.#entities.keys(), ...this.#gone])];
  }

  /** Whether storing this batch may change or delete the entity. */
  mentions(id: string): boolean {
    return this.#entities.has(id) || this.#gone.has(id);
  }

  /**
   * The commits of this batch, in order. `stored` are its entities in the store. The batches `before` may not be stored yet, so
   * that the hashes of their entities do not count.
   */
  async parts(stored: readonly StoredHash[], before: readonly ReadBatch[]): Promise<BatchPart[]> {
    const known = new Map(stored.map((each) => [each.entityId, each]));
    const chunksOf = (id: string) => known.get(id)?.chunks ?? 0;
    const parts: BatchPart[] = [];
    const room = new RemovalRoom();
    let gone: string[] = [];
    for (const id of this.#gone) {
      if (!room.take(chunksOf(id))) {
        parts.push({ gone, entities: [], failed: [] });
        gone = [id];
      } else gone.push(id);
    }
    let entities: EntityRecord[] = [...this.#unchanged.values()].map(({ id, hash }) => ({ id, hash, ...asStored }));
    for (const entity of this.#entities.values()) {
      const hash = entityHash(entity);
      const isStored = known.get(entity.id)?.hash === hash;
      const isUnchanged = isStored && !this.#gone.has(entity.id) && !before.some((batch) => batch.mentions(entity.id));
      // A promise for each record would cost as much as its text.
      const chunks = isUnchanged ? null : (chunksOfShort(entity.text) ?? (await chunkText(entity.text)));
      const record = recordOf(entity, { hash, chunks });
      if (record.chunks !== null && !room.take(chunksOf(entity.id))) {
        parts.push({ gone, entities, failed: [] });
        [gone, entities] = [[], []];
      }
      entities.push(record);
    }
    parts.push({ gone, entities, failed: this.#failed });
    return parts;
  }
}

/** The chunks that one commit may still remove. */
class RemovalRoom {
  #taken = 0;

  /** False if a commit that begins with these chunks must follow. */
  take(chunks: number): boolean {
    const fits = this.#taken === 0 || this.#taken + chunks <= limits.syncRemovedChunksMax;
    this.#taken = fits ? this.#taken + chunks : chunks;
    return fits;
  }
}

/** For an unchanged entity only the hash is read. */
const asStored = {
  type: "",
  name: "",
  url: null,
  createdAt: null,
  updatedAt: null,
  breadcrumbs: [],
  chunks: null,
} as const;
