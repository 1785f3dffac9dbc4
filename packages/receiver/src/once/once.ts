/** What a store answers to who wants to work on a message. */
export type OnceHold =
  /** The work has not begun: the caller has the lease, and the token proves it. */
  | { readonly state: "begun"; readonly token: string }
  | { readonly state: "done" }
  | { readonly state: "in_progress"; readonly leaseLeftMs: number };

/**
 * Remembers which messages were worked on. Every method is atomic, also between processes that share the store.
 * A lease that has ended, and a message that has been remembered for long enough, count as not there.
 */
export interface OnceStore {
  begin(id: string): Promise<OnceHold>;
  /** Records that the work is done. Changes nothing if another process has the lease. */
  finish(id: string, token: string): Promise<void>;
  /** Releases the id after a failure, so that the work may begin again at once. Changes nothing if another process has the lease. */
  release(id: string, token: string): Promise<void>;
  /** Lets a message that was done be worked on again, such as one that is replayed on purpose. */
  forget(id: string): Promise<void>;
}

/** The options of every store for `once`. */
export interface OnceStoreOptions {
  /**
   * How long work may take before another delivery may begin it again, in milliseconds. After a crash nothing happens to
   * the message for so long. Default 60 seconds.
   */
  readonly leaseMs?: number;
  /** How long a message that is done is remembered, in milliseconds. Default 30 days. */
  readonly keepMs?: number;
  /** The time, in place of the real clock. */
  readonly now?: () => Date;
}

/** The options of the stores in a database. */
export interface SharedOnceStoreOptions extends OnceStoreOptions {
  /**
   * Keeps apart what shares a table. Two subscriptions get the same message under the same id: where both are received here,
   * give each a scope of its own. Default: the empty one.
   */
  readonly scope?: string;
}

export const onceDefaults = { leaseMs: 60_000, keepMs: 30 * 86_400_000 } as const;

export type OnceOutcome<Result> =
  | { readonly state: "ran"; readonly result: Result }
  /** It was done before. */
  | { readonly state: "duplicate" }
  /** Another process is working on it, for at most this time. */
  | { readonly state: "in_progress"; readonly retryAfterSeconds: number };

/**
 * Runs `work` unless it was done before for this id, or is just being done. Throws what `work` throws, and the id is free
 * again; throws what the store throws. A process that dies meanwhile leaves the id locked until the lease ends.
 */
export async function once<Result>(
  id: string,
  work: () => Result | Promise<Result>,
  store: OnceStore,
): Promise<OnceOutcome<Result>> {
  const hold = await store.begin(id);
  if (hold.state === "done") return { state: "duplicate" };
  if (hold.state === "in_progress") return heldFor(hold.leaseLeftMs);
  const result = await orRelease(work, () => store.release(id, hold.token));
  await store.finish(id, hold.token);
  return { state: "ran", result };
}

/** The response while another process is working on the message. */
export function heldFor(leaseLeftMs: number): OnceOutcome<never> {
  return { state: "in_progress", retryAfterSeconds: Math.max(1, Math.ceil(leaseLeftMs / 1000)) };
}

async function orRelease<Result>(work: () => Result | Promise<Result>, release: () => Promise<void>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // What cannot be released, as in a transaction that has failed, is free when the lease ends; the work's error tells more.
    await release().catch(() => {});
    throw error;
  }
}
