import { setTimeout as sleep } from "node:timers/promises";
import type { MessageId } from "../packages/server/src/domain/id.ts";
import { Child } from "./child.ts";
import type { EventRequest } from "./event-requests.ts";
import type { LoadGeneratorQuestions, PostedRequest } from "./load-generator.ts";
import { machineMs } from "./machine-clock.ts";
import type { ReceiverQuestions } from "./receiver.ts";
import { type Expected, type Reconciliation, reconcile } from "./reconciliation.ts";
import { InvalidRunError, type Run, type Tally } from "./scenario.ts";

// Longer than a lane pauses, a receiver hangs, or a first retry waits.
const quietMsMax = 30_000;
// Beyond that hooks share ports, as customers share a provider's host.
const portsMax = 100;

/** The posted events, the received webhooks, and their reconciliation. */
export interface Passed extends Reconciliation {
  readonly acceptedAt: readonly number[];
  readonly signaturesChecked: number;
}

export interface Posting {
  readonly requests: readonly EventRequest[];
  /** Null posts as fast as responses arrive. */
  readonly perSecond: number | null;
  readonly eventsMax?: number;
}

interface TrafficOptions {
  /** The secret for verifying the signatures of a sample; null verifies none. */
  readonly secret: string | null;
  /** The number of addresses of the receiver, numbered from 0. */
  readonly hooks: number;
}

/** The two ends of the measurement: load generators that post events, and a receiver of webhooks. */
export class Traffic implements AsyncDisposable {
  readonly #signal: AbortSignal;
  readonly #tally: Tally;
  readonly #receiver: Child<ReceiverQuestions>;
  readonly #ports: readonly number[];
  readonly #loads: { generator: Child<LoadGeneratorQuestions>; requests: readonly EventRequest[] }[] = [];
  readonly #expected: Expected[] = [];

  static async open({ signal, tally }: Run, { secret, hooks }: TrafficOptions): Promise<Traffic> {
    await using made = new AsyncDisposableStack();
    const receiver = made.use(new Child<ReceiverQuestions>({ program: "receiver.ts", signal }));
    const ports = await receiver.call("listen", { secret, ports: Math.min(hooks, portsMax) });
    made.move();
    return new Traffic(receiver, ports, { signal, tally });
  }

  private constructor(
    receiver: Child<ReceiverQuestions>,
    ports: readonly number[],
    { signal, tally }: Pick<Run, "signal" | "tally">,
  ) {
    this.#receiver = receiver;
    this.#ports = ports;
    this.#signal = signal;
    this.#tally = tally;
  }

  hookUrl(hook: number): string {
    return `http://127.0.0.1:${this.#ports[hook % this.#ports.length]}/hooks/${hook}`;
  }

  /** Begins to post, from a process of its own for each load. */
  async start(urls: readonly string[], { requests, perSecond, eventsMax }: Posting): Promise<void> {
    const generator = new Child<LoadGeneratorQuestions>({ program: "load-generator.ts", signal: this.#signal });
    this.#loads.push({ generator, requests });
    await generator.call("start", {
      ports: urls.map((url) => Number(new URL(url).port)),
      requests: requests.map(({ bytes }) => bytes),
      perSecond,
      eventsMax: eventsMax ?? null,
    });
  }

  /** A webhook is expected for a message that no load generator posts. */
  expect(messageId: MessageId, hook: number): void {
    const now = machineMs();
    this.#expected.push({ messageId, hook, dueAt: now, answeredAt: now });
  }

  /** From now on these hooks accept webhooks and send no response; the others send their pending ones. */
  async hang(hooks: readonly number[]): Promise<void> {
    await this.#receiver.call("hang", hooks);
  }

  received(): Promise<number> {
    return this.#receiver.call("count");
  }

  /** Stops posting, waits until no accepted event is missing or none arrives any more, and reconciles every webhook. */
  async finish(): Promise<Passed> {
    const acceptedAt: number[] = [];
    const expected = [...this.#expected];
    for (const { generator, requests } of this.#loads) {
      const sent = unrefused(await generator.call("stop"));
      for (const at of sent.answeredAt) acceptedAt.push(at);
      for (const webhook of expectedOf(sent, requests)) expected.push(webhook);
    }
    await this.untilReceived(expected.length);
    // A duplicate may have been counted for an event that is still under way.
    await this.#rest(500);
    const receipts = await this.#receiver.call("receipts");
    const { good, bad } = receipts.signatures;
    if (bad > 0) throw new InvalidRunError(`${bad} signatures were wrong.`);
    const reconciliation = complete(reconcile(expected, receipts));
    this.#tally.reconciled += reconciliation.received.length;
    this.#tally.lost += reconciliation.lost;
    this.#tally.duplicates += reconciliation.duplicates;
    return { ...reconciliation, acceptedAt, signaturesChecked: good };
  }

  /** Waits for this number of webhooks, and gives up when none has arrived for a while. */
  async untilReceived(count: number, look: () => Promise<void> = async () => {}): Promise<void> {
    let received = await this.received();
    let quietSince = performance.now();
    while (received < count && performance.now() < quietSince + quietMsMax) {
      await this.#rest(50);
      await look();
      const now = await this.received();
      if (now > received) quietSince = performance.now();
      received = now;
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const processes = [this.#receiver, ...this.#loads.map(({ generator }) => generator)];
    await Promise.all(processes.map((process) => process[Symbol.asyncDispose]()));
  }

  #rest(ms: number): Promise<void> {
    return sleep(ms, undefined, { signal: this.#signal });
  }
}

function unrefused(sent: PostedRequest): PostedRequest {
  if (sent.refused === 0) return sent;
  throw new InvalidRunError(`${sent.refused} of the events were refused; the first:\n${sent.firstRefusal}`);
}

function expectedOf(sent: PostedRequest, requests: readonly EventRequest[]): Expected[] {
  return sent.ids.flatMap((id, index) => {
    const hooks = requests[sent.requestAt[index] ?? 0]?.hooks ?? [];
    const dueAt = sent.dueAt[index] ?? 0;
    const answeredAt = sent.answeredAt[index] ?? 0;
    return hooks.map((hook) => ({ messageId: id as MessageId, hook, dueAt, answeredAt }));
  });
}

function complete(reconciliation: Reconciliation): Reconciliation {
  const { lost, unexpected, received } = reconciliation;
  if (lost > 0) throw new InvalidRunError(`${lost} of ${lost + received.length} expected webhooks never came.`);
  if (unexpected > 0) throw new InvalidRunError(`${unexpected} webhooks arrived for events that were never posted.`);
  return reconciliation;
}
