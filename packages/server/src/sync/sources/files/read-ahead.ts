const aheadMax = 8;

/** What `read` answers for each key, in their order. A few further ones are read meanwhile, for most of the time is waiting. */
export async function* readAhead<Key, Read>(
  keys: Iterable<Key>,
  read: (key: Key) => Promise<Read>,
): AsyncGenerator<Read> {
  const underWay: Promise<Read>[] = [];
  for (const key of keys) {
    const reading = read(key);
    // What goes wrong is told in its turn; when nobody comes to it any more, to nobody.
    reading.catch(() => {});
    underWay.push(reading);
    if (underWay.length < aheadMax) continue;
    const next = underWay.shift();
    if (next !== undefined) yield await next;
  }
  for (const next of underWay) yield await next;
}
