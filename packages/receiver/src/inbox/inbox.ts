import { gone, tryLater } from "../answer.ts";
import { printError, tell } from "../hooks.ts";
import type { ReceivedEvent } from "../received-event.ts";
import type { MessageContext, Router } from "../router.ts";
import type { DeadLetterPage, InboxStore } from "./inbox-store.ts";
import { Worker } from "./worker.ts";

export type { DeadLetter, DeadLetterPage, InboxStore, InboxStoreOptions, TakenMessage } from "./inbox-store.ts";

export interface InboxOptions {
  readonly store: InboxStore;
  /** Works on the messages, later. Its handlers must be safe to repeat: a crash repeats what was under way. */
  readonly router: Pick<Router, "receive">;
  /** How many messages are worked on at once in this process. Default 8. */
  readonly concurrency?: number;
  /** The waits between attempts, in milliseconds. Default: 1 s, 10 s, 1 min, 10 min, 1 h, 6 h; then the message is a dead letter. */
  readonly retryDelaysMs?: readonly number[];
  /**
   * Messages with the same key are worked on one after the other, in the order in which they came; retries hold up their key,
   * dead letters do not. Null: in no order. Default: in no order.
   */
  readonly orderBy?: (event: ReceivedEvent, context: MessageContext) => string | null;
  /** After how long the messages of a process that died are taken by another, in milliseconds. Default 60 seconds. */
  readonly leaseMs?: number;
  /** How long the ids of messages that are done are remembered against duplicates, in milliseconds. Default 30 days. */
  readonly keepMs?: number;
  /** With so many messages waiting and dead, the sender is asked to keep further ones for a while. Default 100,000. */
  readonly heldMax?: number;
  /** How often this process looks for what other processes accepted and for retries, in milliseconds. Default 1 second. */
  readonly pollMs?: number;
  /** Told about every attempt that failed, and about a store that fails. Default: `console.error`. */
  readonly onError?: (error: unknown, context?: MessageContext) => void;
  /** Called for every message that became a dead letter, with the last error. There is none by default. */
  readonly onDead?: (error: unknown, context: MessageContext) => void;
}

/** Stores what comes, answers at once, and works on it later. An adapter takes it in place of a router. */
export interface Inbox {
  /**
   * Stores the message; a known id changes nothing. Throws what the store throws, so that the sender comes again, and asks
   * for a pause when the inbox is full. After a handler threw `gone()` it answers that to every further message.
   */
  receive(event: ReceivedEvent, context: MessageContext): Promise<void>;
  /** Begins to work on what is stored. Without it, the inbox only stores, for another process to work. */
  start(): void;
  /**
   * Takes nothing more, and waits for what is being worked on, 30 seconds at most unless told otherwise. What is unfinished then
   * is taken again after its lease. Storing goes on.
   */
  stop(options?: { readonly graceMs?: number }): Promise<{ readonly unfinished: number }>;
  /** The messages that were given up, `limit` at a time: 50, at most 200. */
  deadLetters(page?: { readonly limit?: number; readonly after?: string | null }): Promise<DeadLetterPage>;
  /** Works on a dead letter once more, with all attempts before it. False where there is none. */
  revive(messageId: string): Promise<boolean>;
  /** Drops a dead letter. False where there is none. */
  discard(messageId: string): Promise<boolean>;
}

const retryDelaysMsDefault = [1_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000];
const heldMaxDefault = 100_000;
const graceMsDefault = 30_000;
const pageItemsMax = 200;
const fullRetrySeconds = 60;

/** An inbox that stores, and works from `start` on. */
export function createInbox(options: InboxOptions): Inbox {
  const { store, router, orderBy, onError = printError, onDead } = options;
  const { concurrency = 8, leaseMs = 60_000, keepMs = 30 * 86_400_000, pollMs = 1_000 } = options;
  const policy = { concurrency, leaseMs, keepMs, pollMs, retryDelaysMs: options.retryDelaysMs ?? retryDelaysMsDefault };
  const isFull = fullness(store, options.heldMax ?? heldMaxDefault);
  let worker: Worker | null = null;
  let isGone = false;

  const report = {
    failed: (error: unknown, context?: MessageContext) => tell(() => onError(error, context)),
    buried: (error: unknown, context: MessageContext) => tell(() => onDead?.(error, context)),
    gone() {
      isGone = true;
    },
  };

  return {
    async receive(event, context) {
      if (isGone) throw gone();
      if (await isFull()) throw tryLater(fullRetrySeconds, "This receiver's inbox is full; please send it again.");
      const key = orderBy?.(event, context) ?? null;
      await store.accept({ ...context, key: key === null ? null : await digest(key) });
      worker?.wake();
    },
    start() {
      worker ??= new Worker(store, router, policy, report);
    },
    async stop({ graceMs = graceMsDefault } = {}) {
      const stopping = worker;
      worker = null;
      return { unfinished: (await stopping?.stop(graceMs)) ?? 0 };
    },
    deadLetters({ limit = 50, after = null } = {}) {
      return store.deadLetters({ limit: Math.min(Math.max(Math.trunc(limit) || 1, 1), pageItemsMax), after });
    },
    async revive(messageId) {
      const isRevived = await store.revive(messageId);
      worker?.wake();
      return isRevived;
    },
    discard: (messageId) => store.discard(messageId, keepMs),
  };
}

/**
 * Whether the store holds as much as it may. It is counted only when what came since the last count could have filled it;
 * several processes may each add what the others do not know of yet.
 */
function fullness(store: InboxStore, heldMax: number): () => Promise<boolean> {
  let heldAtMost = Number.POSITIVE_INFINITY;
  return async () => {
    if (heldAtMost >= heldMax) heldAtMost = await store.countHeld(heldMax);
    if (heldAtMost >= heldMax) return true;
    heldAtMost += 1;
    return false;
  };
}

/** Keys of any length and any characters become 64 that every database keeps. */
async function digest(key: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
