import { callHook, printError } from "../hooks.ts";
import type { ReceivedEvent } from "../received-event.ts";
import { gone, tryLater } from "../response.ts";
import type { MessageContext, Router } from "../router.ts";
import type { DeadLetterPage, InboxStore } from "./inbox-store.ts";
import { Worker } from "./worker.ts";

export type { DeadLetter, DeadLetterPage, InboxStore, InboxStoreOptions, TakenMessage } from "./inbox-store.ts";

export interface InboxOptions {
  readonly store: InboxStore;
  /** Processes the messages later. Its handlers must be idempotent, because a crash repeats unfinished work. */
  readonly router: Pick<Router, "receive">;
  /** The number of messages that this process handles concurrently. Default 8. */
  readonly concurrency?: number;
  /**
   * The delays between attempts, in milliseconds. Default: 1 s, 10 s, 1 min, 10 min, 1 h, 6 h; then the message is a dead
   * letter.
   */
  readonly retryDelaysMs?: readonly number[];
  /**
   * Messages with the same key are processed one after the other in the order of arrival. Retries block their key, dead letters
   * do not. Null means no order, which is the default.
   */
  readonly orderBy?: (event: ReceivedEvent, context: MessageContext) => string | null;
  /** Another process takes the messages of a dead process after this time, in milliseconds. Default 60 seconds. */
  readonly leaseMs?: number;
  /** How long the ids of done messages are remembered to detect duplicates, in milliseconds. Default 30 days. */
  readonly keepMs?: number;
  /** With this many waiting and dead messages, the sender is asked to retry later. Default 100,000. */
  readonly heldMax?: number;
  /**
   * How often this process checks for retries and for messages that other processes accepted, in milliseconds. Default 1
   * second.
   */
  readonly pollMs?: number;
  /** Called for every failed attempt, and when the store fails. Default: `console.error`. */
  readonly onError?: (error: unknown, context?: MessageContext) => void;
  /** Called for every message that became a dead letter, with the last error. The default does nothing. */
  readonly onDead?: (error: unknown, context: MessageContext) => void;
}

/** Stores messages, responds at once, and processes them later. An adapter accepts it in place of a router. */
export interface Inbox {
  /**
   * Stores the message; a known id changes nothing. Throws the store's error, so that the sender retries, and asks for a retry
   * when the inbox is full. After a handler threw `gone()`, every further message receives that response.
   */
  receive(event: ReceivedEvent, context: MessageContext): Promise<void>;
  /** Starts to process stored messages. Without it, the inbox only stores, and another process handles the messages. */
  start(): void;
  /**
   * Takes no further messages, and waits for running handlers, by default for at most 30 seconds. Unfinished messages are taken
   * again after their lease. Messages are still stored.
   */
  stop(options?: { readonly graceMs?: number }): Promise<{ readonly unfinished: number }>;
  /** The dead letters, `limit` at a time: 50 by default, at most 200. */
  deadLetters(page?: { readonly limit?: number; readonly after?: string | null }): Promise<DeadLetterPage>;
  /** Processes a dead letter again, with all of its attempts available. False if it does not exist. */
  revive(messageId: string): Promise<boolean>;
  /** Deletes a dead letter. False if it does not exist. */
  discard(messageId: string): Promise<boolean>;
}

const retryDelaysMsDefault = [1_000, 10_000, 60_000, 600_000, 3_600_000, 21_600_000];
const heldMaxDefault = 100_000;
const graceMsDefault = 30_000;
const pageItemsMax = 200;
const fullRetrySeconds = 60;

/** An inbox that stores messages, and processes them after `start`. */
export function createInbox(options: InboxOptions): Inbox {
  const { store, router, orderBy, onError = printError, onDead } = options;
  const { concurrency = 8, leaseMs = 60_000, keepMs = 30 * 86_400_000, pollMs = 1_000 } = options;
  const policy = { concurrency, leaseMs, keepMs, pollMs, retryDelaysMs: options.retryDelaysMs ?? retryDelaysMsDefault };
  const isFull = fullness(store, options.heldMax ?? heldMaxDefault);
  let worker: Worker | null = null;
  let isGone = false;

  const report = {
    failed: (error: unknown, context?: MessageContext) => callHook(() => onError(error, context)),
    buried: (error: unknown, context: MessageContext) => callHook(() => onDead?.(error, context)),
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
 * Whether the store is full. It is counted only when new messages could have filled it since the last count. Several processes
 * may each add messages that the others have not counted.
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

/** Hashes keys of any length and characters to 64 characters that every database can store. */
async function digest(key: string): Promise<string> {
  const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(key));
  return Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
