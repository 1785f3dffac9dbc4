import { type ChildProcess, fork } from "node:child_process";
import { setPriority } from "node:os";
import { isSea } from "node:sea";
import { fileURLToPath } from "node:url";
import type { BatchResult, RunBatch } from "./task.ts";

export interface ProcessLimits {
  /** The JavaScript heap of the process. */
  readonly heapMegabytesMax: number;
  readonly niceness: number;
  /** The time from its start until it is ready. */
  readonly startMsMax: number;
}

/** The result of a batch: results of its first runs, or the reason why the process ended. */
export type BatchEnd = BatchResult | "too_slow" | "died" | "not_started";

const entry = fileURLToPath(new URL("./start-process.js", import.meta.url));
const stackKilobytes = 3_900;
/** The exit code of a process whose run has used up its time. */
const timeSignal = "SIGUSR2";

/**
 * A process that runs tasks, one batch at a time. It has no environment, and can be killed at any moment. A thread would not be
 * enough, because a thread that runs out of memory ends its whole process.
 */
export class SandboxProcess {
  /** Null when the system could not start it. */
  readonly #child: ChildProcess | null;
  readonly #ready: Promise<boolean>;
  readonly #closed: Promise<void>;
  #isOver = false;
  #onResult: (end: BatchEnd) => void = () => {};

  constructor({ heapMegabytesMax, niceness, startMsMax }: ProcessLimits) {
    const ready = Promise.withResolvers<boolean>();
    const closed = Promise.withResolvers<void>();
    this.#ready = ready.promise;
    this.#closed = closed.promise;
    const timer = setTimeout(() => this.kill(), startMsMax);
    const over = (_code?: unknown, signal?: unknown) => {
      this.#isOver = true;
      clearTimeout(timer);
      ready.resolve(false);
      this.#onResult(signal === timeSignal ? "too_slow" : "died");
      closed.resolve();
    };
    this.#child = startChild(heapMegabytesMax);
    if (this.#child === null) {
      over();
      return;
    }
    this.#child.on("error", () => over()).on("exit", over);
    this.#child.on("message", (message: "ready" | BatchResult) => {
      if (message !== "ready") return this.#onResult(message);
      clearTimeout(timer);
      ready.resolve(true);
    });
    setNiceness(this.#child, niceness);
    this.#unref();
  }

  /** Whether it can still take a batch. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /**
   * Runs a batch. The process itself limits the processor time of each run, and `waitMs` limits the time until a result
   * arrives. Every end other than a result ends the process.
   */
  async run(batch: RunBatch, waitMs: number): Promise<BatchEnd> {
    this.#ref();
    if (!(await this.#ready)) return "not_started";
    const end = Promise.withResolvers<BatchEnd>();
    this.#onResult = end.resolve;
    if (this.#isOver) end.resolve("died");
    else this.#child?.send(batch, (error) => error !== null && this.kill());
    const timer = setTimeout(() => {
      // A result may have arrived while this process was busy: pending messages on the channel are read first.
      setImmediate(() => setImmediate(() => end.resolve("too_slow")));
    }, waitMs);
    const ended = await end.promise;
    clearTimeout(timer);
    if (ended === "too_slow") this.kill();
    this.#unref();
    return ended;
  }

  kill(): void {
    this.#isOver = true;
    this.#child?.kill("SIGKILL");
  }

  /** Kills it and waits until it has exited. */
  async end(): Promise<void> {
    this.#ref();
    this.kill();
    await this.#closed;
  }

  // An idle process does not keep its parent running.
  #unref(): void {
    this.#child?.unref();
    this.#child?.channel?.unref();
  }

  #ref(): void {
    this.#child?.ref();
    this.#child?.channel?.ref();
  }
}

/** Null when the system has no room for another process. */
function startChild(heapMegabytesMax: number): ChildProcess | null {
  try {
    return fork(entry, [], {
      env: {},
      execArgv: nodeFlags([`--max-old-space-size=${heapMegabytesMax}`, `--stack-size=${stackKilobytes}`]),
      serialization: "advanced",
      stdio: ["ignore", "ignore", "ignore", "ipc"],
      // A signal from the terminal is for the parent, which ends its processes when it has no more work for them.
      detached: true,
    });
  } catch {
    return null;
  }
}

/** The single executable takes Node's flags in one argument. */
function nodeFlags(flags: readonly string[]): string[] {
  return isSea() ? [`--node-options=${flags.join(" ")}`] : [...flags];
}

function setNiceness({ pid }: ChildProcess, niceness: number): void {
  try {
    if (pid !== undefined) setPriority(pid, niceness);
  } catch {
    // It has ended already, or the system does not allow it.
  }
}
