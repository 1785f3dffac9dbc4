// Watches the event loop of the main thread from a thread of its own, and samples it while it is stalled. Plain JavaScript,
// so that the thread need not load what strips types.

import { writeSync } from "node:fs";
import { Session } from "node:inspector/promises";
import { setTimeout as sleep } from "node:timers/promises";
import { parentPort, workerData } from "node:worker_threads";

const { beats, stallMs, hangMs, sampleMs, framesMax } = workerData;
const counter = new Int32Array(beats);
const lookEveryMs = 50;

// The inspector's session does not keep this thread alive while a response is awaited.
parentPort.on("message", () => {});

let lastBeat = Atomics.load(counter, 0);
let beatAt = performance.now();
let isSampled = false;
let isWarned = false;
let running = [];

for (;;) {
  await sleep(lookEveryMs);
  const beat = Atomics.load(counter, 0);
  const now = performance.now();
  if (beat !== lastBeat) {
    lastBeat = beat;
    beatAt = now;
    isSampled = false;
    isWarned = false;
    continue;
  }
  if (!isSampled && now - beatAt > stallMs) {
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

/** The functions that took most of the time, the innermost first. */
async function sample() {
  const session = new Session();
  session.connectToMainThread();
  try {
    await session.post("Profiler.enable");
    await session.post("Profiler.start");
    await sleep(sampleMs);
    const { profile } = await session.post("Profiler.stop");
    await session.post("Profiler.disable");
    return framesOf(profile);
  } finally {
    session.disconnect();
  }
}

function framesOf({ nodes }) {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const parents = new Map(nodes.flatMap(({ id, children = [] }) => children.map((child) => [child, id])));
  const named = nodes.filter(({ callFrame }) => !callFrame.functionName.startsWith("("));
  const busiest = named.toSorted((a, b) => b.hitCount - a.hitCount)[0];
  const frames = [];
  for (let node = busiest; node !== undefined && frames.length < framesMax; node = byId.get(parents.get(node.id))) {
    const { functionName, url, lineNumber } = node.callFrame;
    if (functionName !== "(root)") frames.push(`${functionName || "anonymous"} (${url || "native"}:${lineNumber + 1})`);
  }
  return frames;
}
