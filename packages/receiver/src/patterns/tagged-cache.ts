import type { ReceivedEvent } from "../received-event.ts";

export interface TaggedCacheOptions {
  /** The maximum number of entries; the least recently read one is dropped. Default: 10,000. */
  readonly entriesMax?: number;
}

interface Entry<Value> {
  readonly tags: readonly string[];
  readonly value: Promise<Value>;
}

/**
 * A cache whose entries are cleared by tag, such as the collection that a search used.
 *
 * After a tag was cleared, no value that was loaded before is returned: neither a cached one, nor one that was still
 * being loaded. So a result is never older than the last sync whose event was handled.
 */
export class TaggedCache<Value> {
  readonly #entriesMax: number;
  /** In the order of their last reads. */
  readonly #entries = new Map<string, Entry<Value>>();

  constructor({ entriesMax = 10_000 }: TaggedCacheOptions = {}) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /**
   * The value under a key. Loads it if it is missing; concurrent callers wait for the same load. A load that fails is
   * not cached.
   */
  async read(key: string, tags: readonly string[], load: () => Promise<Value>): Promise<Value> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return await known.value;
    }
    const entry: Entry<Value> = { tags, value: load() };
    // Cached while it loads: a clear removes it, and then its value is returned only to the callers that already waited
    // for it.
    this.#entries.set(key, entry);
    this.#makeRoom();
    try {
      return await entry.value;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  /** Removes every entry with this tag. Returns how many there were. */
  clear(tag: string): number {
    let cleared = 0;
    for (const [key, { tags }] of this.#entries) {
      if (!tags.includes(tag)) continue;
      this.#entries.delete(key);
      cleared += 1;
    }
    return cleared;
  }

  #makeRoom(): void {
    for (const key of this.#entries.keys()) {
      if (this.#entries.size <= this.#entriesMax) return;
      this.#entries.delete(key);
    }
  }
}

/** The tag of all data from a collection. */
export function collectionTag(readableId: string): string {
  return `collection:${readableId}`;
}

/**
 * A handler for `router.onAny` that clears the data of a collection when it changed: a sync completed, or failed or was
 * cancelled after a partial write, or the collection or one of its sources was deleted.
 */
export function clearOnChange(cache: Pick<TaggedCache<unknown>, "clear">): (event: ReceivedEvent) => void {
  return (event) => {
    const readableId = changedCollection(event);
    if (readableId !== null) cache.clear(collectionTag(readableId));
  };
}

const changing = new Set([
  "sync.completed",
  "sync.failed",
  "sync.cancelled",
  "source_connection.deleted",
  "collection.deleted",
]);

function changedCollection(event: ReceivedEvent): string | null {
  if (!changing.has(event.event_type)) return null;
  const { collection_readable_id: readableId } = event as { collection_readable_id?: unknown };
  return typeof readableId === "string" ? readableId : null;
}
