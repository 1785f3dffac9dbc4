import type { MessageContext } from "../router.ts";

/** A message that one worker has taken, until its lease ends. */
export interface TakenMessage extends MessageContext {
  /** The number of the attempt, from 1. Attempts that ended in a crash count. */
  readonly attempt: number;
  /** How often the message was taken, which proves that this take is the latest. */
  readonly take: number;
}

/** A message that was given up. */
export interface DeadLetter extends MessageContext {
  readonly attempts: number;
  /** The error of the last attempt. */
  readonly error: string;
  readonly buriedAt: Date;
}

export interface DeadLetterPage {
  /** In the order of arrival. */
  readonly items: readonly DeadLetter[];
  /** The cursor of the next page; null on the last one. */
  readonly next: string | null;
}

/**
 * The store of an inbox's messages. A message waits, is taken, and then is done, waits again or is dead. Every method is
 * atomic, also between processes that share the store, and its result survives a crash. The methods that end a take return
 * false, and change nothing, if another process has the lease.
 */
export interface InboxStore {
  /** Stores a message, unless one with its id exists in any state. True when it was stored. */
  accept(message: MessageContext & { readonly key: string | null }): Promise<boolean>;
  /**
   * Takes messages that are due, or whose lease has ended. A message with a key is skipped while an earlier one with its key is
   * unfinished or another is taken, so that two with one key are never processed concurrently.
   */
  take(params: { readonly countMax: number; readonly leaseMs: number }): Promise<TakenMessage[]>;
  /** Renews the leases. */
  renew(messages: readonly TakenMessage[], leaseMs: number): Promise<void>;
  /** Records that the work is done. The id is remembered for this time, and the text is deleted. */
  finish(message: TakenMessage, keepMs: number): Promise<boolean>;
  /** Records a failure; the message is due again later. */
  retry(message: TakenMessage, delayMs: number): Promise<boolean>;
  /** Records a permanent failure: the message becomes a dead letter. */
  bury(message: TakenMessage, error: string): Promise<boolean>;
  /** The number of stored messages that are not done, counted up to `max`. */
  countHeld(max: number): Promise<number>;
  deadLetters(page: { readonly limit: number; readonly after: string | null }): Promise<DeadLetterPage>;
  /** Makes a dead letter due again, with all of its attempts available. False if it does not exist. */
  revive(messageId: string): Promise<boolean>;
  /** Counts a dead letter as done. False if it does not exist. */
  discard(messageId: string, keepMs: number): Promise<boolean>;
  /** Deletes some of the done messages whose time has passed. */
  forgetOld(): Promise<void>;
}

/** The options of every store for an inbox. */
export interface InboxStoreOptions {
  /**
   * Separates inboxes that share a table, because two subscriptions receive a message with the same id. The default is the
   * empty scope.
   */
  readonly scope?: string;
  /** Replaces the real clock. */
  readonly now?: () => Date;
}

/** One row of a table of messages, in the form of both databases. */
export interface MessageRow {
  readonly seq: number | string;
  readonly message_id: string;
  readonly signed_ms: number | string;
  readonly body: string;
  readonly attempts: number;
  readonly takes: number;
  readonly error: string | null;
  readonly due_ms: number | string;
}

/** Taken messages in the order of arrival. */
export function takenFrom(rows: readonly MessageRow[]): TakenMessage[] {
  return rows
    .toSorted((left, right) => Number(left.seq) - Number(right.seq))
    .map((row) => ({ ...contextFrom(row), attempt: row.attempts, take: row.takes }));
}

/** A page of rows, which has one row more than `limit` if another page follows. */
export function pageFrom(rows: readonly MessageRow[], limit: number): DeadLetterPage {
  const shown = rows.slice(0, limit);
  const items = shown.map((row) => ({
    ...contextFrom(row),
    attempts: row.attempts,
    error: row.error ?? "",
    buriedAt: new Date(Number(row.due_ms)),
  }));
  return { items, next: rows.length > limit ? String(shown.at(-1)?.seq) : null };
}

/** The row after which a page begins. An invalid number means the beginning. */
export function seqAfter(after: string | null): number {
  return after !== null && /^\d{1,15}$/.test(after) ? Number(after) : 0;
}

function contextFrom({ message_id, signed_ms, body }: MessageRow): MessageContext {
  return { messageId: message_id, timestamp: new Date(Number(signed_ms)), text: body };
}
