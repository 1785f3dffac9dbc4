import { DatabaseSync } from "node:sqlite";
import { expect, test } from "vitest";
import type { ReceivedEvent } from "../received-event.ts";
import { memoryState, sqliteState } from "./state-store.ts";
import { durationMs, type FreshInput, whenFresh } from "./when-fresh.ts";

const noon = Date.UTC(2026, 0, 15, 12);
const context = { messageId: "msg_1", timestamp: new Date(noon), text: "" };

function ended(source: string, minute: number, more: Record<string, unknown> = {}): ReceivedEvent {
  return {
    event_type: "sync.completed",
    source_type: source,
    source_connection_id: `${source}-connection`,
    collection_readable_id: "engineering",
    collection_name: "Engineering",
    job_id: `${source}-${minute}`,
    timestamp: new Date(noon + minute * 60_000).toISOString(),
    ...more,
  } as ReceivedEvent;
}

function pipeline(more: Partial<Parameters<typeof whenFresh>[0]> = {}) {
  const runs: string[] = [];
  const clock = { minute: 0 };
  const options = { sources: ["github", "linear"], within: "1h", now: () => noon + clock.minute * 60_000, ...more };
  const run = async (inputs: readonly FreshInput[]) => void runs.push(inputs.map(({ jobId }) => jobId).join(" "));
  const handle = whenFresh(options, run);
  return { runs, clock, options, handle: (event: ReceivedEvent) => handle(event, context) };
}

test("it waits for both sources in any order, and runs once", async () => {
  for (const order of [
    ["github", "linear"],
    ["linear", "github"],
  ]) {
    const { runs, handle } = pipeline();
    for (const source of order) await handle(ended(source, 0));
    expect(runs).toEqual(["github-0 linear-0"]);
  }
});

test("the same inputs are not run twice, even when events are repeated", async () => {
  const { runs, handle } = pipeline();
  for (let time = 0; time < 3; time++) for (const source of ["github", "linear"]) await handle(ended(source, 0));
  expect(runs).toHaveLength(1);
});

test("a newer sync of one source makes a new set, while the other is still fresh", async () => {
  const { runs, clock, handle } = pipeline();
  await handle(ended("github", 0));
  await handle(ended("linear", 1));
  clock.minute = 30;
  await handle(ended("github", 30));
  clock.minute = 90;
  await handle(ended("github", 90));
  expect(runs).toEqual(["github-0 linear-1", "github-30 linear-1"]);
});

test("it never runs on a source whose newest sync failed, until the next success", async () => {
  const { runs, handle } = pipeline();
  await handle(ended("github", 0));
  await handle(ended("github", 5, { event_type: "sync.failed" }));
  await handle(ended("linear", 6));
  expect(runs).toEqual([]);
  await handle(ended("github", 10));
  expect(runs).toEqual(["github-10 linear-6"]);
});

test("late or reordered events do not change which sync is the newest", async () => {
  const { runs, handle } = pipeline();
  await handle(ended("github", 10));
  await handle(ended("github", 5, { event_type: "sync.failed" }));
  await handle(ended("github", 2));
  await handle(ended("linear", 11));
  expect(runs).toEqual(["github-10 linear-11"]);
});

test("syncs of other collections and sources, and events without a time, are ignored", async () => {
  const { runs, handle } = pipeline({ collection: "engineering" });
  await handle(ended("github", 0, { collection_readable_id: "sales" }));
  await handle(ended("slack", 0));
  await handle(ended("github", 0, { timestamp: "soon" }));
  await handle(ended("linear", 0));
  expect(runs).toEqual([]);
});

test("after a restart it knows the fresh sources and the last run, in SQLite", async () => {
  const database = new DatabaseSync(":memory:");
  const first = pipeline({ store: sqliteState(database) });
  await first.handle(ended("github", 0));
  const second = pipeline({ store: sqliteState(database) });
  await second.handle(ended("linear", 1));
  const third = pipeline({ store: sqliteState(database) });
  await third.handle(ended("linear", 1));
  expect([first.runs, second.runs, third.runs]).toEqual([[], ["github-0 linear-1"], []]);
});

test("a run that fails is repeated when the event is delivered again", async () => {
  const store = memoryState();
  let tries = 0;
  const handle = whenFresh({ sources: ["github"], within: "1h", store, now: () => noon }, () => {
    tries += 1;
    if (tries === 1) throw new Error("no room");
  });
  await expect(handle(ended("github", 0), context)).rejects.toThrow("no room");
  await handle(ended("github", 0), context);
  await handle(ended("github", 0), context);
  expect(tries).toBe(2);
});

test("while one process runs a set, another asks the sender to retry, and takes over if the first one dies", async () => {
  const store = memoryState();
  const clock = { now: noon };
  const options = { sources: ["github"], within: "1h", store, runMsMax: 60_000, now: () => clock.now };
  let ends = () => {};
  const first = whenFresh(options, () => new Promise<void>((resolve) => (ends = resolve)));
  const others: number[] = [];
  const second = whenFresh(options, () => void others.push(clock.now));
  const running = first(ended("github", 0), context);
  await expect(second(ended("github", 0), context)).rejects.toThrow("being run");
  clock.now += 60_001;
  await second(ended("github", 0), context);
  expect(others).toHaveLength(1);
  ends();
  await running;
  await second(ended("github", 0), context);
  expect(others).toHaveLength(1);
});

test("an invalid duration and an empty list of sources are refused immediately", () => {
  expect(durationMs("1.5h")).toBe(5_400_000);
  for (const text of ["", "1", "h", "-1h", "1w"]) expect(() => durationMs(text)).toThrow(TypeError);
  expect(() => whenFresh({ sources: [], within: "1h" }, () => {})).toThrow(TypeError);
});
