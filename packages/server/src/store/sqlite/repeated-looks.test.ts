import { appendFileSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { expect, onTestFinished, test } from "vitest";
import { RepeatedLooks } from "./repeated-looks.ts";
import { openSqliteStore } from "./sqlite-store.ts";

const writtenAt = 1_000_000;

/** Looks at a log that was written at `writtenAt`. */
function looking(now: number) {
  const folder = temporaryFolder();
  const log = join(folder, "weft.db-wal");
  writeFileSync(log, "");
  utimesSync(log, writtenAt / 1_000, writtenAt / 1_000);
  const looks = new RepeatedLooks(join(folder, "weft.db"), () => now);
  let queries = 0;
  const look = (found: boolean, params: unknown = {}) =>
    looks.look("fanOutWaits", params, async () => {
      queries += 1;
      return found;
    });
  return { log, looks, look, queries: () => queries };
}

test("a query that found nothing is repeated only after a write to the database", async () => {
  const { log, look, queries } = looking(writtenAt + 5_000);
  expect([await look(false), await look(true), queries()]).toEqual([false, false, 1]);
  appendFileSync(log, "a commit");
  utimesSync(log, writtenAt / 1_000 + 1, writtenAt / 1_000 + 1);
  expect([await look(true), queries()]).toEqual([true, 2]);
});

test("a query that found work is always repeated, and so is one with other parameters", async () => {
  const { look, queries } = looking(writtenAt + 5_000);
  expect([await look(true), await look(false), queries()]).toEqual([true, false, 2]);
  expect([await look(true, { after: 1 }), queries()]).toEqual([true, 3]);
});

test("a query right after a write is repeated, because the next write may leave the same time", async () => {
  const { look, queries } = looking(writtenAt + 5);
  expect([await look(false), await look(true), queries()]).toEqual([false, true, 2]);
});

test("after a commit of this process every query is repeated", async () => {
  const { looks, look, queries } = looking(writtenAt + 5_000);
  await look(false);
  looks.committed();
  expect([await look(true), queries()]).toEqual([true, 2]);
});

test("work that another program adds to the database is found", async () => {
  const path = join(temporaryFolder(), "weft.db");
  const holder = { pid: process.pid, description: "the test", since: "now" };
  await using store = await openSqliteStore({
    path,
    masterKey: "a master key of 32 characters ......",
    holder,
    now: 0,
  });
  // An old log is the state in which a result is kept.
  utimesSync(`${path}-wal`, writtenAt / 1_000, writtenAt / 1_000);
  expect([await store.findRunningTasks({ limit: 1 }), await store.findRunningTasks({ limit: 1 })]).toEqual([[], []]);
  const other = new DatabaseSync(path);
  other.exec(
    "insert into background_task (id, organization_id, kind, status, progress, created_at, updated_at) values ('a task', null, 'delivery_survey', 'running', '{}', 0, 0)",
  );
  expect(await store.findRunningTasks({ limit: 1 })).toEqual(["a task"]);
  other.close();
});

function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "weft-looks-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}
