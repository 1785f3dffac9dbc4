import { type Clock, loop } from "../domain/clock.ts";

/** Arrives about once a second while a source returns nothing. */
export interface Pause {
  readonly kind: "pause";
  /**
   * How long the source has returned nothing, in time during which this process was running: a source cannot respond while the
   * machine sleeps. The time that the reader takes for an item does not count.
   */
  readonly silentMs: number;
}

const pauseMs = 1_000;

/**
 * The items of a source, and its pauses, until the signal aborts. Then it throws the signal's reason, even if the source hangs.
 * Later errors of the source are ignored.
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
  // There is one timer for the whole reading, because a timer per item would cost more than the item.
  void loop(clock, over.signal, async () => {
    interrupt();
    return pauseMs;
  });
  try {
    for (;;) {
      signal.throwIfAborted();
      let silentMs = 0;
      const upcoming = iterator.next();
      for (;;) {
        const next = await new Promise<IteratorResult<Item> | null>((resolve, reject) => {
          interrupt = () => resolve(null);
          upcoming.then(resolve, reject);
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
    // It is not awaited, because a source that hangs would hang here too.
    void iterator.return?.().catch(() => {});
  }
}
