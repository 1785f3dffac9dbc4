// Mistakes that a store, a clock or a network could make, each of which some invariant must detect. They are between
// the engine and its surroundings; the engine itself is always the real one.

import type { Clock } from "../../packages/server/src/domain/clock.ts";
import { type Exchange, headerOf } from "../../packages/server/src/domain/exchange.ts";
import { limits } from "../../packages/server/src/domain/limits.ts";
import type { EngineStore } from "./database-access.ts";
import type { Sender } from "./simulated-network.ts";
import type { SimulationOptions } from "./simulation.ts";
import type { Invariant } from "./verdict.ts";

export interface Mutant {
  readonly mistake: string;
  readonly noticedBy: Invariant;
  readonly options: SimulationOptions;
}

export const mutants: readonly Mutant[] = [
  {
    mistake: "a node that lost its lease may still record",
    noticedBy: "fencing",
    options: { rules: { isClaimedBy: () => true, isNext: () => true } },
  },
  {
    mistake: "two nodes may claim the same delivery",
    noticedBy: "fencing",
    options: { rules: { isFree: (row) => row.state === "due" || row.state === "claimed" } },
  },
  {
    mistake: "a record is made before the receiver has answered",
    noticedBy: "records tell what happened",
    options: { tampering: { sender: hasty } },
  },
  {
    mistake: "a claim ignores which message goes before which",
    noticedBy: "order within a job",
    options: { rules: { mustWait: () => false } },
  },
  {
    mistake: "an ordered subscription may be claimed while one of its deliveries is claimed",
    noticedBy: "ordered subscriptions",
    options: { rules: { orderedLimit: (_, limit) => limit } },
  },
  {
    mistake: "a claim takes what is not due yet",
    noticedBy: "the schedule",
    options: { rules: { isDueAt: () => true } },
  },
  {
    mistake: "an endpoint that is down is taken for one that refuses",
    noticedBy: "open circuits",
    options: { tampering: { sender: forgiving } },
  },
  {
    mistake: "a claim ignores the rate limit",
    noticedBy: "rate limits",
    options: { rules: { rateLimited: (requested) => requested } },
  },
  {
    mistake: "a receiver that asks for a rest gets none",
    noticedBy: "rests of receivers",
    options: { isOverload: true, tampering: { sender: (sender) => changed(sender, withoutRest) } },
  },
  {
    mistake: "a refusal is taken for any other error",
    noticedBy: "the pace of refusals",
    options: { isOverload: true, tampering: { sender: (sender) => changed(sender, withoutRefusal) } },
  },
  {
    mistake: "the lane rests after each refusal",
    noticedBy: "the pace of some refusals",
    options: { isOverload: true, tampering: { sender: (sender) => changed(sender, withRest) } },
  },
  {
    mistake: "a node that is asked to stop does not wait for its requests",
    noticedBy: "no unrecorded requests",
    options: { tampering: { clock: impatientClock } },
  },
  {
    mistake: "a living node is declared dead",
    noticedBy: "leases",
    options: { rules: { isExpired: (leaseUntil, now) => leaseUntil <= now + 13_500 } },
  },
  {
    mistake: "a node that is expired already may claim",
    noticedBy: "no forgotten claims",
    options: { rules: { mayClaim: () => true }, faultsMin: 40 },
  },
  {
    mistake: "a hand-back loses one delivery",
    noticedBy: "no forgotten claims",
    options: { rules: { released: (deliveries) => deliveries.slice(1) } },
  },
  {
    mistake: "a hand-over loses one delivery",
    noticedBy: "no forgotten claims",
    options: { tampering: { store: losingHandOvers } },
  },
  {
    mistake: "a wake-up is dropped",
    noticedBy: "no loss",
    options: { tampering: { clock: deafClock } },
  },
  {
    mistake: "a lane stays closed for ever",
    noticedBy: "no starvation",
    options: { tampering: { store: neverDrained } },
  },
  {
    mistake: "an accepted message is not stored",
    noticedBy: "no loss",
    options: { tampering: { store: forgettingMessages } },
  },
];

/** Does not wait for the receiver's response. */
function hasty(sender: Sender): Sender {
  return {
    send: async (request) => {
      void sender.send(request);
      return { kind: "answered", status: 204, headers: {}, body: "", truncated: null, durationMs: 0 };
    },
  };
}

/** A broken receiver seems to have responded. */
function forgiving(sender: Sender): Sender {
  return {
    send: async (request) => {
      const exchange = await sender.send(request);
      return exchange.kind === "answered" && exchange.status === 500 ? { ...exchange, status: 422 } : exchange;
    },
  };
}

function changed(sender: Sender, change: (exchange: Exchange) => Exchange): Sender {
  return { send: async (request) => change(await sender.send(request)) };
}

function withoutRest(exchange: Exchange): Exchange {
  return exchange.kind === "answered" ? { ...exchange, headers: {} } : exchange;
}

function withoutRefusal(exchange: Exchange): Exchange {
  return isPlainRefusal(exchange) ? { ...exchange, status: 400 } : exchange;
}

function withRest(exchange: Exchange): Exchange {
  return isPlainRefusal(exchange) ? { ...exchange, headers: { "retry-after": "5" } } : exchange;
}

function isPlainRefusal(exchange: Exchange): exchange is Extract<Exchange, { kind: "answered" }> {
  return exchange.kind === "answered" && exchange.status === 429 && headerOf(exchange.headers, "retry-after") === null;
}

/** A stop does not wait for anything. */
function impatientClock(clock: Clock): Clock {
  const isStop = (ms: number) => ms === limits.shutdownMs || ms === limits.cutOffMs;
  return { now: clock.now, sleep: (ms, signal) => (isStop(ms) ? Promise.resolve() : clock.sleep(ms, signal)) };
}

function losingHandOvers(store: EngineStore): EngineStore {
  return {
    ...store,
    handOverTo: (handOver) =>
      store.handOverTo({
        nodeId: handOver.nodeId,
        room: () => handOver.room(),
        backloggedLanes: () => handOver.backloggedLanes(),
        fullOrganizations: () => handOver.fullOrganizations(),
        take: (deliveries, spilled) => handOver.take(deliveries.length > 3 ? deliveries.slice(1) : deliveries, spilled),
      }),
  };
}

/** A sleeper never receives its wake-up. */
function deafClock(clock: Clock): Clock {
  return {
    now: clock.now,
    sleep: (ms, signal) =>
      new Promise((resolve) => {
        void clock.sleep(ms, signal).then(() => {
          if (!signal.aborted) resolve();
        });
      }),
  };
}

/** Claims find nothing and report that more is left. */
function neverDrained(store: EngineStore): EngineStore {
  return {
    ...store,
    claimDue: async ({ lanes }) => lanes.map(({ subscriptionId }) => ({ subscriptionId, claimed: 0, drained: false })),
  };
}

function forgettingMessages(store: EngineStore): EngineStore {
  let count = 0;
  return {
    ...store,
    acceptMessages: async (params) => {
      count += 1;
      if (count % 5 !== 0) return store.acceptMessages(params);
      const messages = params.messages.map(({ id, createdAt }) => ({ id, createdAt, duplicate: false }));
      return { kind: "accepted", messages };
    },
  };
}
