import type { ReceivedEvent } from "../received-event.ts";

export interface TaggedCacheOptions {
  /** Entries that are kept; the one that was read longest ago gives way. 10,000 unless given. */
  readonly entriesMax?: number;
}

interface Entry<Value> {
  readonly tags: readonly string[];
  readonly value: Promise<Value>;
}

/**
 * A cache whose entries are cleared by tag, such as the collection that a search was made in.
 *
 * Once a tag was cleared, nothing that was loaded before is given any more: not what is kept, and not what is still on its way and
 * arrives later. So an answer from it is never older than the last sync whose event was handled.
 */
export class TaggedCache<Value> {
  readonly #entriesMax: number;
  /** In the order in which they were read last. */
  readonly #entries = new Map<string, Entry<Value>>();

  constructor({ entriesMax = 10_000 }: TaggedCacheOptions = {}) {
    this.#entriesMax = entriesMax;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The value under a key. Loads it when it is not there; who asks meanwhile waits for the same load. A load that fails is not kept. */
  async read(key: string, tags: readonly string[], load: () => Promise<Value>): Promise<Value> {
    const known = this.#entries.get(key);
    if (known !== undefined) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return await known.value;
    }
    const entry: Entry<Value> = { tags, value: load() };
    // Kept while it loads: a clear meanwhile takes it away, and what arrives then is for those alone who waited for it.
    this.#entries.set(key, entry);
    this.#makeRoom();
    try {
      return await entry.value;
    } catch (error) {
      if (this.#entries.get(key) === entry) this.#entries.delete(key);
      throw error;
    }
  }

  /** Forgets every entry with this tag. Answers how many there were. */
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

/** The tag of everything that was read from a collection. */
export function collectionTag(readableId: string): string {
  return `collection:${readableId}`;
}

/**
 * A handler for `router.onAny` that clears what was read from a collection when its data changed: a sync completed, or failed
 * or was cancelled after it had written a part, or the collection or one of its sources is gone.
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
