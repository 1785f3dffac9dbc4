import { parseEvent } from "../received-event.ts";
import { Decline } from "../response.ts";
import type { MessageContext, Router } from "../router.ts";
import type { InboxStore, TakenMessage } from "./inbox-store.ts";
import { Pause } from "./pause.ts";

/** The settings of an inbox's worker. */
export interface WorkPolicy {
  readonly concurrency: number;
  readonly retryDelaysMs: readonly number[];
  readonly leaseMs: number;
  readonly keepMs: number;
  readonly pollMs: number;
}

/** The callbacks of a worker. Their errors are ignored. */
export interface WorkReport {
  failed(error: unknown, context: MessageContext | undefined): void;
  buried(error: unknown, context: MessageContext): void;
  /** A handler requested no further events. */
  gone(): void;
}

/** A message that this worker is processing. */
interface Running {
  /** The latest take. */
  message: TakenMessage;
  readonly ended: Promise<void>;
}

const errorCharsMax = 2000;

/**
 * Takes due messages, up to its limit, and passes them to the router. It checks again when woken, when work ends and every
 * `pollMs`; meanwhile another loop renews the leases of running work.
 */
export class Worker {
  readonly #store: InboxStore;
  readonly #router: Pick<Router, "receive">;
  readonly #policy: WorkPolicy;
  readonly #report: WorkReport;
  readonly #running = new Map<string, Running>();
  readonly #pause = new Pause();
  readonly #keeping = new Pause();
  #isStopping = false;
  #isOver = false;
  readonly #taking: Promise<void>;
  readonly #keepingOn: Promise<void>;

  constructor(store: InboxStore, router: Pick<Router, "receive">, policy: WorkPolicy, report: WorkReport) {
    this.#store = store;
    this.#router = router;
    this.#policy = policy;
    this.#report = report;
    this.#taking = this.#takeUntilStopped();
    this.#keepingOn = this.#keepUntilOver();
  }

  /** Called when something may be due. */
  wake(): void {
    this.#pause.wake();
  }

  /** Takes no further messages, and waits this long for running work. Returns the number of unfinished messages. */
  async stop(graceMs: number): Promise<number> {
    this.#isStopping = true;
    this.#pause.wake();
    const grace = new Pause();
    void this.#untilIdle().then(() => grace.wake());
    await grace.rest(graceMs);
    this.#endKeeping();
    return this.#running.size;
  }

  /** Ends when nothing is running, including the renewal of leases. */
  async #untilIdle(): Promise<void> {
    await this.#taking;
    await Promise.all(Array.from(this.#running.values(), ({ ended }) => ended));
    this.#endKeeping();
    await this.#keepingOn;
  }

  #endKeeping(): void {
    this.#isOver = true;
    this.#keeping.wake();
  }

  async #takeUntilStopped(): Promise<void> {
    while (!this.#isStopping) {
      const countMax = this.#policy.concurrency - this.#running.size;
      const taken = countMax === 0 ? [] : await this.#take(countMax);
      for (const message of taken) this.#begin(message);
      if (taken.length < countMax || countMax === 0) await this.#pause.rest(this.#policy.pollMs);
    }
  }

  async #keepUntilOver(): Promise<void> {
    for (;;) {
      await this.#keeping.rest(this.#policy.leaseMs / 3);
      if (this.#isOver) return;
      await this.#orReport(undefined, async () => {
        const held = Array.from(this.#running.values(), ({ message }) => message);
        await this.#store.renew(held, this.#policy.leaseMs);
        await this.#store.forgetOld();
      });
    }
  }

  async #take(countMax: number): Promise<TakenMessage[]> {
    let taken: TakenMessage[] = [];
    await this.#orReport(undefined, async () => {
      taken = await this.#store.take({ countMax, leaseMs: this.#policy.leaseMs });
    });
    return taken;
  }

  #begin(message: TakenMessage): void {
    const running = this.#running.get(message.messageId);
    if (running !== undefined) {
      // This process was blocked until the lease ended; the work continues with the new lease.
      running.message = message;
      return;
    }
    const ended = this.#work(message).finally(() => {
      this.#running.delete(message.messageId);
      this.#pause.wake();
    });
    this.#running.set(message.messageId, { message, ended });
  }

  async #work(message: TakenMessage): Promise<void> {
    const { messageId, timestamp, text } = message;
    const context = { messageId, timestamp, text };
    const failure = await this.#handle(message, context);
    const latest = this.#running.get(messageId)?.message ?? message;
    // Work that cannot be recorded is repeated when the lease ends.
    await this.#orReport(context, () => this.#settle(latest, context, failure));
  }

  /** The error of the message's handlers, or null. */
  async #handle(message: TakenMessage, context: MessageContext): Promise<{ error: unknown } | null> {
    if (message.attempt > this.#attemptsMax) {
      return { error: new Error(`The process ended in the middle of attempt ${this.#attemptsMax}, the last one.`) };
    }
    try {
      await this.#router.receive(parseEvent(context.text), context);
      return null;
    } catch (error) {
      return { error };
    }
  }

  async #settle(message: TakenMessage, context: MessageContext, failure: { error: unknown } | null): Promise<void> {
    if (failure === null) return void (await this.#store.finish(message, this.#policy.keepMs));
    const { error } = failure;
    if (error instanceof Decline && error.code === "gone") {
      this.#report.gone();
      return void (await this.#store.finish(message, this.#policy.keepMs));
    }
    if (!(error instanceof Decline)) this.#report.failed(error, context);
    if (message.attempt >= this.#attemptsMax) {
      if (await this.#store.bury(message, textOf(error))) this.#report.buried(error, context);
      return;
    }
    const lastTakeMs = error instanceof Decline && error.afterSeconds !== null ? error.afterSeconds * 1000 : null;
    await this.#store.retry(message, lastTakeMs ?? this.#policy.retryDelaysMs[message.attempt - 1] ?? 0);
  }

  get #attemptsMax(): number {
    return this.#policy.retryDelaysMs.length + 1;
  }

  async #orReport(context: MessageContext | undefined, act: () => Promise<unknown>): Promise<void> {
    try {
      await act();
    } catch (error) {
      this.#report.failed(error, context);
    }
  }
}

/**
 * The text of an error that a database can store. Only strings are read from it, because other values may fail when they are
 * converted.
 */
function textOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : error;
  if (typeof text !== "string") return "Something was thrown that is no error.";
  return text.replaceAll("\0", "").slice(0, errorCharsMax);
}
