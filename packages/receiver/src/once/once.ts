/** The result of a request to begin work on a message. */
export type OnceHold =
  /** The work has not begun: the caller has the lease, and the token proves it. */
  | { readonly state: "begun"; readonly token: string }
  | { readonly state: "done" }
  | { readonly state: "in_progress"; readonly leaseLeftMs: number };

/**
 * Remembers which messages were processed. Every method is atomic, also between processes that share the store. An expired
 * lease, and a message whose time has passed, count as absent.
 */
export interface OnceStore {
  begin(id: string): Promise<OnceHold>;
  /** Records that the work is done. Changes nothing if another process has the lease. */
  finish(id: string, token: string): Promise<void>;
  /** Releases the id after a failure, so that the work may begin again at once. Changes nothing if another process has the lease. */
  release(id: string, token: string): Promise<void>;
  /** Allows a done message to be processed again, for example after a deliberate replay. */
  forget(id: string): Promise<void>;
}

/** The options of every store for `once`. */
export interface OnceStoreOptions {
  /**
   * After this time another delivery may begin unfinished work again, in milliseconds. After a crash the message is blocked for
   * this time. Default 60 seconds.
   */
  readonly leaseMs?: number;
  /** How long a done message is remembered, in milliseconds. Default 30 days. */
  readonly keepMs?: number;
  /** Replaces the real clock. */
  readonly now?: () => Date;
}

/** The options of the stores in a database. */
export interface SharedOnceStoreOptions extends OnceStoreOptions {
  /**
   * Separates users of a table. Two subscriptions receive a message with the same id: where both are received here, give each
   * its own scope. The default is the empty scope.
   */
  readonly scope?: string;
}

export const onceDefaults = { leaseMs: 60_000, keepMs: 30 * 86_400_000 } as const;

export type OnceOutcome<Result> =
  | { readonly state: "ran"; readonly result: Result }
  /** The work was done before. */
  | { readonly state: "duplicate" }
  /** Another process is working on it, for at most this time. */
  | { readonly state: "in_progress"; readonly retryAfterSeconds: number };

/**
 * Runs `work` unless it was done before for this id, or is running. Throws the error of `work`, and the id is free again;
 * throws the store's error. A process that dies leaves the id locked until the lease ends.
 */
export async function once<Result>(
  id: string,
  work: () => Result | Promise<Result>,
  store: OnceStore,
): Promise<OnceOutcome<Result>> {
  const hold = await store.begin(id);
  if (hold.state === "done") return { state: "duplicate" };
  if (hold.state === "in_progress") return inProgress(hold.leaseLeftMs);
  const result = await orRelease(work, () => store.release(id, hold.token));
  await store.finish(id, hold.token);
  return { state: "ran", result };
}

/** The response while another process is working on the message. */
export function inProgress(leaseLeftMs: number): OnceOutcome<never> {
  return { state: "in_progress", retryAfterSeconds: Math.max(1, Math.ceil(leaseLeftMs / 1000)) };
}

async function orRelease<Result>(work: () => Result | Promise<Result>, release: () => Promise<void>): Promise<Result> {
  try {
    return await work();
  } catch (error) {
    // An id that cannot be released, for example in a failed transaction, is free when the lease ends; the work's error is more
    // useful.
    await release().catch(() => {});
    throw error;
  }
}
