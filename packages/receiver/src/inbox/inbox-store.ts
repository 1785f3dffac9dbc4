import type { MessageContext } from "../router.ts";

/** A message in the hands of one worker, until its lease ends. */
export interface TakenMessage extends MessageContext {
  /** Which attempt this is; the first is 1. Attempts that ended in a crash count. */
  readonly attempt: number;
  /** How often the message was ever taken: the proof that it still is in these hands. */
  readonly take: number;
}

/** A message that was given up, to be looked at. */
export interface DeadLetter extends MessageContext {
  readonly attempts: number;
  /** What the last attempt failed with. */
  readonly error: string;
  readonly buriedAt: Date;
}

export interface DeadLetterPage {
  /** In the order in which the messages came. */
  readonly items: readonly DeadLetter[];
  /** What to ask for the next page with; null on the last one. */
  readonly next: string | null;
}

/**
 * Where an inbox keeps its messages. A message waits, is taken, and then is done, waits again or is dead. Every method is
 * atomic, also between processes that share the store, and what it answered survives a crash. The methods that end a
 * take return false, and change nothing, if another process has the lease.
 */
export interface InboxStore {
  /** Keeps a message, unless one of its id is there already, in whatever state. True when it was kept. */
  accept(message: MessageContext & { readonly key: string | null }): Promise<boolean>;
  /**
   * Takes messages that are due, or whose lease has ended. One with a key is left where an earlier one of its key is
   * unfinished or another is taken, so that never two of a key are worked on at once.
   */
  take(wanted: { readonly countMax: number; readonly leaseMs: number }): Promise<TakenMessage[]>;
  /** Begins the leases anew. */
  renew(messages: readonly TakenMessage[], leaseMs: number): Promise<void>;
  /** The work is done. The id is remembered for so long, and the text is not. */
  finish(message: TakenMessage, keepMs: number): Promise<boolean>;
  /** The work failed; the message is due again later. */
  retry(message: TakenMessage, delayMs: number): Promise<boolean>;
  /** The work failed for good: the message becomes a dead letter. */
  bury(message: TakenMessage, error: string): Promise<boolean>;
  /** How many messages are kept that are not done, counted no further than `max`. */
  countHeld(max: number): Promise<number>;
  deadLetters(page: { readonly limit: number; readonly after: string | null }): Promise<DeadLetterPage>;
  /** Makes a dead letter due again, with all attempts before it. False where there is none. */
  revive(messageId: string): Promise<boolean>;
  /** Counts a dead letter as done. False where there is none. */
  discard(messageId: string, keepMs: number): Promise<boolean>;
  /** Forgets some of the messages that were done and need not be remembered any more. */
  forgetOld(): Promise<void>;
}

/** The options of every store for an inbox. */
export interface InboxStoreOptions {
  /** Keeps apart the inboxes that share a table. Two subscriptions get the same message under the same id. Default: the empty one. */
  readonly scope?: string;
  /** The time, in place of the real clock. */
  readonly now?: () => Date;
}

/** One row of a table of messages, as both databases give it. */
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

/** Taken messages in the order in which they came. */
export function takenFrom(rows: readonly MessageRow[]): TakenMessage[] {
  return rows
    .toSorted((left, right) => Number(left.seq) - Number(right.seq))
    .map((row) => ({ ...contextFrom(row), attempt: row.attempts, take: row.takes }));
}

/** A page from rows of which there is one more than `limit` where another page follows. */
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

/** The row that a page begins after. Whatever is no row's number is the beginning. */
export function seqAfter(after: string | null): number {
  return after !== null && /^\d{1,15}$/.test(after) ? Number(after) : 0;
}

function contextFrom({ message_id, signed_ms, body }: MessageRow): MessageContext {
  return { messageId: message_id, timestamp: new Date(Number(signed_ms)), text: body };
}
