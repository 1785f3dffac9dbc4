import { type Clock, loop } from "../domain/clock.ts";

/** Comes about once a second while a source was asked and gives nothing. */
export interface Pause {
  readonly kind: "pause";
  /**
   * How long it has been asked by now, in time that this process lived through: while a machine sleeps no source can give
   * anything. What whoever reads takes for an item does not count.
   */
  readonly silentMs: number;
}

const pauseMs = 1_000;

/**
 * The items of a source, and its pauses, until the signal aborts; then it throws the signal's reason, also when the source
 * hangs. What a source does after that is nobody's concern.
 */
export async function* itemsAndPauses<Item>(
  items: AsyncIterable<Item>,
  clock: Clock,
  signal: AbortSignal,
): AsyncGenerator<Item | Pause> {
  const iterator = items[Symbol.asyncIterator]();
  const over = new AbortController();
  let interrupt = () => {};
  signal.addEventListener("abort", () => interrupt(), { signal: over.signal });
  // One timer for the whole reading: one for each item would cost more than the item.
  void loop(clock, over.signal, async () => {
    interrupt();
    return pauseMs;
  });
  try {
    for (;;) {
      signal.throwIfAborted();
      let silentMs = 0;
      const asked = iterator.next();
      for (;;) {
        const next = await new Promise<IteratorResult<Item> | null>((resolve, reject) => {
          interrupt = () => resolve(null);
          asked.then(resolve, reject);
        });
        signal.throwIfAborted();
        if (next?.done === true) return;
        if (next !== null) {
          yield next.value;
          break;
        }
        silentMs += pauseMs;
        yield { kind: "pause", silentMs };
      }
    }
  } finally {
    over.abort();
    // Not awaited: a source that hangs would hang here too.
    void iterator.return?.().catch(() => {});
  }
}
