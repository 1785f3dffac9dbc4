import { Engine, type EngineParts } from "../../packages/server/src/delivery/engine.ts";
import type { Clock } from "../../packages/server/src/domain/clock.ts";
import { idSource, type NewId, type NodeId, type SubscriptionId } from "../../packages/server/src/domain/id.ts";
import type { Reporter } from "../../packages/server/src/report/reporter.ts";
import { untraced } from "../../packages/server/src/report/traces.ts";
import { type DatabaseWeather, databaseAccess, type EngineStore } from "./database-access.ts";
import type { SeededRandom } from "./seeded-random.ts";
import type { SendingChecks } from "./sending-checks.ts";
import type { SharedDatabase } from "./shared-database.ts";
import { type Sender, simulatedSender } from "./simulated-network.ts";
import { processClock, SimulatedProcess } from "./simulated-process.ts";
import type { SimulatedTime } from "./simulated-time.ts";
import type { Trace } from "./trace.ts";

/** The layer between the engine and its surroundings, in which the mutants make their mistakes. */
export interface Tampering {
  store(store: EngineStore, clock: Clock): EngineStore;
  sender(sender: Sender): Sender;
  clock(clock: Clock): Clock;
}

export interface NodeSurroundings {
  readonly time: SimulatedTime;
  readonly random: SeededRandom;
  readonly database: SharedDatabase;
  readonly weather: DatabaseWeather;
  readonly trace: Trace;
  readonly isTroubled: () => boolean;
  readonly tampering: Tampering;
  readonly checks: (nodeId: NodeId) => SendingChecks;
}

/** One process with an engine, from its start to its end. A restart is another node. */
export class SimulatedNode {
  readonly name: string;
  readonly process: SimulatedProcess;
  readonly store: EngineStore;
  readonly newId: NewId;
  readonly engine: Engine;
  readonly checks: SendingChecks;
  readonly #trace: Trace;
  readonly #weather: DatabaseWeather;
  #isStopping = false;

  constructor(name: string, surroundings: NodeSurroundings) {
    const { time, random, trace, tampering, database } = surroundings;
    this.name = name;
    this.#trace = trace;
    this.#weather = surroundings.weather;
    this.process = new SimulatedProcess(time);
    const clock = tampering.clock(processClock(this.process, time));
    this.newId = idSource(clock.now, (size) => random.bytes(size));
    const nodeId = this.newId<"node">();
    trace.name(nodeId, name);
    const checks = surroundings.checks(nodeId);
    this.checks = checks;
    const context = { ...surroundings, name, process: this.process };
    const access = databaseAccess({ ...context, learnedExpired: () => checks.learnedExpired() });
    this.store = tampering.store(withChecks(access, checks), clock);
    const sender = simulatedSender({ ...context, subscriptions: database.subscriptions, watch: checks });
    this.engine = new Engine({
      // The engine needs no more than this of a store.
      store: this.store as EngineParts["store"],
      sender: tampering.sender(sender),
      mailer: { send: () => Promise.reject(new Error("No simulated subscription has a mail address.")) },
      clock,
      reporter: tracingReporter(trace, name),
      traces: untraced,
      newId: firstThen(nodeId, this.newId),
      userAgent: "Weft/simulation",
      retry: { delaysMs: [], random: random.next },
      requestToken: () => Promise.reject(new Error("No receiver of a simulation accepts access tokens.")),
      cutOff: async () => sender.cutOff(),
    });
  }

  /** Whether it accepts messages and delivers them. */
  get isAtWork(): boolean {
    return !this.process.isDead && !this.process.isAsleep && !this.#isStopping;
  }

  /** A node that cannot start ends itself. */
  start(whenFailed: () => void): void {
    this.#trace.note(this.name, "starts");
    this.engine.start().catch(() => {
      this.crash();
      whenFailed();
    });
  }

  /** Ends like a correct process. */
  stop(whenDone: () => void): void {
    this.#isStopping = true;
    this.#trace.note(this.name, "is asked to stop");
    void this.engine.stop().then(() => {
      // It could record nothing while the database was unavailable.
      if (!this.#weather.isOut) this.checks.checkRecorded();
      this.crash();
      whenDone();
    });
  }

  crash(): void {
    this.#trace.note(this.name, "ends");
    this.process.kill();
  }
}

/** The engine generates its node's id itself; the trace and the checks must know it earlier. */
function firstThen(nodeId: NodeId, newId: NewId): NewId {
  let isFirst = true;
  return (() => {
    if (!isFirst) return newId();
    isFirst = false;
    return nodeId;
  }) as NewId;
}

function withChecks(store: EngineStore, checks: SendingChecks): EngineStore {
  return {
    ...store,
    recordAttempts: async (params) => {
      const claimed = await store.recordAttempts(params);
      const lost = params.records.filter((_, index) => claimed[index] === false);
      const lanes = new Set<SubscriptionId>(lost.map(({ attempt }) => attempt.subscriptionId));
      for (const subscriptionId of lanes) checks.learnedLost(subscriptionId);
      return claimed;
    },
    onSubscriptionChange: (listener) =>
      store.onSubscriptionChange((subscriptionId) => {
        checks.learnedChanged(subscriptionId);
        listener(subscriptionId);
      }),
  };
}

function tracingReporter(trace: Trace, name: string): Reporter {
  const checked: Partial<Reporter> = {
    internalOperationFailed: ({ operation, error }) =>
      trace.note(name, `failed to ${operation}: ${(error as Error).message}`),
    deliveriesRescued: ({ count }) => trace.note(name, `rescued ${count}`),
  };
  return new Proxy({} as Reporter, { get: (_, fact) => checked[fact as keyof Reporter] ?? (() => {}) });
}
