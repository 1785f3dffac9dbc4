import { Worker } from "node:worker_threads";

/** A time during which the event loop was blocked. */
export interface Stall {
  readonly stalledMs: number;
  /** The functions that were running, the innermost first; empty when they could not be sampled. */
  readonly running: readonly string[];
}

const beatEveryMs = 250;
/** A stall is reported after the first time, and a hang is written to standard error immediately after the second. */
const stallMs = 1_000;
const hangMs = 10_000;
const framesMax = 20;
/** The sample of a stall arrives before or soon after the first heartbeat that follows it. */
const sampleWaitMs = 1_000;

/**
 * Reports every stall of this thread's event loop that is longer than a second, with the functions that were running.
 * `onBeat` gets the delay of each heartbeat (ms).
 */
export function watchStalls(report: (stall: Stall) => void, onBeat: (delayMs: number) => void): Disposable {
  const beats = new SharedArrayBuffer(4);
  const counter = new Int32Array(beats);
  const thread = new Worker(new URL("./stall-thread.js", import.meta.url), {
    name: "weft-stalls",
    workerData: { beats, stallMs, hangMs, framesMax },
    resourceLimits: { maxOldGenerationSizeMb: 64, maxYoungGenerationSizeMb: 1 },
  });
  thread.unref();
  // Without the thread, stalls are reported without the running functions.
  thread.on("error", () => {});
  let beatAt = performance.now();
  let reportWith: ((running: readonly string[]) => void) | null = null;
  let sampled: readonly string[] | null = null;
  thread.on("message", ({ running }: Pick<Stall, "running">) => {
    if (reportWith === null) sampled = running;
    else reportWith(running);
  });
  const timer = setInterval(() => {
    const now = performance.now();
    const delayMs = Math.max(0, now - beatAt - beatEveryMs);
    const stalledMs = Math.round(delayMs);
    beatAt = now;
    onBeat(delayMs);
    Atomics.add(counter, 0, 1);
    // The part of a stall before the heartbeat was due is not part of its delay.
    if (stalledMs < stallMs - beatEveryMs) {
      // It belongs to a stall that is too short for a report.
      sampled = null;
      return;
    }
    let isReported = false;
    reportWith = (running) => {
      if (isReported) return;
      isReported = true;
      [reportWith, sampled] = [null, null];
      report({ stalledMs, running });
    };
    if (sampled === null) setTimeout(reportWith, sampleWaitMs, []).unref();
    else reportWith(sampled);
  }, beatEveryMs);
  timer.unref();
  return {
    [Symbol.dispose]() {
      clearInterval(timer);
      void thread.terminate();
    },
  };
}
