// The transactions that were committed at a moment. Transactions get ids when they begin to write, so the order of ids
// does not say when others see their writes; a snapshot does. Source: PostgreSQL documentation, 9.27.9, pg_snapshot.

/** It sees the transactions below `next` that are not among those that were running, ascending. */
export interface Snapshot {
  readonly next: bigint;
  readonly running: readonly bigint[];
}

export function sees({ next, running }: Snapshot, transaction: bigint): boolean {
  return transaction < next && !running.includes(transaction);
}

/** The entries that were seen before, and those up to a transaction that a later moment sees. */
export function advance(before: Snapshot, later: Snapshot, upTo: bigint): Snapshot {
  const next = upTo >= before.next ? upTo + 1n : before.next;
  const running = [...new Set([...before.running, ...later.running])].filter(
    (transaction) =>
      transaction < next && !sees(before, transaction) && !(transaction <= upTo && sees(later, transaction)),
  );
  return { next, running: running.sort((a, b) => (a < b ? -1 : 1)) };
}

/** Reads the text that Postgres writes: `xmin:xmax:running,running`. */
export function snapshotIn(text: string): Snapshot {
  const [, next = "0", running = ""] = text.split(":");
  return { next: BigInt(next), running: running === "" ? [] : running.split(",").map(BigInt) };
}
