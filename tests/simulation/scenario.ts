import type { SubscriptionId } from "../../packages/server/src/domain/id.ts";
import { limits } from "../../packages/server/src/domain/limits.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { ReceiverPlan, SimulatedSubscription } from "./subscription.ts";

/** A fault with its duration. `slot` selects the node by its index. */
export type Fault =
  | { readonly kind: "crash" | "stop"; readonly slot: number; readonly atMs: number; readonly forMs: number }
  | {
      readonly kind: "sleep";
      readonly slot: number;
      readonly atMs: number;
      readonly forMs: number;
      /** How long after it wakes the node crashes; null when it does not. */
      readonly crashMs: number | null;
    }
  | { readonly kind: "outage"; readonly atMs: number; readonly forMs: number }
  /** This is not a fault: a subscription gets a new secret. */
  | { readonly kind: "change"; readonly subscription: number; readonly atMs: number; readonly forMs: 0 };

/** Events that are accepted one after the other, each after the previous one: those of a job, or a single message. */
export interface Publication {
  readonly atMs: number;
  readonly slot: number;
  readonly eventTypes: readonly string[];
  readonly gapMsMax: number;
}

export interface Scenario {
  readonly nodes: number;
  readonly subscriptions: ReadonlyMap<SubscriptionId, SimulatedSubscription>;
  readonly publications: readonly Publication[];
  readonly faults: readonly Fault[];
  /** Until then receivers and the database may have faults. */
  readonly troubleMs: number;
  readonly failingShare: number;
  readonly latencyMsMax: number;
  readonly nodeConcurrencyMax: number;
}

const eventTypes = ["pending", "running", "completed"] as const;
const leaseMs = limits.nodeLeaseMs;

/** All decisions that are made before a simulation begins. */
export function scenarioFrom(random: SeededRandom, { faultsMin }: { faultsMin: number }): Scenario {
  const troubleMs = random.between(20_000, 90_000);
  const nodes = random.between(1, 3);
  return {
    nodes,
    troubleMs,
    subscriptions: new Map(
      Array.from({ length: random.between(2, 6) }, (_, index) => subscription(index, random)).map((it) => [it.id, it]),
    ),
    publications: publications(random, nodes, troubleMs),
    faults: faults(random, { nodes, troubleMs, faultsMin }),
    failingShare: random.pick([0, 0, 0.01, 0.05]),
    latencyMsMax: random.pick([2, 10, 60]),
    // Sometimes so few that the lanes must wait for one another.
    nodeConcurrencyMax: random.pick([2, 5, 20, 2_000, 2_000]),
  };
}

const plans: readonly [ReceiverPlan, ...ReceiverPlan[]] = [
  { during: ["ok"], afterwards: "ok" },
  { during: ["ok"], afterwards: "ok" },
  { during: ["slow"], afterwards: "ok" },
  { during: ["hang"], afterwards: "ok" },
  { during: ["refuse"], afterwards: "refuse" },
  { during: ["broken"], afterwards: "ok" },
  { during: ["broken", "unreachable", "close", "hang"], afterwards: "ok" },
  { during: ["overload", "overload", "ok"], afterwards: "ok" },
  { during: ["ok", "ok", "broken", "close", "unreachable", "slow", "overload"], afterwards: "ok" },
  { during: ["hang", "ok"], afterwards: "refuse" },
];

function subscription(index: number, random: SeededRandom): SimulatedSubscription {
  const name = `s${index + 1}`;
  const selected = eventTypes.filter(() => random.chance(0.8));
  return {
    name,
    id: `00000000-0000-7000-8000-${String(index + 1).padStart(12, "0")}` as SubscriptionId,
    url: `https://${name}.test/hook`,
    eventTypes: selected.length > 0 ? selected : eventTypes,
    ordered: random.chance(0.3),
    rateLimit: random.pick([null, null, null, 1, 3, 10]),
    retryDelaysMs: random.pick([[], [1_000], [500, 2_000], [1_000, 3_000, 8_000]]),
    receiver: random.pick(plans),
  };
}

const overloadMs = 40_000;
const overloadPerSecond = 25;

/** A steady stream of messages to receivers that refuse none of them, some, all, or ask for pauses. */
export function overloadScenario(random: SeededRandom): Scenario {
  const receivers: readonly ReceiverPlan[] = [
    { during: ["ok"], afterwards: "ok" },
    { during: ["ok", "ok", "ok", "ok", "busy"], afterwards: "ok" },
    { during: ["busy"], afterwards: "ok" },
    { during: ["overload", "ok"], afterwards: "ok" },
  ];
  const nodes = random.between(1, 2);
  const common = { eventTypes: [eventTypes[0]], ordered: false, rateLimit: null, retryDelaysMs: [] };
  return {
    nodes,
    troubleMs: overloadMs,
    subscriptions: new Map(
      receivers
        .map((receiver, index) => ({ ...subscription(index, random), ...common, receiver }))
        .map((it) => [it.id, it]),
    ),
    publications: Array.from({ length: (overloadMs / 1_000) * overloadPerSecond }, (_, index) => ({
      atMs: (index * 1_000) / overloadPerSecond,
      slot: index % nodes,
      eventTypes: [eventTypes[0]],
      gapMsMax: 0,
    })),
    faults: [],
    failingShare: 0,
    latencyMsMax: 2,
    nodeConcurrencyMax: 2_000,
  };
}

function publications(random: SeededRandom, nodes: number, troubleMs: number): Publication[] {
  const planned: Publication[] = [];
  const some = () => ({ atMs: random.between(0, troubleMs), slot: random.between(0, nodes - 1) });
  for (let job = random.between(1, 6); job > 0; job--) {
    planned.push({ ...some(), eventTypes, gapMsMax: random.pick([0, 20, 3_000]) });
  }
  for (let single = random.between(3, 20); single > 0; single--) {
    planned.push({ ...some(), eventTypes: [random.pick(eventTypes)], gapMsMax: 0 });
  }
  if (random.chance(0.5)) {
    // A burst, for which no lane has room.
    const { atMs, slot } = some();
    for (let more = random.between(10, 40); more > 0; more--) {
      planned.push({ atMs: atMs + random.between(0, 20), slot, eventTypes: [random.pick(eventTypes)], gapMsMax: 0 });
    }
  }
  return planned;
}

function faults(
  random: SeededRandom,
  { nodes, troubleMs, faultsMin }: { nodes: number; troubleMs: number; faultsMin: number },
): Fault[] {
  const count = random.pick([0, random.between(1, 4), random.between(5, 12)]);
  return Array.from({ length: Math.max(count, faultsMin) }, () => {
    const [atMs, slot] = [random.between(0, troubleMs), random.between(0, nodes - 1)];
    switch (random.pick(["crash", "sleep", "sleep", "stop", "outage", "change"])) {
      case "crash":
        return { kind: "crash", slot, atMs, forMs: random.between(10, 20_000) };
      case "sleep": {
        const forMs = random.between(100, random.pick([leaseMs, leaseMs * 3]));
        return { kind: "sleep", slot, atMs, forMs, crashMs: random.chance(0.2) ? random.between(0, 200) : null };
      }
      case "stop":
        return { kind: "stop", slot, atMs, forMs: random.between(10, 5_000) };
      case "change":
        return { kind: "change", subscription: random.between(0, 5), atMs, forMs: 0 };
      default:
        return { kind: "outage", atMs, forMs: random.between(50, 6_000) };
    }
  });
}
