import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Clock } from "../domain/clock.ts";
import { limits } from "../domain/limits.ts";
import type { SourceConnectionKey } from "../store/source-connections/interface.ts";
import { gate, scriptedSource, thing } from "./fixtures/scripted-source.ts";
import { testSandbox } from "./fixtures/test-sandbox.ts";
import { keyOf, newFolder, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import type { WatchContext } from "./source.ts";
import { directorySource } from "./sources/directory/directory-source.ts";
import { stubSource } from "./sources/stub/stub-source.ts";

const continuous = { schedule: { continuous: true } } as const;
const poll = { timeout: 30_000, interval: 20 };

/** The time of these tests passes ten times as fast, so that they do not wait for the minimum distance of jobs. */
const pace = 10;
const begun = Date.now();
const clock: Clock = {
  now: () => begun + (Date.now() - begun) * pace,
  sleep: (ms, signal) => sleep(ms / pace, undefined, { signal }).catch(() => {}),
};

let root: string;

beforeEach(() => {
  root = newFolder();
});

afterEach(() => rmSync(root, { recursive: true }));

function runs(weft: TestWeft, key: SourceConnectionKey) {
  return async () => (await weft.store.readSourceConnection(key))?.runs;
}

/** A source whose changes the test triggers. */
function watchedSource(entities: Parameters<typeof scriptedSource>[0]) {
  const watched: { context: WatchContext<unknown>; changed: () => void }[] = [];
  const source = scriptedSource(entities, async (context, changed) => {
    watched.push({ context, changed });
    await new Promise<void>((resolve) => context.signal.addEventListener("abort", () => resolve()));
  });
  return { source, watched };
}

test("a folder is synced when it is connected, and then after each change in it", async () => {
  mkdirSync(join(root, "inner"));
  writeFileSync(join(root, "inner", "page.md"), "Herons.");
  await using weft = await openTestWeft({
    clock,
    sources: [directorySource({ allowedFolders: [root], sandbox: testSandbox })],
  });
  const connection = await weft.connect("directory", { config: { path: root }, ...continuous });
  const key = keyOf(connection);
  await expect.poll(runs(weft, key), poll).toEqual({ total: 1, completed: 1, failed: 0 });
  writeFileSync(join(root, "inner", "page.md"), "Herons stand.");
  writeFileSync(join(root, "new.md"), "Trout.");
  await expect.poll(runs(weft, key), poll).toEqual({ total: 2, completed: 2, failed: 0 });
  const view = await weft.store.readSourceConnection(key);
  expect(view?.lastJob?.counts).toMatchObject({ inserted: 1, updated: 1, skipped: 0 });
  expect(view).toMatchObject({ entityCount: 2, nextRunAt: null });
}, 60_000);

test("nothing runs without a change, even after a restart, and changes during a stop are found", async () => {
  const folder = newFolder();
  writeFileSync(join(root, "page.md"), "Herons.");
  const sources = [directorySource({ allowedFolders: [root], sandbox: testSandbox })];
  let key: SourceConnectionKey;
  {
    await using weft = await openTestWeft({ clock, sources, folder });
    key = keyOf(await weft.connect("directory", { config: { path: root }, ...continuous }));
    await expect.poll(runs(weft, key), poll).toEqual({ total: 1, completed: 1, failed: 0 });
  }
  {
    await using weft = await openTestWeft({ clock, sources, folder });
    const other = keyOf(await weft.connect("directory", { config: { path: root }, ...continuous }));
    // Both watches began in the same turn; the one without a cursor has had its job.
    await expect.poll(runs(weft, other), poll).toEqual({ total: 1, completed: 1, failed: 0 });
    expect(await runs(weft, key)()).toMatchObject({ total: 1 });
  }
  writeFileSync(join(root, "page.md"), "Trout.");
  {
    await using weft = await openTestWeft({ clock, sources, folder });
    await expect.poll(runs(weft, key), poll).toEqual({ total: 2, completed: 2, failed: 0 });
  }
  rmSync(folder, { recursive: true });
}, 60_000);

test("a change during a job leads to another job, and the jobs of one connection keep a minimum distance", async () => {
  const isReading = gate();
  const goOn = gate();
  const { source, watched } = watchedSource(async function* () {
    yield thing("a");
    isReading.open();
    await goOn.opened;
  });
  await using weft = await openTestWeft({ clock, sources: [source] });
  const key = keyOf(await weft.connect("scripted", continuous));
  await expect.poll(() => watched.length, poll).toBe(1);
  watched[0]?.changed();
  await isReading.opened;
  watched[0]?.changed();
  watched[0]?.changed();
  await expect.poll(async () => (await weft.store.readSourceConnection(key))?.nextRunAt, poll).not.toBeNull();
  const view = await weft.store.readSourceConnection(key);
  const startedAt = view?.lastJob?.state === "running" ? view.lastJob.startedAt : 0;
  expect((view?.nextRunAt ?? 0) - startedAt).toBeGreaterThan(limits.watchFloorMs / 2);
  goOn.open();
  await expect.poll(runs(weft, key), poll).toEqual({ total: 2, completed: 2, failed: 0 });
}, 60_000);

test("a paused, deleted or rescheduled connection is watched no more, and changed settings start a new watch", async () => {
  const { source, watched } = watchedSource(async function* () {});
  await using weft = await openTestWeft({ clock, sources: [source] });
  const key = keyOf(await weft.connect("scripted", continuous));
  const isEnded = (index: number) => () => watched[index]?.context.signal.aborted;
  await expect.poll(() => watched.length, poll).toBe(1);
  await weft.connections.update(key, { config: { other: 1 } });
  weft.runner.wake();
  await expect.poll(isEnded(0), poll).toBe(true);
  await expect.poll(() => watched.length, poll).toBe(2);
  expect(watched[1]?.context.config).toEqual({ other: 1 });
  await weft.connections.pause(key);
  weft.runner.wake();
  await expect.poll(isEnded(1), poll).toBe(true);
  watched[1]?.changed();
  await weft.connections.resume(key);
  weft.runner.wake();
  await expect.poll(() => watched.length, poll).toBe(3);
  await weft.connections.update(key, { schedule: { cron: "0 6 * * *", timeZone: "UTC" } });
  weft.runner.wake();
  await expect.poll(isEnded(2), poll).toBe(true);
  expect(await runs(weft, key)()).toMatchObject({ total: 0 });
}, 60_000);

test("a folder that disappears has a job that reports it", async () => {
  const docs = join(root, "docs");
  mkdirSync(docs);
  await using weft = await openTestWeft({
    clock,
    sources: [directorySource({ allowedFolders: [root], sandbox: testSandbox })],
  });
  const key = keyOf(await weft.connect("directory", { config: { path: docs }, ...continuous }));
  await expect.poll(runs(weft, key), poll).toEqual({ total: 1, completed: 1, failed: 0 });
  rmSync(docs, { recursive: true });
  await expect.poll(runs(weft, key), poll).toEqual({ total: 2, completed: 1, failed: 1 });
  const view = await weft.store.readSourceConnection(key);
  expect(view?.lastJob).toMatchObject({ error: `The folder ${docs} does not exist.` });
}, 60_000);

test("a source that cannot be watched refuses a continuous schedule, at creation and later", async () => {
  await using weft = await openTestWeft({ clock, sources: [stubSource], starts: false });
  const credentials = { stub_key: "k" };
  const refused = {
    code: "validation_failed",
    mistakes: [{ loc: ["body", "schedule"], type: "schedule_unsupported" }],
  };
  await expect(weft.connect("stub", { credentials, ...continuous })).rejects.toMatchObject(refused);
  const key = keyOf(await weft.connect("stub", { credentials }));
  await expect(weft.connections.update(key, continuous)).rejects.toMatchObject(refused);
});
