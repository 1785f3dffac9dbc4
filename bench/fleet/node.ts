import type { SeededRandom } from "../../tests/simulation/seeded-random.ts";
import type { Costs } from "./costs.ts";
import type { EventQueue } from "./event-queue.ts";
import type { Primary } from "./primary.ts";

/** The load of one node: callers that wait for their response before they post again, or a steady rate. */
export type Load =
  | { readonly kind: "closed"; readonly callers: number }
  | { readonly kind: "open"; readonly perSecond: number };

export interface NodeParts {
  readonly events: EventQueue;
  readonly primary: Primary;
  readonly random: SeededRandom;
  readonly costs: Costs;
  readonly roundTripMs: number;
  readonly receiverMs: number;
  readonly load: Load;
}

/** Events that arrived between two times and wait for a commit. */
interface Arrivals {
  count: number;
  readonly from: number;
  readonly to: number;
}

// As in the program: write-queue.ts, recorder.ts.
const commandsPerBatchMax = 1_000;
const recordsPerCommandMax = 500;
// The number of kept latencies, of all nodes.
const sampledShare = 0.05;

// The queries of an idle node: their interval (ms), and the transactions of each.
const regularWork = [
  { name: "beat and rescue", everyMs: 3_000, transactions: 2 },
  { name: "due lanes", everyMs: 1_000, transactions: 1 },
  { name: "changed subscriptions", everyMs: 2_000, transactions: 1 },
  { name: "recoveries", everyMs: 250, transactions: 1 },
  { name: "sync jobs and purges", everyMs: 5_000, transactions: 4 },
];

/** A node of the fleet: one thread, one running commit, and a batch that gathers for the next one. */
export class FleetNode {
  readonly #parts: NodeParts;
  #accepts: Arrivals[] = [];
  #drawnUntil = 0;
  /** Set while nothing waits; earlier arrivals do not count. */
  #nextArrivalAt: number | null = null;
  /** Sent, with a response, and waiting to be recorded. */
  #records = 0;
  #isCommitting = false;
  #recorderIsFree = true;
  #threadFreeAt = 0;
  #gatheringSince = 0;
  recorded = 0;
  cpuMs = 0;
  latenciesMs: number[] = [];

  constructor(parts: NodeParts) {
    this.#parts = parts;
  }

  start(): void {
    for (const look of regularWork) this.#repeat(look, this.#parts.random.next() * look.everyMs);
    const { load } = this.#parts;
    if (load.kind === "closed") this.#accepts.push({ count: load.callers, from: 0, to: 0 });
    this.#commitNext();
  }

  #repeat(look: (typeof regularWork)[number], at: number): void {
    this.#parts.events.at(at, () => {
      const cpuMs = this.#parts.costs.look * look.transactions;
      this.#parts.primary.run({ cpuMs, walBytes: null, done: () => {} });
      this.#repeat(look, at + look.everyMs);
    });
  }

  #commitNext(): void {
    if (this.#isCommitting) return;
    const { events, costs, primary, roundTripMs } = this.#parts;
    const now = events.now;
    this.#drawArrivals(now);
    const records = this.#recorderIsFree ? Math.min(this.#records, recordsPerCommandMax) : 0;
    const accepted = this.#takeAccepts(commandsPerBatchMax - (records > 0 ? 1 : 0));
    const count = accepted.reduce((sum, arrivals) => sum + arrivals.count, 0);
    if (count + records === 0) {
      this.#awaitArrival();
      return;
    }
    this.#isCommitting = true;
    this.#records -= records;
    if (records > 0) this.#recorderIsFree = false;
    // Requests are read on arrival, concurrently with the previous commit.
    const sentAt = this.#work(this.#gatheringSince, costs.node.perBatch + (count * costs.node.perDelivery) / 2);
    this.#gatheringSince = now;
    const halves = (count + records) / 2;
    events.at(Math.max(now, sentAt) + roundTripMs / 2, () => {
      primary.run({
        cpuMs: costs.primary.perBatch + halves * costs.primary.perDelivery,
        walBytes: costs.walBytes.perBatch + halves * costs.walBytes.perDelivery,
        done: () => events.at(events.now + roundTripMs / 2, () => this.#committed(accepted, count, records)),
      });
    });
  }

  #committed(accepted: readonly Arrivals[], count: number, records: number): void {
    const { events, load, costs, receiverMs } = this.#parts;
    const now = events.now;
    for (const arrivals of accepted) this.#keepLatencies(arrivals, now);
    this.recorded += records;
    this.#isCommitting = false;
    // The next commit starts before the result of this one is reported.
    this.#commitNext();
    if (records > 0) this.#recorderIsFree = true;
    if (load.kind === "closed" && count > 0) this.#accepts.push({ count, from: now, to: now });
    const sentAt = this.#work(now, (count * costs.node.perDelivery) / 2);
    if (count > 0) {
      events.at(sentAt + receiverMs, () => {
        this.#records += count;
        this.#commitNext();
      });
    }
    this.#commitNext();
  }

  /** Occupies the thread; calls back when the work is done. */
  #work(from: number, cpuMs: number): number {
    this.cpuMs += cpuMs;
    this.#threadFreeAt = Math.max(this.#threadFreeAt, from) + cpuMs;
    return this.#threadFreeAt;
  }

  #drawArrivals(now: number): void {
    const { load, random } = this.#parts;
    if (load.kind === "closed" || this.#nextArrivalAt !== null) return;
    const count = poisson(((now - this.#drawnUntil) * load.perSecond) / 1_000, random);
    if (count > 0) this.#accepts.push({ count, from: this.#drawnUntil, to: now });
    this.#drawnUntil = now;
  }

  #awaitArrival(): void {
    const { load, random, events } = this.#parts;
    if (load.kind === "closed" || load.perSecond === 0 || this.#nextArrivalAt !== null) return;
    const at = events.now + (-Math.log(1 - random.next()) * 1_000) / load.perSecond;
    this.#nextArrivalAt = at;
    events.at(at, () => {
      this.#nextArrivalAt = null;
      this.#drawnUntil = at;
      this.#accepts.push({ count: 1, from: at, to: at });
      if (!this.#isCommitting) this.#gatheringSince = at;
      this.#commitNext();
    });
  }

  #takeAccepts(max: number): Arrivals[] {
    const taken: Arrivals[] = [];
    let room = max;
    while (room > 0) {
      const first = this.#accepts[0];
      if (first === undefined) break;
      const count = Math.min(room, first.count);
      taken.push({ ...first, count });
      first.count -= count;
      room -= count;
      if (first.count === 0) this.#accepts.shift();
    }
    return taken;
  }

  #keepLatencies({ count, from, to }: Arrivals, now: number): void {
    const { random } = this.#parts;
    const kept = Math.floor(count * sampledShare + random.next());
    for (let index = 0; index < kept; index++) this.latenciesMs.push(now - from - random.next() * (to - from));
  }
}

function poisson(mean: number, random: SeededRandom): number {
  if (mean > 50) {
    const normal = Math.sqrt(-2 * Math.log(1 - random.next())) * Math.cos(2 * Math.PI * random.next());
    return Math.max(0, Math.round(mean + Math.sqrt(mean) * normal));
  }
  const limit = Math.exp(-mean);
  let count = 0;
  for (let product = random.next(); product > limit; product *= random.next()) count += 1;
  return count;
}
