const aheadMax = 8;

/** The results of `read` for each key, in order. A few further ones are read ahead, because most of the time is waiting. */
export async function* readAhead<Key, Read>(
  keys: Iterable<Key>,
  read: (key: Key) => Promise<Read>,
): AsyncGenerator<Read> {
  const underWay: Promise<Read>[] = [];
  for (const key of keys) {
    const reading = read(key);
    // An error is thrown in its turn. If the reader has stopped before, it is ignored.
    reading.catch(() => {});
    underWay.push(reading);
    if (underWay.length < aheadMax) continue;
    const next = underWay.shift();
    if (next !== undefined) yield await next;
  }
  for (const next of underWay) yield await next;
}
