import { expect, test } from "vitest";
import { limits } from "../domain/limits.ts";
import { makeDueJobs } from "./due-schedules.ts";
import { scriptedSource } from "./fixtures/scripted-source.ts";
import { keyOf, openTestWeft, type TestWeft } from "./fixtures/test-weft.ts";
import { stubSource } from "./sources/stub/stub-source.ts";

const hour = 3_600_000;

function lookAt(weft: TestWeft, now: number): Promise<void> {
  return makeDueJobs({ ...weft, clock: { now: () => now }, newId: weft.origin.newId });
}

async function openWithSchedule() {
  const weft = await openTestWeft({ sources: [stubSource], starts: false });
  const connection = await weft.connect("stub", {
    credentials: { stub_key: "k" },
    schedule: { cron: "0 * * * *", timeZone: "UTC" },
  });
  const dueAt = connection.nextRunAt ?? 0;
  return { weft, key: keyOf(connection), dueAt };
}

test("a job is created when the schedule is due, and announced like any other", async () => {
  const { weft, key, dueAt } = await openWithSchedule();
  await using _ = weft;
  await lookAt(weft, dueAt - 1);
  expect((await weft.store.readSourceConnection(key))?.lastJob).toBeNull();
  await lookAt(weft, dueAt);
  const after = await weft.store.readSourceConnection(key);
  expect(after).toMatchObject({ nextRunAt: dueAt + hour, lastJob: { state: "pending", createdAt: dueAt } });
  expect((await weft.events()).at(-1)).toMatchObject({ event_type: "sync.pending", job_id: after?.lastJob?.id });
});

test("missed times become one job", async () => {
  const { weft, key, dueAt } = await openWithSchedule();
  await using _ = weft;
  await lookAt(weft, dueAt + 5 * hour + 1);
  expect(await weft.store.readSourceConnection(key)).toMatchObject({ nextRunAt: dueAt + 6 * hour, runs: { total: 1 } });
  await lookAt(weft, dueAt + 5 * hour + 2);
  expect(await weft.store.readSourceConnection(key)).toMatchObject({ runs: { total: 1 } });
});

test("an unfinished job replaces the one that is due", async () => {
  const { weft, key, dueAt } = await openWithSchedule();
  await using _ = weft;
  const job = await weft.connections.run(key);
  await lookAt(weft, dueAt);
  expect(await weft.store.readSourceConnection(key)).toMatchObject({
    nextRunAt: dueAt + hour,
    runs: { total: 1 },
    lastJob: { id: job.id },
  });
});

test("a change during a job is due again after a pause, because the job may have read past it", async () => {
  const source = scriptedSource(
    async function* () {},
    async () => {},
  );
  await using weft = await openTestWeft({ sources: [source], starts: false });
  const connection = await weft.connect("scripted", { schedule: { continuous: true } });
  const key = keyOf(connection);
  const job = await weft.connections.run(key);
  const startedAt = weft.origin.now();
  await weft.store.startSyncJob({ jobId: job.id, nodeId: weft.origin.newId<"node">(), now: startedAt, announce: [] });
  const at = startedAt + 1;
  await weft.store.noteChange({ sourceConnectionId: connection.id, changedAt: at, dueAt: at, apartMs: 0 });
  await lookAt(weft, at);
  expect(await weft.store.readSourceConnection(key)).toMatchObject({
    nextRunAt: at + limits.watchFloorMs,
    runs: { total: 1 },
  });
});

test("a paused schedule does not run, and missed times are not made up for", async () => {
  const { weft, key, dueAt } = await openWithSchedule();
  await using _ = weft;
  await weft.connections.pause(key);
  await lookAt(weft, dueAt);
  expect(await weft.store.readSourceConnection(key)).toMatchObject({ runs: { total: 0 } });
  const resumed = await weft.connections.resume(key);
  expect(resumed).toMatchObject({ pausedAt: null, runs: { total: 0 } });
  expect(resumed?.nextRunAt).toBeGreaterThanOrEqual(dueAt);
});
