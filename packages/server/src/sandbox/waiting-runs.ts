import type { RunOutcome } from "./task.ts";

/** A run that waits for a process. */
export interface WaitingRun {
  readonly owner: string;
  readonly module: string;
  readonly input: unknown;
  /** The approximate size of the input. */
  readonly bytes: number;
  readonly timeMs: number;
  /** Whether it runs alone: one run of its batch ended the process, and the others must not suffer. */
  readonly isAlone: boolean;
  readonly settle: (outcome: RunOutcome<unknown>) => void;
}

/** Runs that one process takes together. */
export interface NextRuns {
  readonly runs: readonly WaitingRun[];
  /** Whether they are of a slow owner when they start. */
  readonly isSlow: boolean;
}

interface Owner {
  readonly runs: WaitingRun[];
  underWay: number;
  /** The time that its runs took, which halves after every `halfLifeMs`. */
  usedMs: number;
  usedAt: number;
  slowUntil: number;
  /** A slow owner waits until this time, as long as its last run took: it uses at most half of a processor. */
  restsUntil: number;
}

export interface FairnessRules {
  readonly processesMax: number;
  readonly runsPerBatchMax: number;
  readonly runsPerOwnerMax: number;
  /** A run that takes longer makes its owner slow. */
  readonly slowMs: number;
}

const halfLifeMs = 10_000;
/** For this time after a slow run, the owner's runs share no batch, and leave one process to the others. */
const slowForMs = 30_000;
const bytesPerBatch = 256 * 1024;
/** The number of runs after which unused owners are deleted. */
const sweepEvery = 1_000;

/**
 * Decides whose run is next. The owner that used the least time goes first. Owners with slow runs get separate batches, one at
 * a time each with waits in between, and never all processes together, so that the others find a free process soon.
 */
export class WaitingRuns {
  readonly #rules: FairnessRules;
  readonly #now: () => number;
  readonly #owners = new Map<string, Owner>();
  #slowUnderWay = 0;
  #sinceSweep = 0;

  constructor(rules: FairnessRules, now: () => number) {
    this.#rules = rules;
    this.#now = now;
  }

  /** False when the owner has reached its limit of waiting runs. */
  add(run: WaitingRun): boolean {
    const owner = this.#owner(run.owner);
    if (owner.runs.length >= this.#rules.runsPerOwnerMax) return false;
    owner.runs.push(run);
    return true;
  }

  /** Puts runs back at the head of their owners' queues, in order. */
  putBack(runs: readonly WaitingRun[]): void {
    for (const run of runs.toReversed()) this.#owner(run.owner).runs.unshift(run);
  }

  /** The next batch for a process; null when no run may start now. */
  next(): NextRuns | null {
    const ready = [...this.#owners.values()]
      .filter((owner) => owner.runs.length > 0 && (!this.#isSlow(owner) || this.#mayRunSlow(owner)))
      .sort((a, b) => this.#used(a) - this.#used(b));
    const [first] = ready;
    if (first === undefined) return null;
    const isSlow = this.#isSlow(first);
    const isAlone = isSlow || first.runs[0]?.isAlone === true;
    const runs = isAlone ? first.runs.splice(0, 1) : this.#together(ready.filter((owner) => !this.#isSlow(owner)));
    for (const { owner } of runs) this.#owner(owner).underWay += 1;
    if (isSlow) this.#slowUnderWay += 1;
    return { runs, isSlow };
  }

  /** How long until the first owner with runs may continue (ms); null when none waits. */
  restMs(): number | null {
    const rests = [...this.#owners.values()]
      .filter(({ runs, restsUntil }) => runs.length > 0 && restsUntil > this.#now())
      .map(({ restsUntil }) => restsUntil - this.#now());
    return rests.length === 0 ? null : Math.min(...rests);
  }

  ended({ runs, isSlow }: NextRuns): void {
    if (isSlow) this.#slowUnderWay -= 1;
    for (const { owner } of runs) this.#owner(owner).underWay -= 1;
  }

  /** Counts the time of a run that has ended. */
  took({ owner: name }: WaitingRun, ms: number): void {
    const owner = this.#owner(name);
    owner.usedMs = this.#used(owner) + ms;
    owner.usedAt = this.#now();
    if (ms > this.#rules.slowMs) {
      owner.slowUntil = this.#now() + slowForMs;
      owner.restsUntil = this.#now() + ms;
    }
    this.#sinceSweep += 1;
    if (this.#sinceSweep >= sweepEvery) this.#sweep();
  }

  /** Takes out all that wait. */
  clear(): WaitingRun[] {
    return [...this.#owners.values()].flatMap(({ runs }) => runs.splice(0));
  }

  #together(ready: readonly Owner[]): WaitingRun[] {
    const batch: WaitingRun[] = [];
    let bytes = 0;
    let isMore = true;
    while (isMore) {
      isMore = false;
      for (const { runs } of ready) {
        const [next] = runs;
        if (next === undefined || next.isAlone) continue;
        if (batch.length >= this.#rules.runsPerBatchMax || bytes >= bytesPerBatch) return batch;
        batch.push(next);
        runs.shift();
        bytes += next.bytes;
        isMore = true;
      }
    }
    return batch;
  }

  #isSlow({ slowUntil }: Owner): boolean {
    return slowUntil > this.#now();
  }

  #mayRunSlow({ underWay, restsUntil }: Owner): boolean {
    return (
      underWay === 0 && restsUntil <= this.#now() && this.#slowUnderWay < Math.max(1, this.#rules.processesMax - 1)
    );
  }

  #used({ usedMs, usedAt }: Owner): number {
    return usedMs * 0.5 ** ((this.#now() - usedAt) / halfLifeMs);
  }

  #owner(name: string): Owner {
    const known = this.#owners.get(name);
    if (known !== undefined) return known;
    const owner: Owner = { runs: [], underWay: 0, usedMs: 0, usedAt: this.#now(), slowUntil: 0, restsUntil: 0 };
    this.#owners.set(name, owner);
    return owner;
  }

  #sweep(): void {
    this.#sinceSweep = 0;
    for (const [name, owner] of this.#owners) {
      const isOfInterest = owner.runs.length > 0 || owner.underWay > 0 || this.#isSlow(owner) || this.#used(owner) > 1;
      if (!isOfInterest) this.#owners.delete(name);
    }
  }
}
