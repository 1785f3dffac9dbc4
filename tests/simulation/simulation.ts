// One simulation: nodes with the real engine, and everything around them simulated. A seed decides all of it. After a
// period of faults they stop, and every accepted message must reach its final state.

import { limits } from "../../packages/server/src/domain/limits.ts";
import { CommitChecks } from "./commit-checks.ts";
import type { DatabaseWeather } from "./database-access.ts";
import { type DatabaseRules, databaseRules } from "./database-rules.ts";
import { AllFacts } from "./delivery-facts.ts";
import { checkEnd } from "./end-checks.ts";
import { checkShares } from "./pace-checks.ts";
import { Promptness } from "./promptness.ts";
import { Publisher } from "./publisher.ts";
import { type Fault, overloadScenario, type Scenario, scenarioFrom } from "./scenario.ts";
import { SeededRandom } from "./seeded-random.ts";
import { SendingChecks } from "./sending-checks.ts";
import { SharedDatabase } from "./shared-database.ts";
import { timeoutMs } from "./simulated-network.ts";
import { type NodeSurroundings, SimulatedNode, type Tampering } from "./simulated-node.ts";
import { SimulatedTime } from "./simulated-time.ts";
import { Trace } from "./trace.ts";
import { Verdict, type Violation } from "./verdict.ts";

export interface SimulationOptions {
  /** Whether commits may be made and reported as failed. */
  readonly ambiguousCommits?: boolean;
  /** For mistakes that only show when much fails together. */
  readonly faultsMin?: number;
  readonly rules?: Partial<DatabaseRules>;
  readonly tampering?: Partial<Tampering>;
  /** A scenario of receivers that refuse, instead of one with any faults. */
  readonly isOverload?: boolean;
}

export interface SimulationResult {
  readonly violation: Violation | null;
  readonly trace: readonly string[];
  readonly deliveries: number;
}

const begun = Date.UTC(2026, 0, 1);
const leaseLostMs = limits.nodeLeaseMs + 5_000;
/** Longer than any wait that schedules, receivers, leases, and circuits that opened during the faults require. */
const stuckMs = 90_000;
const promptMs = 6_000;
/** The time until a process that ended by itself is started again. */
const againMs = 1_000;
/** After the faults. No scenario needs a tenth of it. */
const patienceMs = 3_600_000;

const untampered: Tampering = {
  store: (store) => store,
  sender: (sender) => sender,
  clock: (clock) => clock,
};

export async function simulate(seed: number, options: SimulationOptions = {}): Promise<SimulationResult> {
  const random = new SeededRandom(seed);
  const scenario = options.isOverload
    ? overloadScenario(random)
    : scenarioFrom(random, { faultsMin: options.faultsMin ?? 0 });
  const { nodeConcurrencyMax, shutdownMs, cutOffMs } = limits;
  setLimits({ nodeConcurrencyMax: scenario.nodeConcurrencyMax, ...simulatedStop });
  try {
    return await new Simulation(random, scenario, options).run();
  } finally {
    setLimits({ nodeConcurrencyMax, shutdownMs, cutOffMs });
  }
}

/** Shorter than the time of a request, so that a stop aborts some, and different from the time of any other sleep. */
const simulatedStop = { shutdownMs: 2_017, cutOffMs: 5_003 };

// A bound of 2,000 requests would need more messages than a short simulation has.
function setLimits(changed: { nodeConcurrencyMax: number; shutdownMs: number; cutOffMs: number }): void {
  Object.assign(limits, changed);
}

class Simulation {
  readonly #scenario: Scenario;
  readonly #time = new SimulatedTime(begun);
  readonly #trace = new Trace(this.#time);
  readonly #verdict = new Verdict();
  readonly #facts = new AllFacts();
  readonly #weather: DatabaseWeather;
  readonly #database: SharedDatabase;
  readonly #commits: CommitChecks;
  readonly #promptness: Promptness;
  readonly #publisher: Publisher;
  readonly #surroundings: NodeSurroundings;
  readonly #slots: SimulatedNode[] = [];
  #started = 0;

  constructor(random: SeededRandom, scenario: Scenario, options: SimulationOptions) {
    this.#scenario = scenario;
    const context = { verdict: this.#verdict, trace: this.#trace, time: this.#time };
    const { subscriptions, failingShare, latencyMsMax } = scenario;
    for (const { id, name } of subscriptions.values()) this.#trace.name(id, name);
    this.#weather = { isOut: false, failingShare, latencyMsMax, ambiguousShare: options.ambiguousCommits ? 0.02 : 0 };
    this.#commits = new CommitChecks(this.#facts, context, subscriptions);
    this.#database = new SharedDatabase(subscriptions, { ...databaseRules, ...options.rules }, this.#commits);
    this.#promptness = new Promptness(this.#facts, context, subscriptions.values(), promptBoundMs(scenario));
    this.#surroundings = {
      random,
      time: this.#time,
      database: this.#database,
      weather: this.#weather,
      trace: this.#trace,
      isTroubled: () => this.#isTroubled,
      tampering: { ...untampered, ...options.tampering },
      checks: (nodeId) => new SendingChecks(nodeId, this.#facts, context),
    };
    this.#publisher = new Publisher(this.#surroundings, (slot) => this.#nodeAtWork(slot));
  }

  async run(): Promise<SimulationResult> {
    const { nodes, subscriptions, publications, faults, troubleMs } = this.#scenario;
    for (const { name, ordered, receiver, eventTypes, retryDelaysMs } of subscriptions.values()) {
      const order = ordered ? ", ordered" : "";
      const plan = `${receiver.during.join(" or ")}, then ${receiver.afterwards}`;
      this.#trace.note(
        name,
        `wants ${eventTypes.join(", ")}${order}; ${plan}; retries after [${retryDelaysMs.join(", ")}] ms`,
      );
    }
    this.#trace.note("all", `nodes: ${nodes}, requests a node: ${this.#scenario.nodeConcurrencyMax}`);
    for (let slot = 0; slot < nodes; slot++) this.#startNode(slot);
    this.#publisher.plan(publications);
    for (const fault of faults) this.#time.after(fault.atMs, () => this.#begin(fault));
    this.#time.after(troubleMs, () => this.#endTrouble());
    this.#everySecond();
    this.#time.after(troubleMs + patienceMs, () => this.#verdict.violate("no standstill", "it goes on and on."));
    await this.#time.runUntil(() => this.#verdict.violation !== null || this.#isOver);
    if (this.#verdict.violation === null) {
      for (const node of this.#slots) node.checks.checkRecorded();
      const until = begun + this.#scenario.troubleMs;
      checkShares({ facts: this.#facts, subscriptions: subscriptions.values(), until }, this.#verdict);
      const { accepted } = this.#publisher;
      checkEnd({ facts: this.#facts, accepted, subscriptions: subscriptions.values() }, this.#verdict, this.#trace);
    }
    for (const node of this.#slots) node.process.kill();
    return {
      violation: this.#verdict.violation,
      trace: this.#trace.lines,
      deliveries: this.#database.rows.size,
    };
  }

  get #isTroubled(): boolean {
    return this.#time.now < begun + this.#scenario.troubleMs;
  }

  get #lastMove(): number {
    return Math.max(this.#commits.lastRecordAt, ...this.#slots.map(({ checks }) => checks.lastAt));
  }

  /** Everything has reached its final state, or nothing has changed for so long that it never will. */
  get #isOver(): boolean {
    if (this.#isTroubled || !this.#publisher.isDone || this.#slots.some((node) => !node.isAtWork)) return false;
    if (this.#database.unfinished().next().done === true) return true;
    const calmFrom = begun + this.#scenario.troubleMs + leaseLostMs;
    return this.#time.now - Math.max(this.#lastMove, calmFrom) > stuckMs;
  }

  #everySecond(): void {
    this.#time.after(1_000, () => {
      this.#promptness.look();
      this.#everySecond();
    });
  }

  #startNode(slot: number): void {
    this.#started += 1;
    const node = new SimulatedNode(`n${this.#started}`, this.#surroundings);
    this.#slots[slot] = node;
    node.start(() => this.#time.after(againMs, () => this.#startNode(slot)));
  }

  #nodeAtWork(slot: number): SimulatedNode | null {
    const atWork = this.#slots.filter((node) => node.isAtWork);
    const preferred = this.#slots[slot];
    return preferred?.isAtWork === true ? preferred : (atWork[0] ?? null);
  }

  #begin(fault: Fault): void {
    if (fault.kind === "change") {
      this.#change(fault.subscription);
      return;
    }
    this.#promptness.excuse(this.#time.now + fault.forMs + leaseLostMs);
    if (fault.kind === "outage") {
      this.#trace.note("all", `the database is out for ${fault.forMs} ms`);
      this.#weather.isOut = true;
      this.#time.after(fault.forMs, () => {
        this.#weather.isOut = false;
      });
      return;
    }
    const node = this.#slots[fault.slot];
    if (node?.isAtWork !== true) return;
    switch (fault.kind) {
      case "crash":
        this.#crash(node, fault.slot, fault.forMs);
        break;
      case "stop":
        node.stop(() => this.#time.after(fault.forMs, () => this.#startNode(fault.slot)));
        break;
      case "sleep":
        this.#trace.note(node.name, `sleeps for ${fault.forMs} ms`);
        node.process.sleep();
        this.#time.after(fault.forMs, () => this.#wake(node, fault));
        break;
    }
  }

  #change(index: number): void {
    const subscription = [...this.#scenario.subscriptions.values()][index];
    if (subscription === undefined) return;
    this.#trace.note(subscription.name, "gets a new secret");
    this.#database.change(subscription.id);
  }

  #wake(node: SimulatedNode, { slot, crashMs }: Extract<Fault, { kind: "sleep" }>): void {
    this.#trace.note(node.name, "wakes");
    node.process.wake();
    if (crashMs === null) return;
    this.#time.after(crashMs, () => {
      this.#promptness.excuse(this.#time.now + leaseLostMs);
      if (node.isAtWork) this.#crash(node, slot, againMs);
    });
  }

  #crash(node: SimulatedNode, slot: number, backAfterMs: number): void {
    node.crash();
    this.#time.after(backAfterMs, () => this.#startNode(slot));
  }

  #endTrouble(): void {
    this.#trace.note("all", "the trouble ends");
    this.#weather.failingShare = 0;
    this.#weather.ambiguousShare = 0;
  }
}

/** With few concurrent requests, a lane waits for its turn behind others, whose requests may hang. */
function promptBoundMs({ nodeConcurrencyMax, subscriptions, latencyMsMax }: Scenario): number {
  const turnsMax = Math.ceil(subscriptions.size / nodeConcurrencyMax);
  return promptMs + latencyMsMax * 50 + (nodeConcurrencyMax < 50 ? (turnsMax + 1) * timeoutMs : 0);
}
