import type { SubscriptionId } from "../../packages/server/src/domain/id.ts";
import type { AllFacts } from "./delivery-facts.ts";
import { isHealthy, type SimulatedSubscription, sharesLoad } from "./subscription.ts";
import type { Trace } from "./trace.ts";
import type { Verdict } from "./verdict.ts";

/** A response as the node received it. */
export interface SeenResponse {
  readonly isRefusal: boolean;
  readonly retryAfterMs: number | null;
}

interface PaceSample {
  readonly rests: { readonly from: number; readonly until: number }[];
  readonly starts: number[];
  /** The time of each refusal since the last other response. */
  refusals: number[];
  /** From then on the receiver has refused so many requests that the node must know. */
  refusesSince: number | null;
}

/** A request may be on its way from its lane to the network when a response arrives. */
const onItsWayMs = 200;
const restMsMax = 60_000;
const refusalsToKnow = 10;
const refusalsWithinMs = 2_000;
const windowMs = 5_000;
const aFewPerSecond = 4;

/** Watches the requests that one node sends to receivers that refuse. It knows their responses, and not the engine's rules. */
export class PaceChecks {
  readonly #seen = new Map<SubscriptionId, PaceSample>();
  readonly #verdict: Verdict;
  readonly #trace: Trace;
  readonly #name: () => string;

  constructor(context: { verdict: Verdict; trace: Trace }, name: () => string) {
    this.#verdict = context.verdict;
    this.#trace = context.trace;
    this.#name = name;
  }

  started(subscriptionId: SubscriptionId, now: number): void {
    const seen = this.#of(subscriptionId);
    const which = `${this.#name()} sends to ${this.#trace.nameOf(subscriptionId)}`;
    const rest = seen.rests.find(({ from, until }) => from + onItsWayMs < now && now < until);
    if (rest !== undefined) {
      this.#verdict.violate(
        "rests of receivers",
        `${which}, which asked for a rest until ${this.#trace.seconds(rest.until)}.`,
      );
    }
    seen.starts.push(now);
    while ((seen.starts[0] ?? now) <= now - windowMs) seen.starts.shift();
    if (seen.refusesSince === null || seen.refusesSince > now - windowMs) return;
    if (seen.starts.length <= (aFewPerSecond * windowMs) / 1_000) return;
    const count = `${seen.starts.length} times in ${windowMs / 1_000} s`;
    this.#verdict.violate("the pace of refusals", `${which} ${count}, and it refuses everything.`);
  }

  received(subscriptionId: SubscriptionId, { isRefusal, retryAfterMs }: SeenResponse, now: number): void {
    const seen = this.#of(subscriptionId);
    if (!isRefusal) {
      seen.refusals = [];
      seen.refusesSince = null;
      return;
    }
    if (retryAfterMs !== null) seen.rests.push({ from: now, until: now + Math.min(retryAfterMs, restMsMax) });
    while (seen.rests.length > 0 && (seen.rests[0]?.until ?? now) <= now) seen.rests.shift();
    seen.refusals = [...seen.refusals, now].slice(-refusalsToKnow);
    const first = seen.refusals[0] ?? now;
    const isKnown = seen.refusals.length === refusalsToKnow && now - first <= refusalsWithinMs;
    // Requests that were under way when the node learned of it still arrive.
    if (isKnown) seen.refusesSince ??= now + onItsWayMs;
  }

  #of(subscriptionId: SubscriptionId): PaceSample {
    const known = this.#seen.get(subscriptionId);
    if (known !== undefined) return known;
    const seen: PaceSample = { rests: [], starts: [], refusals: [], refusesSince: null };
    this.#seen.set(subscriptionId, seen);
    return seen;
  }
}

interface SentAttempt {
  readonly facts: AllFacts;
  readonly subscriptions: Iterable<SimulatedSubscription>;
  /** The time when the faults ended. */
  readonly until: number;
}

/** A receiver that refuses one request in five is sent at least half as many as a healthy one in the same time. */
export function checkShares({ facts, subscriptions, until }: SentAttempt, verdict: Verdict): void {
  const all = [...subscriptions];
  const sentTo = ({ id }: SimulatedSubscription) =>
    facts.to(id).filter(({ firstStartAt }) => firstStartAt !== null && firstStartAt < until).length;
  for (const some of all.filter(sharesLoad)) {
    const healthy = all.find((other) => isHealthy(other) && other.eventTypes.join() === some.eventTypes.join());
    if (healthy === undefined) continue;
    const [sent, most] = [sentTo(some), sentTo(healthy)];
    if (sent * 2 >= most) continue;
    const which = `${some.name}, which refuses one request of five, was sent ${sent} deliveries`;
    verdict.violate("the pace of some refusals", `${which}, and ${healthy.name} ${most}.`);
  }
}
