// Watches the event loop of the main thread from a separate thread, and samples it during a stall. It is plain JavaScript, so
// that the thread does not load the type stripper.

import { writeSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { parentPort, workerData } from "node:worker_threads";

const { beats, stallMs, hangMs, framesMax } = workerData;
const counter = new Int32Array(beats);
const never = new Int32Array(new SharedArrayBuffer(4));
const lookEveryMs = 200;
// Every stall that the main thread reports has been sampled: the thread notices a heartbeat, and the end of this time, up to
// one interval late.
const sampleAfterMs = stallMs - 2 * lookEveryMs;

// The inspector's session does not keep this thread alive while a response is awaited.
parentPort.on("message", () => {});

let lastBeat = Atomics.load(counter, 0);
let beatAt = performance.now();
let isSampled = false;
let isWarned = false;
let running = [];

for (;;) {
  // It blocks the thread: a timer of the event loop would cost an idle process five times as much.
  Atomics.wait(never, 0, 0, lookEveryMs);
  const beat = Atomics.load(counter, 0);
  const now = performance.now();
  if (beat !== lastBeat) {
    lastBeat = beat;
    beatAt = now;
    isSampled = false;
    isWarned = false;
    continue;
  }
  if (!isSampled && now - beatAt > sampleAfterMs) {
    isSampled = true;
    running = await sample().catch(() => []);
    parentPort.postMessage({ running });
  }
  if (!isWarned && now - beatAt > hangMs) {
    isWarned = true;
    // The main thread may never write a line again.
    writeSync(
      2,
      `The event loop has been blocked for ${Math.round(hangMs / 1000)} seconds by:\n${running.join("\n")}\n`,
    );
  }
}

/** The functions that are running, the innermost first. The main thread is paused for less than a millisecond. */
async function sample() {
  const session = new Session();
  session.connectToMainThread();
  const urls = new Map();
  session.on("Debugger.scriptParsed", ({ params }) => urls.set(params.scriptId, params.url));
  const paused = Promise.withResolvers();
  session.once("Debugger.paused", ({ params }) => paused.resolve(params.callFrames));
  try {
    await session.post("Debugger.enable");
    await session.post("Debugger.pause");
    const frames = await paused.promise;
    await session.post("Debugger.resume");
    await session.post("Debugger.disable");
    return frames.slice(0, framesMax).map(({ functionName, location }) => {
      return `${functionName || "anonymous"} (${urls.get(location.scriptId)}:${location.lineNumber + 1})`;
    });
  } finally {
    // This ends a pause as well.
    session.disconnect();
  }
}
