import { setTimeout as sleep } from "node:timers/promises";
import { Child } from "./child.ts";
import { eventRequests } from "./event-requests.ts";
import type { LoadGeneratorQuestions, Sent } from "./load-generator.ts";
import type { Receipts, ReceiverQuestions } from "./receiver.ts";
import { type Reconciliation, reconcile } from "./reconciliation.ts";
import { InvalidRunError, type Run } from "./scenario.ts";

const drainMsMax = 60_000;

/** What went in, what came out, and how the two agree. */
export interface Passed extends Reconciliation {
  readonly sent: Sent;
  readonly receipts: Receipts;
}

/** The two ends of what is measured: a load generator that posts events, and a receiver of webhooks. */
export class Traffic implements AsyncDisposable {
  readonly receiverUrl: string;
  readonly #signal: AbortSignal;
  readonly #receiver: Child<ReceiverQuestions>;
  readonly #generator: Child<LoadGeneratorQuestions>;

  /** With a secret, the receiver checks the signatures of a sample. */
  static async open({ signal }: Run, secret: string | null): Promise<Traffic> {
    const receiver = new Child<ReceiverQuestions>({ program: "receiver.ts", signal });
    const generator = new Child<LoadGeneratorQuestions>({ program: "load-generator.ts", signal });
    const port = await receiver.ask("listen", { secret });
    return new Traffic(receiver, generator, { signal, receiverUrl: `http://127.0.0.1:${port}/hooks/weft` });
  }

  private constructor(
    receiver: Child<ReceiverQuestions>,
    generator: Child<LoadGeneratorQuestions>,
    { signal, receiverUrl }: { signal: AbortSignal; receiverUrl: string },
  ) {
    this.#receiver = receiver;
    this.#generator = generator;
    this.#signal = signal;
    this.receiverUrl = receiverUrl;
  }

  /** `perSecond` null: as fast as the answers come. */
  start(load: { url: string; adminKey: string; perSecond: number | null }): Promise<void> {
    const { url, adminKey, perSecond } = load;
    const port = Number(new URL(url).port);
    return this.#generator.ask("start", { port, requests: eventRequests(adminKey), perSecond });
  }

  received(): Promise<number> {
    return this.#receiver.ask("count");
  }

  /** Stops posting, waits until nothing comes any more that was accepted, and holds every id against its receipt. */
  async finish(): Promise<Passed> {
    const sent = await this.#generator.ask("stop");
    const until = performance.now() + drainMsMax;
    while ((await this.received()) < sent.ids.length && performance.now() < until) await this.#rest(50);
    // A duplicate may have been counted for an event that is still under way.
    await this.#rest(500);
    const receipts = await this.#receiver.ask("receipts");
    return checked({ sent, receipts, ...reconcile(sent, receipts) });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([this.#generator[Symbol.asyncDispose](), this.#receiver[Symbol.asyncDispose]()]);
  }

  #rest(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#signal });
  }
}

function checked(passed: Passed): Passed {
  const { sent, receipts, lost, unexpected } = passed;
  if (sent.refused > 0) {
    throw new InvalidRunError(`${sent.refused} of the events were refused; the first:\n${sent.firstRefusal}`);
  }
  if (lost > 0) throw new InvalidRunError(`${lost} of ${sent.ids.length} accepted events were never received.`);
  if (unexpected > 0) throw new InvalidRunError(`${unexpected} webhooks came for events that nobody had posted.`);
  if (receipts.signatures.bad > 0) throw new InvalidRunError(`${receipts.signatures.bad} signatures were wrong.`);
  return passed;
}
