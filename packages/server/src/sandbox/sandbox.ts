import { SandboxProcess } from "./sandbox-process.ts";
import type { BatchResult, RunOutcome, SandboxTask } from "./task.ts";
import { type FairnessRules, type NextRuns, type WaitingRun, WaitingRuns } from "./waiting-runs.ts";

export interface SandboxOptions extends FairnessRules {
  /** The JavaScript heap of one process. */
  readonly heapMegabytesMax: number;
  /** The scheduling priority of its processes on the machine: 0 is normal, 19 the lowest. */
  readonly niceness: number;
  /** A process without work for this time ends. */
  readonly idleMs: number;
}

export interface RunOptions {
  /** The owner of the run, such as an organization: owners share the processes fairly. */
  readonly owner: string;
  /** The approximate size of the input, which bounds how much is copied at once. */
  readonly bytes: number;
  /** The limit of its processor time; waiting does not count. */
  readonly timeMs: number;
}

/** Together they limit how long the runs of a batch wait for each other. */
const sliceMs = 20;
const startMsMax = 30_000;
/** On a busy machine a run may wait for the processor, which does not count as its time. */
const waitMsMin = 20_000;
const waitFactor = 4;

interface Worker {
  readonly process: SandboxProcess;
  isBusy: boolean;
  idleTimer: NodeJS.Timeout | undefined;
}

/**
 * Runs work that may need seconds or hundreds of megabytes in processes with a memory and a time limit, which can fail without
 * affecting this process. Processes start when there is work, and stay for the next. Runs that arrive together share one
 * message.
 */
export class Sandbox implements AsyncDisposable {
  readonly #options: SandboxOptions;
  readonly #waiting: WaitingRuns;
  readonly #workers = new Set<Worker>();
  #restTimer: NodeJS.Timeout | undefined;
  #isScheduled = false;
  #isClosed = false;

  constructor(options: SandboxOptions) {
    this.#options = options;
    this.#waiting = new WaitingRuns(options, () => performance.now());
  }

  /** Never rejects. */
  run<Input, Output>(task: SandboxTask<Input, Output>, input: Input, options: RunOptions): Promise<RunOutcome<Output>> {
    return new Promise((resolve) => {
      const settle = (outcome: RunOutcome<unknown>) => resolve(outcome as RunOutcome<Output>);
      const run = { ...options, module: task.module, input, isAlone: false, settle };
      if (this.#isClosed || !this.#waiting.add(run)) settle(unavailable);
      else this.#schedule();
    });
  }

  /** Ends every process. Running and waiting work fails as unavailable. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#isClosed = true;
    clearTimeout(this.#restTimer);
    for (const { settle } of this.#waiting.clear()) settle(unavailable);
    await Promise.all([...this.#workers].map((worker) => this.#end(worker)));
  }

  // It starts after this turn of the event loop, so that work that arrived together is sent together.
  #schedule(): void {
    if (this.#isScheduled) return;
    this.#isScheduled = true;
    setImmediate(() => {
      this.#isScheduled = false;
      this.#startAll();
    });
  }

  #startAll(): void {
    while (!this.#isClosed) {
      const idle = [...this.#workers].find(({ isBusy }) => !isBusy);
      if (idle === undefined && this.#workers.size >= this.#options.processesMax) return;
      const next = this.#waiting.next();
      if (next === null) {
        this.#startAfterRest();
        return;
      }
      void this.#runBatch(idle ?? this.#newWorker(), next);
    }
  }

  #startAfterRest(): void {
    const restMs = this.#waiting.restMs();
    clearTimeout(this.#restTimer);
    if (restMs !== null) this.#restTimer = setTimeout(() => this.#startAll(), Math.ceil(restMs));
  }

  async #runBatch(worker: Worker, next: NextRuns): Promise<void> {
    const { runs } = next;
    worker.isBusy = true;
    clearTimeout(worker.idleTimer);
    const batch = { sliceMs, runs: runs.map(({ module, input, timeMs }) => ({ module, input, timeMs })) };
    const waitMs = waitMsMin + waitFactor * Math.max(...runs.map(({ timeMs }) => timeMs));
    const startedAt = performance.now();
    const end = await worker.process.run(batch, waitMs);
    this.#waiting.ended(next);
    worker.isBusy = false;
    if (typeof end === "object") this.#settleResults(runs, end);
    else this.#settleEnded(runs, end, performance.now() - startedAt);
    const isSwollen = typeof end === "object" && end.isSwollen;
    if (worker.process.isOver || isSwollen) void this.#end(worker);
    else worker.idleTimer = setTimeout(() => void this.#end(worker), this.#options.idleMs).unref();
    this.#startAll();
  }

  #settleResults(batch: readonly WaitingRun[], { results }: BatchResult): void {
    for (const [index, result] of results.entries()) {
      const run = batch[index];
      if (run === undefined) break;
      this.#waiting.took(run, result.tookMs);
      run.settle(result.ok ? { kind: "done", value: result.value } : { kind: "failed", message: result.message });
    }
    this.#waitAgain(batch.slice(results.length));
  }

  /** The process has exited. It is unknown which of several runs ended it, so each is tried alone. */
  #settleEnded(batch: readonly WaitingRun[], end: "too_slow" | "died" | "not_started", tookMs: number): void {
    const [only] = batch;
    if (end === "not_started" || this.#isClosed) {
      for (const { settle } of batch) settle(unavailable);
      return;
    }
    if (batch.length > 1 || only === undefined) {
      this.#waitAgain(batch.map((run) => ({ ...run, isAlone: true })));
      return;
    }
    this.#waiting.took(only, Math.max(tookMs, this.#options.slowMs + 1));
    only.settle({ kind: end === "too_slow" ? "too_slow" : "too_large" });
  }

  #waitAgain(runs: readonly WaitingRun[]): void {
    if (this.#isClosed) for (const { settle } of runs) settle(unavailable);
    else this.#waiting.putBack(runs);
  }

  #newWorker(): Worker {
    const { heapMegabytesMax, niceness } = this.#options;
    const worker: Worker = {
      process: new SandboxProcess({ heapMegabytesMax, niceness, startMsMax }),
      isBusy: false,
      idleTimer: undefined,
    };
    this.#workers.add(worker);
    return worker;
  }

  async #end(worker: Worker): Promise<void> {
    clearTimeout(worker.idleTimer);
    this.#workers.delete(worker);
    await worker.process.end();
  }
}

const unavailable = { kind: "unavailable" } as const;
