import type { AllFacts, DeliveryFacts } from "./delivery-facts.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import { isHealthy, type SimulatedSubscription } from "./subscription.ts";
import type { Trace } from "./trace.ts";
import type { Verdict } from "./verdict.ts";

/**
 * Watches that deliveries to a healthy receiver progress, regardless of the state of the others, unless a fault excuses a
 * delay.
 */
export class Promptness {
  readonly #facts: AllFacts;
  readonly #verdict: Verdict;
  readonly #trace: Trace;
  readonly #time: SimulatedTime;
  readonly #healthy: readonly SimulatedSubscription[];
  readonly #boundMs: number;
  #calmFrom = 0;

  constructor(
    facts: AllFacts,
    context: { verdict: Verdict; trace: Trace; time: SimulatedTime },
    subscriptions: Iterable<SimulatedSubscription>,
    boundMs: number,
  ) {
    this.#facts = facts;
    this.#verdict = context.verdict;
    this.#trace = context.trace;
    this.#time = context.time;
    this.#healthy = [...subscriptions].filter(isHealthy);
    this.#boundMs = boundMs;
  }

  /** A fault excuses delays until then. */
  excuse(until: number): void {
    this.#calmFrom = Math.max(this.#calmFrom, until);
  }

  look(): void {
    for (const { id } of this.#healthy) {
      const all = this.#facts.to(id);
      const oldest = all.find(({ firstStartAt, state }) => firstStartAt === null && state === "open");
      if (oldest === undefined) continue;
      const since = Math.max(oldest.createdAt, lastStart(all), this.#calmFrom);
      if (this.#time.now - since <= this.#boundMs) continue;
      const which = `${this.#trace.delivery(oldest)} was accepted at ${this.#trace.seconds(oldest.createdAt)} and`;
      this.#verdict.violate("no starvation", `${which} has not been sent, nor anything else to its healthy receiver.`);
    }
  }
}

function lastStart(all: readonly DeliveryFacts[]): number {
  return all.reduce((last, { firstStartAt }) => Math.max(last, firstStartAt ?? 0), 0);
}
