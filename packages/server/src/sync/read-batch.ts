import { limits } from "../domain/limits.ts";
import type { EntityRecord } from "../store/entities/interface.ts";
import { recordOf } from "./entity-record.ts";
import type { SourceEntity, SourceProblem, SourceUnchanged } from "./source.ts";

/** The rows that a commit changes for one entity cost it about as much as this many bytes of text. */
const entityBytes = 256;
/** The chunks of a stored entity are removed when it is deleted or replaced. A batch has room for this many such entities. */
const removedMax = 64;

/** The items of a commit. A part that deletes is stored before the parts with entities. */
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
    this.#bytes += entity.text.length + entityBytes;
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

  /** The ids of the entities whose hashes `parts` needs. */
  idsRead(): string[] {
    return [...this.#entities.keys()];
  }

  /** Whether storing this batch may change or delete the entity. */
  mentions(id: string): boolean {
    return this.#entities.has(id) || this.#gone.has(id);
  }

  /**
   * The commits of this batch, in order. `stored` are the hashes of its entities in the store. The batches `before` may not be
   * stored yet, so that the hashes of their entities do not count.
   */
  async parts(stored: ReadonlyMap<string, string>, before: readonly ReadBatch[]): Promise<BatchPart[]> {
    const parts = slicesOf([...this.#gone], removedMax).map((gone): BatchPart => ({ gone, entities: [], failed: [] }));
    let entities: EntityRecord[] = [...this.#unchanged.values()].map(({ id, hash }) => ({ id, hash, ...asStored }));
    let removed = 0;
    for (const entity of this.#entities.values()) {
      const isUncertain = this.#gone.has(entity.id) || before.some((batch) => batch.mentions(entity.id));
      const hash = stored.get(entity.id);
      const record = await recordOf(entity, isUncertain ? undefined : hash);
      const replaces = record.chunks !== null && (hash !== undefined || isUncertain);
      if (replaces && removed === removedMax) {
        parts.push({ entities, gone: [], failed: [] });
        [entities, removed] = [[], 0];
      }
      if (replaces) removed += 1;
      entities.push(record);
    }
    parts.push({ entities, gone: [], failed: this.#failed });
    return parts;
  }
}

function slicesOf<Item>(items: readonly Item[], lengthMax: number): Item[][] {
  const slices: Item[][] = [];
  for (let from = 0; from < items.length; from += lengthMax) slices.push(items.slice(from, from + lengthMax));
  return slices;
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
